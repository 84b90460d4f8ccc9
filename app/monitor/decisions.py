"""Whom the monitor tells, what stands on the board, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.monitor.parameters import (
    BANDS,
    BOARD_P,
    BOARD_Q,
    EPISODE_DAYS,
    FEW_CASES,
    NOTIFY_P,
    NOTIFY_Q,
    WORSE_BY,
)
from app.monitor.tails import Facts, Numbers, Whole
from app.monitor.verdicts import Verdict


@dataclass(frozen=True)
class Cut:
    """The p up to which a case is told, and shown; by day, one rescored is held against it."""

    notify: float
    board: float


@dataclass(frozen=True)
class Decision:
    """Of each case: is somebody told, and does it stand on the board?"""

    notify: Facts
    board: Facts


def false_discovery(p: ArrayLike) -> Numbers:
    """q: the share of false ones among all that are at least as unusual (Benjamini–Hochberg)."""
    given = np.asarray(p, dtype=np.float64)
    order = given.argsort()
    shares = given[order] * given.size / np.arange(1, given.size + 1)
    q = np.empty(given.size)
    q[order] = np.minimum.accumulate(shares[::-1])[::-1]
    return np.minimum(q, 1)


def evidence(verdict: Verdict) -> Numbers:
    """p of each case, and 1 where there is less than the minimum of evidence."""
    return np.where(verdict.is_enough, verdict.p, 1.0)


def cut_offs(p: ArrayLike) -> Cut:
    """From the evidence of all open cases, as of last night."""
    given = np.asarray(p, dtype=np.float64)
    if given.size < FEW_CASES:
        return Cut(NOTIFY_P, BOARD_P)
    return Cut(_cut_off(given, NOTIFY_Q), _cut_off(given, BOARD_Q))


def _cut_off(p: Numbers, q: float) -> float:
    """What one more case would need, to be found beside those found already."""
    found = int((false_discovery(p) <= q).sum())
    return q * min(found + 1, p.size) / p.size


def decide(
    verdict: Verdict, cut: Cut, days_since: ArrayLike = np.inf, score_then: ArrayLike = 0.0
) -> Decision:
    """One alert an episode, unless it gets much worse.

    `days_since` a case was last told of (infinite: never), and its score then, one a case.
    """
    p = evidence(verdict)
    is_new = np.asarray(days_since) >= EPISODE_DAYS
    is_worse = verdict.score >= np.asarray(score_then) + WORSE_BY
    return Decision((p <= cut.notify) & (is_new | is_worse), p <= cut.board)


def rank(q: ArrayLike, eb05: ArrayLike, new_agencies: ArrayLike) -> Whole:
    """The order of the board: how surely, how far above the usual, by how many new agencies."""
    bands = np.searchsorted(BANDS, np.asarray(q))
    order: Whole = np.lexsort((-np.asarray(new_agencies), -np.asarray(eb05), bands))
    return order
