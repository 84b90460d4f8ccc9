"""What speaks for two children being one, and what against."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from app.casework import matching
from app.casework.matching import Known
from benchmarks import matching as made_up

BORN = date(2012, 3, 7)


def amara(number=1, **more):
    known = Known(number, ("Amara Okafor",), BORN, "Female", ("NM1 4AP",))
    return replace(known, **more)


def way(one, other):
    pair = matching.pair(one, other)
    return pair.way if pair else None


@pytest.mark.parametrize("number", ["council_id", "nhs_number", "upn"])
def test_a_number_only_one_child_has_links_by_itself(number):
    assert way(amara(**{number: "1"}), amara(2, **{number: "1"})) == "itself"


def test_a_number_links_although_home_and_surname_changed():
    moved = amara(2, upn="A1", names=("Amara Cole",), postcodes=("LS9 9ZZ",))

    assert way(amara(upn="A1"), moved) == "itself"


@pytest.mark.parametrize(
    "against",
    [
        {"names": ("Tobi Okafor",)},
        {"gender": "Male"},
        {"born_on": date(2009, 11, 21)},
        {"nhs_number": "2"},
        {"born_on": None},
    ],
)
def test_what_speaks_against_a_shared_number_is_for_a_person_to_say(against):
    one = amara(upn="A1", nhs_number="1")

    assert way(one, amara(2, **({"upn": "A1"} | against))) == "person"


def test_without_a_number_nothing_links_by_itself():
    assert way(amara(), amara(2)) == "person"


def test_twins_are_asked_about_and_not_linked():
    twin = amara(2, names=("Amina Okafor",), upn="A2")

    assert way(amara(upn="A1"), twin) != "itself"


@pytest.mark.parametrize(
    "written", ["Amara Okafor", "AMARA O'Kafor", "Okafor Amara", "Amara Okafro", "Amarah Okafor"]
)
def test_a_name_written_otherwise_is_still_asked_about(written):
    assert way(amara(), amara(2, names=(written,), postcodes=())) == "person"


def test_a_day_and_month_that_were_exchanged_are_seen():
    pair = matching.pair(amara(), amara(2, born_on=date(2012, 7, 3)))

    assert pair
    assert "born_swapped" in pair.why


@pytest.mark.parametrize("born", [date(2012, 3, 1), date(2013, 3, 7), date(2002, 3, 7)])
def test_a_digit_that_slipped_is_seen(born):
    pair = matching.pair(amara(), amara(2, born_on=born))

    assert pair
    assert "born_one_off" in pair.why


def test_a_child_of_a_return_without_a_name_is_found_by_day_and_home():
    assert way(amara(), amara(2, names=())) == "person"


def test_day_and_gender_alone_are_not_asked_about():
    assert way(amara(postcodes=()), amara(2, names=(), postcodes=())) is None


def test_brothers_and_sisters_are_two_children():
    assert way(amara(), amara(2, names=("Tobi Okafor",), born_on=date(2015, 9, 2))) is None


def test_what_is_found_holds_no_word_of_the_child():
    pair = matching.pair(amara(upn="A1"), amara(2, upn="A1"))

    assert pair
    assert set(pair.why) <= set(matching.WORDS)


def test_children_are_found_without_comparing_all_with_all(monkeypatch):
    compared = []
    compare = matching.compare

    def counted(*two):
        compared.append(two)
        return compare(*two)

    monkeypatch.setattr(matching, "compare", counted)
    children = made_up.make(Random(1), 1000, 50).children

    list(matching.pairs(children))

    assert len(compared) < 5000, "of half a million pairs"


def test_each_pair_is_found_once_however_many_keys_lead_to_it():
    [pair] = matching.pairs([amara(upn="A1"), amara(2, upn="A1")])

    assert (pair.one, pair.other) == (1, 2)


def test_made_up_pairs_are_found_and_none_is_linked_wrongly():
    made = made_up.make(Random(3), 2000, 300)
    found = list(matching.pairs(made.children))

    linked = {(each.one, each.other) for each in found if each.way == "itself"}
    all_found = {(each.one, each.other) for each in found}
    assert linked, "some are linked by themselves"
    assert len(linked - made.same) <= 0.01 * len(linked)
    assert len(all_found & made.same) >= 0.95 * len(made.same)


def test_one_address_and_surname_may_be_brothers_and_sisters():
    home = {"address": "4 Mill Lane", "postcodes": ("NM1 4AP",)}
    brother = amara(2, names=("Tobi Okafor",), born_on=date(2015, 9, 2), **home)

    [pair] = matching.siblings([amara(**home), brother])

    assert pair.why == ("address",)


def test_a_family_number_may_be_brothers_and_sisters():
    [pair] = matching.siblings([Known(1, family_id="F1"), Known(2, family_id="F1")])

    assert (pair.why, pair.way) == (("family",), "person")


def test_a_home_with_many_children_is_no_family():
    home = {"address": "The Elms", "postcodes": ("NM1 4AP",)}
    children = [
        amara(number, names=(f"Child{number} Vale",), born_on=date(2000 + number, 1, 1), **home)
        for number in range(1, 16)
    ]

    assert list(matching.siblings(children)) == []
