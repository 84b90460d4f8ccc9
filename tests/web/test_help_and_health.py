from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import db
from app.models import KINDS, WORRIES
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_help_needs_no_account(browser: Browser, cast: Cast) -> None:
    for page in ("/help", "/accessibility"):
        assert browser(None).get(page).status_code == 200


def test_help_explains_every_kind_and_every_worry(browser: Browser, cast: Cast) -> None:
    page = browser(None).get("/help").text

    for word in (*KINDS.values(), *WORRIES.values()):
        assert word in page


def test_help_says_who_sees_what(browser: Browser, cast: Cast) -> None:
    page = browser(None).get("/help").text

    for words in (
        "For members only",
        "Only some",
        "I know this family",
        "Ask about the child",
        "for 60 minutes",
        "twelve months away at most",
        "who has looked",
        "second factor",
    ):
        assert words in page, words


def test_help_says_what_kith_is_not(browser: Browser, cast: Cast) -> None:
    page = browser(None).get("/help").text

    assert "not an emergency service" in page
    assert "not the statutory record" in page
    assert "A post is not a referral" in page


def test_a_sound_installation_says_so_in_a_word(browser: Browser, cast: Cast) -> None:
    for path, word in (("/livez", "live\n"), ("/readyz", "ready\n")):
        answer = browser(None).get(path)

        assert (answer.status_code, answer.text) == (200, word)


def test_a_database_of_another_shape_is_not_ready(browser: Browser, cast: Cast) -> None:
    with db.transaction() as session:
        was = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = browser(None).get("/readyz")
    finally:
        with db.transaction() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": was})

    assert (answer.status_code, answer.text) == (503, "not ready\n")
    assert browser(None).get("/livez").status_code == 200
