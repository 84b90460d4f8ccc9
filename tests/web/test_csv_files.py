"""Tables as files: no cell is taken for a formula, whoever wrote it."""

from __future__ import annotations

import pytest

from app.web import csv_files


@pytest.mark.parametrize("written", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\rx", "\n=x"])
def test_what_a_spreadsheet_would_work_out_is_words(written: str) -> None:
    assert csv_files.cell(written) == f"'{written}"


def test_other_cells_are_as_they_are() -> None:
    assert [csv_files.cell(each) for each in ("Amara O", 3, None)] == ["Amara O", "3", ""]


def test_the_file_is_read_rightly_and_named_after_no_child() -> None:
    made = csv_files.answer("hotspots-2026-11-23", ["Child", "Why"], [["Zoë", '"so", she said']])
    assert made.get_data().decode() == '\ufeffChild,Why\r\nZoë,"""so"", she said"\r\n'
    assert made.headers["Content-Disposition"] == 'attachment; filename="hotspots-2026-11-23.csv"'
