"""Drafts: nothing typed is lost, and nobody else ever sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core import clock, db
from app.core.errors import Invalid
from app.core.text import LONGEST
from feeds import drafts
from tests.cast import MORNING, Cast


def test_a_draft_is_its_authors_for_one_case(cast: Cast) -> None:
    with db.transaction():
        drafts.save(cast.ruth, cast.amara, {"body": "Rang Mum", "kind": "visit"})
        drafts.save(cast.ruth, cast.amara, {"body": "Rang Mum twice", "kind": "visit"})
    with db.transaction():
        kept = drafts.find(cast.ruth, cast.amara)
        assert kept is not None
        assert kept.fields == {"body": "Rang Mum twice", "kind": "visit"}
        assert drafts.find(cast.ruth, cast.tobi) is None
        assert drafts.find(cast.dan, cast.amara) is None


def test_an_emptied_draft_is_gone(cast: Cast) -> None:
    with db.transaction():
        drafts.save(cast.ruth, cast.amara, {"body": "Rang Mum"})
        drafts.save(cast.ruth, cast.amara, {"body": " \n"})
        assert drafts.find(cast.ruth, cast.amara) is None
        drafts.drop(cast.ruth, cast.amara)


def test_a_draft_is_forgotten_after_three_days(cast: Cast) -> None:
    with db.transaction():
        drafts.save(cast.ruth, cast.amara, {"body": "Old"})
    with clock.held(MORNING + timedelta(hours=71)), db.transaction():
        assert drafts.find(cast.ruth, cast.amara) is not None
        drafts.save(cast.dan, cast.amara, {"body": "Newer"})
    with clock.held(MORNING + timedelta(hours=72)), db.transaction():
        assert drafts.find(cast.ruth, cast.amara) is None
        assert drafts.drop_old() == 1
        assert drafts.find(cast.dan, cast.amara) is not None


def test_a_draft_is_no_longer_than_a_post(cast: Cast) -> None:
    with pytest.raises(Invalid, match="at most 20,000"), db.transaction():
        drafts.save(cast.ruth, cast.amara, {"body": "x" * (LONGEST + 1)})
