"""The sentence, the picture and the table of a measure say the same, read back from the page."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from app.insight import chart, comparison, figures, periods
from app.insight.comparison import Comparison, Panel, Score, Told
from app.insight.periods import Asked, Event
from app.models import RATERS, Measure

# Rendering asks no database, of whatever kind.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TODAY = date(2026, 11, 23)
# So many in the suite; tests/proofs/charts.py reads a thousand and more.
CASES = 200
PAGE = """{% import "components/chart.html" as charts with context %}
{{ charts.summary(shown) }}{% for each in shown.panels %}{{ charts.panel(each) }}{% endfor %}"""
MEASURES = [
    ("Safety scale", " of 10", "up", 0, 10, 1, None, 1.0, None),
    ("School attendance", "%", "up", 0, 100, 0.1, 90, 4.0, None),
    ("Strengths", " of 40", "down", 0, 40, 1, 20, 2.3, None),
    ("Weight centile", "", "neither", 0, 100, 0.1, None, 5.0, None),
    ("Words known", " words", "up", None, None, 1, None, 6.0, None),
    ("Times missing", "", "down", 0, None, 1, None, 0.0, "missing"),
]


def measures() -> list[Measure]:
    names = "name unit better lowest highest step threshold noise counts_kind".split()
    return [
        Measure(id=place, place=place, about=None, **dict(zip(names, each, strict=True)))
        for place, each in enumerate(MEASURES, 1)
    ]


def generated(chance: random.Random) -> Comparison:
    """A family as it may come: gaps, single readings, ties, several raters, nothing at all."""
    ways = ("since", "raters", "siblings", "periods")
    asked = {"way": chance.choice(ways), "on": str(TODAY - timedelta(days=chance.randint(1, 900)))}
    if asked["way"] == "periods":
        days = sorted(chance.sample(range(900), 4), reverse=True)
        names = ("from_1", "until_1", "from_2", "until_2")
        asked |= {name: str(TODAY - timedelta(days=d)) for name, d in zip(names, days, strict=True)}
    choice = periods.choose(Asked(**asked), [], TODAY)
    among = measures()
    told = [_told(chance, among, name) for name in ("Ada", "Ben", "Cy")[: chance.randint(1, 3)]]
    events = [Event("status-1", TODAY - timedelta(days=chance.randint(0, 600)), "contact")]
    return comparison.of(among, told, choice, events)


def _told(chance: random.Random, among: list[Measure], name: str) -> Told:
    scores = []
    for measure in among:
        raters = chance.sample(list(RATERS), chance.choice((0, 1, 1, 2, 4)))
        for rater in raters if not measure.counts_kind else ():
            level, tied = _value(chance, measure), chance.random() < 0.2
            for days in _days(chance):
                value = level if tied else _value(chance, measure)
                scores.append(Score(measure.id, rater, TODAY - timedelta(days=days), value))
    scores.sort(key=lambda score: score.on)
    times = [TODAY - timedelta(days=days) for days in _days(chance)]
    return Told(name, TODAY - timedelta(days=chance.randint(0, 1_500)), scores, {6: sorted(times)})


def _days(chance: random.Random) -> list[int]:
    many = chance.choice((0, 1, 1, 2, 3, 6, 12, 24, 60))
    gap = chance.randint(0, 300)
    return [days + (gap if days > 200 else 0) for days in chance.choices(range(900), k=many)]


def _value(chance: random.Random, measure: Measure) -> float:
    low, high = measure.lowest or 0, measure.highest or 60
    return round(chance.uniform(low, high) / measure.step) * measure.step


Shapes = list[tuple[str, dict[str, str | None], str]]
# Where each shape of a path begins.
MOVED = re.compile(r"M([\d.]+) ([\d.]+)")


class Drawn(HTMLParser):
    """What stands in the page: texts and shapes of each picture, rows of each table, sentences."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pictures: list[Shapes] = []
        self.tables: list[list[list[str]]] = []
        self.said: list[str] = []
        self.inside: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        kind = named.get("class") or ""
        if tag == "svg":
            self.inside.append(("svg", kind))
            if kind == "kith-chart":
                self.pictures.append([])
        elif self._in_picture():
            self.pictures[-1].append((tag, named, ""))
        else:
            self._begin(tag, kind)

    def _begin(self, tag: str, kind: str) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self.inside.append((tag, kind))
        elif tag in {"p", "li"} and (kind == "kith-said" or tag == "li"):
            self.said.append("")
            self.inside.append((tag, kind))

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            return
        if self._in_picture():
            tag, named, text = self.pictures[-1][-1]
            self.pictures[-1][-1] = (tag, named, text + data.strip())
        elif self.inside[-1][0] in {"td", "th"}:
            self.tables[-1][-1][-1] = f"{self.tables[-1][-1][-1]} {data}".strip()
        elif self.inside[-1][0] in {"p", "li"}:
            self.said[-1] = f"{self.said[-1]} {data}".strip()

    def _in_picture(self) -> bool:
        return bool(self.inside) and self.inside[-1] == ("svg", "kith-chart")


@pytest.fixture
def render(app: Flask) -> Callable[[Comparison], str]:
    template = app.jinja_env.from_string(PAGE)
    return lambda shown: template.render(shown=shown, shapes=chart.DRAWN)


def test_nothing_disagrees_in_many_cases(render: Callable[[Comparison], str]) -> None:
    chance, wrong, read = random.Random(7), [], 0
    for number in range(CASES):
        shown = generated(chance)
        page = Drawn(render(shown))
        read += sum(len(table) for table in page.tables)
        wrong += [f"case {number}: {each}" for each in disagreements(shown, page)]
    assert wrong == []
    assert read > 10 * CASES


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        (r'(points="[\d.]+,)', r"\g<1>1"),  # a line that is elsewhere
        (r'(class="circle" d="M)', r"\g<1>9"),  # a dot
        (r'(class="m" x="[\d.]+" y=")', r"\g<1>1"),  # a mean
        (r'(class="c" d="M[\d.]+ )', r"\g<1>1"),  # a column
        (r"(<td>)(\d+)(%</td>)", r"\g<1>1\g<2>\g<3>"),  # a reading
        (r"(\d)( before,)", r"\g<1>7\g<2>"),  # a sentence
    ],
)
def test_a_number_that_is_written_otherwise_would_be_seen(
    render: Callable[[Comparison], str], written: str, otherwise: str
) -> None:
    chance, seen, changed = random.Random(7), 0, 0
    for _ in range(20):
        shown = generated(chance)
        page = render(shown)
        other = re.sub(written, otherwise, page, count=1)
        changed += other != page
        seen += other != page and bool(disagreements(shown, Drawn(other)))
    assert seen == changed > 0


def disagreements(shown: Comparison, page: Drawn) -> Iterator[str]:
    said, lines = iter(page.said), iter(page.tables[0][1:])
    panels = zip(shown.panels, page.pictures, page.tables[1:], strict=True)
    for panel, picture, table in panels:
        sentences = [next(said) for _ in panel.rows]
        if len(panel.rows) == 1 and panel.legend:
            next(said)
        summary = [next(lines) for _ in panel.rows]
        seen = Picture(picture, shown)
        for what in (
            *_of_sentences(panel, sentences, summary),
            *_of_means(panel, seen, summary),
            *(_of_times if panel.measure.counts_kind else _of_scores)(
                shown, panel, seen, table, summary
            ),
        ):
            yield f"{shown.choice.way}, {panel.measure.name}: {what}"


class Picture:
    """What a ruler would read off a picture."""

    def __init__(self, shapes: Shapes, shown: Comparison) -> None:
        ticks = [
            (float(named["y"] or 0) - 4, float(text))
            for _, named, text in shapes
            if named.get("class") == "v"
        ]
        (self.lowest, low), (self.top, high) = ticks[0], ticks[-1]
        self.unit = (high - low) / (self.lowest - self.top)
        self.low, self.shown = low, shown
        self.exact = 0.06 * self.unit + 1e-6
        self.means = [
            (float(named["x"] or 0), self.value(float(named["y"] or 0) + chart.MEAN / 2))
            for _, named, _ in shapes
            if named.get("class") == "m"
        ]
        self.series: list[dict[str, Any]] = []
        for tag, named, text in shapes:
            kind = named.get("class") or ""
            if tag == "g":
                self.series.append({"dots": [], "line": [], "columns": [], "end": ""})
            elif self.series and kind in chart.SHAPES:
                self.series[-1]["dots"] = self.places(re.findall(MOVED, named["d"] or ""))
            elif self.series and kind == "c":
                self.series[-1]["columns"] = self.places(re.findall(MOVED, named["d"] or ""))
            elif self.series and tag == "polyline":
                pairs = [each.split(",") for each in (named["points"] or "").split()]
                self.series[-1]["line"] = self.places(pairs)
            elif self.series and tag == "text":
                self.series[-1]["end"] = text

    def value(self, y: float) -> float:
        return self.low + (self.lowest - y) * self.unit

    def places(self, pairs: Any) -> list[tuple[float, float]]:
        """Days since the axis begins, and values."""
        axis = self.shown.axis
        days = max((axis.last_on - axis.first_on).days, 1)
        width = chart.RIGHT - chart.LEFT
        return [((float(x) - chart.LEFT) / width * days, self.value(float(y))) for x, y in pairs]


def _of_sentences(
    panel: Panel, sentences: Sequence[str], summary: Sequence[list[str]]
) -> Iterator[str]:
    """The word, and both means where there is a change or none."""
    for said, cells, row in zip(sentences, summary, panel.rows, strict=True):
        if row.word not in said or row.word not in cells[3]:
            yield f"{row.word} is not said in {said!r} and {cells[3]!r}"
        told = re.search(
            r"((?:less than )?\S+?)(?:%| words)?(?: a month)? (?:before|in the first time), "
            r"((?:less than )?\S+)",
            said,
        )
        if told is None:
            if row.word != figures.UNKNOWN:
                yield f"no means in {said!r}"
            continue
        for one, other in zip(told.groups(), cells[1:3], strict=True):
            if _number(one) != _number(other):
                yield f"{said!r} says {one}, the table {other}"
        before, since = (_number(each) for each in told.groups())
        is_told = row.change.went in {"up", "down"} and since != before
        if is_told and (since > before) != (row.change.went == "up"):
            yield f"{row.word}, from {before} to {since}"


def _of_means(panel: Panel, seen: Picture, summary: Sequence[list[str]]) -> Iterator[str]:
    if len(panel.rows) > 1:
        if seen.means:
            yield "a mean is drawn of several"
        return
    none = {"None", "Several raters", "Too short"}
    known = [cell for cell in summary[0][1:3] if cell not in none]
    for (_, drawn_at), cell in zip(seen.means, known, strict=True):
        if abs(drawn_at - _number(cell)) > seen.exact + 0.0501:
            yield f"the mean is drawn at {drawn_at:.2f}, written {cell}"


def _of_scores(
    shown: Comparison,
    panel: Panel,
    seen: Picture,
    table: list[list[str]],
    summary: list[list[str]],
) -> Iterator[str]:
    """Each dot beside its row, the newest beside what is written; and the means once more."""
    headings, *rows = table
    whose = headings.index("Child") if "Child" in headings else headings.index("Said by")
    day, score, time = (headings.index(each) for each in ("Day", "Score", "Time"))
    for part, line in zip(panel.chart.series, seen.series, strict=True):
        hers = [cells for cells in reversed(rows) if cells[whose] == part.name]
        points = [(_days_in(shown, cells[day]), _number(cells[score])) for cells in hers]
        if len(points) > chart.MOST_DOTS:
            # The line has them all; of the shapes some are drawn.
            line["dots"] = line["line"] if set(line["dots"]) <= set(line["line"]) else []
        for what in ("dots", *(["line"] if len(points) > 1 else [])):
            # Of one day any order will do.
            yield from _apart(what, sorted(line[what], key=_rounded), sorted(points), shown, seen)
        if hers and line["end"] not in {
            cells[score] for cells in hers if cells[day] == hers[-1][day]
        }:
            yield f"{line['end']} is written, the newest is {hers[-1][score]}"
    names = {part.name for part in panel.chart.series}
    for place, cells in enumerate(summary):
        mine = panel.rows[place].whose
        if mine in names or len(names) == 1:
            only = [each for each in rows if not mine or each[whose] == mine]
            yield from _recounted(shown, [(each[time], each[score]) for each in only], cells)


def _recounted(
    shown: Comparison, scores: Sequence[tuple[str, str]], cells: list[str]
) -> Iterator[str]:
    for span, written in zip(shown.choice.spans, cells[1:3], strict=True):
        values = [_number(value) for time, value in scores if time == span.name]
        again = sum(values) / len(values) if values else None
        if (again is None) != (written == "None"):
            yield f"{span.name}: {len(values)} readings, and the mean is {written}"
        elif again is not None and abs(again - _number(written)) > 0.0501:
            yield f"{span.name}: the mean of the table is {again}, written {written}"


def _apart(
    what: str,
    drawn_at: Sequence[tuple[float, float]],
    points: Sequence[tuple[int, float]],
    shown: Comparison,
    seen: Picture,
) -> Iterator[str]:
    if len(drawn_at) != len(points):
        yield f"{len(drawn_at)} {what} of {len(points)} readings"
        return
    days = (shown.axis.last_on - shown.axis.first_on).days / (chart.RIGHT - chart.LEFT) * 0.06
    for (at, value), (on, written) in zip(drawn_at, points, strict=True):
        if abs(value - written) > seen.exact or abs(at - on) > days + 1e-6:
            yield f"{what} at day {at:.1f}, {value:.2f}; the table says {on}, {written}"


def _of_times(
    shown: Comparison,
    panel: Panel,
    seen: Picture,
    table: list[list[str]],
    summary: list[list[str]],
) -> Iterator[str]:
    """A column for each month that has any, and the last month written."""
    _, *rows = table
    for place, line in enumerate(seen.series):
        hers = [int(cells[place + 1]) for cells in reversed(rows)]
        columns = [value for _, value in line["columns"]]
        some = [each for each in hers if each]
        if len(columns) != len(some):
            yield f"{len(columns)} columns for {len(some)} months"
        elif any(abs(one - other) > seen.exact for one, other in zip(columns, some, strict=True)):
            yield f"columns of {columns}, months of {some}"
        if line["end"] != str(hers[-1]):
            yield f"{line['end']} is written, the last month has {hers[-1]}"


def _number(written: str) -> float:
    if written.startswith(figures.LEAST):
        return 0.049
    found = re.match(r"-?[\d.]+\d|\d+", written)
    assert found, written
    return float(found.group())


def _rounded(place: tuple[float, float]) -> tuple[int, float]:
    return round(place[0]), place[1]


def _days_in(shown: Comparison, written: str) -> int:
    number, month, year = written.split()
    on = date(int(year), periods.MONTHS.index(month) + 1, int(number))
    return (on - shown.axis.first_on).days
