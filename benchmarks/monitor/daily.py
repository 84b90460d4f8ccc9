"""How well bursts and silences of daily streams are found, and what looking for them costs.

`./run bench monitor` prints the figures. Everything is drawn from streams.py; thresholds of what is
compared are set so that each gives the same number of false episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from app.monitor import bursts, calendar
from app.monitor.parameters import NOTIFY_P, SHARES
from app.monitor.tails import at_least
from benchmarks.monitor import streams
from benchmarks.monitor.figures import Figure
from benchmarks.monitor.streams import RAMP, Note, Streams

Numbers = NDArray[np.float64]
Facts = NDArray[np.bool_]
Counts = NDArray[np.int64] | Numbers

# The first year is what is known; what comes after it is judged.
LEARNT = 365
# From the start of a ramp on: an alert that comes later has come too late.
IN_TIME = 28
# Cases of which the oddities of writing are tried.
TRIED = 1_000
FALSE_A_YEAR, FALSE_SILENCES_A_YEAR = 0.5, 0.25
TINY = 1e-300


@dataclass(frozen=True)
class Watched:
    """Streams, and what was known of them when the judging began."""

    made: Streams
    exposure: Numbers
    cohort: bursts.Cohort
    since: int

    @property
    def is_open(self) -> Facts:
        is_open = self.made.kinds >= 0
        is_open[:, : self.since] = False
        return is_open

    def nights(self) -> Iterator[tuple[int, bursts.State]]:
        """The end of each day from `since` on."""
        counts, ages = self.made.counts, np.maximum(self.made.ages[:, 0], 0)
        state = bursts.begin(counts.shape[0], ages)
        for day in range(counts.shape[1]):
            state = bursts.advance(state, counts[:, day], self.exposure[:, day], self.cohort)
            if day >= self.since:
                yield day, state

    def busy(self) -> Numbers:
        return self._scores(bursts.judge)

    def still(self) -> Numbers:
        return self._scores(bursts.quiet)

    def _scores(self, say: Callable[[bursts.State, bursts.Cohort], bursts.Verdict]) -> Numbers:
        scores = np.zeros(self.made.counts.shape)
        for day, state in self.nights():
            said = say(state, self.cohort)
            scores[:, day] = -np.log10(np.maximum(bursts.evidence(said), TINY))
        return scores


def watch(made: Streams, since: int = LEARNT) -> Watched:
    """Fitted on what came before, as it is every night."""
    before = slice(0, since)
    counts, kinds = made.counts[:, before], made.kinds[:, before]
    ratios = calendar.fit(counts, made.types[before], kinds)
    exposure = ratios.exposure(made.types, made.kinds)
    cohort = bursts.fit(counts, exposure[:, before], np.maximum(made.ages[:, 0], 0))
    return Watched(made, exposure, cohort, since)


def oracle(made: Streams) -> Numbers:
    """The same windows and tails, told the true mean of every day."""
    least = np.ones(made.counts.shape)
    for window, share in zip(bursts.WINDOWS, SHARES, strict=True):
        means = summed(made.truth, window)
        p = at_least(summed(made.counts, window), means, np.full(means.shape, 0.02))
        least = np.minimum(least, p / share)
    return -np.log10(np.maximum(least, TINY))


def summed(values: Counts, window: int) -> Numbers:
    """Of the days that end on each day."""
    total = np.cumsum(values, axis=1, dtype=np.float64)
    total[:, window:] -= total[:, :-window].copy()
    return total


def ears(counts: Counts, *, lag: int = 2, baseline: int = 7, floor: float = 0.5) -> Numbers:
    """C1 (lag 0) or C2 (lag 2): how many standard deviations above the days just before."""
    mean = _moved(summed(counts, baseline) / baseline, lag + 1)
    square = _moved(summed(counts**2, baseline) / baseline, lag + 1)
    spread = np.sqrt(np.maximum(square - mean**2, 0) * baseline / (baseline - 1))
    return (counts - mean) / np.maximum(spread, floor)


def _moved(values: Numbers, days: int) -> Numbers:
    return np.concatenate((np.repeat(values[:, :1], days, axis=1), values[:, :-days]), axis=1)


def in_ramps(made: Streams, longer: int = 14) -> Facts:
    """Days on which an alert is no false one: of ramps, and while they fade from the windows."""
    during = np.zeros(made.counts.shape, dtype=bool)
    for case, start in zip(made.ramps.case, made.ramps.start, strict=True):
        during[case, start : start + RAMP + longer] = True
    return during


def episodes(alerts: Facts) -> int:
    """An alert, and none more for 14 days."""
    quiet, began = np.zeros(alerts.shape[0], dtype=np.int64), 0
    for day in range(alerts.shape[1]):
        new = alerts[:, day] & (quiet <= day)
        quiet[new] = day + 14
        began += int(new.sum())
    return began


def threshold(scores: Numbers, judged: Facts, a_year: float = FALSE_A_YEAR) -> float:
    """The score that this many false episodes a case-year reach."""
    allowed = a_year * judged.sum() / 365.25
    low, high = np.quantile(scores[judged], 0.5), scores[judged].max() + 1
    for _ in range(25):
        middle = (low + high) / 2
        if episodes(judged & (scores >= middle)) > allowed:
            low = middle
        else:
            high = middle
    return float(high)


def delays(scores: Numbers, made: Streams, at: float) -> Numbers:
    """Days from the start of each ramp to the alert; IN_TIME: none in time."""
    window = made.ramps.start[:, None] + np.arange(IN_TIME)
    inside = np.minimum(window, scores.shape[1] - 1)
    alerts = (scores[made.ramps.case[:, None], inside] >= at) & (window < scores.shape[1])
    return np.where(alerts.any(axis=1), alerts.argmax(axis=1), IN_TIME).astype(np.float64)


def tuned(counts: Counts, made: Streams, judged: Facts) -> Numbers:
    """The EARS that finds most of these ramps: one day or seven, lag, baseline and least spread."""
    best, found = np.zeros(0), -1.0
    some = np.s_[: counts.shape[0] // 3]
    for window, lag, baseline, floor in product((1, 7), (0, 2, 7), (7, 28, 56), (0.7, 1.5)):
        tried = ears(summed(counts, window), lag=lag + window - 1, baseline=baseline, floor=floor)
        at = threshold(tried[some], judged[some])
        share = float((delays(tried, made, at) < IN_TIME).mean())
        if share > found:
            best, found = tried, share
    return best


def figures() -> list[Figure]:
    """All bars of the daily monitor; some minutes."""
    return [
        *detection(),
        cold(),
        *nothing_happens(),
        *lists(),
        silences(),
        *costs(),
        *catching_up(),
    ]


def detection() -> list[Figure]:
    watched = watch(streams.make(5_000, 730))
    made, judged = watched.made, watched.is_open & ~in_ramps(watched.made)
    waits = {
        name: delays(scores, made, threshold(scores, judged))
        for name, scores in (
            ("ours", watched.busy()),
            ("oracle", oracle(made)),
            ("EARS", tuned(made.counts, made, judged)),
            ("EARS on posts", tuned(made.posts, made, judged)),
            ("C2 on posts", ears(made.posts)),
        )
    }
    found = {name: wait < IN_TIME for name, wait in waits.items()}
    shares = ", ".join(f"{name} {hits.mean():.3f}" for name, hits in found.items())
    how = (
        f"{made.ramps.case.size} ramps ×2 to ×10 in {judged.sum() / 365:,.0f} case-years: {shares}"
    )
    ahead = found["ours"].astype(float) - found["EARS"]
    near = found["ours"].mean() / found["oracle"].mean()
    spread = _resampled(
        lambda at: found["ours"][at].mean() / found["oracle"][at].mean(), ahead.size
    )
    return [
        _at_least(
            "bursts found beyond tuned EARS on the same counts",
            0.09,
            ahead.mean(),
            _resampled(lambda at: ahead[at].mean(), ahead.size),
            how,
        ),
        _at_least("bursts found, of what an oracle finds", 0.94, near, spread, how),
        _earlier("C2 on posts", 7, waits, made),
        _earlier("EARS on posts", 4, waits, made),
    ]


def _earlier(other: str, goal: float, waits: dict[str, Numbers], made: Streams) -> Figure:
    """Of what either finds; what is not found is taken as found on the last day."""
    mine, theirs = waits["ours"], waits[other]
    either = (np.minimum(mine, theirs) < IN_TIME) & (made.ramps.factor >= 5)
    days = (theirs - mine)[either]
    how = f"median of {days.size} ramps ×5 and more that one of the two finds"
    spread = _resampled(lambda at: np.median(days[at]), days.size)
    return _at_least(f"days earlier than {other}", goal, float(np.median(days)), spread, how)


def cold() -> Figure:
    watched = watch(streams.make(6_000, 560, seed=2, ramps=0.9, are_cold=True))
    made = watched.made
    judged = watched.is_open & ~in_ramps(made) & (made.ages < 2 * streams.COLD)
    scores, told = watched.busy(), oracle(made)
    found = delays(scores, made, threshold(scores, judged)) < IN_TIME
    known = delays(told, made, threshold(told, judged)) < IN_TIME
    how = f"{found.size} ramps that begin in a case's first four weeks; oracle {known.mean():.3f}"
    return _share_at_least("bursts of new cases found", 0.65, found, how)


def nothing_happens() -> list[Figure]:
    watched = watch(streams.make(16_000, 545, seed=3, ramps=0))
    scores, is_open = watched.busy(), watched.is_open
    return [
        *(_rare(scores[is_open], nominal) for nominal in (1e-3, 1e-4)),
        _even(scores, watched),
    ]


def _rare(scores: Numbers, nominal: float) -> Figure:
    got = float((scores >= -np.log10(nominal)).mean())
    how = f"{scores.size:,} case-days without a burst"
    return Figure(
        f"share of usual days with p < {nominal:g}",
        f"≤ {nominal:g}",
        got,
        got,
        got,
        got <= nominal,
        how,
    )


def _even(scores: Numbers, watched: Watched) -> Figure:
    """Alert rates of the cases of agencies that record least, …, most."""
    made, is_open = watched.made, watched.is_open
    alerts = np.array([episodes(row[None]) for row in is_open & (scores >= -np.log10(NOTIFY_P))])
    years = is_open.sum(axis=1) / 365.25
    decile = np.argsort(np.argsort(made.volume)) * 10 // made.volume.size
    here = np.where(made.agencies < 0, -1, decile[made.agencies])
    rates = [
        alerts[(here == tenth).any(axis=1)].sum() / years[(here == tenth).any(axis=1)].sum()
        for tenth in range(10)
    ]
    low, high = min(rates), max(rates)
    how = f"highest beside lowest of ten; {low:.3f} to {high:.3f} alerts a case-year"
    got = float(high / low)
    return Figure(
        "alert rate by how much an agency records", "≤ 1.5", got, got, got, got <= 1.5, how
    )


def lists() -> list[Figure]:
    return [*_list(0.005), *_list(0.017)]


# Ten times 10,000 open cases, followed for seven months and judged for two weeks.
PARTS, CASES, BEFORE, NIGHTS = 10, 10_000, 220, 14


def _list(prevalence: float) -> list[Figure]:
    """Of 100,000 open cases: what stands on the board each night, and who is told anew."""
    nights: list[list[bursts.Verdict]] = [[] for _ in range(NIGHTS)]
    true: list[list[Facts]] = [[] for _ in range(NIGHTS)]
    rising = 0.0
    for seed in range(PARTS):
        made = _two_weeks(prevalence, seed)
        watched, is_true, now = watch(made, BEFORE), in_ramps(made), in_ramps(made, longer=0)
        for day, state in watched.nights():
            if day < BEFORE + NIGHTS:
                here = made.kinds[:, day] >= 0
                nights[day - BEFORE].append(bursts.judge(state, watched.cohort))
                nights[day - BEFORE][-1].p[~here] = 1
                true[day - BEFORE].append(is_true[:, day])
                rising += now[here, day].mean() / PARTS / NIGHTS
    board, told = _false_shares(nights, true)
    how = f"{PARTS * CASES:,} cases, {NIGHTS} nights, {rising:.2%} of them in a ramp"
    return [
        _share_at_most(f"false ones on the board, {prevalence:.1%}", 0.10, board, how),
        _share_at_most(f"false ones of those told anew, {prevalence:.1%}", 0.15, told, how),
    ]


def _two_weeks(prevalence: float, seed: int) -> Streams:
    """Ramps begin in six weeks and last four, so that two thirds of them are on."""
    return streams.make(
        CASES,
        BEFORE + NIGHTS + RAMP,
        seed=100 + seed,
        ramps=1.5 * prevalence,
        since=BEFORE - RAMP,
        until=BEFORE + NIGHTS,
        open_on=BEFORE + NIGHTS,
    )


def _false_shares(
    nights: list[list[bursts.Verdict]], true: list[list[Facts]]
) -> tuple[Numbers, Numbers]:
    """Of the board each night, and of all told after the first one: which has a backlog."""
    since = [np.full(part.p.size, np.inf) for part in nights[0]]
    score = [np.zeros(part.p.size) for part in nights[0]]
    board, told = [], []
    for night, (parts, facts) in enumerate(zip(nights, true, strict=True)):
        cut = bursts.cut_offs(np.concatenate([bursts.evidence(part) for part in parts]))
        shown, new = [], []
        for at, (part, fact) in enumerate(zip(parts, facts, strict=True)):
            made = bursts.decide(part, cut, since[at], score[at])
            since[at] = np.where(made.notify, 1, since[at] + 1)
            score[at] = np.where(made.notify, part.score, score[at])
            shown.append(~fact[made.board])
            new.append(~fact[made.notify])
        board.append(np.concatenate(shown).mean())
        if night:
            told.append(np.concatenate(new))
    return np.array(board), np.concatenate(told).astype(float)


def silences() -> Figure:
    made = streams.make(5_000, 560, seed=4, factors=(0.0,))
    watched = watch(made)
    judged, scores = watched.is_open & ~in_ramps(made), watched.still()
    at = threshold(scores, judged, FALSE_SILENCES_A_YEAR)
    days = made.ramps.start[:, None] - np.arange(1, 43)
    usual = made.truth[made.ramps.case[:, None], days].mean(axis=1)
    found = (delays(scores, made, at) < IN_TIME)[usual >= 0.3]
    return _share_at_least(
        "silences found within 28 days",
        0.95,
        found,
        f"{found.size} silences of cases with 0.3 contacts a day and more; p {10**-at:.2g}",
    )


def costs() -> list[Figure]:
    """Medians of turns in one run."""
    counts = np.random.default_rng(6).poisson(0.3, (100_000, 36))
    state = bursts.follow(counts[:, :35])
    night = _seconds(9, lambda: bursts.judge(bursts.advance(state, counts[:, 35])))
    post = _seconds(2_000, lambda: bursts.glance(state, 77_777, 1)) * 1e6
    how = "median of turns, arrays in memory"
    return [
        _at_most("seconds a night for 100,000 cases", 0.5, night, how),
        _at_most("microseconds a post", 50, post, how),
    ]


def _seconds(turns: int, do: Callable[[], object]) -> Numbers:
    took = []
    for _ in range(turns):
        began = perf_counter()
        do()
        took.append(perf_counter() - began)
    return np.array(took)


def catching_up() -> list[Figure]:
    """Of usual cases: twelve months brought in at once, and one person's fifteen notes."""
    dice, days = np.random.default_rng(7), 400
    usual = [_usual_notes(dice, days) for _ in range(TRIED)]
    before = _told(usual, days)
    told = {"an import of twelve months": (9, 365, 60), "a catch-up of fifteen notes": (0, 30, 15)}
    how = f"{TRIED} cases, told at p ≤ {NOTIFY_P}"
    said = []
    for name, (author, back, many) in told.items():
        now = [[*it, *_late(author, days, dice.integers(0, back, many))] for it in usual]
        said.append(_none(f"bursts of {name}", int((_told(now, days) & ~before).sum()), how))
    return said


def _usual_notes(dice: np.random.Generator, days: int) -> list[Note]:
    wrote = dice.random((4, days)) < 0.08
    return [Note(agency, agency, day, day) for agency, day in np.argwhere(wrote).tolist()]


def _late(author: int, days: int, ago: NDArray[np.int64]) -> list[Note]:
    """All written today."""
    return [Note(author, author, days - 1 - each, days - 1) for each in ago.tolist()]


def _told(cases: list[list[Note]], days: int) -> Facts:
    counts = np.stack([streams.counted(notes, days) for notes in cases])
    told: Facts = bursts.evidence(bursts.judge(bursts.follow(counts))) <= NOTIFY_P
    return told


# How a figure is said.


def _resampled(say: Callable[[NDArray[np.int64]], float], size: int) -> tuple[float, float]:
    """95 of 100 bootstraps lie between."""
    dice = np.random.default_rng(8)
    drawn = [say(dice.integers(0, size, size)) for _ in range(300)]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))


def _at_least(what: str, goal: float, got: float, spread: tuple[float, float], how: str) -> Figure:
    return Figure(what, f"≥ {goal:g}", float(got), *spread, bool(got >= goal), how)


def _share_at_least(what: str, goal: float, found: Facts, how: str) -> Figure:
    spread = _resampled(lambda at: found[at].mean(), found.size)
    return _at_least(what, goal, found.mean(), spread, how)


def _share_at_most(what: str, goal: float, shares: Numbers, how: str) -> Figure:
    got = float(shares.mean())
    spread = _resampled(lambda at: shares[at].mean(), shares.size)
    return Figure(what, f"≤ {goal:g}", got, *spread, got <= goal, how)


def _at_most(what: str, goal: float, took: Numbers, how: str) -> Figure:
    got, low, high = (float(np.quantile(took, q)) for q in (0.5, 0.05, 0.95))
    return Figure(what, f"≤ {goal:g}", got, low, high, got <= goal, how)


def _none(what: str, count: int, how: str) -> Figure:
    return Figure(what, "0", count, count, count, count == 0, how)


def main() -> None:
    for figure in figures():
        met = "met" if figure.is_met else "MISSED"
        print(
            f"{figure.what}: {figure.got:.4g} ({figure.low:.4g} to {figure.high:.4g}), "
            f"goal {figure.goal}: {met}. {figure.how}"
        )


if __name__ == "__main__":
    main()
