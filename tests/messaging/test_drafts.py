"""Drafts of messages: nothing typed is lost, and nobody else ever sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock, db
from app.core.errors import Invalid, NotAllowed
from app.models import MessageDraft
from messaging import conversations, drafts, messages
from tests.cast import MORNING, Cast


def test_a_draft_is_its_authors_for_one_conversation(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        other = conversations.start(cast.priya, [cast.ruth])
        drafts.save(cast.priya, talk, "Can we")
        drafts.save(cast.priya, talk, "Can we meet?")
        kept = drafts.find(cast.priya, talk)
        assert kept is not None
        assert kept.body == "Can we meet?"
        assert drafts.find(cast.dan, talk) is drafts.find(cast.priya, other) is None
        drafts.save(cast.priya, talk, " ")
        assert drafts.find(cast.priya, talk) is None


def test_what_is_about_to_be_answered_is_kept_with_the_words_and_alone(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        asked = messages.say(cast.dan, talk, "When?")
    for body in ("At three", ""):
        with db.transaction():
            drafts.save(cast.priya, talk, body, reply_to_id=asked.id)
            kept = drafts.find(cast.priya, talk)
            assert kept is not None
            assert (kept.body, kept.reply_to_id) == (body, asked.id)
    with db.transaction():
        drafts.save(cast.priya, talk, "")
        assert drafts.find(cast.priya, talk) is None


def test_a_draft_answers_nothing_that_is_not_its_authors_to_read(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        elsewhere = messages.say(
            cast.ruth, conversations.start(cast.ruth, [cast.dan]), "Not for Priya"
        )
        other = messages.say(cast.priya, conversations.start(cast.priya, [cast.ruth]), "Hello")
        for number in (elsewhere.id, other.id, 10**12):
            drafts.save(cast.priya, talk, "Yes", reply_to_id=number)
            kept = drafts.find(cast.priya, talk)
            assert kept is not None
            assert kept.reply_to_id is None
            drafts.save(cast.priya, talk, "", reply_to_id=number)
            assert drafts.find(cast.priya, talk) is None


def test_a_draft_is_forgotten_after_three_days(cast: Cast) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        drafts.save(cast.priya, talk, "Can we meet?")
    with clock.held(MORNING + timedelta(hours=72)), db.transaction() as session:
        assert drafts.find(cast.priya, talk) is None
        drafts.drop_old()
        assert session.scalar(select(func.count()).select_from(MessageDraft)) == 0


def test_a_draft_is_kept_for_those_who_may_send_it_and_no_longer_than_a_message(
    cast: Cast,
) -> None:
    with db.transaction():
        talk = conversations.of_case(cast.dan, cast.amara)
        with pytest.raises(Invalid, match="at most 8,000"):
            drafts.save(cast.dan, talk, "x" * (messages.LONGEST + 1))
        with pytest.raises(NotAllowed):
            drafts.save(cast.olive, talk, "Hello")
