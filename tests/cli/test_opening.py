"""The command line starts quickly, and stops in one sentence."""

import subprocess
import sys

import pytest
from sqlalchemy import select

from app.core import clock, db, schema
from app.models import Case, Person
from tests import servers
from tests.cast import MORNING

SLOW = ("sqlalchemy", "alembic", "flask", "gunicorn", "openpyxl", "playwright")


def test_help_waits_for_nothing_slow():
    loaded = subprocess.run(
        [sys.executable, "-c", "import app.cli, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "click" in loaded
    assert set(SLOW).isdisjoint(loaded)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("KITH_PORT", "eighty", "KITH_PORT must be a whole number from 1 to 65535.\n"),
        ("KITH_DEMO", "perhaps", "KITH_DEMO must be on or off.\n"),
        ("KITH_DATA", "/dev/null/kith", "KITH_DATA cannot be used: Not a directory.\n"),
    ],
)
def test_a_wrong_setting_is_one_sentence(kith, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)

    stopped = kith("upgrade")
    assert (stopped.exit_code, stopped.stderr, stopped.stdout) == (2, sentence, "")


def test_a_database_that_does_not_answer_is_one_sentence(kith, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", "postgresql://127.0.0.1:1/kith")

    stopped = kith("upgrade")
    assert stopped.exit_code == 2
    assert stopped.stderr.startswith("The database does not answer:")


@pytest.mark.parametrize("command", ["upgrade", "serve"])
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all/kith.db",
        "sqlite:///{folder}/letter.txt",
        "sqlite:///{folder}/kith.db?timeout=long",
        "postgresql://ann:canary:c@:x/kith",
        "postgresql://ann:canary@127.0.0.1:1/kith",
        "postgresql://ann:canary@127.0.0.1:1/kith?colour=green",
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_database_is_one_sentence_without_its_password(
    kith, tmp_path, monkeypatch, command, url
):
    (tmp_path / "letter.txt").write_text("This is a letter and not a database. " * 30)
    monkeypatch.setenv("KITH_DATABASE_URL", url.format(folder=tmp_path))
    monkeypatch.setenv("KITH_PORT", str(servers.free_port()))

    stopped = kith(command)
    assert (stopped.exit_code, stopped.stdout, stopped.stderr.count("\n")) == (2, "", 1)
    assert stopped.stderr.startswith("The database ")
    assert "canary" not in stopped.stderr


def test_a_new_database_file_is_its_owners_alone(kith, tmp_path, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")
    assert kith("upgrade").exit_code == 0

    with db.transaction():
        rights = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.glob("own.db*")}

    assert rights == {"own.db": 0o600, "own.db-wal": 0o600, "own.db-shm": 0o600}


def test_a_database_of_an_older_shape_is_not_touched(kith, database, tmp_path, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", f"sqlite:///{tmp_path / 'old.db'}")

    refused = kith("agency", "add", "North team", "5A")
    assert refused.exit_code == 2
    assert refused.stderr == "The database is not up to date: run `kith upgrade` first.\n"


def test_an_upgrade_makes_an_empty_database_ready(kith, tmp_path, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")

    assert kith("upgrade").output == "The database is up to date.\n"
    assert kith("agency", "add", "North team", "5A").exit_code == 0
    with db.engine().connect() as connection:
        assert (
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            == schema.newest()
        )


@pytest.mark.slow
def test_the_demo_world_is_made_once(kith):
    with clock.held(MORNING):
        first, second = kith("demo"), kith("demo")

    assert "Made the demo world: 40 children, 60 people in 12 agencies" in first.output
    assert (second.exit_code, "Made" in second.output) == (0, False)
    with db.transaction() as session:
        assert len(session.scalars(select(Case.id)).all()) == 40


def test_the_demo_world_leaves_people_who_work_here_alone(office):
    refused = office("demo", "--again")

    assert (refused.exit_code, refused.stderr) == (
        2,
        "People work in this database: it is not made anew.\n",
    )
    assert "Made" not in office("demo").output
    with db.transaction() as session:
        assert session.scalars(select(Person.name)).all() == ["Ann"]
