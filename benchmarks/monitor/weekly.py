"""The weekly form beside Farrington Flexible, EARS and CUSUM on the published scenarios.

Every method has the same 1 % of false alarms in each scenario: its threshold is what 1 % of the
judged weeks free of outbreak exceed. Ties are broken by lot, so that each has the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from app.monitor.weekly import weekly
from benchmarks.monitor import peers
from benchmarks.monitor.figures import Figure
from benchmarks.monitor.scenarios import JUDGED, Counts, Sample, Scenario, sample, scenarios

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FALSE_ALARMS = 0.01
# A number of tens of series a scenario; fewer where no bar depends on it.
REPETITIONS, FEWER = 60, 20
# Enough for the middle 95 %: a tail of five draws on either side.
DRAWS = 200
LOT = 1e-9
# The score was made on series drawn without this number; it is judged on others.
FRESH = 2026

OURS, FARRINGTON = "Kith", "Farrington Flexible"
EARS = ("EARS C1", "EARS C2", "EARS C3")
METHODS: dict[str, Callable[[Counts], Array]] = {
    OURS: partial(weekly, first=JUDGED),
    FARRINGTON: partial(peers.farrington, first=JUDGED),
    "EARS C1": peers.ears_c1,
    "EARS C2": peers.ears_c2,
    "EARS C3": peers.ears_c3,
    "EARS C2, 28 weeks": partial(peers.ears_c2, baseline=28),
    "CUSUM, 28 weeks": partial(peers.cusum, baseline=28, allowance=1.0),
}


@dataclass(frozen=True)
class Outcome:
    """What each method finds of one scenario: at all, in the first week, and drawn again."""

    scenario: Scenario
    found: dict[str, float]
    at_once: dict[str, float]
    redrawn: dict[str, Array]


def outcomes(
    repetitions: int = REPETITIONS,
    *,
    methods: Iterable[str] = METHODS,
    nearest: bool = False,
) -> Iterator[Outcome]:
    """One scenario after the other; `nearest` as in `sample`."""
    for scenario in scenarios():
        dice = np.random.default_rng((FRESH, scenario.number))
        drawn = sample(scenario, dice, repetitions=repetitions, nearest=nearest)
        yield _outcome(scenario, drawn, methods, dice)


def _outcome(
    scenario: Scenario, drawn: Sample, methods: Iterable[str], dice: np.random.Generator
) -> Outcome:
    """One scenario for all methods: the same series, and the same series drawn again."""
    outbreak = drawn.judged()
    scores = {name: _judged(METHODS[name], drawn, dice) for name in methods}
    again = dice.integers(0, len(outbreak), (DRAWS, len(outbreak)))
    return Outcome(
        scenario,
        {name: found(each, outbreak).mean() for name, each in scores.items()},
        {name: found(each, outbreak, at_once=True).mean() for name, each in scores.items()},
        {
            name: np.array([found(each[lot], outbreak[lot]).mean() for lot in again])
            for name, each in scores.items()
        },
    )


def _judged(method: Callable[[Counts], Array], drawn: Sample, dice: np.random.Generator) -> Array:
    scores = method(drawn.counts)[:, JUDGED:]
    return scores + LOT * dice.random(scores.shape)


def found(scores: Array, outbreak: Counts, *, at_once: bool = False) -> Flags:
    """Of each series with an outbreak, whether one of its weeks (or its first) is an alarm."""
    alarms = scores > np.quantile(scores[outbreak == 0], 1 - FALSE_ALARMS)
    ill = outbreak > 0
    if at_once:
        ill &= np.cumsum(ill, axis=1) == 1
    return np.asarray((alarms & ill).any(axis=1)[ill.any(axis=1)])


def figures(done: list[Outcome] | None = None) -> list[Figure]:
    """The bars of the weekly form, with intervals from drawing the series again."""
    done = list(outcomes()) if done is None else done
    ahead = [_ahead(done, other) for other in (FARRINGTON, *EARS)]
    return [_mean(done), _margin(done), *ahead]


def _mean(done: list[Outcome]) -> Figure:
    low, high = _interval(_redrawn(done, OURS).mean(axis=0))
    got = _shares(done, OURS).mean()
    return Figure(
        "outbreaks found, mean of 42 scenarios", "≥ .575", got, low, high, got >= 0.575, _how(done)
    )


def _margin(done: list[Outcome]) -> Figure:
    low, high = _interval((_redrawn(done, OURS) - _redrawn(done, FARRINGTON)).mean(axis=0))
    got = float((_shares(done, OURS) - _shares(done, FARRINGTON)).mean())
    return Figure(
        f"found beyond {FARRINGTON}, mean", "≥ +.07", got, low, high, got >= 0.07, "same series"
    )


def _ahead(done: list[Outcome], other: str) -> Figure:
    """In how many scenarios we are ahead; the interval counts the redrawn series the same way."""
    low, high = _interval((_redrawn(done, OURS) > _redrawn(done, other)).sum(axis=0))
    got = int((_shares(done, OURS) > _shares(done, other)).sum())
    what, goal = f"scenarios ahead of {other}", f"{len(done)} of {len(done)}"
    return Figure(what, goal, got, low, high, got == len(done), "same series")


def _how(done: list[Outcome]) -> str:
    return f"{len(done)} scenarios, 1 % false alarms in each"


def beside_farrington(done: list[Outcome]) -> str:
    """In a sentence, for runs that no bar speaks of."""
    margins = _shares(done, OURS) - _shares(done, FARRINGTON)
    return f"{margins.mean():+.3f} in the mean, ahead in {(margins > 0).sum()} of {len(done)}"


def _shares(done: list[Outcome], method: str) -> Array:
    return np.array([each.found[method] for each in done])


def _redrawn(done: list[Outcome], method: str) -> Array:
    """Scenarios × draws."""
    return np.array([each.redrawn[method] for each in done])


def _interval(draws: Array) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def methods_table(done: list[Outcome]) -> str:
    """What each method finds, and what of it in the week in which it began."""
    lines = ["| method | found | found in its first week |", "|---|---|---|"]
    for name in METHODS:
        at_once = np.mean([each.at_once[name] for each in done])
        lines.append(f"| {name} | {_shares(done, name).mean():.3f} | {at_once:.3f} |")
    return "\n".join(lines)


def scenarios_table(done: list[Outcome]) -> str:
    """A row for each scenario: what it is like, and what each method finds in it."""
    head = f"| | θ | β | waves | φ | {' | '.join(METHODS)} | beyond Farrington |"
    return "\n".join([head, "|---" * (len(METHODS) + 6) + "|", *map(_row, done)])


def _row(each: Outcome) -> str:
    it = each.scenario
    low, high = _interval(each.redrawn[OURS] - each.redrawn[FARRINGTON])
    margin = f"{each.found[OURS] - each.found[FARRINGTON]:+.3f} ({low:+.3f} to {high:+.3f})"
    shares = " | ".join(f"{each.found[name]:.3f}" for name in METHODS)
    kind = f"{it.level:g} | {it.trend:g} | {it.harmonics} | {it.dispersion:g}"
    return f"| {it.number} | {kind} | {shares} | {margin} |"
