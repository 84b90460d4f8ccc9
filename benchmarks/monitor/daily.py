"""How well bursts and silences of daily streams are found, and what looking for them costs.

`./run bench monitor` prints the figures. Everything is drawn from streams.py; thresholds of what is
compared are set so that each gives the same number of false episodes. What is tuned, ours and the
others, is tuned on DEVELOPED_ON, and measured on streams drawn afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product, starmap
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from app.monitor import bursts, calendar
from app.monitor.parameters import NOTIFY_P, SHARES
from app.monitor.states import limit
from app.monitor.tails import at_least
from benchmarks.monitor import peers, streams
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
# Streams that nothing was tuned on; each figure is the mean of these.
DEVELOPED_ON, FRESH = 1, (31, 32, 33, 34, 35)


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


def oracle(made: Streams, is_even: bool = False) -> Numbers:
    """The same windows and tails, told the true mean of every day.

    The goal is set by one that adds up all contacts. An even one is not taken in by a meeting,
    as the monitor is not: it shows what is lost because paces have to be learnt.
    """
    least = np.ones(made.counts.shape)
    for window, share in zip(bursts.WINDOWS, SHARES, strict=True):
        means, counts = summed(made.truth, window), summed(made.counts, window)
        if is_even and window > 1:
            a_day = means / summed(streams.DAYS[made.types][None], window)
            counts -= np.maximum(busiest(made.counts, window) - limit(a_day), 0)
        p = at_least(counts, means, np.full(means.shape, 0.02))
        least = np.minimum(least, p / share)
    return -np.log10(np.maximum(least, TINY))


def busiest(counts: Counts, window: int) -> Numbers:
    """The most on one of the days that end on each day."""
    most = counts.astype(np.float64)
    for ago in range(1, window):
        most[:, ago:] = np.maximum(most[:, ago:], counts[:, :-ago])
    return most


def summed(values: Counts, window: int) -> Numbers:
    """Of the days that end on each day."""
    total = np.cumsum(values, axis=1, dtype=np.float64)
    total[:, window:] -= total[:, :-window].copy()
    return total


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


@dataclass(frozen=True)
class Ears:
    """C2 of the counts of some days together."""

    window: int = 1
    guard: int = 2
    baseline: int = 7
    least: float = peers.LEAST_DEVIATION

    def __call__(self, counts: Counts) -> Numbers:
        return peers.ears_c2(
            summed(counts, self.window).astype(np.int64),
            baseline=self.baseline,
            guard=self.guard + self.window - 1,
            least=self.least,
        )


def tuned(counts: Counts, made: Streams, judged: Facts) -> Ears:
    """The EARS that finds most of these ramps: one day or seven, guard, baseline, least spread."""
    tried = starmap(Ears, product((1, 7), (0, 2, 7), (7, 28, 56), (0.7, 1.5)))
    return max(tried, key=lambda ears: _share_found(ears(counts), made, judged))


def _share_found(scores: Numbers, made: Streams, judged: Facts) -> float:
    return float((_delays(scores, made, judged) < IN_TIME).mean())


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
    waits, factors, years = _waits()
    found = {name: wait < IN_TIME for name, wait in waits.items()}
    shares = ", ".join(f"{name} {hits.mean():.3f}" for name, hits in found.items())
    how = f"{factors.size} ramps ×2 to ×10 in {years:,.0f} case-years: {shares}"
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
        _earlier("C2 on posts", 7, waits, factors),
        _earlier("EARS on posts", 4, waits, factors),
    ]


def _waits() -> tuple[dict[str, Numbers], Numbers, float]:
    """Of each method, the delays of all ramps; how high these are; and the case-years judged."""
    known = streams.make(5_000, 2 * LEARNT, seed=DEVELOPED_ON)
    usual = (known.kinds >= 0) & ~in_ramps(known)
    usual[:, :LEARNT] = False
    ears, ears_on_posts = (tuned(it, known, usual) for it in (known.counts, known.posts))
    parts, factors, days = [], [], 0
    for seed in FRESH:
        watched = watch(streams.make(5_000, 2 * LEARNT, seed=seed))
        made, judged = watched.made, watched.is_open & ~in_ramps(watched.made)
        scores = {
            "ours": watched.busy(),
            "oracle": oracle(made),
            "even oracle": oracle(made, is_even=True),
            "EARS": ears(made.counts),
            "EARS on posts": ears_on_posts(made.posts),
            "C2 on posts": Ears()(made.posts),
        }
        parts.append({name: _delays(it, made, judged) for name, it in scores.items()})
        factors.append(made.ramps.factor)
        days += int(judged.sum())
    waits = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return waits, np.concatenate(factors), days / 365.25


def _delays(scores: Numbers, made: Streams, judged: Facts) -> Numbers:
    return delays(scores, made, threshold(scores, judged))


def _earlier(other: str, goal: float, waits: dict[str, Numbers], factors: Numbers) -> Figure:
    """Of what either finds; what is not found is taken as found on the last day."""
    mine, theirs = waits["ours"], waits[other]
    either = (np.minimum(mine, theirs) < IN_TIME) & (factors >= 5)
    days = (theirs - mine)[either]
    how = f"median of {days.size} ramps ×5 and more that one of the two finds"
    spread = _resampled(lambda at: np.median(days[at]), days.size)
    return _at_least(f"days earlier than {other}", goal, float(np.median(days)), spread, how)


def cold() -> Figure:
    found, known = (np.concatenate(each) for each in zip(*map(_cold, FRESH), strict=True))
    how = f"{found.size} ramps that begin in a case's first four weeks; oracle {known.mean():.3f}"
    return _share_at_least("bursts of new cases found", 0.65, found, how)


def _cold(seed: int) -> tuple[Facts, Facts]:
    """Of new cases: which ramps are found, and which would be by an oracle."""
    watched = watch(streams.make(6_000, 560, seed=seed, ramps=0.9, are_cold=True))
    made = watched.made
    judged = watched.is_open & ~in_ramps(made) & (made.ages < 2 * streams.COLD)
    ours, told = (_delays(it, made, judged) < IN_TIME for it in (watched.busy(), oracle(made)))
    return ours, told


NOMINAL = (1e-3, 1e-4)


def nothing_happens() -> list[Figure]:
    parts = [_usual(seed) for seed in FRESH]
    days = sum(part.days for part in parts)
    return [
        *(
            _rare(nominal, np.array([part.rare[at] for part in parts]), days)
            for at, nominal in enumerate(NOMINAL)
        ),
        _even(parts),
    ]


@dataclass(frozen=True)
class Usual:
    """Streams without a ramp: alerts and years by how much agencies record, and small p."""

    days: int
    rare: list[float]
    alerts: Numbers
    years: Numbers


def _usual(seed: int) -> Usual:
    watched = watch(streams.make(8_000, 545, seed=seed, ramps=0))
    made, is_open, scores = watched.made, watched.is_open, watched.busy()
    alerts = np.array([episodes(row[None]) for row in is_open & (scores >= -np.log10(NOTIFY_P))])
    years = is_open.sum(axis=1) / 365.25
    decile = np.argsort(np.argsort(made.volume)) * 10 // made.volume.size
    here = np.where(made.agencies < 0, -1, decile[made.agencies])
    tenths = [(here == tenth).any(axis=1) for tenth in range(10)]
    return Usual(
        int(is_open.sum()),
        [float((scores[is_open] >= -np.log10(nominal)).mean()) for nominal in NOMINAL],
        np.array([alerts[tenth].sum() for tenth in tenths], dtype=np.float64),
        np.array([years[tenth].sum() for tenth in tenths]),
    )


def _rare(nominal: float, got: Numbers, days: int) -> Figure:
    """The interval is that of the mean of so few streams (Student)."""
    half = stdtrit(got.size - 1, 0.975) * got.std(ddof=1) / np.sqrt(got.size)
    mean = float(got.mean())
    return Figure(
        f"share of usual days with p < {nominal:g}, of {nominal:g}",
        "≤ 1",
        mean / nominal,
        float(mean - half) / nominal,
        float(mean + half) / nominal,
        mean <= nominal,
        f"{days:,} case-days without a burst",
    )


def _even(parts: list[Usual]) -> Figure:
    """Alert rates of the cases of agencies that record least, …, most."""
    alerts = np.sum([part.alerts for part in parts], axis=0)
    years = np.sum([part.years for part in parts], axis=0)
    rates: Numbers = alerts / years
    low, high = rates.min(), rates.max()
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
        seed=200 + seed,
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
    parts, at = zip(*map(_silences, FRESH), strict=True)
    found = np.concatenate(parts)
    how = f"{found.size} silences of cases with 0.3 contacts a day and more; p {np.median(at):.2g}"
    return _share_at_least("silences found within 28 days", 0.95, found, how)


def _silences(seed: int) -> tuple[Facts, float]:
    """Which are found, and at which p."""
    made = streams.make(5_000, 560, seed=seed, factors=(0.0,))
    watched = watch(made)
    judged, scores = watched.is_open & ~in_ramps(made), watched.still()
    at = threshold(scores, judged, FALSE_SILENCES_A_YEAR)
    days = made.ramps.start[:, None] - np.arange(1, 43)
    usual = made.truth[made.ramps.case[:, None], days].mean(axis=1)
    return (delays(scores, made, at) < IN_TIME)[usual >= 0.3], 10**-at


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
