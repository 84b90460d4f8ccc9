"""Twelve months in weeks: the sentence, the picture and the table say the same."""

from __future__ import annotations

import gzip
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import pytest
from flask import Flask, render_template_string

from app.core import clock, db
from app.insight import strip
from app.insight.strip import SILENT, WEEKS, Strip, Tally
from app.models import AGENCY_GROUP_OF, AGENCY_GROUPS, AGENCY_TYPES
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

UNTIL = MORNING.date()
DRAWN = """{% import "components/strip.html" as strips %}{{ strips.strip(s, "/cases/1") }}"""
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def of(tallies: list[Tally], begins: int = 0, **here: int) -> Strip:
    with clock.held(MORNING):
        return strip.of(tallies, here, UNTIL, begins)


def said(drawn: Strip) -> str:
    with clock.held(MORNING):
        return drawn.sentence


def test_a_quiet_year_says_so() -> None:
    drawn = of([], care=52)
    assert said(drawn) == "No updates in this time."
    assert drawn.most == drawn.updates == 0


def test_the_agency_that_is_silent_the_longest_is_named() -> None:
    every_week = [Tally(week, "5A", 2) for week in range(WEEKS)]
    drawn = of([*every_week, Tally(42, "3B", 1), Tally(40, "6", 3)], care=52, health=52)
    assert said(drawn) == "108 updates. Health has not posted for 9 weeks.", "police are not in it"


def test_two_that_are_silent_as_long_are_both_named() -> None:
    every_week = [Tally(week, "5A", 1) for week in range(WEEKS)]
    found = [*every_week, Tally(40, "3A", 1), Tally(40, "2A", 1)]
    drawn = of(found, care=52, health=52, school=52)
    assert "School and Health have not posted for 11 weeks." in said(drawn)


def test_who_joined_lately_is_not_called_silent() -> None:
    every_week = [Tally(week, "5A", 1) for week in range(WEEKS)]
    assert "Housing" not in said(of(every_week, care=52, housing=SILENT - 1))
    assert "Nothing from Housing in this time." in said(of(every_week, care=52, housing=SILENT))


def test_of_two_gaps_as_long_the_later_one_is_told() -> None:
    drawn = of([Tally(week, "5A", 1) for week in range(WEEKS) if week not in {3, 4, 20, 21}])
    assert said(drawn).endswith("Longest gap: 2 weeks, 14 Apr – 27 Apr.")


def test_when_nobody_posts_no_agency_is_blamed() -> None:
    found = [Tally(week, kind, 1) for week in range(46) for kind in ("5A", "3B")]
    told = said(of(found, care=52, health=52))
    assert told == "92 updates. Nobody has posted for 6 weeks, from 13 Oct on."


def test_what_she_was_not_given_is_no_gap() -> None:
    drawn = of([Tally(week, "5A", 1) for week in range(48, WEEKS)], begins=47, care=52, health=52)
    assert drawn.gap is None
    assert drawn.heading == "Updates since 20 Oct"
    assert [line.weeks for line in drawn.lines] == [1] * 5
    assert [f"{month.first_on:%b}" for month in drawn.months if month.has_name] == ["Oct", "Nov"]


def test_more_groups_than_there_is_room_for_stand_together() -> None:
    types = ("5A", "2A", "3B", "6", "4", "8", "7")
    drawn = of([Tally(week, kind, 9 - n) for n, kind in enumerate(types) for week in (3, 9)])
    assert [row.name for row in drawn.rows] == [
        "Social care",
        "School",
        "Health",
        "Police",
        "Others",
    ]
    assert drawn.updates == 2 * sum(9 - n for n in range(7))


def test_every_day_of_the_year_stands_under_its_own_month() -> None:
    drawn = of([])
    assert sum(month.weeks for month in drawn.months) == WEEKS
    assert drawn.months[-1].first_on == date(2026, 11, 1)
    assert drawn.months[-1].last_on == date(2026, 11, 30)


@ON_SQLITE
def test_sentence_picture_and_table_agree_on_a_thousand_cases(app: Flask) -> None:
    wrong, seen = [], Counter[str]()
    with app.test_request_context(), clock.held(MORNING):
        template = app.jinja_env.from_string(DRAWN)
        for number in range(1000):
            drawn = _generated(random.Random(number))
            html = template.render(s=drawn)
            pictured, tabled = _pictured(html, drawn), _tabled(html, drawn)
            seen.update(_kinds(pictured))
            if pictured != tabled or _told(html) != _worked_out(drawn, *pictured):
                wrong.append(number)
    assert wrong == []
    assert min(seen[kind] for kind in ("gap", "single", "tie", "busy", "nothing")) > 10


@ON_SQLITE
def test_a_full_picture_is_small(app: Flask) -> None:
    types = ("5A", "2A", "3B", "6", "4")
    lots = random.Random(1)
    tallies = [
        Tally(week, kind, lots.randint(1, 12), lots.randint(0, 1))
        for kind in types
        for week in range(WEEKS)
    ]
    with app.test_request_context():
        picture = render_template_string(
            '{% import "components/strip.html" as strips %}{{ strips.picture(s) }}', s=of(tallies)
        )
    assert len(gzip.compress(picture.encode())) <= 2048


def test_only_what_she_may_read_is_counted(cast: Cast) -> None:
    with db.transaction():
        posts.publish(cast.priya, cast.amara, Update("For all.", worry="worried", meaning="Less"))
        posts.publish(
            cast.priya,
            cast.amara,
            Update("For one.", audience="named", people=(cast.dan.id,), sharing_reason="Asked"),
        )
    with db.transaction():
        counted = {
            who.name: (read.updates, sum(read.worried))
            for who in (cast.dan, cast.ruth)
            for read in [strip.read(who, cast.amara, [("5A", MORNING)])]
        }
    assert counted == {"Dan Hughes": (2, 1), "Ruth Bell": (1, 1)}


def test_a_week_ends_with_today_on_the_clock_on_the_wall(cast: Cast) -> None:
    midnight = clock.instant(UNTIL - timedelta(days=6))
    for at in (midnight - timedelta(hours=13), midnight - timedelta(hours=11)):
        with clock.held(at), db.transaction():
            posts.publish(cast.priya, cast.amara, Update("A visit."))
    with db.transaction():
        read = strip.read(cast.priya, cast.amara, [])
    assert read.sums[-2:] == (1, 1)


def _generated(lots: random.Random) -> Strip:
    """A case with gaps, single posts and ties, or with none of them."""
    types = lots.sample(sorted(AGENCY_TYPES), lots.randint(0, 7))
    begins = lots.choice([0, 0, 0, lots.randrange(WEEKS)])
    empty = set(range(begin := lots.randrange(WEEKS), begin + lots.randint(0, 12)))
    often = lots.choice([0.02, 0.2, 0.9])
    most = lots.choice([1, 1, 3, 40])
    found = [
        Tally(week, kind, many := lots.randint(1, most), lots.randint(0, many) // 3)
        for kind in types
        for week in set(range(begins, WEEKS)) - empty
        if lots.random() < often
    ]
    here = {AGENCY_GROUP_OF.get(kind, "other"): lots.randint(0, 60) for kind in types[:4]}
    return strip.of(found, here, UNTIL, begins)


Numbers = tuple[dict[str, list[int]], list[bool]]


def _pictured(html: str, drawn: Strip) -> Numbers:
    """The counts of each row and the worried weeks, out of the paths alone."""
    _, _, svg = html.partition("<svg")
    svg, most = svg.partition("</svg>")[0], _highest(html)
    names = re.findall(r'<li class="kith-(\w+)"><b>', html)
    found = {name: [0] * WEEKS for name in names}
    for group, inside in re.findall(r'<g class="kith-(\w+)">(.*?)</g>', svg):
        for x, high in re.findall(r"M(\d+) \d+v-([\d.]+)h8", inside):
            found[group][int(x) // strip.STEP] = _numbers(most)[high]
    triangles = re.search(r'kith-strip__worry" d="([^"]*)', svg)
    places = re.findall(r"M(\d+) 20h8l-4-10z", triangles[1]) if triangles else []
    return found, [str(strip.STEP * week) in places for week in range(WEEKS)]


def _highest(html: str) -> int:
    told = re.search(r"the highest column is (\d+)", html)
    return int(told[1]) if told else 1


@cache
def _numbers(most: int) -> dict[str, int]:
    """Which number each height stands for: no two have the same."""
    found = {f"{strip.height(many, most):g}": many for many in range(1, most + 1)}
    assert len(found) == most
    return found


def _tabled(html: str, drawn: Strip) -> Numbers:
    """The same out of the table, week by week from the newest back."""
    names = [AGENCY_GROUPS[each] for each in re.findall(r'<li class="kith-(\w+)"><b>', html)]
    groups = {name: group for group, name in AGENCY_GROUPS.items()}
    found: dict[str, list[int]] = {groups[name]: [] for name in names}
    worried: list[bool] = []
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", html):
        cells = re.findall(r"<td>(\d+)</td>", row)
        weeks = 1 if cells else int((re.search(r"for (\d+) weeks", row) or [0, 1])[1])
        for at, name in enumerate(names):
            found[groups[name]] += [int(cells[at]) if cells else 0] * weeks
        worried += [bool(cells) and int(cells[-1]) > 0] * weeks
    before = WEEKS - len(worried) if names else WEEKS
    whole = {group: [0] * before + many[::-1] for group, many in found.items()}
    return whole, [False] * before + worried[::-1]


def _told(html: str) -> str:
    paragraph = re.search(r"</h2>\s*<p>(.*?)</p>", html)
    assert paragraph
    return " ".join(re.sub("<[^>]*>", "", paragraph[1]).split())


def _worked_out(drawn: Strip, rows: dict[str, list[int]], worried: list[bool]) -> str:
    """The sentence as it must be, from the numbers that were read back and nothing else."""
    sums = [sum(week) for week in zip(*rows.values(), strict=True)]
    if not sum(sums):
        return "No updates in this time."
    words = [_plain(sum(sums), "update")]
    if any(worried):
        ago = WEEKS - max(week for week, is_worried in enumerate(worried) if is_worried)
        last = UNTIL - timedelta(days=7 * ago - 1)
        words[0] += f"; somebody was worried in {_plain(sum(worried), 'week')}"
        words[0] += f", the latest beginning {_on(last)}"
    words[0] += "."
    words += _pause(drawn, sums)
    words += _silences(drawn, rows, _trailing(sums))
    return " ".join(words)


def _silences(drawn: Strip, rows: dict[str, list[int]], all_silent: int) -> Iterator[str]:
    silent = {
        group: _trailing(many) if sum(many) else drawn.here[group]
        for group, many in rows.items()
        if group in drawn.here
    }
    late = {group: weeks for group, weeks in silent.items() if weeks >= SILENT}
    posted = {group: weeks for group, weeks in late.items() if sum(rows[group])}
    longest = max(posted.values(), default=0)
    if longest > all_silent:
        names = [AGENCY_GROUPS[group] for group in posted if posted[group] == longest]
        verb = "has" if len(names) == 1 and names != ["Others"] else "have"
        yield f"{_listed(names)} {verb} not posted for {_plain(longest, 'week')}."
    if never := [AGENCY_GROUPS[group] for group in late if group not in posted]:
        yield f"Nothing from {_listed(never)} in this time."


def _pause(drawn: Strip, sums: list[int]) -> Iterator[str]:
    lately = _trailing(sums)
    if lately >= strip.GAP:
        begins = UNTIL - timedelta(days=7 * lately - 1)
        yield f"Nobody has posted for {_plain(lately, 'week')}, from {_on(begins)} on."
    runs = [run for run in _runs(sums[drawn.begins :]) if len(run) >= strip.GAP]
    run = max(reversed(runs), key=len, default=[])
    if run and run[-1] + drawn.begins < WEEKS - 1:
        begins = UNTIL - timedelta(days=7 * (WEEKS - run[0] - drawn.begins) - 1)
        ends = UNTIL - timedelta(days=7 * (WEEKS - 1 - run[-1] - drawn.begins))
        yield f"Longest gap: {_plain(len(run), 'week')}, {_on(begins)} – {_on(ends)}."


def _runs(sums: list[int]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for at, many in enumerate(sums):
        if many:
            found.append([])
        else:
            found[-1].append(at)
    return [run for run in found if run]


def _trailing(counts: list[int]) -> int:
    return next((n for n, many in enumerate(reversed(counts)) if many), len(counts))


def _plain(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def _on(day: date) -> str:
    return f"{day:%-d %b}" + (f" {day.year}" if day.year != UNTIL.year else "")


def _kinds(pictured: Numbers) -> Iterator[str]:
    """What this case is an example of."""
    rows, _ = pictured
    sums = [sum(week) for week in zip(*rows.values(), strict=True)] if rows else []
    runs = sorted((len(run) for run in _runs(sums) if len(run) >= strip.GAP), reverse=True)
    yield from ["gap"] * bool(runs)
    yield from ["tie"] * (len(runs) > 1 and runs[0] == runs[1])
    yield from ["single"] * (sum(sums) == 1)
    yield from ["busy"] * (max(sums, default=0) > 20)
    yield from ["nothing"] * (not sum(sums))
