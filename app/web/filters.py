"""What every template may say: days, times and the words for kinds, worries and agencies."""

from __future__ import annotations

import json
import warnings
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, g, get_flashed_messages, request
from flask_wtf.csrf import generate_csrf

from app.casework import emergencies, measures, reviews
from app.core import accepted, clock, db
from app.models import (
    AGENCY_GROUP_OF,
    AGENCY_TYPES,
    ALERTS,
    CATEGORIES,
    CONTACTS,
    CONTENT_ACCOUNTS,
    ETHNICITIES,
    KINDS,
    SOURCES,
    STATUSES,
    SYSTEM_KINDS,
    WORRIES,
    Person,
)
from app.monitor import board, words
from app.web import bell, sparks
from app.web.session import ASKED_BY_SCRIPT
from feeds import changes, follows
from feeds.questions import Asked
from messaging import unread

STATIC = Path(__file__).with_name("static")

DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
LONG_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LONG_MONTHS = (
    "January February March April May June July August September October November December"
).split()

LETTERS = {
    "care": "SC",
    "school": "S",
    "health": "H",
    "police": "P",
    "housing": "Ho",
    "voluntary": "V",
    "other": "O",
}
SAID_BY = {
    "child": "the child",
    "mother": "the mother",
    "father": "the father",
    "carer": "the carer",
    "social_care": "social care",
    "school": "the school",
    "health": "health",
    "police": "the police",
    "other": "somebody else",
}
# Characters: so much of something long says which one is meant.
SHORT = 80
ALL_KINDS = KINDS | SYSTEM_KINDS

CONTENT_TABS = (
    ("Feed", "/", "feed"),
    ("Cases", "/cases", "cases"),
    ("Add", "/quick", "add"),
    ("Hotspots", "/hotspots", "hotspots"),
    ("Messages", "/conversations", "messages"),
)
# What stands in the menu under her name: five tabs are as many as a phone has room for.
CONTENT_LINKS = (
    {"label": "People", "href": "/people"},
    {"label": "Settings", "href": "/settings"},
)
TABS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "practitioner": CONTENT_TABS,
    "manager": CONTENT_TABS,
    "administrator": (
        ("Accounts", "/accounts", "accounts"),
        ("Agencies", "/agencies", "cases"),
        ("Imports", "/imports", "feed"),
        ("Measures", "/measures", "measures"),
        ("People", "/people", "people"),
    ),
    "auditor": (
        ("Reviews", "/reviews", "cases"),
        ("Who looked", "/audit-log", "audit"),
        ("Monitor", "/hotspots/evaluation", "feed"),
        ("People", "/people", "people"),
    ),
}


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        day=day,
        long_day=long_day,
        full_date=full_date,
        clock=wall_clock,
        ago=ago,
        how_it_went=how_it_went,
        iso=datetime.isoformat,
        kind_word=kind_word,
        event_word=event_word,
        source_word=source_word,
        wanted_by=wanted_by,
        worry_word=worry_word,
        status_word=status_word,
        category_word=category_word,
        contact_word=CONTACTS.__getitem__,
        agency_word=agency_word,
        alert_word=ALERTS.__getitem__,
        need_a_look=words.need_a_look,
        agency_group=agency_group,
        agency_letter=agency_letter,
        group_letter=LETTERS.__getitem__,
        ethnicity_word=ETHNICITIES.__getitem__,
        return_word=SOURCES.__getitem__,
        age=age,
        short=short,
        score=score,
        spark=sparks.of,
        file_word=accepted.WORDS.__getitem__,
        file_size=file_size,
    )
    environment.globals.update(asset=_assets(), nav=nav, csrf_token=generate_csrf)
    environment.globals.update(ethnicities=list(ETHNICITIES.items()))
    app.context_processor(_about_the_viewer)


def day(value: date | datetime) -> str:
    """Wed 25 Nov; with the year when it is not this one."""
    on = _on(value)
    words = f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"
    return words if on.year == clock.today().year else f"{words} {on.year}"


def long_day(value: date | datetime) -> str:
    """Today, Yesterday, Friday 20 November; with the year when it is not this one."""
    on, today = _on(value), clock.today()
    if on == today:
        return "Today"
    if on == today - timedelta(days=1):
        return "Yesterday"
    words = f"{LONG_DAYS[on.weekday()]} {on.day} {LONG_MONTHS[on.month - 1]}"
    return words if on.year == today.year else f"{words} {on.year}"


def full_date(value: date | datetime) -> str:
    """3 March 2026."""
    on = _on(value)
    return f"{on.day} {LONG_MONTHS[on.month - 1]} {on.year}"


def wall_clock(value: datetime) -> str:
    """09:12, as a clock in the United Kingdom shows it."""
    at = clock.local(value)
    return f"{at.hour:02}:{at.minute:02}"


def file_size(size: int) -> str:
    """1 KB, 240 KB, 3.1 MB, which no line ends in."""
    if size < 1_000_000:
        return f"{max(round(size / 1000), 1)}\u00a0KB"
    return f"{size / 1_000_000:.1f}\u00a0MB"


def ago(value: date | datetime) -> str:
    """4 days ago; within the last day, how many minutes or hours."""
    if isinstance(value, datetime):
        passed = (clock.now() - value).total_seconds()
        if 0 <= passed < 12 * 3600:
            return _moments_ago(int(passed // 60))
    days = (clock.today() - _on(value)).days
    if days < 2:
        return "today" if days == 0 else "yesterday" if days == 1 else f"on {day(value)}"
    if days < 14:
        return f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 120 else f"{days * 12 // 365} months ago"


def how_it_went(asked: Asked) -> str:
    """When a question was asked and answered, how long that took, and who was told that it was
    not."""
    began, ended = asked.asked_at, asked.ended_at
    if ended is not None:
        what = "answered" if asked.answered_at else "first reply"
        return f"Asked {_moment(began)}, {what} {_moment(ended)}, after {lasting(ended - began)}."
    steps = (("the lead", asked.lead_told_at), ("their manager", asked.manager_told_at))
    told = [f"{who} was told on {_moment(at)}" for who, at in steps if at is not None]
    return f"Unanswered for {lasting(clock.now() - began)}; {', '.join(told)}." if told else ""


def lasting(passed: timedelta) -> str:
    """12 min, 1 h 35 min, 2 days."""
    minutes = max(int(passed.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min" if minutes else "less than a minute"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return _many(minutes // (24 * 60), "day")


def age(child: Any, on: date | None = None) -> str:
    """How old the child is, or was on a day: 9, 5 months, 3 weeks; before birth when it is due."""
    on = on or clock.today()
    born = child.born_on
    if born is None or born > on:
        due = born or child.expected_on
        return f"due {due.day} {LONG_MONTHS[due.month - 1]}" if due else ""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return str(months // 12)
    if months:
        return _many(months, "month")
    return _many((on - born).days // 7, "week") if (on - born).days >= 7 else "newborn"


def short(words: str, longest: int = SHORT) -> str:
    """The first words of something, on one line."""
    line = " ".join(words.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rsplit(' ', 1)[0]}…"


def score(row: Any) -> str:
    """Safety scale 6 of 10, said by the mother."""
    return f"{row.name} {measures.as_number(row.value)}{row.unit}, said by {SAID_BY[row.rater]}"


def kind_word(kind: str) -> str:
    return ALL_KINDS.get(kind, kind)


def event_word(post: Any) -> str:
    """What kind of event it was; of a plain update, how worried its author was."""
    is_plain = post.kind == "update" and post.worry != "none"
    return worry_word(post.worry) if is_plain else kind_word(post.kind)


def source_word(post: Any) -> str:
    """Whose word it is: of which kind of agency, or another system's as at a day."""
    if not post.source:
        return agency_word(post.agency_type)
    name = SOURCES.get(post.source, "another system")
    return f"{name} as at {day(post.source_as_at)}" if post.source_as_at else name


def is_late(question: Any) -> bool:
    return question.due_at is not None and question.due_at <= clock.now()


def wanted_by(question: Any) -> str:
    """By when a question wants its answer, or wanted it."""
    if question.due_at is None:
        return "No answer accepted"
    words = "Was wanted by" if is_late(question) else "Answer by"
    return f"{words} {_moment(question.due_at)}"


def worry_word(worry: str) -> str:
    return WORRIES.get(worry, worry)


def status_word(status: str | None) -> str:
    return STATUSES.get(status or "", "No status yet")


def category_word(category: str | None) -> str:
    return CATEGORIES.get(category or "", "")


def agency_word(agency_type: str | None) -> str:
    return AGENCY_TYPES.get(agency_type or "", "Other")


def agency_group(agency_type: str | None) -> str:
    """The group whose letter and colour a badge shows: all of health is one, all of schools is."""
    return AGENCY_GROUP_OF.get(agency_type or "", "other")


def agency_letter(agency_type: str | None) -> str:
    return LETTERS[agency_group(agency_type)]


def nav(viewer: Person, news: int = 0, said: int = 0, looks: int = 0) -> list[dict[str, Any]]:
    """The pages a person of this account goes between, and how much waits on each."""
    here = request.path
    counts = {"/": news, "/reviews": news, "/hotspots": looks, "/conversations": said}
    return [
        {
            "label": label,
            "href": href,
            "icon": icon,
            "count": counts.get(href, 0),
            "current": here == href or (href != "/" and here.startswith(f"{href}/")),
        }
        for label, href, icon in TABS[viewer.account]
    ]


def _about_the_viewer() -> dict[str, Any]:
    viewer: Person | None = g.get("viewer")
    if viewer is None:
        return {"notices": _notices()}
    sees_content = viewer.account in CONTENT_ACCOUNTS
    return {
        "at": _at() if sees_content else None,
        "person": {
            "id": viewer.id,
            "name": viewer.name,
            "role": viewer.role,
            # Who sees no case has nothing to be told of while a page is open.
            "live": sees_content,
            "shortcuts": viewer.shortcuts,
            "links": CONTENT_LINKS if sees_content else (),
            "initials": "".join(word[0] for word in viewer.name.split()[:2]).upper(),
        },
        "tabs": nav(viewer, *_counts(viewer) if sees_content else (_waiting(viewer),)),
        "search_action": "/search" if sees_content else "",
        "bell": _bell(viewer) if sees_content else None,
        "broken_glass": _broken_glass(viewer),
        "notices": _notices(),
    }


def _at() -> int | None:
    """Up to where the page knows what happened; one that lists things said so before it read."""
    if "at" not in g:
        is_asked = db.is_open() and request.endpoint not in ASKED_BY_SCRIPT
        g.at = changes.newest() if is_asked else None
    at: int | None = g.at
    return at


def _counts(viewer: Person) -> tuple[int, int, int]:
    """How many updates are unread, as the feed counts them; how many messages; and how many
    children need a look."""
    if not db.is_open() or request.endpoint in ASKED_BY_SCRIPT:
        return int(g.get("unread", 0)), 0, 0
    if "unread" not in g:
        g.unread = follows.news(viewer)
    if "hotspots" not in g:
        g.hotspots = board.count(viewer)
    return int(g.unread), unread.total(viewer), int(g.hotspots)


def _bell(viewer: Person) -> dict[str, Any]:
    """How many notices are unread, as their page counts them."""
    is_asked = db.is_open() and request.endpoint not in ASKED_BY_SCRIPT
    return {
        "count": bell.unread(viewer) if is_asked else 0,
        "current": request.path == "/notices",
    }


def _waiting(viewer: Person) -> int:
    """How many reviews wait for an auditor."""
    return reviews.count_open(viewer) if viewer.account == "auditor" and db.is_open() else 0


def _broken_glass(viewer: Person) -> list[dict[str, Any]]:
    """The emergencies in which what stands on this page is open to the viewer."""
    if not db.is_open() or request.endpoint in ASKED_BY_SCRIPT:
        return []
    why = db.session().info.get("why", {})
    return [
        {
            "id": row.id,
            "reference": row.reference,
            "until_at": row.until_at,
            "seconds": int((row.until_at - clock.now()).total_seconds()),
        }
        for case_id in sorted(why)
        if why[case_id] == "break-glass"
        for row in emergencies.open_on(case_id)
        if row.person_id == viewer.id
    ]


def _notices() -> list[dict[str, str]]:
    return [
        {"tone": "" if message[0] == "message" else message[0], "text": message[1]}
        for message in get_flashed_messages(with_categories=True)
    ]


def _assets() -> Any:
    try:
        names: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    except FileNotFoundError:
        names = {}
        warnings.warn("Style and scripts are not compiled: run ./run assets.", stacklevel=2)

    def asset(name: str) -> str:
        """Where the browser finds a style sheet, a script or a picture."""
        return f"/static/{names.get(name, name)}"

    return asset


def _moment(at: datetime) -> str:
    return f"{day(at)}, {wall_clock(at)}"


def _on(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def _moments_ago(minutes: int) -> str:
    if minutes < 60:
        return f"{_many(minutes, 'minute')} ago" if minutes else "just now"
    return f"{_many(minutes // 60, 'hour')} ago"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
