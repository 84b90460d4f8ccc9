"""Every number the monitor goes by, and why it is that."""

from __future__ import annotations

from dataclasses import dataclass

# Days that end today: a bad day, a bad weekend, a bad week, and what builds up slowly.
WINDOWS = (1, 3, 7, 14)
# The share of false alarms each window may cause. The shares add up to 1, so that the smallest
# p / share is a true p (Bonferroni). Two weeks get most, for slow is harder to see than
# sudden; with more for them, a few days of very much in a new case are no longer found.
SHARES = (0.01, 0.04, 0.35, 0.6)
# One week without a word happens with every leave; after four somebody has noticed.
SILENT_WINDOWS = (14, 21, 28)
# What is usual ends a week before the window begins, so that a slow beginning is not in it.
GAP = 7
# A week above its mean by more than two standard deviations is remembered as if by just that much.
TAMED_OVER, TAMED_FROM = 7, 2.0
RING = max(SILENT_WINDOWS) + GAP
# After a meeting everybody writes, and that is one event: the busiest of several days counts for no
# more than one contact and what comes on three ordinary days of this case.
DAY_COUNTS_FOR, AND_ORDINARY_DAYS = 1.0, 3.0
# Days until what a case is like is half forgotten, and what it was like lately: one memory alone
# is unsure of what it knows, or learns of a change late.
HALF_FORGOTTEN = (180, 30)
FADING = tuple(0.5 ** (1 / days) for days in HALF_FORGOTTEN)
# However well a case is known, its pace drifts by a fifth or so from month to month; that is as if
# of what it is like lately no more than this many contacts were known from before (1/√20).
STEADY = 20.0
# Of a new case a quarter more is expected than of the others: before it is known, being one of the
# busier ones must not look like having become busier.
NEW_ARE_BUSIER = 1.25
# A case is young for its first four weeks: until then the cohort says more than the case.
YOUNG = 28
# Fewer case-days than these say too little of their own tail.
ENOUGH_CASE_DAYS = 5_000
# The last two months say how wide the tails are now; 3,000 cases say it as well as 100,000.
RECALIBRATED_OVER, FITTED_CASES = 60, 3_000
# Below four expected contacts even none at all is no silence (e⁻⁴ is 2 %).
SILENCE_NEEDS = 4.0
# Told at this p, a quarter of a silence a case and year is none (measured on streams of cases).
QUIET_P = 0.031
# Minimum evidence: not two contacts, not one day's, not less than twice the usual.
LEAST_COUNT, LEAST_DAYS, LEAST_RATIO = 3, 2, 2.0
# The share of false ones among those told, and among those on the board.
NOTIFY_Q, BOARD_Q = 0.05, 0.10
# On the board the surest stand first: one in a hundred of them false, one in twenty, one in ten.
BANDS = (0.01, NOTIFY_Q, BOARD_Q)
# With fewer open cases a rate of false ones says little: one case in a thousand a day.
FEW_CASES, NOTIFY_P, BOARD_P = 500, 0.001, 0.002
# One alert an episode: two weeks, unless it has become a hundred times as unusual.
EPISODE_DAYS, WORSE_BY = 14, 2.0

# Between these stay the numbers fitted, however odd the days they are fitted to. Cases are never
# taken to be more alike than by default: one would be too sure of those not known yet. Nor are days
# taken to be as even as chance: of cases with few contacts, three would be too much too soon.
LEAST_MEAN, SHAPES, DISPERSIONS = 0.01, (0.3, 1.0), (1.3, 3.0)
# Where tails are measured: far enough out, and not so far that bursts are in it.
TAILS = (0.75, 0.9, 0.95)
# Corrections make the monitor speak later, never sooner; unmeasured tails are a quarter wider.
LEAST_SCALE, LEAST_SHIFT, UNKNOWN_SCALE = 1.0, 0.0, 1.25
# But where days are more even than the least dispersion, settled cases get some of it back; not
# more, for what is measured near the middle is believed of the tails. New ones stay as unsure.
LEAST_SCALE_SETTLED = 0.8

# Offices are shut or half empty between these days, weekends or not.
CHRISTMAS = ((12, 24), (1, 1))
# Most is written when a case is opened, less each week of the assessment; after three months it
# has its pace.
AGE_BANDS = (7, 14, YOUNG, 91)
# Half a contact more on either side: what was never seen is rare, not impossible.
PSEUDO_COUNT = 0.5
# Of kinds ten: one burst among few cases of a kind is not what is usual of them.
PSEUDO_COUNT_OF_KINDS = 10.0
# Days and kinds of cases in turns; after some nothing moves any more.
PASSES = 8

Grid = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Cohort:
    """What cases are like here. `shifts` and `scales` correct each window: settled, young."""

    mean: float = 0.3  # contacts an ordinary day
    shape: float = 1.5  # mean² / variance between cases
    dispersion: float = 1.1  # variance / mean within a case
    shifts: Grid = ((0.0,) * 4,) * 2
    scales: Grid = ((UNKNOWN_SCALE,) * 4,) * 2
    silent_shifts: tuple[float, ...] = (0.0,) * 3
    silent_scales: tuple[float, ...] = (UNKNOWN_SCALE,) * 3

    @property
    def worth(self) -> float:
        """Ordinary days of its own that tell as much of a case as the cohort does."""
        return self.shape / (NEW_ARE_BUSIER * self.mean)


USUAL = Cohort()
