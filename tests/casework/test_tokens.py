"""Keys for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.casework import tokens
from app.core import clock, db
from app.core.errors import Invalid, NotFound
from app.models import Token
from tests.cast import MORNING, Cast


def test_a_token_acts_as_its_person_and_only_its_hash_is_kept(cast: Cast) -> None:
    with db.transaction() as session:
        token = tokens.issue(cast.dan, " My\nscript ", scope="write")
        kept = session.scalars(select(Token)).one()
        assert token.startswith(tokens.PREFIX)
        assert token not in (kept.token_hash, kept.name)
        assert (kept.name, kept.scope) == ("My script", "write")
        found = tokens.find(token)
        assert found is not None
        assert found[0].id == cast.dan.id
        assert tokens.find(kept.token_hash) is None
        assert tokens.find("") is None


def test_a_token_ends_with_its_days(cast: Cast) -> None:
    with db.transaction():
        token = tokens.issue(cast.dan, "script", days=1)
    for hours, works in ((23, True), (24, False)):
        with clock.held(MORNING + timedelta(hours=hours)), db.transaction():
            assert (tokens.find(token) is not None) is works
            assert (len(tokens.of(cast.dan)) == 1) is works


def test_a_revoked_token_never_works_again_and_only_its_owner_revokes_it(cast: Cast) -> None:
    with db.transaction():
        token, other = tokens.issue(cast.dan, "one"), tokens.issue(cast.dan, "two")
        first = next(each for each in tokens.of(cast.dan) if each.name == "one")
        with pytest.raises(NotFound):
            tokens.revoke(cast.priya, first.id)
        tokens.revoke(cast.dan, first.id)
        db.session().flush()
        assert tokens.find(token) is None
        assert tokens.find(other) is not None
        assert [each.name for each in tokens.of(cast.dan)] == ["two"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"scope": "all"}, "scope"), ({"days": 0}, "days"), ({"days": 367}, "days")],
)
def test_a_token_is_for_something_and_for_a_time(
    cast: Cast, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused, db.transaction():
        tokens.issue(cast.dan, "script", **wrong)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}
