"""Reviews: raised with a reference, due in two working days, decided by an auditor beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.casework import conflicts, reviews
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Membership, Person, Review, Supervision
from tests.cast import MORNING, Cast

DAY = timedelta(days=1)


def raised(cast: Cast, about: Person | None = None) -> Review:
    with db.transaction():
        return reviews.ask(
            "closed_case", person=about or cast.dan, case_id=cast.amara.id, evidence={"looks": 3}
        )


def waiting(auditor: Person) -> list[int]:
    with db.transaction():
        return [row.id for row in reviews.open_for(auditor)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("raised_on", "due_on"),
    [
        ("2026-11-23", "2026-11-25"),  # Monday to Wednesday
        ("2026-11-26", "2026-11-30"),  # Thursday to Monday
        ("2026-11-28", "2026-12-01"),  # Saturday to Tuesday
        ("2026-12-24", "2026-12-30"),  # Christmas Day, a weekend, and the Monday instead
        ("2027-03-25", "2027-03-31"),  # Good Friday and Easter Monday
    ],
)
def test_two_working_days_pass_over_weekends_and_bank_holidays(
    database: str, raised_on: str, due_on: str
) -> None:
    at = datetime.fromisoformat(f"{raised_on}T10:00").replace(tzinfo=UTC)
    due = clock.local(clock.working_days_after(at, 2))
    assert f"{due:%Y-%m-%d %H:%M}" == f"{due_on} 17:00"


def test_a_review_has_a_reference_that_names_nobody(cast: Cast) -> None:
    made = {raised(cast).reference for _ in range(5)}
    assert len(made) == 5
    assert all(each.startswith("RV-") and not set(each[3:]) & set("0O1IL5SAEU") for each in made)


def test_it_waits_for_an_auditor_and_nobody_else(cast: Cast) -> None:
    review = raised(cast)
    assert waiting(cast.audrey) == [review.id]
    for other in (cast.priya, cast.mo, cast.ada):
        with pytest.raises(NotAllowed), db.transaction():
            reviews.open_for(other)


def test_who_was_a_member_never_decides(cast: Cast) -> None:
    review = raised(cast)
    with db.transaction() as session:
        session.add(
            Membership(
                case_id=cast.amara.id,
                person_id=cast.audrey.id,
                agency_id=cast.audrey.agency_id,
                role="Social worker",
                from_at=MORNING - 400 * DAY,
                until_at=MORNING - 300 * DAY,
                reason="Worked with the family",
                decided_by_id=cast.priya.id,
            )
        )
    _is_not_there(cast.audrey, review)


def test_who_manages_the_person_or_a_member_never_decides(cast: Cast) -> None:
    review = raised(cast)
    with db.transaction() as session:
        session.add(Supervision(manager_id=cast.audrey.id, person_id=cast.ruth.id))
    _is_not_there(cast.audrey, review)


def test_who_has_a_conflict_never_decides(cast: Cast) -> None:
    review = raised(cast)
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.audrey, "Cousin")
    _is_not_there(cast.audrey, review)


def test_what_is_overdue_stands_first(cast: Cast) -> None:
    with clock.held(MORNING - 20 * DAY):
        late = raised(cast)
    new = raised(cast)
    assert waiting(cast.audrey) == [late.id, new.id]


def test_a_decision_needs_an_outcome_and_a_sentence(cast: Cast) -> None:
    review = raised(cast)
    with pytest.raises(Invalid) as refused, db.transaction():
        reviews.decide(cast.audrey, review.id, "perhaps", " ")
    assert set(refused.value.fields) == {"outcome", "note"}
    assert waiting(cast.audrey) == [review.id]


def test_a_decision_stands_and_is_made_once(cast: Cast) -> None:
    review = raised(cast)
    with db.transaction():
        reviews.decide(cast.audrey, review.id, "justified", "Covered for a colleague.")
    assert waiting(cast.audrey) == []
    with db.transaction():
        assert reviews.count_open(cast.audrey) == 0
        row = reviews.find(cast.audrey, review.id)
    assert (row.outcome, row.note, row.reviewed_by) == (
        "justified",
        "Covered for a colleague.",
        "Audrey Finch",
    )
    with pytest.raises(Conflict), db.transaction():
        reviews.decide(cast.audrey, review.id, "not justified", "Changed my mind.")


def test_the_managers_of_who_had_no_reason_are_told_the_reference(cast: Cast) -> None:
    review = raised(cast, cast.priya)
    with db.transaction():
        reviews.decide(cast.audrey, review.id, "not justified", "No reason was given.")
    with db.transaction():
        (row,) = reviews.for_manager(cast.mo)
        assert (row.reference, row.name) == (review.reference, "Priya Shah")
        assert reviews.for_manager(cast.otto) == []
        assert db.session().get_one(Person, cast.priya.id).active, "nobody is blocked by itself"


def test_earlier_reviews_of_the_same_person_stand_beside_it(cast: Cast) -> None:
    first, other, second = raised(cast), raised(cast, cast.ruth), raised(cast)
    with db.transaction():
        found = reviews.before(cast.audrey, reviews.find(cast.audrey, second.id))
    assert [row.id for row in found] == [first.id]
    assert other.id != first.id


def _is_not_there(auditor: Person, review: Review) -> None:
    assert waiting(auditor) == []
    with pytest.raises(NotFound), db.transaction():
        reviews.find(auditor, review.id)
    with pytest.raises(NotFound), db.transaction():
        reviews.decide(auditor, review.id, "justified", "It was me.")
