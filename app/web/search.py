"""Search: the viewer's own cases, people in the directory, and what was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import select

from app import access
from app.casework import people
from app.core import db
from app.core.db import AnyRow
from app.core.errors import NotFound, Unavailable
from app.models import KINDS, WORRIES, Agency, Child, Person
from app.web import filters, pages
from app.web.session import content, unrecorded
from search import asked, find, parsing
from search.filters import THINGS, settle
from search.index import BEST, NEWEST
from search.look import Found, Results, look
from search.parsing import Named
from search.suggest import Suggestion, suggest

# What the form calls a filter, where it is not the filter's own name.
FIELDS = {"until": "before"}
FORM = ("in", "kind", "worry", "case", "agency", "from", "since", "until", "is")
NAMES = {
    "in": "Only",
    "kind": "Type",
    "worry": "Worry",
    "case": "Case",
    "agency": "Agency",
    "from": "By",
    "person": "By",
    "since": "Since",
    "before": "Before",
    "is": "Only",
}
NAMES |= {f"-{name}": "Without" for name in NAMES}
# What is said of a filter that names nothing.
UNKNOWN = {
    "in": "“{}” is none of these: posts, comments, messages, files.",
    "kind": "No type of update is called “{}”.",
    "worry": "“{}” is none of these: none, keep an eye on, worried, urgent.",
    "case": "You see no case with the name or number “{}”.",
    "agency": "No agency is called “{}”.",
    "from": "No colleague is called “{}”.",
    "person": "No colleague is called “{}”.",
    "since": "“{}” is no day: write it like 1/11/2026.",
    "before": "“{}” is no day: write it like 1/11/2026.",
    "is": "“{}” is none of these: mine, unread.",
}
UNKNOWN |= {
    f"-{name}": f"“-{name}:{{}}” leaves nothing out: a minus is for words, not for filters."
    for name in UNKNOWN
}
TALKS = {
    "direct": "a conversation of two",
    "group": "a group",
    "case": "the network’s conversation",
}


# How what a filter is called by its key or number reads.
NUMBERED = ("case", "agency", "from", "person")


@pages.get("/search")
@content
def search(viewer: Person) -> str:
    written = _written()
    parsed = parsing.parse(written)
    order = BEST if request.args.get("order") == BEST else NEWEST
    before = request.args.get("before")
    names = "" if before else parsed.names
    cases, colleagues = find.cases(viewer, names), find.people(names)
    said, away = _said(viewer, written, order, before, cases)
    number = said.search_id
    if number is None:
        number = asked.note(viewer, written, [(row.id, 0, 0) for row in cases], how="page")
    return render_template(
        "search.html",
        written=written,
        search_value=written,
        number=number,
        is_first=not before,
        names=names,
        above=_named(cases, colleagues, lambda row: row.is_known or not said.found),
        below=_named(cases, colleagues, lambda row: bool(said.found) and not row.is_known),
        most=find.MOST,
        said=said,
        results=[_result(each, number) for each in said.found],
        away=away,
        left_out=parsed.left_out,
        unknown=[UNKNOWN[name].format(value) for name, value in said.unknown],
        chosen=_chosen(viewer, parsed, order),
        by_case=_by_case(said, parsed, order),
        orders=[
            {"label": label, "href": _address(written, each), "current": each == order}
            for each, label in ((NEWEST, "Newest first"), (BEST, "Best match"))
        ],
        older=_address(written, order, before=said.older) if said.older else "",
        newest=_address(written, order),
        order=order,
        kinds=KINDS.items(),
        worries=WORRIES.items(),
        things=[(each, each.capitalize()) for each in THINGS.values()],
        agencies=[(each.id, each.name) for each in people.agencies()],
    )


@pages.get("/search/suggestions")
@unrecorded
def suggestions(viewer: Person) -> Any:
    """For the field of a page that is open: what may be meant, and where each leads."""
    offered = suggest(viewer, request.args.get("q", ""), how="page")
    return {
        "suggestions": [
            {"label": each.label, "note": each.note, **_leads(each)} for each in offered
        ]
    }


def _leads(each: Suggestion) -> dict[str, str]:
    """A place to go to, or what to write and type on."""
    if each.thing == "search":
        return {"href": url_for("web.search", q=each.written)}
    if each.written is not None:
        return {"written": each.written}
    if each.thing == "case":
        return {"href": url_for("web.case", case_id=each.id)}
    return {"href": url_for("web.colleague", person_id=each.id)}


def _written() -> str:
    """What was typed, and behind it what was chosen in the form."""
    chosen = [
        (FIELDS.get(name, name), value) for name in FORM for value in request.args.getlist(name)
    ]
    typed = request.args.get("q", "").strip()
    # Too many words push none of what was chosen over the end: that would find too much.
    room = parsing.LONGEST - len(parsing.written("", chosen)) - 1
    return parsing.written(typed[: max(room, 0)], chosen)[: parsing.LONGEST]


def _said(
    viewer: Person, written: str, order: str, before: str | None, cases: Sequence[find.FoundCase]
) -> tuple[Results, str]:
    """What was said; or, with nothing, why words cannot be looked for at the moment."""
    shown = [row.id for row in cases]
    try:
        found = look(viewer, written, how="page", order=order, before=before, beside=shown)
    except Unavailable as refusal:
        return Results(), refusal.sentence
    return found, ""


def _named(
    cases: Sequence[find.FoundCase],
    colleagues: Sequence[find.FoundPerson],
    stands: Callable[[find.FoundCase | find.FoundPerson], bool],
) -> dict[str, Any]:
    """Who was found by name and stands there: a faint likeness leads nothing that was said."""
    return {
        "cases": [_case(row) for row in cases if stands(row)],
        "people": [row for row in colleagues if stands(row)],
    }


def _case(row: find.FoundCase) -> dict[str, Any]:
    return {
        "id": row.id,
        "child_name": row.child_name,
        "note": filters.age(row),
        "status": row.status,
        "why": row.why,
    }


def _result(found: Found, number: int) -> dict[str, Any]:
    """One thing as the template draws it: its address says from which search it is opened."""
    row = found.row
    return {
        "row": row,
        "snippet": found.snippet,
        "what": filters.kind_word(row.kind) if row.thing == "post" else row.thing.capitalize(),
        "where": row.child_name or row.talk_name or TALKS[row.talk_kind],
        "href": _place(row, number),
        "name": _name(row),
    }


def _name(row: AnyRow) -> str:
    """By which an open page drops it when it is taken back; a file goes with its post."""
    if row.thing == "comment":
        return f"comments-{row.post_id}"
    return f"message-{row.id}" if row.thing == "message" else f"post-{row.post_id}"


def _place(row: AnyRow, number: int) -> str:
    if row.post_id is not None:
        anchor = f"comment-{row.id}" if row.thing == "comment" else None
        return url_for("web.post", post_id=row.post_id, search=number, _anchor=anchor)
    return url_for(
        "web.conversation",
        conversation_id=row.conversation_id,
        around=row.position,
        search=number,
        _anchor=f"message-{row.id}" if row.thing == "message" else None,
    )


def _chosen(viewer: Person, parsed: parsing.Parsed, order: str) -> list[dict[str, str]]:
    """Each filter in words, with the address of the same search without it."""
    return [
        {
            "label": f"{NAMES[name]}: {_label(viewer, name, value)}",
            "case_id": value if name == "case" and value.isdecimal() else "",
            "href": _address(
                parsing.written(parsed.words, [each for each in parsed.filters if each != named]),
                order,
            ),
        }
        for named in dict.fromkeys(parsed.filters)
        for name, value in [named]
    ]


def _label(viewer: Person, name: str, value: str) -> str:
    if name in NUMBERED and value.isdecimal() and int(value) <= db.LARGEST:
        return _called(viewer, name, int(value)) or value
    return _understood(name, value)


def _understood(name: str, value: str) -> str:
    """As it is taken: was-not-brought is Was not brought, and 1/11/2026 a day."""
    only = settle([(name, value)]).filters
    words = [
        *map(filters.kind_word, only.kinds),
        *map(filters.worry_word, only.worries),
        *(filters.day(at) for at in (only.since, only.until) if at),
    ]
    return words[0] if words else value


def _called(viewer: Person, name: str, number: int) -> str:
    """What something with this number is called; nothing when it is not hers."""
    if name == "case":
        try:
            case = access.case(viewer, number)
        except NotFound:
            return ""
        return db.session().get_one(Child, case.child_id).label
    table: type[Agency | Person] = Agency if name == "agency" else Person
    return db.session().scalar(select(table.name).where(table.id == number)) or ""


def _by_case(said: Results, parsed: parsing.Parsed, order: str) -> list[dict[str, Any]]:
    """Where the results are, each with the address of those of this case alone."""
    others = [named for named in parsed.filters if named[0] != "case"]

    def within(case_id: int) -> list[Named]:
        return [*others, ("case", str(case_id))]

    return [
        {
            "case_id": case_id,
            "label": name,
            "many": many,
            "href": _address(parsing.written(parsed.words, within(case_id)), order),
        }
        for case_id, name, many in said.by_case
    ]


def _address(written: str, order: str, before: str | None = None) -> str:
    return url_for("web.search", q=written, order=BEST if order == BEST else None, before=before)
