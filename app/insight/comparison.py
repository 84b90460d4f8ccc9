"""From readings to one object of which the sentence, the pictures and the tables are drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import sqrt
from statistics import fmean

from app.insight import change as changes
from app.insight import chart, figures
from app.insight.change import BEFORE_LATEST, BEYOND_NOISE, Change, Counted
from app.insight.chart import Axis, Chart, Series
from app.insight.periods import MONTHS, Choice, Event, Span
from app.models import RATERS, Measure

HEADINGS = ("Day", "Said by", "Score", "Time")
COUNT_HEADINGS = ("Month", "Times")


@dataclass(frozen=True)
class Score:
    """One reading."""

    measure_id: int
    rater: str
    on: date
    value: float


@dataclass(frozen=True)
class Told:
    """What is known of one child: since when it is known, and the days of what is counted."""

    name: str
    begins: date
    scores: Sequence[Score] = ()
    times: Mapping[int, Sequence[date]] = field(default_factory=dict)


@dataclass(frozen=True)
class Slip:
    """That the newest is worse, in words, and when."""

    words: str
    on: date


@dataclass(frozen=True)
class Row:
    """One line: a measure, or one rater or one child of it."""

    measure: Measure
    whose: str
    change: Change
    latest: str
    latest_by: str  # who said it, where several score
    moved: str  # what became of the newest one, as `Change.went`
    slip: Slip | None
    notes: Sequence[str]
    scored: tuple[int, int]  # how many readings there are in each time, compared or not

    @property
    def before(self) -> str:
        return self._mean(self.change.before, self.scored[0])

    @property
    def since(self) -> str:
        return self._mean(self.change.since, self.scored[1])

    @property
    def short(self) -> tuple[str, str]:
        """The two means where the heading says that they are of a month."""
        return self.before.removesuffix(" a month"), self.since.removesuffix(" a month")

    def _mean(self, mean: float | None, scored: int) -> str:
        if mean is None:
            return "Several raters" if scored else "None"
        return figures.mean(self.measure, mean)

    @property
    def word(self) -> str:
        return figures.word(self.measure, self.change.went)

    @property
    def moved_word(self) -> str:
        return figures.word(self.measure, self.moved).lower() if self.is_moved else ""

    @property
    def is_moved(self) -> bool:
        return self.moved in {"up", "down"}

    @property
    def by(self) -> str:
        is_change = self.change.went in {"up", "down"}
        return figures.by(self.measure, self.change.before, self.change.since) if is_change else ""


@dataclass(frozen=True)
class Panel:
    """One measure: its lines, its picture and the readings behind both."""

    measure: Measure
    rows: Sequence[Row]
    sentences: Sequence[str]
    chart: Chart
    headings: Sequence[str]
    readings: Sequence[Sequence[str]]

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """Of several lines: the shape, whose it is, and the newest value."""
        several = self.chart.series if len(self.chart.series) > 1 else ()
        return [(each.shape, each.name, each.end[2] if each.end else "") for each in several]

    @property
    def note(self) -> str:
        parts = (self.measure.about, figures.threshold(self.measure))
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Comparison:
    """The answer as (words, whether they stand out), and a panel a measure."""

    choice: Choice
    axis: Axis
    answer: Sequence[tuple[str, bool]]
    panels: Sequence[Panel]
    events: Sequence[Event]
    names: Sequence[str]

    @property
    def sentence(self) -> str:
        return " ".join(words for words, _ in self.answer)


def of(
    measures: Sequence[Measure],
    told: Sequence[Told],
    choice: Choice,
    events: Sequence[Event],
) -> Comparison:
    """The first of `told` is the child it is about; the others are brothers and sisters."""
    shown = told if choice.way == "siblings" else told[:1]
    axis = _axis(shown, choice)
    marked = [each for each in events if axis.first_on <= each.on <= axis.last_on]
    panels = [
        _panel(measure, shown, choice, axis, marked)
        for measure in measures
        if _has_any(measure, shown, axis)
    ]
    return Comparison(
        choice, axis, _answer(panels, shown, choice), panels, marked, [each.name for each in shown]
    )


def _axis(told: Sequence[Told], choice: Choice) -> Axis:
    """From the month in which the first time begins, or in which anything is known."""
    days = [score.on for each in told for score in each.scores]
    days += [on for each in told for times in each.times.values() for on in times]
    days = [on for on in days if choice.first.from_on <= on <= choice.second.until_on]
    first = min([*days, choice.second.from_on]) if choice.is_before_and_since else None
    return Axis((first or choice.first.from_on).replace(day=1), choice.second.until_on)


def _has_any(measure: Measure, told: Sequence[Told], axis: Axis) -> bool:
    return any(_within(each, measure, axis) for each in told)


def _within(told: Told, measure: Measure, axis: Axis) -> list[date]:
    days = told.times.get(measure.id, ())
    if not measure.counts_kind:
        days = [score.on for score in told.scores if score.measure_id == measure.id]
    return [on for on in days if axis.first_on <= on <= axis.last_on]


def _panel(
    measure: Measure,
    told: Sequence[Told],
    choice: Choice,
    axis: Axis,
    events: Sequence[Event],
) -> Panel:
    if measure.counts_kind:
        rows, series, headings, readings = _of_times(measure, told, choice, axis)
    else:
        rows, series, headings, readings = _of_scores(measure, told, choice, axis)
    only = rows[0].change if len(rows) == 1 else Change("unknown")
    drawn = chart.of(
        measure,
        axis,
        choice,
        series,
        (only.before, only.since),
        events,
        lambda value: figures.value(measure, value),
    )
    return Panel(measure, rows, list(_sentences(rows, choice)), drawn, headings, readings)


Made = tuple[list[Row], list[Series], tuple[str, ...], list[tuple[str, ...]]]


def _of_scores(measure: Measure, told: Sequence[Told], choice: Choice, axis: Axis) -> Made:
    by_child = [[score for score in each.scores if score.measure_id == measure.id] for each in told]
    if choice.way == "siblings":
        by_child = [_by_one(scores) for scores in by_child]
        parts = [(each.name, scores) for each, scores in zip(told, by_child, strict=True)]
        rows = [_row(measure, name, scores, choice) for name, scores in parts]
    else:
        parts = [(RATERS[rater], hers) for rater, hers in _by_rater(by_child[0]).items()]
        rows = (
            [_row(measure, name, scores, choice) for name, scores in parts]
            if choice.way == "raters"
            else [_row(measure, "", by_child[0], choice)]
        )
    series = [Series(name, _points(scores, axis)) for name, scores in parts]
    headings = ("Child", *HEADINGS) if choice.way == "siblings" else HEADINGS
    lines = [
        (score.on, (name, *_cells(measure, score, choice)))
        for name, scores in parts
        for score in scores
        if axis.first_on <= score.on <= axis.last_on
    ]
    lines.sort(key=lambda line: line[0], reverse=True)
    cut = 0 if choice.way == "siblings" else 1
    return rows, series, headings, [cells[cut:] for _, cells in lines]


def _by_rater(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """Each rater's readings, whoever scored last first."""
    found: dict[str, list[Score]] = {}
    for score in sorted(scores, key=lambda each: each.on):
        found.setdefault(score.rater, []).append(score)
    newest = sorted(found, key=lambda rater: found[rater][-1].on, reverse=True)
    return {rater: found[rater] for rater in newest}


def _by_one(scores: Sequence[Score]) -> list[Score]:
    """Of one child the readings of whoever scored most often: one line mixes no raters."""
    raters = _by_rater(scores)
    return max(raters.values(), key=len) if raters else []


def _points(scores: Sequence[Score], axis: Axis) -> list[tuple[date, float]]:
    return [
        (score.on, score.value) for score in scores if axis.first_on <= score.on <= axis.last_on
    ]


def _cells(measure: Measure, score: Score, choice: Choice) -> tuple[str, ...]:
    time = next((span.name for span in choice.spans if span.holds(score.on)), "Between")
    return (
        f"{score.on.day} {MONTHS[score.on.month - 1]} {score.on.year}",
        RATERS[score.rater],
        figures.value(measure, score.value),
        time,
    )


def _row(measure: Measure, whose: str, scores: Sequence[Score], choice: Choice) -> Row:
    raters = _by_rater([each for each in scores if each.on <= choice.second.until_on])
    before, since = (
        {
            rater: [each.value for each in hers if span.holds(each.on)]
            for rater, hers in raters.items()
        }
        for span in choice.spans
    )
    change = changes.between(before, since, measure.noise)
    newest, newest_by, moved, slip = _newest(measure, raters, choice.second)
    notes = [
        *_why_unknown(change, before, since, choice),
        *_few(change, choice),
        *_differing(measure, raters, choice.second),
    ]
    first, second = (sum(map(len, side.values())) for side in (before, since))
    return Row(measure, whose, change, newest, newest_by, moved, slip, notes, (first, second))


def _newest(
    measure: Measure, raters: Mapping[str, Sequence[Score]], span: Span
) -> tuple[str, str, str, Slip | None]:
    """The newest reading, by whom, what became of it, and, when it is worse, that in words."""
    if not raters:
        return "None", "", "unknown", None
    rater, hers = next(iter(raters.items()))
    by = RATERS[rater].lower() if len(raters) > 1 else ""
    written = figures.value(measure, hers[-1].value)
    inside = [each for each in hers if span.holds(each.on)]
    if len(inside) < 2:
        return written, by, "unknown", None
    earlier = [each.value for each in inside[:-1]][-BEFORE_LATEST:]
    moved = changes.latest(earlier, inside[-1].value, measure.noise).went
    return written, by, moved, _slip(measure, earlier, inside[-1], moved)


def _slip(measure: Measure, earlier: Sequence[float], newest: Score, moved: str) -> Slip | None:
    name, now = figures.name(measure), figures.value(measure, newest.value)
    if figures.word(measure, moved) == "Worse":
        among = "the reading" if len(earlier) == 1 else f"the {len(earlier)} readings"
        way = "rose" if moved == "up" else "fell"
        was = figures.value(measure, fmean(earlier))
        return Slip(f"{name} {way} to {now}, from {was} in {among} before", newest.on)
    if figures.is_past(measure, newest.value) and not figures.is_past(measure, earlier[-1]):
        assert measure.threshold is not None
        limit = figures.value(measure, measure.threshold)
        past = f"went below {limit}" if measure.better == "up" else f"reached {limit} or more"
        return Slip(f"{name} {past}, to {now}", newest.on)
    return None


def _why_unknown(
    change: Change,
    before: Mapping[str, Sequence[float]],
    since: Mapping[str, Sequence[float]],
    choice: Choice,
) -> Iterator[str]:
    if change.apart:
        one, other = (RATERS[rater].lower() for rater in change.apart)
        yield f"The raters disagree: {one} says one way, {other} the other."
    elif change.went == "unknown":
        first, second = (any(hers for hers in side.values()) for side in (before, since))
        if first and second:
            yield "Nobody scored it both times, and raters differ."
        else:
            sides = zip(choice.spans, (first, second), strict=True)
            missing = [span.inside for span, has in sides if not has]
            yield f"No readings {' or '.join(missing)}."


def _few(change: Change, choice: Choice) -> Iterator[str]:
    if change.is_few:
        least = min(change.many)
        side = choice.spans[change.many.index(least)].inside
        where = "each time" if change.many[0] == change.many[1] else side
        yield f"Only {figures.many(least, 'reading')} {where}: treat with care."


def _differing(
    measure: Measure, raters: Mapping[str, Sequence[Score]], span: Span
) -> Iterator[str]:
    """What each says now, where they are further apart than the noise of two readings."""
    now = {rater: hers[-1].value for rater, hers in raters.items() if span.holds(hers[-1].on)}
    if len(now) > 1 and max(now.values()) - min(now.values()) > (
        BEYOND_NOISE * measure.noise * sqrt(2)
    ):
        said = [
            f"{RATERS[rater].lower()} says {figures.value(measure, value)}"
            for rater, value in now.items()
        ]
        yield f"The raters differ: {figures.listed(said)}."


# What is counted


def _of_times(measure: Measure, told: Sequence[Told], choice: Choice, axis: Axis) -> Made:
    whose = [each.name if choice.way == "siblings" else "" for each in told]
    rows = [_count_row(measure, name, each, choice) for name, each in zip(whose, told, strict=True)]
    months = [_months(_within(each, measure, axis), axis.first_on, axis.last_on) for each in told]
    series = [
        Series(name or measure.name, [(first, float(many)) for first, many, _ in hers])
        for name, hers in zip(whose, months, strict=True)
    ]
    headings = (*COUNT_HEADINGS[:1], *whose) if choice.way == "siblings" else COUNT_HEADINGS
    lines = [
        (_month(each[0][0]), *(str(many) for _, many, _ in each))
        for each in zip(*months, strict=True)
    ]
    return rows, series, headings, lines[::-1]


def _months(days: Sequence[date], first_on: date, last_on: date) -> list[tuple[date, int, int]]:
    """The first of each month, how many times, and how many of its days are meant."""
    found, first, days = [], first_on.replace(day=1), sorted(days)
    while first <= last_on:
        after = chart.next_month(first)
        begin, end = max(first, first_on), min(after - timedelta(days=1), last_on)
        many = bisect_right(days, end) - bisect_left(days, begin)
        found.append((first, many, (end - begin).days + 1))
        first = after
    return found


def _counted(days: Sequence[date], span: Span) -> Counted:
    if span.days <= 0:
        return Counted(0, 0)
    months = _months(days, span.from_on, span.until_on)
    hers = [(many, length) for _, many, length in months]
    return Counted(sum(many for many, _ in hers), span.days, hers)


def _count_row(measure: Measure, whose: str, told: Told, choice: Choice) -> Row:
    days = told.times.get(measure.id, ())
    known = [span.within(told.begins) for span in choice.spans]
    change = changes.counted(*(_counted(days, span) for span in known))
    notes = []
    if change.went == "unknown":
        missing = [span.inside for span in known if span.days <= 0]
        notes = [f"Nothing was kept {' or '.join(missing)}."]
    latest, moved, slip = _newest_month(measure, days, known[1])
    return Row(measure, whose, change, latest, "", moved, slip, notes, change.many)


def _newest_month(
    measure: Measure, days: Sequence[date], span: Span
) -> tuple[str, str, Slip | None]:
    if span.days <= 0:
        return "None", "unknown", None
    first = max(span.until_on.replace(day=1), span.from_on)
    begin = max(span.from_on, first - timedelta(days=365))
    earlier = _counted(days, Span("", begin, first - timedelta(days=1)))
    newest = _counted(days, Span("", first, span.until_on))
    moved = changes.counted(earlier, newest)
    slip = None
    if figures.word(measure, moved.went) == "Worse":
        rate = figures.mean(measure, moved.before)
        words = f"{figures.name(measure)} rose to {newest.times}, from {rate}"
        slip = Slip(words, span.until_on)
    return str(newest.times), moved.went, slip


def _month(first: date) -> str:
    return f"{MONTHS[first.month - 1]} {first.year}"


# What is said


def _sentences(rows: Sequence[Row], choice: Choice) -> Iterator[str]:
    for row in rows:
        if row.change.went == "unknown" and not row.change.apart:
            yield " ".join(row.notes)
        else:
            first, second = (span.inside for span in choice.spans)
            yield " ".join([f"{row.before} {first}, {row.since} {second}.", *row.notes])


Answer = list[tuple[str, bool]]


def _answer(panels: Sequence[Panel], told: Sequence[Told], choice: Choice) -> Answer:
    rows = [row for panel in panels for row in panel.rows]
    if not any(row.change.went != "unknown" for row in rows):
        return [(f"{choice.opening}, there is too little to compare.", False)]
    if choice.way == "raters":
        return _of_raters(panels, choice)
    if choice.way == "siblings":
        return _of_children(rows, told, choice)
    return [(f"{choice.opening}, {_counts(rows)}.", False), *_but(rows, choice), *_care(rows)]


def _counts(rows: Sequence[Row]) -> str:
    """3 measures are better, 1 is worse (times missing) and 1 has not really changed (…)."""
    judged = [row for row in rows if row.change.went != "unknown"]
    groups: dict[str, list[str]] = {}
    for word in ("Better", "Worse", "Higher", "Lower", "More", "Fewer", figures.LEVEL):
        names = [figures.name(row.measure) for row in judged if row.word == word]
        if names:
            groups[word] = names
    if len(groups) == 1 and len(judged) > 1:
        (word,) = groups
        return _every(word, len(judged))
    said = [_group(word, names, place == 0) for place, (word, names) in enumerate(groups.items())]
    return figures.listed(said)


def _every(word: str, many: int) -> str:
    if word == figures.LEVEL:
        none = "neither measure" if many == 2 else f"none of the {many} measures"
        return f"{none} has really changed"
    every = "both measures" if many == 2 else f"all {many} measures"
    return f"{every} {_state(word, many)}"


def _group(word: str, names: Sequence[str], is_first: bool) -> str:
    many = len(names)
    noun = (" measure" if many == 1 else " measures") if is_first else ""
    return f"{many}{noun} {_state(word, many)} ({figures.listed(names)})"


def _state(word: str, many: int) -> str:
    if word == figures.LEVEL:
        return "has not really changed" if many == 1 else "have not really changed"
    return f"{'is' if many == 1 else 'are'} {word.lower()}"


def _but(rows: Sequence[Row], choice: Choice) -> Answer:
    """What has become worse at the end, where the whole says something else."""
    slipped = [row.slip for row in rows if row.slip and row.word != "Worse"]
    risen = [row for row in rows if row.moved_word == "better" and row.word != "Better"]
    said: Answer = []
    if slipped:
        said.append((f"{_when(slipped, choice)}:", True))
        said.append((f"{figures.listed([each.words for each in slipped])}.", False))
    if risen:
        names = figures.listed([figures.name(row.measure) for row in risen])
        said.append((f"The latest of {names} {'is' if len(risen) == 1 else 'are'} better.", False))
    return said


def _when(slipped: Sequence[Slip], choice: Choice) -> str:
    months = {each.on.replace(day=1) for each in slipped}
    if len(months) > 1:
        return "But at the end"
    (first,) = months
    is_other = first.year != choice.second.until_on.year
    return f"But {_month(first) if is_other else MONTHS[first.month - 1]} has slipped"


def _care(rows: Sequence[Row]) -> Answer:
    few = [figures.name(row.measure) for row in rows if row.change.is_few]
    unsaid = [figures.name(row.measure) for row in rows if row.change.went == "unknown"]
    said: Answer = []
    if few:
        said.append((f"Few readings of {figures.listed(few)}: treat with care.", False))
    if unsaid:
        said.append((f"Of {figures.listed(unsaid)} nothing can be said.", False))
    for row in rows:
        for note in row.notes:
            if note.startswith("The raters differ"):
                name = figures.name(row.measure)
                said.append((note.replace("differ:", f"differ on {name}:"), False))
    return said


def _of_children(rows: Sequence[Row], told: Sequence[Told], choice: Choice) -> Answer:
    said: Answer = []
    for place, each in enumerate(told):
        hers = [row for row in rows if row.whose == each.name]
        judged = [row for row in hers if row.change.went != "unknown"]
        words = _counts(judged) if judged else "there is too little to compare"
        begin = "For" if place else f"{choice.opening}, for"
        said.append((f"{begin} {each.name} {words}.", False))
        slipped = [row.slip for row in hers if row.slip and row.word != "Worse"]
        if slipped:
            listed = figures.listed([each.words for each in slipped])
            said.append((f"{_when(slipped, choice)}: {listed}.", True))
    return said


def _of_raters(panels: Sequence[Panel], choice: Choice) -> Answer:
    said: Answer = [(f"{choice.opening}, by what each of them says:", False)]
    for panel in panels:
        if not panel.measure.counts_kind:
            heard = [f"{row.whose.lower()}, {row.word.lower()}" for row in panel.rows]
            said.append((f"{panel.measure.name}: {'; '.join(heard)}.", False))
    return said
