"""A program's token is issued, listed and ended from the command line."""

import pytest

from app.casework import tokens
from app.core import db


@pytest.fixture
def issued(office):
    return office("token", "issue", "Ann@north.example", "--scope", "write", "--name", "export")


def test_the_token_alone_goes_to_standard_output(issued):
    with db.transaction():
        found = tokens.find(issued.stdout.strip())

    assert found
    assert (found[0].name, found[1]) == ("Ann", "write")


def test_the_list_never_shows_a_token_again(issued, office):
    listed = office("token", "list", "ann@north.example").output

    assert "export" in listed
    assert issued.stdout.strip() not in listed


def test_a_revoked_token_no_longer_works(issued, office):
    assert office("token", "revoke", "ann@north.example", "1").exit_code == 0

    with db.transaction():
        assert tokens.find(issued.stdout.strip()) is None
    assert office("token", "list", "ann@north.example").output == "No tokens.\n"


def test_a_token_that_is_not_hers_is_refused_in_a_sentence(issued, office):
    refused = office("token", "revoke", "ann@north.example", "9")

    assert (refused.exit_code, refused.output) == (2, "ann@north.example has no token 9.\n")


def test_nobody_by_that_address_is_a_sentence(office):
    refused = office("token", "issue", "bo@north.example")

    assert (refused.exit_code, refused.output) == (2, "Nobody signs in as bo@north.example.\n")


def test_a_token_lasts_at_most_a_year(office):
    refused = office("token", "issue", "ann@north.example", "--days", "4000")

    assert (refused.exit_code, refused.output) == (2, "A token lasts from 1 to 366 days.\n")
