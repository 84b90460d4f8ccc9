"""Who is told of what, and why: the whole of it in plain numbers, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.models import REASONS
from app.notices import who
from app.notices.who import Done, Told, told, with_cover

AUTHOR, LEAD, MEMBER, OTHER, MANAGER, OUTSIDER = range(1, 7)
POST = Done(
    "published",
    actor=AUTHOR,
    author=AUTHOR,
    kind="update",
    readers={AUTHOR, LEAD, MEMBER, OTHER, MANAGER},
    followers={AUTHOR, LEAD, MEMBER, OUTSIDER},
    leads={LEAD},
    managers={MANAGER},
)


def reasons(done: Done) -> dict[int, tuple[str, ...]]:
    return {person: each.reasons for person, each in told(done).items()}


def test_an_ordinary_update_is_news_to_followers_who_read_it() -> None:
    assert reasons(POST) == {LEAD: ("news",), MEMBER: ("news",)}


@pytest.mark.parametrize("worry", ["keep_an_eye_on", "worried"])
def test_followers_are_told_that_somebody_is_worried(worry: str) -> None:
    assert reasons(replace(POST, worry=worry)) == {LEAD: ("followed",), MEMBER: ("followed",)}


def test_everybody_who_reads_it_is_told_of_something_urgent() -> None:
    found = reasons(replace(POST, worry="urgent"))
    assert {person for person, why in found.items() if why[0] == "urgent"} == {
        LEAD,
        MEMBER,
        OTHER,
        MANAGER,
    }


def test_a_question_by_name_is_more_than_a_question_to_all() -> None:
    found = reasons(replace(POST, kind="question", named={MEMBER}))
    assert found == {LEAD: ("followed",), MEMBER: ("question", "named", "followed")}


def test_nobody_is_told_of_what_they_cannot_read() -> None:
    everything = replace(POST, worry="urgent", kind="question", named={OUTSIDER, MEMBER})
    assert OUTSIDER in everything.followers
    for did in who.RULES:
        for each in (everything, replace(everything, readers=set())):
            found = told(replace(each, did=did, person=OUTSIDER, answerer=OUTSIDER))
            assert set(found) <= set(each.readers), did
            assert AUTHOR not in found, did


def test_whoever_names_everybody_is_not_told_of_it_themselves() -> None:
    everybody = replace(POST, kind="question", worry="urgent", named=POST.readers)
    for did in who.RULES:
        named = replace(everybody, did=did, person=AUTHOR, answerer=AUTHOR, leads={AUTHOR})
        found = told(named)
        assert AUTHOR not in with_cover(found, named, dict.fromkeys(found, AUTHOR)), did
    assert set(told(everybody)) == set(POST.readers) - {AUTHOR}, "and the others are"


def test_what_was_brought_in_or_the_system_wrote_tells_nobody() -> None:
    assert told(replace(POST, worry="worried", is_imported=True)) == {}
    assert told(replace(POST, kind="imported")) == {}


def test_an_edit_tells_those_who_are_named_for_the_first_time() -> None:
    edit = replace(POST, did="edited", named={MEMBER, OTHER}, known={MEMBER})
    assert reasons(edit) == {OTHER: ("named",)}


def test_a_comment_and_an_acknowledgement_tell_the_author() -> None:
    for did in ("commented", "acknowledged"):
        assert reasons(replace(POST, did=did, actor=MEMBER)) == {AUTHOR: ("reply",)}
        assert reasons(replace(POST, did=did)) == {}, "nobody is told of their own"


def test_an_accepted_answer_tells_who_gave_it() -> None:
    assert reasons(replace(POST, did="answered", answerer=MEMBER)) == {MEMBER: ("reply",)}


def test_a_question_without_an_answer_goes_to_the_lead_and_then_to_the_manager() -> None:
    asked = replace(POST, kind="question", actor=None)
    assert reasons(replace(asked, did="unanswered")) == {LEAD: ("unanswered",)}
    assert reasons(replace(asked, did="still_unanswered")) == {MANAGER: ("unanswered",)}
    for did in ("unanswered", "still_unanswered"):
        assert told(replace(asked, did=did, is_replied=True)) == {}, "somebody was quicker"


def test_who_asks_about_a_child_is_told_to_the_lead_or_where_there_is_none_to_managers() -> None:
    asked = Done("look_up", readers={LEAD, MANAGER}, leads={LEAD}, managers={MANAGER})
    assert reasons(asked) == {LEAD: ("asked",)}
    assert reasons(replace(asked, leads=set())) == {MANAGER: ("asked",)}


def test_what_is_unusual_is_told_to_the_lead_who_may_read_it_or_else_to_managers() -> None:
    alerted = Done("alerted", readers={LEAD, MEMBER, MANAGER}, leads={LEAD}, managers={MANAGER})
    assert reasons(alerted) == {LEAD: ("unusual",)}
    assert reasons(replace(alerted, leads=set())) == {MANAGER: ("unusual",)}
    later = replace(alerted, readers={MEMBER, MANAGER})
    assert reasons(later) == {MANAGER: ("unusual",)}, "the lead was given nothing that old"
    assert with_cover(told(alerted), alerted, {LEAD: MEMBER})[MEMBER] == Told(("unusual",), LEAD)


def test_what_is_said_to_one_alone_is_told_and_to_many_only_by_name() -> None:
    said = Done("said", actor=AUTHOR, kind="direct", readers={AUTHOR, MEMBER})
    assert reasons(said) == {MEMBER: ("message",)}
    assert reasons(replace(said, muted={MEMBER})) == {}
    assert reasons(replace(said, known={MEMBER})) == {}, "it waits to be opened already"
    for kind in ("group", "case"):
        assert reasons(replace(said, kind=kind)) == {}
        named = replace(said, kind=kind, named={MEMBER, OUTSIDER}, muted={MEMBER})
        assert reasons(named) == {MEMBER: ("named",)}


def test_who_is_taken_out_of_a_conversation_is_told_and_who_steps_out_is_not() -> None:
    out = Done("conversation_left", actor=LEAD, person=MEMBER, readers={MEMBER})
    assert reasons(out) == {MEMBER: ("access",)}
    assert reasons(replace(out, actor=MEMBER)) == {}


def test_who_is_brought_in_is_told() -> None:
    joined = Done("joined", actor=LEAD, person=MEMBER, readers={LEAD, MEMBER})
    assert reasons(joined) == {MEMBER: ("access",)}


URGENT = replace(POST, did="published", worry="urgent", readers={AUTHOR, MEMBER, OTHER})


def covered(done: Done, away: dict[int, int | None]) -> dict[int, Told]:
    return with_cover(told(done), done, away)


def test_while_somebody_is_away_the_colleague_they_chose_is_told_instead() -> None:
    asked = replace(POST, kind="question", named={MEMBER})
    assert covered(asked, {MEMBER: OTHER})[OTHER].instead_of == MEMBER
    assert covered(asked, {MEMBER: OTHER})[MEMBER], "it waits for them as well"


def test_a_cover_who_may_not_read_it_is_not_told_and_the_lead_is() -> None:
    asked = replace(POST, kind="question", named={MEMBER}, followers=set())
    for cover in (OUTSIDER, None, AUTHOR):
        assert covered(asked, {MEMBER: cover})[LEAD] == Told(("question", "named"), MEMBER)
        assert OUTSIDER not in covered(asked, {MEMBER: cover})


def test_news_does_not_stand_in_the_way_of_covering() -> None:
    asked = replace(POST, kind="question", named={MEMBER})
    assert told(asked)[LEAD].reasons == ("followed",)
    assert covered(asked, {MEMBER: LEAD})[LEAD] == Told(told(asked)[MEMBER].reasons, MEMBER)


def test_who_is_away_covers_nobody() -> None:
    asked = replace(POST, kind="question", named={MEMBER}, followers=set())
    found = covered(asked, {MEMBER: OTHER, OTHER: None, LEAD: None})
    assert found[MANAGER].instead_of == MEMBER
    assert not {OTHER, LEAD} & set(found)


def test_what_can_wait_waits() -> None:
    found = covered(replace(POST, worry="worried"), {MEMBER: OTHER})
    assert OTHER not in found


def test_who_is_told_anyway_is_told_in_their_own_right() -> None:
    assert covered(URGENT, {MEMBER: OTHER})[OTHER] == Told(("urgent",))


def test_every_reason_is_one_that_people_can_choose_about() -> None:
    given = {why for each in who.RULES for why, _ in who.RULES[each](replace(POST, did=each))}
    given |= {"urgent", "question", "message", "unanswered", "followed"}
    given.add("found")  # by whoever reads it, and has saved a search for it
    assert given == set(REASONS)
    assert set(who.CANNOT_WAIT) < set(REASONS)
