"""What kind of day it is, and how much is recorded on such a day and of such a case.

Exposure is the product of two pooled ratios. A case that moves to another stage is expected to have
more or less from that day on, and is no more unusual for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import holidays
import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.monitor.parameters import (
    AGE_BANDS,
    CHRISTMAS,
    ENOUGH_CASE_DAYS,
    PASSES,
    PSEUDO_COUNT,
    PSEUDO_COUNT_OF_KINDS,
)

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
# The first and the last day of a school term.
Term = tuple[date, date]


class DayType(IntEnum):
    """The first seven are `date.weekday()`."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6
    BANK_HOLIDAY = 7
    CHRISTMAS_WEEK = 8
    SCHOOL_HOLIDAY = 9


@dataclass(frozen=True)
class Ratios:
    """What is recorded on each type of day, and of each kind of case, against the average of 1."""

    by_day: Numbers
    by_kind: Numbers

    def exposure(self, types: ArrayLike, kinds: ArrayLike) -> Numbers:
        """Cases × days, from types of days and kinds of cases on them (−1: closed, so 0)."""
        kind = np.asarray(kinds)
        # A kind that the year before did not know is like the average.
        known = np.append(self.by_kind, 1.0)[np.minimum(kind, self.by_kind.size)]
        spent: Numbers = np.where(kind < 0, 0.0, known) * self.by_day[np.asarray(types)]
        return spent


EVEN = Ratios(np.ones(len(DayType)), np.ones(0))


def day_types(
    days: Sequence[date],
    terms: Iterable[Term] = (),
    country: str = "GB",
    subdivision: str | None = "ENG",
) -> Whole:
    """School holidays are the weekdays between the terms given; outside them nothing is known."""
    years = sorted({day.year for day in days})
    bank_holidays = holidays.country_holidays(country, subdiv=subdivision, years=years)
    ordered = sorted(terms)
    return np.array([_type(day, bank_holidays, ordered) for day in days], dtype=np.int64)


def _type(day: date, bank_holidays: Iterable[date], terms: Sequence[Term]) -> DayType:
    if (day.month, day.day) >= CHRISTMAS[0] or (day.month, day.day) <= CHRISTMAS[1]:
        return DayType.CHRISTMAS_WEEK
    if day in bank_holidays:
        return DayType.BANK_HOLIDAY
    if day.weekday() < DayType.SATURDAY and _is_between(day, terms):
        return DayType.SCHOOL_HOLIDAY
    return DayType(day.weekday())


def _is_between(day: date, terms: Sequence[Term]) -> bool:
    if not terms or not terms[0][0] <= day <= terms[-1][1]:
        return False
    return not any(first <= day <= last for first, last in terms)


def kinds(stages: ArrayLike, ages: ArrayLike) -> Whole:
    """A stage (0, 1, …; −1: closed) and the days a case has been open, as one number."""
    stage, band = np.asarray(stages), np.searchsorted(AGE_BANDS, np.asarray(ages), side="right")
    both: Whole = np.where(stage < 0, -1, stage * (len(AGE_BANDS) + 1) + band)
    return both


def fit(counts: ArrayLike, types: ArrayLike, kinds: ArrayLike) -> Ratios:
    """Cases × days, types of days, kinds cases × days: the last twelve months.

    What comes on a type of day also says which kinds are open then, and the other way round;
    so each is estimated with the other one in hand, in turns. From few case-days nothing is learnt.
    """
    kind = np.asarray(kinds)
    came, open_for = _tables(np.asarray(counts), np.asarray(types), kind)
    by_day, by_kind = np.ones(came.shape[0]), np.ones(came.shape[1])
    if open_for.sum() < ENOUGH_CASE_DAYS or not came.any():
        return Ratios(by_day, by_kind)
    rate = came.sum() / open_for.sum()
    for _ in range(PASSES):
        by_day = _ratios(came.sum(axis=1), rate * open_for @ by_kind, PSEUDO_COUNT)
        by_day /= np.average(by_day, weights=open_for.sum(axis=1))
        by_kind = _ratios(came.sum(axis=0), rate * by_day @ open_for, PSEUDO_COUNT_OF_KINDS)
        by_kind /= np.average(by_kind, weights=open_for.sum(axis=0))
    return Ratios(by_day, by_kind)


def _tables(counts: Numbers, types: Whole, kind: Whole) -> tuple[Numbers, Numbers]:
    """Contacts, and case-days on which there might have been some, by type of day and kind."""
    came = np.zeros((len(DayType), int(kind.max(initial=0)) + 1))
    open_for = np.zeros(came.shape)
    for day, of_type in enumerate(types):
        is_open = kind[:, day] >= 0
        here = kind[is_open, day]
        came[of_type] += np.bincount(here, counts[is_open, day], came.shape[1])
        open_for[of_type] += np.bincount(here, minlength=came.shape[1])
    return came, open_for


def _ratios(came: Numbers, expected: Numbers, pseudo_count: float) -> Numbers:
    return (came + pseudo_count) / (expected + pseudo_count)
