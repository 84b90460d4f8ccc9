"""From readings to one object of which the sentence, the pictures and the tables are drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import sqrt

from app.insight import change as changes
from app.insight import chart, figures
from app.insight.change import BEYOND_NOISE, Change, Counted
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
    """That the newest is worse: what it did, who said so where several do, from what, and when."""

    did: str
    by: str
    than: str
    on: date

    def words(self, month: str = "") -> str:
        """Fell to 3 (mother, in May), from 6.3 in the 3 readings before."""
        inside = ", ".join(part for part in (self.by, month) if part)
        did = f"{self.did} ({inside})" if inside else self.did
        return f"{did}, {self.than}" if self.than else did


@dataclass(frozen=True)
class Latest:
    """What one rater said last, or how often it was in the last month, and what became of it.

    `by` is who said it, where several do; `went` is as of a `Change`.
    """

    value: str
    by: str = ""
    went: str = "unknown"
    slip: Slip | None = None


@dataclass(frozen=True)
class Row:
    """One line: a measure, or one rater or one child of it."""

    measure: Measure
    whose: str
    change: Change
    newest: Sequence[Latest]  # of each rater: first the one whose is called the latest
    notes: Sequence[str]
    # How many readings there are in each time, compared or not; of what is counted, days.
    scored: tuple[int, int]

    @property
    def latest(self) -> str:
        return self.newest[0].value if self.newest else "None"

    @property
    def latest_by(self) -> str:
        return self.newest[0].by if self.newest else ""

    @property
    def moved(self) -> str:
        """What became of the latest, as `Change.went`."""
        return self.newest[0].went if self.newest else "unknown"

    @property
    def slips(self) -> list[Slip]:
        return [each.slip for each in self.newest if each.slip]

    @property
    def worse(self) -> list[Latest]:
        """What others said last, where it is worse: nobody's is hidden by who spoke later."""
        return [
            each
            for each in self.newest[1:]
            if each.slip and figures.word(self.measure, each.went) == "Worse"
        ]

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
        if mean is None and scored:
            return "Too short" if self.measure.counts_kind else "Several raters"
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
    shown = [_one_a_day(each) for each in (told if choice.way == "siblings" else told[:1])]
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


def _one_a_day(told: Told) -> Told:
    """One rater says of one day one thing, and that is what was kept last: it is no more evidence
    when it is kept twice, and what was put right counts no more."""
    last = {(score.measure_id, score.rater, score.on): score for score in told.scores}
    return replace(told, scores=list(last.values()))


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
        parts = [(each.name, _by_one(scores)) for each, scores in zip(told, by_child, strict=True)]
        pairs = zip(parts, by_child, strict=True)
        rows = [_row(measure, name, scores, choice, every) for (name, scores), every in pairs]
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
    """Each rater's readings; in one order, so that none changes colour when another speaks."""
    found: dict[str, list[Score]] = {}
    for score in sorted(scores, key=lambda each: each.on):
        found.setdefault(score.rater, []).append(score)
    return {rater: found[rater] for rater in RATERS if rater in found}


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


def _row(
    measure: Measure,
    whose: str,
    scores: Sequence[Score],
    choice: Choice,
    every: Sequence[Score] = (),
) -> Row:
    """`every` are all the child's, where the line itself is of one rater."""
    raters = _until(scores, choice)
    before, since = (
        {
            rater: [each.value for each in hers if span.holds(each.on)]
            for rater, hers in raters.items()
        }
        for span in choice.spans
    )
    change = changes.between(before, since, measure.noise)
    newest = _newest(measure, raters, _until(every, choice), choice)
    notes = [
        *(f"Said by {RATERS[rater].lower()}." for rater in raters if every),
        *_why_unknown(change, before, since, choice),
        *_few(change, choice),
        *_differing(measure, raters, choice.second),
    ]
    first, second = (sum(map(len, side.values())) for side in (before, since))
    return Row(measure, whose, change, newest, notes, (first, second))


def _until(scores: Sequence[Score], choice: Choice) -> dict[str, list[Score]]:
    return _by_rater([each for each in scores if each.on <= choice.second.until_on])


Raters = Mapping[str, Sequence[Score]]


def _newest(measure: Measure, raters: Raters, every: Raters, choice: Choice) -> list[Latest]:
    """What each rater said last: first whose is the newest of those the line is of."""
    heard = {**raters, **every}
    is_named = len(heard) > 1 or choice.way in {"siblings", "raters"}
    found = {
        rater: _last(measure, RATERS[rater].lower() if is_named else "", hers, choice.second)
        for rater, hers in heard.items()
    }
    first = max(raters, key=lambda rater: raters[rater][-1].on, default="")
    return [found[rater] for rater in sorted(found, key=lambda rater: rater != first)]


def _last(measure: Measure, by: str, hers: Sequence[Score], span: Span) -> Latest:
    """Beside what she herself said before, whatever the times that are compared: only whether it
    is told as a slip hangs on whether it was said in the second."""
    newest, values = hers[-1], [each.value for each in hers]
    found = changes.latest(values[:-1], newest.value, measure.noise)
    slip = None
    if span.holds(newest.on) and len(hers) > 1:
        slip = _slip(measure, by, found, newest, values[-2])
    return Latest(figures.value(measure, newest.value), by, found.went, slip)


def _slip(measure: Measure, by: str, found: Change, newest: Score, before: float) -> Slip | None:
    name, now = figures.name(measure), figures.value(measure, newest.value)
    if figures.word(measure, found.went) == "Worse":
        many = found.many[0]
        among = "the reading" if many == 1 else f"the {many} readings"
        way = "rose" if found.went == "up" else "fell"
        than = f"from {figures.mean(measure, found.before)} in {among} before"
        return Slip(f"{name} {way} to {now}", by, than, newest.on)
    if figures.is_past(measure, newest.value) and not figures.is_past(measure, before):
        assert measure.threshold is not None
        limit = figures.value(measure, measure.threshold)
        past = f"went below {limit}" if measure.better == "up" else f"reached {limit} or more"
        return Slip(f"{name} {past}, to {now}", by, "", newest.on)
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
    counts = [_counted(days, span) for span in known]
    change, notes = changes.counted(*counts), list(_why_no_rate(measure, days, known, choice))
    if notes:
        rates = [each.a_month if each.days >= choice.shortest else None for each in counts]
        change = Change("unknown", rates[0], rates[1])
    newest = _newest_month(measure, days, told.begins, choice)
    return Row(measure, whose, change, newest, notes, (known[0].days, known[1].days))


def _why_no_rate(
    measure: Measure, days: Sequence[date], known: Sequence[Span], choice: Choice
) -> Iterator[str]:
    missing = [span.inside for span in known if span.days <= 0]
    if missing:
        yield f"Nothing was kept {' or '.join(missing)}."
    for span in known:
        if 0 < span.days < choice.shortest:
            times = _counted(days, span).times
            long = figures.many(span.days, "day")
            yield f"{times} in {long} {span.inside}: too short to say how often."
    if _begins_with_one(measure, days, choice):
        yield "The time since begins with one of them, so how often since then says nothing."


def _begins_with_one(measure: Measure, days: Sequence[date], choice: Choice) -> bool:
    """Whether the boundary was put where it happened: then there is one more since by choice."""
    is_chosen = choice.kind == measure.counts_kind or not choice.kind
    return choice.is_before_and_since and is_chosen and choice.second.from_on in days


def _newest_month(
    measure: Measure, days: Sequence[date], begins: date, choice: Choice
) -> list[Latest]:
    """The month in which the times end, as it is drawn, beside the twelve before it: the same
    wherever the second of them begins."""
    until = choice.second.until_on
    first = max(until.replace(day=1), begins)
    if first > until:
        return []
    begin = max(begins, first - timedelta(days=365))
    earlier = _counted(days, Span("", begin, first - timedelta(days=1)))
    newest = _counted(days, Span("", until.replace(day=1), until))
    went = _went_in_month(earlier, newest, choice)
    slip = None
    if figures.word(measure, went) == "Worse":
        than = f"from {figures.mean(measure, earlier.a_month)}"
        slip = Slip(f"{figures.name(measure)} rose to {newest.times}", "", than, until)
    return [Latest(str(newest.times), "", went, slip)]


def _went_in_month(earlier: Counted, newest: Counted, choice: Choice) -> str:
    if earlier.days < choice.shortest:
        return "unknown"
    went = changes.counted(earlier, newest).went
    if went == "up" and newest.days < choice.shortest:
        # Once on the first of a month is not once a day: it is as often as in all of the month.
        went = changes.counted(earlier, replace(newest, days=choice.shortest, months=())).went
    return went


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
        little = f"{choice.opening}, there is too little to compare."
        return [(little, False), *_slipped(rows, choice)]
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
    risen = [row for row in rows if row.moved_word == "better" and row.word != "Better"]
    said = _slipped(rows, choice)
    if risen:
        names = figures.listed([figures.name(row.measure) for row in risen])
        said.append((f"The latest of {names} {'is' if len(risen) == 1 else 'are'} better.", False))
    return said


def _slipped(rows: Sequence[Row], choice: Choice) -> Answer:
    """Each rater's newest that is worse, with its month where they are of several."""
    slips = [slip for row in rows if row.word != "Worse" for slip in row.slips]
    months = [_when(slip, choice) for slip in slips]
    if not slips:
        return []
    if len(set(months)) == 1:
        words = [slip.words() for slip in slips]
        return [(f"But {months[0]} has slipped:", True), (f"{'; '.join(words)}.", False)]
    words = [slip.words(f"in {month}") for slip, month in zip(slips, months, strict=True)]
    return [("But not all the latest is as good:", True), (f"{'; '.join(words)}.", False)]


def _when(slip: Slip, choice: Choice) -> str:
    is_other = slip.on.year != choice.second.until_on.year
    return _month(slip.on) if is_other else MONTHS[slip.on.month - 1]


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
        said += _slipped(hers, choice)
    return said


def _of_raters(panels: Sequence[Panel], choice: Choice) -> Answer:
    said: Answer = [(f"{choice.opening}, by what each of them says:", False)]
    for panel in panels:
        if not panel.measure.counts_kind:
            heard = [f"{row.whose.lower()}, {row.word.lower()}" for row in panel.rows]
            said.append((f"{panel.measure.name}: {'; '.join(heard)}.", False))
            said += _slipped(panel.rows, choice)
    return said
