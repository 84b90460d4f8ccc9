"""What was scored besides what posts tell: better, worse, no real change, and once only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from app.core import clock
from app.demo.needs import Needs
from app.demo.networks import working_day
from app.demo.people import Worker
from app.demo.rows import Act, Written, score
from app.demo.works import Scored, Work

# By child and measure: days ago and the score then; between them it goes evenly. What posts tell
# of it follows it as well. The plan for Amara and Tobi began 265 days ago.
PATHS = {
    ("Amara O", "safety_scale"): "400:5 310:5 280:4 235:4 180:5 130:6 75:7 0:7",
    ("Tobi O", "safety_scale"): "400:5 230:5 160:6 90:7 0:7",
    ("Amara O", "attendance"): "400:94 340:92.6 300:88.3 265:84.1 230:86.2 170:90.4 100:93 30:94.2",
    ("Tobi O", "attendance"): "400:95.1 300:94.6 200:95.8 100:95 30:95.5",
    ("Skye M", "attendance"): "400:93 250:90.2 150:85.5 60:76.4 30:70.8",
    ("Jayden P", "attendance"): "400:78 200:81.5 100:86.9 30:90.3",
    ("Yusuf A", "attendance"): "400:92.8 300:93.9 200:92.1 100:93.5 30:92.7",
}
# Of these the school's own system sends the attendance of each month.
IN_A_FILE = tuple(child for child, key in PATHS if key == "attendance")


@dataclass(frozen=True)
class Line:
    """Scores that one person recorded over the year: days ago and what was said."""

    child: str
    key: str
    rater: str
    who: str
    said: str


LINES = (
    Line("Amara O", "safety_scale", "mother", "Joe Mills", "330:6 285:6 240:5 190:7 140:7 50:8"),
    Line("Amara O", "safety_scale", "mother", "Joe Mills", "8:7"),
    Line("Amara O", "safety_scale", "social_care", "Priya Shah", "325:5 270:3 215:4 150:5 100:6"),
    Line("Amara O", "safety_scale", "social_care", "Priya Shah", "52:7 20:6 3:3"),
    Line("Amara O", "sdq_total", "mother", "Ruth Bell", "335:22 290:24 170:18 40:16"),
    Line("Tobi O", "safety_scale", "mother", "Joe Mills", "330:6 240:6 140:7 50:8"),
    Line("Tobi O", "safety_scale", "social_care", "Priya Shah", "325:5 215:5 100:6 20:6"),
    Line("Tobi O", "sdq_total", "mother", "Ruth Bell", "290:14"),
    Line("Reuben K", "sdq_total", "carer", "Ngozi Eze", "300:27 210:25 120:20 30:15"),
    Line("Reuben K", "safety_scale", "carer", "Ngozi Eze", "190:6 120:7 60:8 15:9"),
    Line("Lena H", "graded_care", "social_care", "Priya Shah", "280:4 200:3 110:3 30:2"),
    Line("Oskar H", "graded_care", "social_care", "Priya Shah", "280:4 200:4 110:3 30:3"),
    Line("Oskar H", "weight_centile", "health", "Priya Shah", "260:9 170:12.5 80:16"),
    Line("Skye M", "safety_scale", "mother", "Tom Reid", "300:7 210:6 120:6 50:5"),
    Line("Mason B", "height_centile", "health", "Aisha Malik", "200:25"),
)


def path(work: Work, key: str, ago: int, otherwise: float) -> float:
    """What is scored of the child some days ago, where the story says so."""
    said = PATHS.get((work.child.name or "", key))
    if said is None:
        return otherwise
    points = _points(said)
    for (before, value), (after, then) in pairwise(points):
        if after <= ago <= before:
            return value + (then - value) * (before - ago) / (before - after)
    return points[0][1] if ago > points[0][0] else points[-1][1]


def is_in_a_file(work: Work, key: str) -> bool:
    return key == "attendance" and work.child.name in IN_A_FILE


def acts(needs: Needs, written: Written) -> Iterator[Act]:
    """What is to be written, and when."""
    for line in LINES:
        work = needs.of(line.child)
        for days, value in _points(line.said):
            at = _at(days, needs.today)
            if at > work.opened_at:
                yield at, partial(_record, written, needs, line, value)
    for child in IN_A_FILE:
        yield from _each_month(written, needs.of(child), needs.today)


def _at(ago: int, today: date) -> datetime:
    return clock.instant(working_day(today - timedelta(days=ago)), time(16, 40))


def _record(written: Written, needs: Needs, line: Line, value: float, at: datetime) -> None:
    work = needs.of(line.child)
    who = _recorder(work, needs.workers[line.who], at)
    scored = Scored(line.key, value, line.rater)
    score(written, work.case_id, scored, clock.local(at).date(), at, who)
    written.did(who, "reading_recorded", at, work.case_id)


def _recorder(work: Work, who: Worker, at: datetime) -> Worker:
    return who if who in work.members(at) else work.lead(at)


def _each_month(written: Written, work: Work, today: date) -> Iterator[Act]:
    """The attendance of a month, sent on the sixth of the next; there is no school in August."""
    last = today.replace(day=1) - timedelta(days=1)
    for _ in range(12):
        at = clock.instant(last + timedelta(days=6), time(6, 30))
        if last.month != 8 and at > work.opened_at:
            value = round(path(work, "attendance", (today - last).days, 0), 1)
            yield at, partial(_send, written, work, last, value)
        last = last.replace(day=1) - timedelta(days=1)


def _send(written: Written, work: Work, on: date, value: float, at: datetime) -> None:
    scored = Scored("attendance", value, "school")
    key = f"scores:attendance:{on.isoformat()}:school"
    score(written, work.case_id, scored, on, at, None, source_key=key)


def _points(said: str) -> list[tuple[int, float]]:
    pairs = (each.split(":") for each in said.split())
    return [(int(days), float(value)) for days, value in pairs]
