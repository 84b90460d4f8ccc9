"""One case, quickly, for each post: arrays are made for thousands and are slow for one."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, ndtr, ndtri

from app.monitor.parameters import FADING, SHARES, USUAL, WINDOWS, YOUNG, Cohort
from app.monitor.states import Ring, State, known, limit, past


def glance(
    state: State, row: int, count: float, exposure: float = 1.0, cohort: Cohort = USUAL
) -> float:
    """p of one case if the day after `state` has this count so far, as `judge` would have it."""
    so_far = float(count) if exposure > 0 else 0.0
    ring = np.array((state.counts[:, row], state.tamed[:, row], state.exposure[:, row]))
    counts, tamed, spent = (ring @ _TOMORROW).tolist()
    seen, exposed = state.seen[:, row].tolist(), state.exposed[:, row].tolist()
    stratum = state.age.item(row) + (exposure > 0) < YOUNG
    least = 1.0
    for at, (window, long, lately) in enumerate(_MEMORIES):
        strength, days_known = known(
            (seen[0] * long + tamed[_LONG + at], seen[1] * lately + tamed[_LATELY + at]),
            (exposed[0] * long + spent[_LONG + at], exposed[1] * lately + spent[_LATELY + at]),
            cohort,
        )
        pace = strength / days_known
        mean = (spent[at] + exposure) * pace
        came = counts[at] + so_far
        if came > mean and window > 1:
            busiest = max(so_far, *ring[0, 1 - window :].tolist())
            came -= max(busiest - limit(pace), 0)
        if came > mean > 0:
            z = _surprise(came, mean, cohort.dispersion - 1 + mean / strength)
            z = (z + cohort.shifts[stratum][at]) / cohort.scales[stratum][at]
            least = min(least, float(ndtr(z)) / SHARES[at])
    return least


def _surprise(count: float, mean: float, width: float) -> float:
    return float(ndtri(betainc(count, mean / width, width / (1 + width))))


def _tomorrow() -> Ring:
    """Days of the ring × sums over them when one more day stands behind: within windows, before."""
    days = past(WINDOWS)
    first = np.concatenate((np.zeros(len(WINDOWS)), *days.fading))
    moved = np.concatenate((days.within, *days.weights))[:, :-1]
    sums: Ring = np.concatenate((first[:, None], moved), axis=1).T.astype(np.float32)
    return sums


_TOMORROW = _tomorrow()
# Days of each window, and how much of what is older than the ring its two memories hold.
_MEMORIES = list(
    zip(WINDOWS, *(past(WINDOWS).fading * np.array(FADING)[:, None]).tolist(), strict=True)
)
# Where the sums of each memory begin.
_LONG, _LATELY = len(WINDOWS), 2 * len(WINDOWS)
