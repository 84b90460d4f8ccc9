"""What is in a chronology, in which order, and who reads it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import access
from app.casework import networks, score_files, standing
from app.core import clock, db
from app.core.errors import Invalid
from app.insight import chronology
from app.insight.chronology import Chronology, Line, Only
from app.models import Case, Measure, Membership, Person, Reading
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def told(author: Person, case: Case, days: int, words: str, **more: Any) -> int:
    """An update about what happened so many days ago, told now."""
    with db.transaction():
        update = Update(words, occurred_at=MORNING - days * DAY, **more)
        return posts.publish(author, case, update).id


def found(viewer: Person, case: Case, **only: Any) -> Chronology:
    return chronology.of(viewer, case, Only(**only), standing.history(viewer, case))


def lines(viewer: Person, case: Case, **only: Any) -> list[Line]:
    with db.transaction():
        whole = found(viewer, case, **only)
        return chronology.read(viewer, case, whole, whole.marks)


def said(viewer: Person, case: Case, **only: Any) -> list[str]:
    return [line.said for line in lines(viewer, case, **only) if line.kind != "status"]


def test_what_mattered_stands_by_when_it_happened_and_not_when_it_was_told(cast: Cast) -> None:
    told(cast.priya, cast.amara, 2, "Moved.", significant=True)
    told(cast.dan, cast.amara, 9, "Bruise seen.", kind="concern")
    told(cast.dan, cast.amara, 5, "A usual day.")
    told(cast.ruth, cast.amara, 20, "Weighed less.", worry="worried", meaning="Hungry.")
    assert said(cast.priya, cast.amara) == ["Weighed less.", "Bruise seen.", "Moved."]
    assert said(cast.priya, cast.amara, newest_first=True)[0] == "Moved."
    assert "A usual day." in said(cast.priya, cast.amara, everything=True)


def test_how_the_case_stood_is_in_it_and_who_joined_is_not(cast: Cast) -> None:
    with db.transaction():
        networks.add(cast.priya, cast.amara, cast.lee, role="Housing", reason="Repairs")
    (line,) = lines(cast.priya, cast.amara, everything=True)
    assert (line.heading, line.said) == ("Status", "Child protection plan, neglect.")
    assert line.on == (MORNING - 30 * DAY).date()


def test_a_line_says_how_old_the_child_was_who_told_it_and_what_it_meant(cast: Cast) -> None:
    told(cast.dan, cast.amara, 11, "Hungry.", worry="worried", meaning="Less to learn with.")
    line = lines(cast.priya, cast.amara)[-1]
    assert line.age == "9 years 6 months"
    assert line.source == "Hillside Primary, Safeguarding lead, Dan Hughes"
    assert (line.meaning, line.worry_word) == ("Less to learn with.", "Worried")
    assert line.cells[0] == (MORNING - 11 * DAY).date()


def test_what_a_visit_and_a_concern_say_in_fields_is_said_in_words(cast: Cast) -> None:
    told(
        cast.priya,
        cast.amara,
        3,
        "Well.",
        kind="visit",
        seen=True,
        seen_alone=True,
        significant=True,
    )
    told(cast.dan, cast.amara, 2, "Thin coat.", kind="concern")
    assert [line.happened for line in lines(cast.priya, cast.amara)][1:] == [
        "Well. Seen, alone.",
        "Thin coat. Information shared, not a referral.",
    ]


def test_what_is_withdrawn_or_for_others_is_not_in_it(cast: Cast) -> None:
    named = {"audience": "named", "people": (cast.ruth.id,), "sharing_reason": "Her health"}
    told(cast.priya, cast.amara, 3, "For Ruth.", significant=True, **named)
    gone = told(cast.priya, cast.amara, 2, "Wrong child.", significant=True)
    with db.transaction():
        posts.withdraw(cast.priya, access.post(cast.priya, gone), "Wrong child")
    assert said(cast.ruth, cast.amara) == ["For Ruth."], "there is something to keep from Dan"
    assert said(cast.dan, cast.amara) == []
    assert lines(cast.ruth, cast.amara)[-1].facts == (chronology.NARROWED,)


def test_what_was_told_before_somebodys_history_is_not_in_hers(cast: Cast) -> None:
    with clock.held(MORNING - 9 * DAY):
        told(cast.priya, cast.amara, 12, "Before.", significant=True)
    with db.transaction():
        _membership(cast.ruth, cast.amara).history_from = MORNING - 5 * DAY
    assert said(cast.dan, cast.amara) == ["Before."]
    assert said(cast.ruth, cast.amara) == []
    (status,) = lines(cast.ruth, cast.amara)
    assert status.facts == (chronology.NOT_SHARED,)


@pytest.mark.parametrize(
    ("only", "left"),
    [
        ({"from_on": date(2026, 11, 14)}, ["Moved."]),
        ({"until_on": date(2026, 11, 13)}, ["Bruise seen."]),
        ({"kind": "concern"}, ["Bruise seen."]),
        ({"words": "BRUISE seen"}, ["Bruise seen."]),
        ({"words": "nothing like it"}, []),
        ({"agency_id": 2}, ["Bruise seen."]),
    ],
)
def test_it_is_narrowed(cast: Cast, only: dict[str, Any], left: list[str]) -> None:
    told(cast.dan, cast.amara, 10, "Bruise seen.", kind="concern")
    told(cast.priya, cast.amara, 2, "Moved.", significant=True)
    assert said(cast.priya, cast.amara, **only) == left


def test_a_reading_that_comes_past_its_mark_is_a_line_and_one_that_stays_there_is_none(
    cast: Cast,
) -> None:
    measured(cast, [(40, 95), (30, 88), (20, 85), (10, 93), (5, 81)])
    assert said(cast.priya, cast.amara) == [
        f"School attendance: {value}%. The mark is 90%: below this a child is persistently absent."
        for value in (88, 81)
    ]


def test_a_score_from_a_file_says_so_in_words(cast: Cast) -> None:
    measured(cast, [(10, 81)])
    with db.transaction() as session:
        (reading,) = session.scalars(select(Reading))
        reading.source, reading.source_as_at = score_files.SOURCE, date(2026, 11, 20)
    (line,) = (each for each in lines(cast.priya, cast.amara) if each.kind == "reading")
    assert line.source == "A file of scores, as at 20 November 2026"


def measured(cast: Cast, values: list[tuple[int, float]]) -> None:
    with db.transaction() as session:
        (attendance,) = session.scalars(select(Measure).where(Measure.key == "attendance"))
        session.add_all(
            Reading(
                case_id=cast.amara.id,
                measure_id=attendance.id,
                value=value,
                read_on=(MORNING - days * DAY).date(),
                rater="school",
                agency_id=cast.dan.agency_id,
                recorded_at=MORNING,
            )
            for days, value in values
        )


@pytest.mark.parametrize(
    ("value", "better", "past"),
    [(89.9, "up", True), (90, "up", False), (90, "down", True), (10, "neither", False)],
)
def test_a_mark_is_passed_by_the_measures_direction(value: float, better: str, past: bool) -> None:
    assert chronology.is_past(value, 90, better) is past


def test_the_sentence_counts_and_names_the_longest_silence(cast: Cast) -> None:
    told(cast.dan, cast.amara, 100, "First.", kind="concern")
    told(cast.ruth, cast.amara, 1, "Last.", significant=True)
    with db.transaction():
        assert found(cast.priya, cast.amara).sentence == (
            "3 significant events from 15 August 2026 to 22 November 2026, from 2 agencies. "
            "The longest time without one is 10 weeks, from 15 August 2026 to 24 October 2026."
        )


def test_before_somebodys_history_no_silence_is_told(cast: Cast) -> None:
    with clock.held(MORNING - 40 * DAY):
        told(cast.dan, cast.amara, 100, "Before.", significant=True)
    with db.transaction():
        _membership(cast.ruth, cast.amara).history_from = MORNING - 39 * DAY
    for days in (35, 34, 1):
        told(cast.priya, cast.amara, days, "After.", significant=True)
    told(cast.priya, cast.amara, 150, "Told late, of long ago.", significant=True)
    with db.transaction():
        assert "is 9 weeks, from 15 August 2026" in found(cast.priya, cast.amara).sentence
        hers = found(cast.ruth, cast.amara)
        assert hers.reads_from == (MORNING - 39 * DAY).date()
        assert hers.sentence.startswith("5 significant events from 26 June 2026")
        assert hers.sentence.endswith(
            "The longest time without one since 15 October 2026 is 4 weeks, "
            "from 24 October 2026 to 22 November 2026."
        )


def test_a_silence_that_may_hold_what_is_for_others_says_whose_it_is(cast: Cast) -> None:
    for days in (90, 1):
        told(cast.priya, cast.amara, days, "Seen.", significant=True)
    named = {"audience": "named", "people": (cast.ruth.id,), "sharing_reason": "Her health"}
    told(cast.priya, cast.amara, 60, "For Ruth.", significant=True, **named)
    with db.transaction():
        assert "without one is 4 weeks" in found(cast.ruth, cast.amara).sentence
        his = found(cast.dan, cast.amara).sentence
        assert "without one that is shared with you is 8 weeks" in his


def test_the_sentence_of_nothing_says_so() -> None:
    assert "is recorded yet" in chronology.sentence([], everything=False, narrowed=False)
    cut = chronology.sentence([], everything=False, narrowed=False, reads_from=date(2026, 1, 1))
    assert "is shared with you yet" in cut
    assert "fits what you chose" in chronology.sentence([], everything=False, narrowed=True)


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_by_cursor_hold_every_line_once(cast: Cast, newest_first: bool) -> None:
    for number in range(7):
        told(cast.priya, cast.amara, 4, f"Event {number}.", significant=True)
    with db.transaction():
        whole = found(cast.priya, cast.amara, newest_first=newest_first)
        seen = list(whole.marks[:3])
        while rest := whole.after(seen[-1].cursor):
            seen += rest[:3]
    assert seen == list(whole.marks)
    assert len(seen) == 8


@pytest.mark.parametrize("cursor", ["", "1", "1-2", "a-b-c", "1-1-1-1", "9" * 17 + "-1-1", "²-1-1"])
def test_a_marker_that_is_none_of_ours_is_refused(cursor: str) -> None:
    empty = Chronology(Only(), (), (), (), ())
    if cursor == "9" * 17 + "-1-1":
        assert empty.after(cursor) == []
        return
    with pytest.raises(Invalid):
        empty.after(cursor)


def _membership(person: Person, case: Case) -> Membership:
    return (
        db.session()
        .scalars(
            select(Membership).where(
                Membership.person_id == person.id, Membership.case_id == case.id
            )
        )
        .one()
    )


def test_an_instant_is_the_day_of_the_clock_on_the_wall() -> None:
    late = datetime.fromisoformat("2026-06-01T23:30:00+00:00")
    assert chronology.Mark(late, 1, 1, "update", None).on == date(2026, 6, 2)
