from datetime import date

import pytest

from app.core import clock
from search import facts
from search.facts import Facts
from tests.search.scribbled import scribbled

DAY = date(2017, 5, 4)


@pytest.mark.parametrize(
    ("written", "name", "known"),
    [
        ("Amara Okoye", "Amara Okoye", Facts()),
        ("Amara 4", "Amara", Facts(age=4)),
        ("Amara, aged 4", "Amara,", Facts(age=4)),
        ("Amara 4 years old", "Amara", Facts(age=4)),
        ("Amara 4yo", "Amara", Facts(age=4)),
        ("Amara 18 months", "Amara", Facts(age=1)),
        ("baby Okoye 3 weeks old", "baby Okoye", Facts(age=0)),
        ("Amara born 2019", "Amara", Facts(born_in=2019)),
        ("Amara 2019", "Amara", Facts(born_in=2019)),
        ("Amara 4/5/2017", "Amara", Facts(DAY)),
        ("Amara 04.05.17", "Amara", Facts(DAY)),
        ("Amara born on 4th May 2017", "Amara", Facts(DAY)),
        ("May Bell May 4, 2017", "May Bell", Facts(DAY)),
        ("dob: 2017-05-04 Amara", "Amara", Facts(DAY)),
        ("Amara 31/2/2017", "Amara", Facts(identifier="31/2/2017")),
        ("Amara nm4 7qt", "Amara", Facts(postcode="nm4 7qt")),
        ("Amara NM4 9", "Amara", Facts(age=9, postcode="NM4")),
        ("943 476 5919", "", Facts(identifier="943 476 5919")),
        ("Amara 9434765919", "Amara", Facts(identifier="9434765919")),
        ("N204037", "", Facts(identifier="N204037")),
        ("C-100", "", Facts(identifier="C-100")),
        ("A123456789012", "", Facts(identifier="A123456789012")),
        ("2019", "", Facts(born_in=2019, identifier="2019")),
        ("12", "", Facts(age=12, identifier="12")),
        ("  ", "", Facts()),
    ],
)
def test_what_is_known_is_read_out_of_the_one_field(written: str, name: str, known: Facts) -> None:
    with clock.held(clock.instant(date(2026, 11, 23))):
        assert facts.read(written) == (name, known)


def test_whatever_is_written_is_read() -> None:
    for written in scribbled(10_000):
        facts.read(written)
