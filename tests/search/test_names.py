from datetime import date
from typing import Any

import pytest

from app.core import clock
from search import known_names, make_nicknames, names, sounds
from search.facts import Facts
from search.names import ALIKE, Candidate, Match, Names

# Written, and the name it stands for.
HEARD = """
Siobhan | Shivaun
Niamh | Neve
Saoirse | Seersha
Catherine | Kathryn
Geoffrey | Jeffrey
Mohammed | Muhammad
Zainab | Zeinab
Nguyen | Nugyen
Sarah | Sara
Michael | Mikael
McDonald | MacDonald
Thomas Hepburn | Thomas Hepbrun
"""
WRITTEN = """
Mc Donald | MacDonald
O’Brien | O Brien
O'Brien | Brien
de Souza | Desouza
van den Berg | Vandenberg
Al-Hassan | Alhassan
Abdul Rahman Ali | Abdulrahman Ali
Anne-Marie Dunn | Annemarie Dunn
José García | Jose Garcia
Łukasz Wójcik | Lukasz Wojcik
J Smith | John Smith
Smith John | John Smith
Smith, John | John Smith
Kate Jones | Katherine Jones
Bill Hall | William Hall
Mrs Helen Moss | Helen Moss
Wong Mei | Huang Mei
Femi Cole | Oluwafemi Cole
Doctor Lin | Dr Mei Lin
محمد علي | علي محمد
"""
TWO_PEOPLE = """
Daniel | Danielle
Mohammed | Mahmoud
Hassan Mirza | Hussein Mirza
Molly | Polly
John Smith | Jane Smith
John Smith | John Brown
Sarah Khan | Farida Khan
Siobhan | Sinead
محمد | علي
"""
HOSTILE = [
    "",
    " ",
    ",",
    "🙂🙃",
    "12345",
    "\x00\u202e",
    "ß" * 10_000,
    "ﷺ" * 10_000,
    "a b " * 2_500,
    "'" * 10_000,
    "{0} {x}",
    "%_\\",
]


def pairs(lines: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(" | ")) for line in lines.split("\n") if line]


def score(written: str, name: str) -> float:
    found = names.match(written, name)
    return found.score if found else 0


def reasons(written: str, name: str) -> tuple[str, ...]:
    found = names.match(written, name)
    assert found
    return found.reasons


def first(written: str, *people: Candidate) -> names.Found:
    return names.rank(written, people)[0]


@pytest.mark.parametrize(("written", "name"), pairs(HEARD + WRITTEN))
def test_a_name_is_known_however_it_is_spelt_heard_or_ordered(written: str, name: str) -> None:
    assert score(written, name) >= ALIKE
    assert score(name, written) == pytest.approx(score(written, name)), "whichever was written"


@pytest.mark.parametrize(("written", "name"), pairs(HEARD + WRITTEN))
def test_it_is_found_among_others_by_a_key_they_share(written: str, name: str) -> None:
    index = Names()
    for number, each in enumerate([name, "Oluwaseun Balogun", "Ffion Pugh", "Wei Zhang"]):
        index.add(Candidate(number, [each]))

    assert [found.id for found in index.candidates(written, most=1)] == [0]


@pytest.mark.parametrize(("one", "other"), pairs(TWO_PEOPLE))
def test_two_people_stay_two(one: str, other: str) -> None:
    assert score(one, other) < ALIKE


def test_our_own_key_hears_what_others_do_not() -> None:
    for one, *others in [
        ["siobhan", "shivaun", "chevonne"],
        ["niamh", "neve", "nieve"],
        ["caoimhe", "keeva"],
        ["eoghan", "owen"],
        ["muhammad", "mohamed"],
        ["zainab", "zeynab"],
        ["yusuf", "youssef", "joseph"],
        ["michael", "mikel"],
        ["michelle", "mishel"],
    ]:
        assert all(sounds.keys(one) & sounds.keys(other) for other in others)


def test_a_short_word_is_found_through_consonants_other_alphabets_do_not_tell_apart() -> None:
    for written, name in [("Gim", "Kim"), ("Chang", "Jang"), ("Rim", "Lim"), ("Dev", "Deb")]:
        assert names.keys(written) & names.keys(name)


def test_what_many_share_finds_a_word_that_stands_alone_and_none_of_several() -> None:
    [alone] = names.sought("Shaughnessy")
    first, last, *_ = names.sought("Niamh Shaughnessy")

    assert alone.keys() > last.keys() - {"pshaug"}, "who begins so begins with three of it"
    assert {key[0] for key in alone} > {"c", "p"}
    assert not any(key.startswith("c") for key in first | last)
    assert names.sought("Niamh Sha")[1]["psha"], "as one types"


@pytest.mark.parametrize("written", ["Jem Wat", "Jemi Wats", "Jemim Watso", "Wat Jem"])
def test_a_name_cut_short_is_found_among_others_that_sound_so(written: str) -> None:
    index = Names()
    for number, each in enumerate(["Jim Wood", "Jamie Wood", "Jemima Watson", "Wei Li"]):
        index.add(Candidate(number, [each]))

    assert 2 in [found.id for found in index.candidates(written)]


def test_another_vowel_is_nearer_than_another_consonant() -> None:
    assert score("Harlan", "Harlen") > score("Harlan", "Harman")


def test_a_true_variant_comes_before_a_name_that_only_looks_like_it() -> None:
    for written, true, false in [
        ("Mohammed", "Muhammad", "Mahmoud"),
        ("Daniel", "Danyel", "Danielle"),
        ("Hussein", "Husain", "Hassan"),
    ]:
        people = [Candidate(name, [name]) for name in (false, true)]

        assert [one.name for one in names.rank(written, people)] == [true, false]


def test_it_says_in_plain_words_why_a_name_is_there() -> None:
    assert reasons("Seersha", "Saoirse") == ("another spelling of Seersha",)
    assert reasons("Gemma", "Jemma") == ("sounds like Gemma",)
    assert reasons("Whittaker", "Whitraker") == ("spelt nearly like Whittaker",)
    assert reasons("Katherine", "Kate") == ("short for Katherine",)
    assert reasons("Kate", "Katherine") == ("Kate for short",)
    assert reasons("Piotr", "Peter") == ("Piotr in another language",)
    assert reasons("J Smith", "John Smith") == ("initial only",)
    assert reasons("Smith John", "John Smith") == ("in another order",)
    assert reasons("O'Brien", "O Brien") == ("written as one word or two",)
    assert reasons("Brien", "O'Brien") == ("the same but for a particle",)
    assert reasons("Smith", "John Smith") == ("part of the name",)
    assert reasons("Bart", "Bartram") == ("begins with Bart",)
    assert reasons("daniel", "Danielle") == ("another name than daniel",)
    assert reasons("john smith", "John Smith") == ("the same name",)


def test_a_whole_name_beside_an_initial_is_said_to_be_the_same() -> None:
    found = names.match("Oluwatobi", "Oluwatobi O")
    assert found
    assert found.reasons == ("part of the name",)


def test_an_initial_alone_answers_to_no_word() -> None:
    assert names.match("mum", "Skye M") is None
    assert names.match("Skye Mitchell", "Skye M")
    assert names.match("M", "Skye M")


def test_what_was_written_with_braces_is_repeated_and_not_read() -> None:
    assert names.match("{0.__class__}", "Class") == Match(1.0, ("the same name",))


@pytest.mark.parametrize("written", HOSTILE)
def test_whatever_is_written_is_answered(written: str) -> None:
    assert len(names.keys(written)) < 1_000
    assert len(names.sought(written)) < 20
    index = Names()
    index.add(Candidate(1, ["John Smith", written]))

    assert names.match(written, "John Smith") is None
    assert names.match("John Smith", written) is None
    found = names.rank(written, index.candidates(written))
    assert all(one.name == written for one in found)


def test_all_that_finds_a_name_is_among_its_own_keys() -> None:
    for name in ["Siobhan O'Brien", "Maria de los Santos", "J"]:
        assert {key for word in names.sought(name) for key in word} <= names.keys(name)


def test_a_child_is_found_by_any_name_they_are_known_by() -> None:
    amara = Candidate(1, ["Amara Okoye", "Mara Bell"])
    found = first("Marah Bell", Candidate(2, ["Martin Bell"]), amara)

    assert (found.candidate.id, found.name) == (1, "Mara Bell")


def test_the_date_of_birth_tells_two_of_a_name_apart() -> None:
    elder = Candidate("elder", ["Mohammed Ali"], date(2011, 3, 9))
    younger = Candidate("younger", ["Muhammad Ali"], date(2016, 9, 12))

    for born_on, reason in [
        (date(2016, 9, 12), "same date of birth"),
        (date(2016, 12, 9), "day and month of birth exchanged"),
        (date(2016, 9, 13), "nearly the same date of birth"),
        (date(2016, 1, 1), "same year of birth"),
    ]:
        best, other = names.rank("Mohammed Ali", [elder, younger], Facts(born_on))
        assert best.candidate.id == "younger"
        assert reason in best.reasons
        assert other.candidate.id == "elder", "a date may be wrong"


def test_age_year_and_half_a_postcode_do_as_well() -> None:
    near = Candidate("near", ["Neve Walsh"], date(2014, 5, 2), "NM4 7QT")
    far = Candidate("far", ["Niamh Walsh"], date(2009, 5, 2), "SW1A 1AA")

    def best(**known: Any) -> tuple[object, str]:
        found = names.rank("Niamh Walsh", [far, near], Facts(**known))[0]
        return found.candidate.id, found.reasons[-1]

    with clock.held(clock.instant(date(2024, 5, 1))):
        assert best(age=9, born_in=2014, postcode="nm4") == ("near", "same part of the postcode")
        assert best(age=9, born_in=2014) == ("near", "same age")
        assert best(age=10, postcode="NM47QT") == ("near", "same postcode")
        assert best() == ("far", "the same name")


def test_a_number_finds_its_owner_whatever_name_was_written() -> None:
    owner = Candidate("owner", ["Zofia Nowak"], identifiers=["943 476 5919"])
    others = [Candidate(number, ["Sophie Novak"]) for number in range(3)]

    found = names.rank("Sophie Novak", [*others, owner], Facts(identifier="9434765919"))

    assert (found[0].candidate.id, found[0].score) == ("owner", 1)
    assert "same number" in found[0].reasons


def test_facts_alone_rank_those_given_when_no_name_is_written() -> None:
    one, other = Candidate(1, ["Ada"], date(2015, 1, 2)), Candidate(2, ["Bo"], date(2009, 7, 2))

    found = names.rank("", [other, one], Facts(date(2015, 1, 2)))

    assert [each.candidate.id for each in found] == [1]


def test_somebody_of_another_name_does_not_come_in_by_a_birthday() -> None:
    stranger = Candidate(1, ["Gethin Pugh"], date(2015, 1, 2), "NM4 7QT")

    assert not names.rank("Aisha Khan", [stranger], Facts(date(2015, 1, 2), postcode="NM4 7QT"))


@pytest.mark.parametrize("born_on", [date(2015, 3, 9), date(2015, 9, 3)])
def test_a_child_whose_surname_is_another_is_found_by_the_day_of_birth(born_on: date) -> None:
    child = Candidate(1, ["Sophie Nguyen"], date(2015, 3, 9))

    [found] = names.rank("Sofia George", [child], Facts(born_on))

    assert found.reasons[0] == "only Sofia fits"
    assert not names.rank("Sofia George", [child], Facts(date(2015, 3, 10))), "nearly is not enough"
    assert not names.rank("Sofia George", [child], Facts(born_in=2015))


def test_with_the_day_of_birth_a_whole_name_stands_above_half_of_one() -> None:
    day = date(2015, 3, 9)
    half, whole = (
        Candidate("half", ["Sophie Nguyen"], day),
        Candidate("whole", ["Sofie Gorge"], day),
    )
    other = Candidate("other", ["Sophie George"], date(2011, 1, 2))

    found = names.rank("Sophie George", [half, other, whole], Facts(day))

    assert [one.candidate.id for one in found] == ["whole", "other", "half"]


def test_no_particle_and_no_look_alike_is_half_of_a_name() -> None:
    day = date(2015, 3, 9)
    for written, name in [("Ana de Souza", "Ben de Wit"), ("Daniel Hall", "Danielle Price")]:
        assert not names.rank(written, [Candidate(1, [name], day)], Facts(day)), written


def test_the_table_of_short_forms_is_what_the_script_makes() -> None:
    assert known_names.NICKNAMES.read_text(encoding="utf-8") == make_nicknames.table()


def test_names_are_entered_folded_and_no_two_are_both_one_and_apart() -> None:
    for section in ("spellings", "languages", "short", "apart"):
        for words in known_names._lines(section):
            assert len(words) > 1
            assert all(word.isascii() and word.isalpha() and word.islower() for word in words)
