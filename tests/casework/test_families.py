from typing import Any

import pytest

from app.casework import cases, families
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import Case, Child, Person
from tests.cast import Cast


def test_an_adult_is_recorded_by_name_and_relation(cast: Cast) -> None:
    with db.transaction():
        families.link_adult(cast.priya, cast.amara, "Grace O", "mother", True)

    assert ("mother", "Grace O", True) in _family(cast.priya, cast.amara)


def test_two_children_are_linked_on_both_cases_at_once(cast: Cast) -> None:
    with db.transaction():
        third = _opened(cast.priya, "Ife O", "Female")
        families.link_children(cast.priya, cast.tobi, third, "sister", False)

    assert ("sister", "Ife O", False) in _family(cast.priya, cast.tobi)
    assert ("brother or sister", "Tobi O", False) in _family(cast.priya, third)


@pytest.mark.parametrize(("gender", "back"), [("Female", "half-sister"), ("Male", "half-brother")])
def test_the_way_back_is_said_in_the_word_for_the_child(cast: Cast, gender: str, back: str) -> None:
    with db.transaction():
        one, other = _opened(cast.priya, "One", gender), _opened(cast.priya, "Other", None)
        families.link_children(cast.priya, one, other, "half-brother", True)

    assert _family(cast.priya, other) == [(back, "One", True)]


def test_a_link_is_shown_only_to_somebody_who_sees_both_children(cast: Cast) -> None:
    assert _family(cast.priya, cast.amara), "Priya sees both"

    assert _family(cast.ruth, cast.amara) == [], "Ruth is not in Tobi's network"


def test_a_child_whose_case_is_not_hers_cannot_be_linked(cast: Cast) -> None:
    with pytest.raises(NotFound), db.transaction():
        families.link_children(cast.priya, cast.amara, cast.noor, "cousin", False)

    assert len(_family(cast.priya, cast.amara)) == 1


def test_only_the_lead_says_who_belongs_to_whom(cast: Cast) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        families.link_adult(cast.dan, cast.amara, "Grace O", "mother", True)

    assert len(_family(cast.priya, cast.amara)) == 1


def test_the_same_two_children_are_not_linked_twice(cast: Cast) -> None:
    with pytest.raises(Conflict), db.transaction():
        families.link_children(cast.priya, cast.tobi, cast.amara, "sister", True)


def test_a_child_is_not_their_own_brother(cast: Cast) -> None:
    with pytest.raises(Invalid), db.transaction():
        families.link_children(cast.priya, cast.tobi, cast.tobi, "brother", True)


def test_taking_a_link_away_takes_both_directions(cast: Cast) -> None:
    with db.transaction():
        [link] = cases.family(cast.priya, cast.amara)
        families.unlink(cast.priya, cast.amara, link.link_id)

    assert _family(cast.priya, cast.amara) == _family(cast.priya, cast.tobi) == []


def test_a_link_of_another_child_is_not_taken_away_from_here(cast: Cast) -> None:
    with db.transaction():
        [link] = cases.family(cast.priya, cast.tobi)

    with pytest.raises(NotFound), db.transaction():
        families.unlink(cast.priya, cast.amara, link.link_id)


def test_a_tie_between_children_is_said_on_both_cases(cast: Cast) -> None:
    tie = families.Tie("strong", is_stressful=True)
    with db.transaction():
        [link] = cases.family(cast.priya, cast.amara)
        families.describe_tie(cast.priya, cast.amara, link.link_id, tie)
        both = [*cases.family(cast.priya, cast.amara), *cases.family(cast.priya, cast.tobi)]
    assert [(row.strength, row.is_stressful) for row in both] == [("strong", True)] * 2


def test_whom_nobody_may_contact_stands_there_with_why_and_by_whose_word(cast: Cast) -> None:
    tie = families.Tie(contact="none", contact_reason="He must not know.", said_by="A court")
    with db.transaction():
        families.link_adult(cast.priya, cast.amara, "Sam O", "father", False)
        db.session().flush()
        father = cases.family(cast.priya, cast.amara)[-1]
        families.describe_tie(cast.priya, cast.amara, father.link_id, tie)
        [row] = cases.family(cast.ruth, cast.amara)
    assert (row.contact, row.contact_reason, row.said_by) == (
        "none",
        "He must not know.",
        "A court",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"contact": "none", "said_by": "A court"}, "contact_reason"),
        ({"contact": "supervised", "contact_reason": "Ordered"}, "said_by"),
        ({"contact": "never"}, "contact"),
        ({"strength": "iron"}, "strength"),
    ],
)
def test_a_tie_that_cannot_be_is_refused_with_a_sentence(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    with db.transaction():
        [link] = cases.family(cast.priya, cast.amara)
        tie = families.Tie(**wrong)
        with pytest.raises(Invalid) as refusal, db.attempt():
            families.describe_tie(cast.priya, cast.amara, link.link_id, tie)
    assert list(refusal.value.fields) == [field]


def _mother(case: Case, cast: Cast, name: str = "Maria K", **tie: Any) -> None:
    with db.transaction():
        families.link_adult(cast.priya, case, name, "mother", False)
        db.session().flush()
        link = cases.family(cast.priya, case)[-1].link_id
        families.describe_tie(cast.priya, case, link, families.Tie(**tie))


def _elsewhere(viewer: Person, case: Case) -> list[tuple[str, str, bool]]:
    with db.transaction():
        found = families.said_elsewhere(viewer, case)
        return [(each.child_name, each.contact, each.has_died) for each in found]


KEPT = {"contact": "none", "contact_reason": "She threatened.", "said_by": "A court"}


def test_what_a_brothers_family_says_against_the_same_adult_is_hinted(cast: Cast) -> None:
    _mother(cast.tobi, cast, has_died=True, **KEPT)
    _mother(cast.amara, cast, "maria  k")
    assert _elsewhere(cast.priya, cast.amara) == [("Tobi O", "none", True)]
    assert _elsewhere(cast.priya, cast.tobi) == [], "there it is said"
    assert _elsewhere(cast.ruth, cast.amara) == [], "she does not see Tobi's case"


@pytest.mark.parametrize(
    ("name", "tie"), [("Grace O", {}), ("Maria K", KEPT), ("Maria K", KEPT | {"has_died": True})]
)
def test_another_name_or_the_same_words_are_no_hint(
    cast: Cast, name: str, tie: dict[str, object]
) -> None:
    _mother(cast.tobi, cast, **KEPT)
    _mother(cast.amara, cast, name, **tie)
    assert _elsewhere(cast.priya, cast.amara) == []


def test_why_goes_when_nothing_stands_against_it_any_more(cast: Cast) -> None:
    with db.transaction():
        [link] = cases.family(cast.priya, cast.amara)
        for tie in (families.Tie(None, False, "none", "Why", "Who"), families.Tie()):
            families.describe_tie(cast.priya, cast.amara, link.link_id, tie)
        [row] = cases.family(cast.priya, cast.amara)
    assert (row.contact, row.contact_reason, row.said_by) == ("ordinary", None, None)


def test_only_who_leads_says_how_a_tie_is_and_of_no_child_they_do_not_see(cast: Cast) -> None:
    with db.transaction():
        [link] = cases.family(cast.priya, cast.amara)
        with pytest.raises(NotAllowed), db.attempt():
            families.describe_tie(cast.dan, cast.amara, link.link_id, families.Tie("weak"))
        with pytest.raises(NotFound), db.attempt():
            families.describe_tie(cast.priya, cast.tobi, link.link_id, families.Tie("weak"))


def _opened(lead: Person, name: str, gender: str | None) -> Case:
    details = cases.ChildDetails(name=name, gender=gender)
    since = clock.today()
    case = cases.open_case(lead, details, status="early_help", since=since, reason="Known")
    assert db.session().get_one(Child, case.child_id).name == name
    return case


def _family(viewer: Person, case: Case) -> list[tuple[str, str, bool]]:
    with db.transaction():
        return [(row.relation, row.name, row.same_household) for row in cases.family(viewer, case)]
