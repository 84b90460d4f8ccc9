"""All bars of the monitor: shows them, writes the page of them, and fails when one is missed.

./run bench monitor [--quick]; quickly means fewer series, and leaves the page as it is.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module

from benchmarks.monitor import weekly
from benchmarks.monitor.figures import Figure, table
from benchmarks.monitor.page import PAGE, page
from benchmarks.monitor.weekly import Outcome

QUICK = 6


def main() -> int:
    repetitions = _asked().repetitions
    done = list(_shown(weekly.outcomes(repetitions)))
    figures, daily = weekly.figures(done), _daily()
    print(table([*figures, *daily]), weekly.methods_table(done), sep="\n\n")
    if repetitions == weekly.REPETITIONS:
        both = (weekly.OURS, weekly.FARRINGTON)
        nearest = _shown(weekly.outcomes(weekly.FEWER, methods=both, nearest=True))
        PAGE.write_text(page(done, figures, daily, nearest=list(nearest)))
    return int(not all(figure.is_met for figure in [*figures, *daily]))


def _shown(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """How far it is, on one line of a terminal; of nobody who reads it later."""
    for outcome in outcomes:
        if sys.stderr.isatty():
            print(f"\r{outcome.scenario.number} of 42 scenarios ", end="", file=sys.stderr)
        yield outcome


def _asked() -> argparse.Namespace:
    reader = argparse.ArgumentParser(
        prog="./run bench monitor", description="The bars of the monitor."
    )
    how = reader.add_mutually_exclusive_group()
    how.add_argument(
        "--repetitions", type=int, default=weekly.REPETITIONS, help="of ten series a scenario"
    )
    how.add_argument(
        "--quick",
        action="store_const",
        const=QUICK,
        dest="repetitions",
        help="as few as show a trend",
    )
    return reader.parse_args()


def _daily() -> list[Figure]:
    """The figures of the daily form, where this checkout has it."""
    if importlib.util.find_spec("benchmarks.monitor.daily") is None:
        return []
    return list(import_module("benchmarks.monitor.daily").figures())


if __name__ == "__main__":
    sys.exit(main())
