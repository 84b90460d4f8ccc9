"""`kith import annex-a` prints its progress and ends with the count of rows."""

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.workbooks import broken, contact, contacts


@pytest.fixture
def kith(cast, database, tmp_path, monkeypatch):
    monkeypatch.setenv("KITH_DATABASE_URL", database)
    monkeypatch.setenv("KITH_DATA", str(tmp_path))
    file = tmp_path / "return.xlsx"
    file.write_bytes(contacts(contact(101), contact(None)).getvalue())

    def run(*options):
        return CliRunner().invoke(main, ["import", "annex-a", str(file), *options])

    return run


def test_the_first_run_shows_progress_and_counts_the_rows(kith):
    done = kith()

    assert done.exit_code == 0
    assert "1 of 1 children (100 %)" in done.output
    assert done.output.splitlines()[-1] == "1 new, 0 changed, 0 same, 1 refused"


def test_a_dry_run_leaves_everything_for_the_first_run(kith):
    kith("--dry-run")

    assert kith().output.splitlines()[-1] == "1 new, 0 changed, 0 same, 1 refused"
    assert kith().output.splitlines()[-1] == "0 new, 0 changed, 1 same, 1 refused"


def test_a_lead_nobody_knows_is_refused_before_anything_is_kept(kith):
    refused = kith("--lead", "nobody@kith.example")

    assert refused.exit_code == 2
    assert kith("--dry-run").output.splitlines()[-1].startswith("1 new")


def test_a_workbook_broken_inside_is_refused_in_a_sentence(kith, tmp_path):
    (tmp_path / "return.xlsx").write_bytes(broken("xl/worksheets/sheet1.xml").getvalue())

    refused = kith()

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "This is not an Excel workbook (.xlsx) that can be read.\n"


def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(kith, tmp_path):
    (tmp_path / "return.xlsx").write_text("Child Unique ID\n101\n")

    refused = kith()

    assert (refused.exit_code, "not an Excel workbook" in refused.output) == (2, True)
