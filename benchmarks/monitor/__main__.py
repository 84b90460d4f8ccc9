"""All bars of the monitor: shows them, writes the page of them, and fails when one is missed.

./run bench monitor [--quick]; quickly means fewer series, and leaves the page as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

from benchmarks.monitor import daily, weekly
from benchmarks.monitor.figures import table
from benchmarks.monitor.page import PAGE, page
from benchmarks.monitor.weekly import Outcome

QUICK = 6


def main() -> int:
    repetitions = _asked().repetitions
    done = list(_shown(weekly.outcomes(repetitions)))
    figures, by_day = weekly.figures(done), daily.figures()
    print(table([*figures, *by_day]), weekly.methods_table(done), sep="\n\n")
    if repetitions == weekly.REPETITIONS:
        both = (weekly.OURS, weekly.FARRINGTON)
        nearest = _shown(weekly.outcomes(weekly.FEWER, methods=both, nearest=True))
        PAGE.write_text(page(done, figures, by_day, nearest=list(nearest)))
    return int(not all(figure.is_met for figure in [*figures, *by_day]))


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


if __name__ == "__main__":
    sys.exit(main())
