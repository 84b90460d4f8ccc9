"""`kith import cin-census` and `kith import ssda903` print progress and end with the count."""

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.returns import census, child, episode, stay, table


@pytest.fixture
def kith(cast, database, tmp_path, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", database)
    monkeypatch.setenv("KITH_DATA", str(tmp_path))
    (tmp_path / "cin.xml").write_bytes(census(child(101, episode())).getvalue())
    (tmp_path / "903").mkdir()
    (tmp_path / "903" / "episodes.csv").write_text(table("episodes", stay(), stay(child=102)))

    def run(kind, name, *options):
        return CliRunner().invoke(main, ["import", kind, str(tmp_path / name), *options])

    return run


@pytest.mark.parametrize(("kind", "name"), [("cin-census", "cin.xml"), ("ssda903", "903")])
def test_a_first_run_counts_and_a_second_changes_nothing(kith, kind, name):
    first, second = kith(kind, name), kith(kind, name)

    assert "(100 %)" in first.output
    assert first.output.splitlines()[-1] == "2 new, 0 changed, 0 same, 0 refused"
    assert second.output.splitlines()[-1] == "0 new, 0 changed, 2 same, 0 refused"


def test_a_dry_run_keeps_nothing(kith):
    kith("ssda903", "903", "--dry-run")

    assert kith("ssda903", "903").output.splitlines()[-1].startswith("2 new")


@pytest.mark.parametrize(
    ("kind", "name"), [("cin-census", "903/episodes.csv"), ("ssda903", "cin.xml")]
)
def test_the_file_of_another_return_is_refused_in_a_sentence(kith, kind, name):
    refused = kith(kind, name)

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.endswith(".\n")
