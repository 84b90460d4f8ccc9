"""A case from opening to closing, and what is known of the child."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app import access
from app.casework import cases, networks, people
from app.casework.cases import ChildDetails
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Case, Child
from feeds import facts, posts, timeline
from feeds.posts import Update
from tests.cast import MORNING, Cast

TODAY = MORNING.date()
DAY = timedelta(days=1)


def opened(cast: Cast, **known: object) -> Case:
    details = ChildDetails(**{"name": "Kit N", **known})  # type: ignore[arg-type]
    return cases.open_case(
        cast.olive, details, status="assessment", since=TODAY - 2 * DAY, reason="Referred by school"
    )


def wrong(cast: Cast, **known: object) -> set[str]:
    with pytest.raises(Invalid) as refused, db.transaction():
        opened(cast, **known)
    return set(refused.value.fields)


def test_whoever_opens_a_case_leads_it_and_others_see_nothing_of_it(cast: Cast) -> None:
    with db.transaction():
        case = opened(cast)
        member = networks.of(case)[0]
        assert (member.name, member.is_lead, member.reason) == (
            "Olive Reed",
            True,
            "Referred by school",
        )
        found = facts.of(cast.olive, case)
        assert (found.status, found.since) == ("assessment", TODAY - 2 * DAY)
        rows = timeline.stream(cast.olive, case).posts
        assert [row.body for row in rows] == ["Case opened: Assessment. Referred by school"]
        assert set(access.viewers(case.id)) == {cast.olive.id, cast.otto.id}
        with pytest.raises(NotFound):
            access.case(cast.priya, case.id)


@pytest.mark.parametrize("who", ["ada", "audrey"])
def test_accounts_without_content_open_no_case(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        cases.open_case(
            getattr(cast, who), ChildDetails("Kit N"), status="contact", since=TODAY, reason="x"
        )


def test_a_refused_opening_leaves_no_child_behind(cast: Cast) -> None:
    assert wrong(cast, nhs_number="123") == {"nhs_number"}
    with db.transaction() as session:
        assert session.query(Child).filter_by(name="Kit N").all() == []


@pytest.mark.parametrize("number", ["943 476 5919", "9434765919", "943-476-5919", " 4505577104 "])
def test_an_nhs_number_is_kept_as_ten_digits(cast: Cast, number: str) -> None:
    with db.transaction():
        case = opened(cast, nhs_number=number)
        kept = db.session().get_one(Child, case.child_id).nhs_number
    assert kept in ("9434765919", "4505577104")


def test_an_nhs_number_that_does_not_check_is_refused(cast: Cast) -> None:
    for number in (
        "9434765918",
        "943476591",
        "94347659190",
        "abcdefghij",
        "1234567890",
        "٩٤٣٤٧٦٥٩١٩",
    ):
        assert wrong(cast, nhs_number=number) == {"nhs_number"}


@pytest.mark.parametrize("field", ["nhs_number", "upn", "council_id"])
def test_a_number_she_can_see_on_another_child_is_refused(cast: Cast, field: str) -> None:
    with db.transaction():
        setattr(db.session().get_one(Child, cast.noor.child_id), field, "9434765919")
    with pytest.raises(Invalid) as refused, db.transaction():
        opened(cast, **{field: "9434765919"})
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("field", ["nhs_number", "upn", "council_id"])
def test_a_hidden_childs_number_is_taken_like_any_other(cast: Cast, field: str) -> None:
    """Or whoever has the number at home could ask whether the child is known."""
    with db.transaction():
        setattr(db.session().get_one(Child, cast.amara.child_id), field, "9434765919")
    with db.transaction():
        case = opened(cast, **{field: "9434765919"})
    assert case.id != cast.amara.id


def test_a_year_nobody_means_is_refused(cast: Cast) -> None:
    assert wrong(cast, born_on=date(1900, 1, 1)) == {"born_on"}
    with pytest.raises(Invalid) as refused, db.transaction():
        cases.change_status(
            cast.priya, cast.amara, "child_in_need", since=date(1900, 1, 1), reason="A slip"
        )
    assert set(refused.value.fields) == {"since"}
    with pytest.raises(Invalid), db.transaction():
        cases.add_key_date(cast.priya, cast.amara, "Review", clock.now() + timedelta(days=9999))


def test_a_child_needs_a_name_a_number_or_an_expected_date(cast: Cast) -> None:
    assert wrong(cast, name=None) == {"name"}
    assert wrong(cast, born_on=TODAY + DAY) == {"born_on"}
    with db.transaction():
        numbered = opened(cast, name=" ", council_id="C-77")
        unborn = opened(cast, name=None, expected_on=TODAY + 90 * DAY)
        labels = [db.session().get_one(Child, each.child_id).label for each in (numbered, unborn)]
    assert labels == ["Child C-77", f"Child {unborn.child_id}"]


def test_the_lead_corrects_what_is_known_and_a_member_does_not(cast: Cast) -> None:
    details = ChildDetails("Amara Okoro", other_names=("Mara", "Mara", " "))
    with db.transaction():
        cases.describe_child(cast.priya, cast.amara, details)
        cases.describe_child(cast.mo, cast.amara, details)  # her manager
        with pytest.raises(NotAllowed), db.attempt():
            cases.describe_child(cast.dan, cast.amara, details)
        with pytest.raises(NotFound), db.attempt():
            cases.describe_child(cast.olive, cast.amara, details)
        assert [row.child_name for row in cases.mine(cast.ruth)] == ["Amara Okoro"]
        cases.set_before_visit(cast.priya, cast.amara, " Ring first.\n Dog. ")
        assert access.case(cast.ruth, cast.amara.id).before_visit == "Ring first. Dog."


def test_the_status_is_a_dated_history(cast: Cast) -> None:
    with db.transaction():
        cases.change_status(
            cast.priya, cast.tobi, "assessment", since=TODAY - 60 * DAY, reason="Told late"
        )
        assert cases.status_of(cast.tobi) == "child_in_need", "an older line changes nothing"
        cases.change_status(
            cast.priya,
            cast.tobi,
            "child_protection_plan",
            since=TODAY - DAY,
            reason="Conference",
            category="NEG",
        )
        lines = [(line.status, line.category) for line in cases.history(cast.tobi)]
        said = timeline.stream(cast.dan, cast.tobi).posts[0].body
    assert lines == [
        ("child_protection_plan", "NEG"),
        ("child_in_need", None),
        ("assessment", None),
    ]
    assert said == "Child protection plan from 22 November 2026, neglect. Conference"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "child_protection_plan"}, "category"),
        ({"status": "child_protection_plan", "category": "BAD"}, "category"),
        ({"status": "unknown"}, "status"),
        ({"since": date(2026, 11, 24)}, "since"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_a_change_of_status_says_what_it_needs(
    cast: Cast, change: dict[str, object], field: str
) -> None:
    given = {"status": "early_help", "since": TODAY, "reason": "Agreed"} | change
    with pytest.raises(Invalid) as refused, db.transaction():
        cases.change_status(cast.priya, cast.tobi, **given)  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}


def test_only_a_protection_plan_has_a_category(cast: Cast) -> None:
    with db.transaction():
        cases.change_status(
            cast.priya, cast.tobi, "early_help", since=TODAY, reason="Agreed", category="PHY"
        )
        assert cases.history(cast.tobi)[0].category is None
        said = timeline.stream(cast.dan, cast.tobi).posts[0].body
    assert said == "Early help from 23 November 2026. Agreed"


def test_a_case_closes_once_and_opens_again(cast: Cast) -> None:
    with db.transaction():
        cases.close(cast.priya, cast.tobi, on=TODAY, reason="Family doing well")
        assert cases.status_of(cast.tobi) == "closed"
        with pytest.raises(Conflict), db.attempt():
            cases.close(cast.priya, cast.tobi, on=TODAY, reason="Again")
        posts.publish(cast.dan, cast.tobi, Update("Still in touch."))
        with pytest.raises(Invalid), db.attempt():
            cases.reopen(cast.priya, cast.tobi, "closed", on=TODAY, reason="x")
        cases.reopen(cast.priya, cast.tobi, "early_help", on=TODAY, reason="New worry")
        assert cases.status_of(cast.tobi) == "early_help"
        with pytest.raises(Conflict), db.attempt():
            cases.reopen(cast.priya, cast.tobi, "early_help", on=TODAY, reason="x")


def test_a_closing_before_the_last_change_is_refused(cast: Cast) -> None:
    """It would stand in the history, and the case would stay open."""
    with db.transaction():
        cases.change_status(cast.priya, cast.tobi, "early_help", since=TODAY - DAY, reason="x")
        with pytest.raises(Invalid, match="22 November 2026") as refused, db.attempt():
            cases.close(cast.priya, cast.tobi, on=TODAY - 2 * DAY, reason="Done")
        assert set(refused.value.fields) == {"since"}
        cases.close(cast.priya, cast.tobi, on=TODAY - DAY, reason="Done")
        assert cases.status_of(cast.tobi) == "closed"


def test_members_close_nothing_and_strangers_find_nothing(cast: Cast) -> None:
    with db.transaction():
        with pytest.raises(NotAllowed), db.attempt():
            cases.close(cast.dan, cast.amara, on=TODAY, reason="x")
        with pytest.raises(NotFound), db.attempt():
            cases.close(cast.olive, cast.amara, on=TODAY, reason="x")


def test_a_number_no_row_can_have_is_not_there(cast: Cast) -> None:
    with db.transaction():
        for ask in (
            lambda: access.case(cast.priya, 2**64),
            lambda: access.post(cast.priya, 2**64),
            lambda: access.comment(cast.priya, 2**64),
            lambda: people.find(2**64),
        ):
            with pytest.raises(NotFound):
                ask()


def test_a_sibling_is_shown_only_to_who_sees_the_siblings_case(cast: Cast) -> None:
    with db.transaction():
        assert [row.name for row in cases.family(cast.dan, cast.amara)] == ["Tobi O"]
        assert cases.family(cast.ruth, cast.amara) == []


def test_key_dates_stand_soonest_first_and_done_ones_after(cast: Cast) -> None:
    with db.transaction():
        later = cases.add_key_date(cast.priya, cast.amara, "Conference", MORNING + 3 * DAY)
        sooner = cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING + DAY)
        db.session().flush()
        assert [each.what for each in cases.key_dates(cast.amara)] == ["Core group", "Conference"]
        cases.finish_key_date(cast.priya, cast.amara, sooner.id)
        with pytest.raises(NotFound), db.attempt():
            cases.finish_key_date(cast.priya, cast.tobi, later.id)
        with pytest.raises(NotAllowed), db.attempt():
            cases.add_key_date(cast.dan, cast.amara, "Review", MORNING + DAY)
        assert [each.what for each in cases.key_dates(cast.amara)] == ["Conference", "Core group"]


def test_the_list_of_cases_shows_each_once_newest_activity_first(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.tobi, Update("x", kind="visit", seen=True, seen_alone=False))
    with clock.held(MORNING + DAY), db.transaction():
        rows = cases.mine(cast.priya)
        assert [(row.child_name, row.lead_name) for row in rows] == [
            ("Tobi O", "Priya Shah"),
            ("Amara O", "Priya Shah"),
        ]
        assert (rows[0].last_seen_at, rows[0].status) == (MORNING, "child_in_need")
        assert [row.is_member for row in cases.mine(cast.mo)] == [False, False]
        assert cases.mine(cast.lee) == cases.mine(cast.zed) == cases.mine(cast.ada) == []
