"""The page that tells how well the monitor sees: page.md with the figures in it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.monitor import weekly
from benchmarks.monitor.figures import Figure, table
from benchmarks.monitor.scenarios import SERIES_A_REPETITION
from benchmarks.monitor.weekly import Outcome

WORDS = Path(__file__).with_name("page.md")
PAGE = Path(__file__).parents[2] / "docs" / "monitor-evaluation.md"


def page(
    done: list[Outcome], figures: list[Figure], daily: list[Figure], *, nearest: list[Outcome]
) -> str:
    """The whole page; the daily part where there are figures of it."""
    return WORDS.read_text().format(
        series=SERIES_A_REPETITION * weekly.REPETITIONS,
        fewer=SERIES_A_REPETITION * weekly.FEWER,
        draws=weekly.DRAWS,
        figures=table(figures),
        methods=weekly.methods_table(done),
        scenarios=weekly.scenarios_table(done),
        nearest=weekly.beside_farrington(nearest),
        daily=f"\n## Daily counts of cases\n\n{table(daily)}\n" if daily else "",
    )
