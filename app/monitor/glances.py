"""One case, quickly, for each post: arrays are made for thousands and are slow for one."""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, ndtr, ndtri

from app.monitor.parameters import FADING, SHARES, USUAL, WINDOWS, YOUNG, Cohort
from app.monitor.states import Ring, State, past


def glance(
    state: State, row: int, count: float, exposure: float = 1.0, cohort: Cohort = USUAL
) -> float:
    """p of one case if the day after `state` has this count so far, as `judge` would have it."""
    so_far = float(count) if exposure > 0 else 0.0
    ring = np.array((state.counts[:, row], state.tamed[:, row], state.exposure[:, row]))
    counts, tamed, spent = (ring @ _TOMORROW).tolist()
    seen, exposed = state.seen.item(row), state.exposed.item(row)
    stratum = state.age.item(row) + (exposure > 0) < YOUNG
    least = 1.0
    for at, before in enumerate(range(len(WINDOWS), 2 * len(WINDOWS))):
        came = counts[at] + so_far
        strength = cohort.shape + seen * _FADED[at] + tamed[before]
        days_known = cohort.worth + exposed * _FADED[at] + spent[before]
        mean = (spent[at] + exposure) * strength / days_known
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
    first = np.concatenate((np.zeros(len(WINDOWS)), days.fading))
    moved = np.concatenate((days.within, days.weights))[:, :-1]
    sums: Ring = np.concatenate((first[:, None], moved), axis=1).T.astype(np.float32)
    return sums


_TOMORROW = _tomorrow()
_FADED = (past(WINDOWS).fading * FADING).tolist()
