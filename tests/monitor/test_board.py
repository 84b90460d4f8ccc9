"""The board: her own cases and no other, counts included."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app import access
from app.casework import conflicts, restrictions
from app.core import clock, db
from app.models import Alert, CaseCounts, Membership, Person
from app.monitor import alerts, board, counts
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.monitor.pointing import busy, quiet
from tests.monitor.words_said import DAY, look, standing


def names(viewer: Person, **choice: int) -> list[list[str]]:
    """The children on each card."""
    with db.transaction():
        shown = board.of(viewer, board.Choice(**choice))
        return [[child.name for child in card.children] for card in shown.cards]


def numbers(viewer: Person, **choice: int) -> tuple[int, int]:
    with db.transaction():
        shown = board.of(viewer, board.Choice(**choice))
        return shown.children, shown.of


def count(viewer: Person) -> int:
    with db.transaction():
        return board.count(viewer)


def test_she_sees_what_needs_a_look_in_her_own_cases_and_counts_no_other(cast: Cast) -> None:
    quiet(cast.amara)
    quiet(cast.noor)
    assert names(cast.dan) == [["Amara O"]]
    assert numbers(cast.dan) == (1, 2)
    assert names(cast.mo) == [["Amara O"]]
    assert numbers(cast.mo) == (1, 2)
    assert names(cast.olive) == [["Noor R"]]
    assert numbers(cast.olive) == (1, 1)
    for other in (cast.lee, cast.zed, cast.ada, cast.audrey):
        assert (numbers(other), count(other)) == ((0, 0), 0)


def test_the_number_beside_the_word_is_the_number_on_the_board(cast: Cast) -> None:
    quiet(cast.amara)
    look(cast.amara)
    quiet(cast.tobi)
    assert standing(cast.amara, "not_seen"), "of one child two things are pointed out"
    assert count(cast.priya) == numbers(cast.priya)[0] == 2
    assert count(cast.ruth) == 1
    assert count(cast.otto) == 0


def test_a_case_for_its_members_alone_is_not_on_their_managers_board(cast: Cast) -> None:
    quiet(cast.amara)
    with db.transaction():
        restrictions.restrict(cast.priya, cast.amara, "Known in the town")
    assert names(cast.dan) == [["Amara O"]]
    assert (names(cast.mo), numbers(cast.mo), count(cast.mo)) == ([], (0, 1), 0)


def test_who_is_kept_apart_sees_no_card(cast: Cast) -> None:
    quiet(cast.amara)
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, "Her uncle")
    assert (names(cast.dan), numbers(cast.dan)) == ([], (0, 1))


def give_history(cast: Cast, since: timedelta) -> None:
    with db.transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == cast.ruth.id)
            .values(history_from=MORNING - since)
        )


def test_who_was_given_a_later_history_is_told_nothing_of_before(cast: Cast) -> None:
    quiet(cast.amara)
    give_history(cast, 5 * DAY)
    assert names(cast.dan) == [["Amara O"]]
    assert (names(cast.ruth), count(cast.ruth)) == ([], 0)


def test_and_of_a_history_shorter_than_the_picture_no_picture(cast: Cast) -> None:
    quiet(cast.amara)
    with db.transaction() as session:
        session.add(CaseCounts(case_id=cast.amara.id, first_on=MORNING.date(), days=b"\x01"))
    give_history(cast, 29 * DAY)
    assert [weeks(each) is None for each in (cast.dan, cast.ruth)] == [False, True]


def weeks(viewer: Person) -> board.Weeks | None:
    with db.transaction():
        return board.of(viewer).cards[0].children[0].weeks


def test_the_weeks_before_the_case_are_no_weeks_without_a_word(cast: Cast) -> None:
    quiet(cast.amara)
    with db.transaction() as session:
        first = MORNING.date() - 20 * DAY
        session.add(CaseCounts(case_id=cast.amara.id, first_on=first, days=b"\x01" * 21))
    found = weeks(cast.priya)
    assert found
    assert (found.counts[-3:], found.before, found.low) == ([7, 7, 7], 23, 7)


def test_what_waits_for_some_alone_stands_on_their_boards_alone(cast: Cast) -> None:
    with db.transaction():
        said = Update(
            "Only you.",
            worry="urgent",
            phoned=True,
            audience="named",
            people=(cast.ruth.id,),
            sharing_reason="Her father works here",
        )
        posts.publish(cast.priya, cast.amara, said)
    look(cast.amara, MORNING + timedelta(hours=3))
    assert kinds(cast.ruth) == kinds(cast.priya) == ["unacknowledged", "not_seen"]
    assert kinds(cast.dan) == kinds(cast.mo) == ["not_seen"]


def kinds(viewer: Person) -> list[str]:
    with db.transaction():
        cards = board.of(viewer).cards
        return [
            reason.alert.kind
            for card in cards
            for child in card.children
            for reason in child.reasons
        ]


def test_brothers_and_sisters_stand_on_one_card(cast: Cast) -> None:
    quiet(cast.amara)
    quiet(cast.tobi)
    assert [sorted(card) for card in names(cast.dan)] == [["Amara O", "Tobi O"]]
    assert names(cast.ruth) == [["Amara O"]], "she is not in the brother's network"


def test_the_busiest_stands_first_and_each_part_has_its_own_order(cast: Cast) -> None:
    busy(cast.amara, cast.priya, cast.dan, lift=3)
    quiet(cast.amara)
    with db.transaction():
        shown = board.of(cast.priya)
        assert [card.part for card in shown.cards] == ["busy", "quiet"]
        assert [len(shown.part(each)) for each in board.PARTS] == [1, 1, 0]
        assert shown.children == 1


def test_an_agency_that_is_new_to_the_case_is_marked(cast: Cast) -> None:
    busy(cast.amara, cast.priya, cast.ruth, new=True)
    with db.transaction():
        (reason,) = board.of(cast.dan).cards[0].children[0].reasons
        assert {(each.name, each.days, each.is_new) for each in reason.agencies} == {
            ("North team", 1, False),
            ("Vale health visitors", 1, True),
        }
        assert reason.sentence.startswith("2 updates in 7 days from 2 agencies, 1 of them new;")


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("team", {"mo": 2, "otto": 0, "dan": 0}),
        ("person", {"priya": 2, "olive": 0, "dan": 0}),
    ],
)
def test_the_board_is_narrowed_by_who_leads(cast: Cast, choice: str, found: dict[str, int]) -> None:
    for case in cast.cases:
        quiet(case)
    for name, many in found.items():
        chosen = {choice: getattr(cast, name).id}
        assert numbers(cast.mo, **chosen) == (many, many), name
    assert numbers(cast.mo, **{choice: 987_654}) == (0, 0)


def test_the_board_is_narrowed_by_an_agency_in_the_network(cast: Cast) -> None:
    quiet(cast.amara)
    quiet(cast.tobi)
    assert numbers(cast.priya, agency=cast.ruth.agency_id) == (1, 1)
    assert numbers(cast.priya, agency=cast.dan.agency_id) == (2, 2)
    assert numbers(cast.priya, agency=cast.olive.agency_id) == (0, 0)


def test_she_chooses_among_what_her_own_cases_have(cast: Cast) -> None:
    with db.transaction():
        hers, others = board.choices(cast.mo), board.choices(cast.olive)
        nobodys = board.choices(cast.lee)
    assert [row.name for row in hers.teams] == ["Mo Akram"]
    assert [row.name for row in hers.people] == ["Priya Shah"]
    agencies = ["Hillside Primary", "North team", "Vale health visitors"]
    assert [row.name for row in hers.agencies] == agencies
    assert [row.name for row in others.agencies] == ["South team"]
    assert (nobodys.teams, nobodys.agencies, nobodys.people) == ([], [], [])


def test_behind_an_alert_stand_the_updates_she_may_read(cast: Cast) -> None:
    alert = busy(cast.amara, cast.priya, cast.dan)
    with db.transaction():
        posts.withdraw(cast.dan, access.post(cast.dan, 2), "Wrong child")
        found = access.alert(cast.ruth, alert.id)
        assert [row.author_name for row in board.posts(cast.ruth, found)] == ["Priya Shah"]
        assert board.one(cast.ruth, found).name == "Amara O"


def test_the_update_an_alert_is_about_stands_behind_it(cast: Cast) -> None:
    with db.transaction():
        urgent = posts.publish(cast.dan, cast.amara, Update("Now.", worry="urgent", phoned=True)).id
    look(cast.amara, MORNING + timedelta(hours=3))
    (alert,) = standing(cast.amara, "unacknowledged")
    with db.transaction():
        found = access.alert(cast.ruth, alert.id)
        assert [row.id for row in board.posts(cast.ruth, found)] == [urgent]


def test_decisions_about_the_like_of_it_before_are_told_to_who_may_know(cast: Cast) -> None:
    first = quiet(cast.amara)
    with db.transaction() as session:
        alerts.answer(cast.mo, first.id, "expected", "On holiday")
        alerts.end(session.get_one(Alert, first.id))
    second = quiet(cast.amara)
    with db.transaction():
        found = access.alert(cast.dan, second.id)
        (row,) = alerts.decisions(cast.dan, found)
        assert (row.by, row.reason, row.alert_id) == ("Mo Akram", "On holiday", first.id)
        assert alerts.waits(found)
        assert list(alerts.newest_decisions(cast.dan, [first.id, second.id])) == [first.id]
        assert alerts.newest_decisions(cast.olive, [first.id]) == {}


def test_the_picture_and_the_sentence_speak_of_one_usual_week(cast: Cast) -> None:
    alert = busy(cast.amara, cast.priya, cast.dan)
    with db.transaction():
        counts.keep(cast.amara.id, clock.today())
        (card,) = board.of(cast.priya).part("busy")
    weeks = card.children[0].weeks
    assert weeks is not None
    assert (weeks.low, weeks.high) == (alert.low, alert.high) == (0, 1)
