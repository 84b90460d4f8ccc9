"""Asking every address as everybody, and what may not come of it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import mail, push, relay
from app.casework import tokens
from app.core import clock, db
from app.mail import Letter, Office
from app.models import (
    CONTENT_ACCOUNTS,
    REASONS,
    Activity,
    AuditEntry,
    Child,
    Delivery,
    Mail,
    Message,
    Notice,
    Person,
    Receipt,
    SavedSearch,
    Search,
)
from app.notices import choices, letters, tell
from search import engines, indexing
from tests.conftest import signed_in
from tests.rules import canaries
from tests.rules.canaries import SCOPE, Street

if TYPE_CHECKING:
    from tests.rules.leaks import Leak

ABSENT = 987_654
AT_ONCE = 200

# What differs between two answers that say the same: a form's token and its key, the number of a
# search, and how much has been done anywhere, which tells an open page from where on to ask.
VARIES = re.compile(
    rb'(name="(key|csrf_token)" value=|name="csrf-token" content=|data-at=|"at":\s?)"?[^",}\s>]+'
    rb'|search=[0-9]+|"search":\s?[0-9]+'
)

# What is asked besides the bare address. A search never holds a whole canary, or the answer
# would give back what was asked.
IDS = ",".join(map(str, range(1, 40)))
QUERIES: dict[str, tuple[str, ...]] = {
    "web.fragments": ("?after=0", f"?ids={IDS}"),
    "web.case": (
        "?view=worries",
        "?view=childs-words",
        "?before=3",
        "?kind=question",
        "?person=1",
        "?from=2020-01-01&until=2030-01-01",
    ),
    "web.case_changes": ("?since=2020-01-01",),
    "web.away": ("?since=2020-01-01",),
    "api.read_case_changes": ("?since=2020-01-01",),
    "api.read_away": ("?since=2020-01-01",),
    "web.search": tuple(
        f"?q={word}"
        for word in ("zz", "zzama", "zzno", "zztob", "priya", "Also", "zz*", "zz*&order=best")
    ),
    "web.suggestions": ("?q=zz", "?q=zzama", "?q=zzno", "?q=priya", "?q=Also", "?q=case:zz"),
    "web.conversation_choices": ("?words=nia", "?case=1", "?case=2", "?conversation=1"),
    "web.people": ("?words=zz", "?words=priya"),
    "web.cases": ("?words=zz", "?show=closed", "?show=unread"),
    "web.feed": ("?before=1900000000000000-1",),
    "web.sync": ("?after=0", "?after=0&case=1&case=2&case=3"),
    "web.find_member": ("?words=nia",),
    "web.new_member": ("?look_up=1", "?look_up=2"),
    "web.conflicts": ("?words=nia",),
    "web.audit_log": ("?case=1", "?person=1"),
    "web.sign_in": ("?next=/cases/1",),
    "web.compare_case": ("?way=siblings", "?way=raters", "?event=post-1", "?on=2026-11-01"),
    "web.compare_file": ("?way=siblings", "?of=readings"),
    "web.hotspots": ("?as=table", "?team=4", "?agency=3", "?person=1", "?person=6"),
    "web.hotspot_fragments": (f"?alerts={IDS}", "?team=4"),
    "web.chronology": ("?all=1", "?words=zz", "?kind=concern&order=newest", "?agency=3"),
    "api.read_chronology": ("?everything=true&size=2", "?words=zz"),
    "web.hotspots_file": ("?agency=3",),
    "web.team_board": ("?status=closed", "?team=4", "?lead=1", "?lead=6", "?worry=worried"),
    "web.team_file": ("?sort=last_seen&order=down",),
    "api.read_team": ("?team=4", "?lead=6"),
    "api.read_hotspots": ("?team=4", "?agency=3"),
    "api.read_comparison": ("?way=siblings", "?way=raters", "?on=2026-11-01"),
    "api.search": ("?q=zz*", "?q=zz*&order=best", "?q=zz"),
    "api.search_names": ("?q=zz", "?q=zzama", "?q=priya"),
    "api.search_suggestions": ("?q=zz", "?q=zzama", "?q=case:zzno"),
    "api.stream": ("?after=0", "?view=worries", "?kind=question", "?size=3"),
    "api.read_changes": ("?after=0",),
    "api.read_people": ("?words=zz",),
    "api.read_cases": ("?closed=true",),
    "api.read_conversations": ("?case=1", "?size=2"),
}
# Asked of every page and call about one conversation.
OF_A_TALK = ("?before=99", "?after=0", "?around=2", "?on=2026-11-01")
# The numbers that pointers hold, whatever addresses there are.
POINTED = ("case_id", "post_id", "conversation_id", "message_id")
# Asked of every page that is about no one thing, and of each case.
ANY = ("?page=2&before=9&view=worries", "?after=0&q=zz&words=zz&case=1")
# The pages through which nearly all content goes.
MOST_READ = (
    "web.case",
    "web.feed",
    "web.post",
    "web.network",
    "web.search",
    "web.cases",
    "api.stream",
    "api.read_changes",
    "api.read_readings",
    "api.read_conversations",
    "api.read_messages",
    "web.all_conversations",
    "web.conversation",
)
# A search shows nothing without a question.
MOST_ASKED = ("/search?q=zz*", "/search/suggestions?q=zz", "/api/v1/search?q=zz*")
# Numbers of colleagues and agencies are in the directory, which everybody reads; measures are
# the same for all.
PUBLIC = ("person_id", "agency_id", "measure_id", "number")

FORM = {
    "body": "A word",
    "reason": "A reason that is long enough",
    "position": "1",
    "what": "Review",
    "answer": "No",
    "outcome": "declined",
    "status": "child_in_need",
    "since": "2026-11-20",
    "due_at": "2026-12-01T09:00",
    "until_on": "2027-01-10",
    "relation": "brother",
    "note": "Looked at",
    "decided": "expected",
}
# Where the body of a request names a thing by its number.
REFERENCES = {
    "web.accept_answer": {"comment_id": "comment_id"},
    "web.link_children": {"other_case": "case_id"},
    "web.publish": {"also": "case_id", "attachments": "attachment_id"},
    "api.accept": {"comment_id": "comment_id"},
    "api.link": {"case_id": "case_id"},
    "api.publish": {"also": "case_id", "attachments": "attachment_id"},
    "api.start_conversation": {"case_id": "case_id"},
    "api.say": {"reply_to": "message_id", "attachments": "attachment_id"},
    "web.say": {"reply_to": "message_id", "attachments": "attachment_id"},
}
LISTS = ("also", "attachments")
# Whoever took their own message back is told once more that it is done; for others it is gone.
DONE_ALREADY = ("web.message_withdrawal", "web.withdraw_message", "api.withdraw_message")
# Where files may be sent, and as what.
TAKE_FILES = ("web.publish", "web.say", "api.keep_file", "api.keep_file_to_send")
FILES = "multipart/form-data"

DOORS = ("web.", "api.")
POINTING = ("web.sync", "api.read_changes")
# Who has looked is told there, so to look is to change them.
LOOKS = ("web.case_access", "api.read_looks", "web.audit_log")
# Whoever takes a record along stands in the list of those who did.
TAKES_ALONG = ("api.read_record",)
POINTERS = (
    {"at", "did", "case", "post", "position", "by", "notices"},
    {"at", "did", "conversation", "message", "position", "by", "notices"},
)
FOR_LEADS = ("look_up", "look_up_answered")
# Whoever loses a case is told, so that it goes from their screen.
TAKES_AWAY = ("left", "access_changed", "restricted")


@dataclass(frozen=True)
class Address:
    rule: Rule
    path: str

    @property
    def door(self) -> str:
        return self.rule.endpoint[:4]

    @property
    def is_most_read(self) -> bool:
        is_bare = self.rule.endpoint in MOST_READ and "?" not in self.path
        return is_bare or self.path in MOST_ASKED


@dataclass(frozen=True)
class Pair:
    """The same request twice: for something hidden, and for something that is not there."""

    role: str
    rule: Rule
    method: str
    paths: tuple[str, str]
    bodies: tuple[dict[str, Any], dict[str, Any]]


@dataclass
class Channel:
    """Keeps what would have gone to open pages."""

    sent: list[tuple[set[int], dict[str, Any]]] = field(default_factory=list)

    def tell(self, person_ids: Any, pointer: Any) -> None:
        self.sent.append((set(person_ids), dict(pointer)))


@dataclass
class Bag:
    """Keeps what would have been mailed."""

    letters: list[Letter] = field(default_factory=list)

    @contextmanager
    def round(self) -> Iterator[Callable[[Letter], None]]:
        yield self.letters.append

    def empty_all(self) -> None:
        """Now, and at the hours of the day's email."""
        for days in range(3):
            with clock.held(clock.now() + timedelta(days=days)):
                with db.transaction():
                    letters.plan()
                while letters.send():
                    pass


class Crawl:
    """Everybody at their doors; each check yields what somebody met that is not for them.

    With a `share`, each person is asked for one address in so many, in turns, so that somebody
    is asked for each; what is read most is asked of everybody.
    """

    def __init__(self, app: Flask, street: Street, *, share: int = 1) -> None:
        self.app, self.street, self.share = app, street, share
        self.asked = self.compared = self.told = 0
        self.met: dict[str, set[str]] = {role: set() for role in SCOPE}
        self.doors = {role: _doors(app, who) for role, who in street.roles.items()}
        self.rules = sorted(app.url_map.iter_rules(), key=lambda each: each.rule)
        names = {name for rule in self.rules for name in rule.arguments}.union(POINTED)
        self.numbers = {name: street.numbers(name) for name in sorted(names)}
        kept = engines.kept()
        if kept is not None:
            indexing.rebuild(kept)
        with db.transaction() as session:
            self.begun = session.scalar(select(func.max(AuditEntry.id))) or 0

    def words(self) -> Iterator[str]:
        """No answer to anybody holds a word that is not for them."""
        self._tell()
        for role, address in self._reads():
            answer = self._get(role, address)
            said = canaries.met(f"{answer.get_data(as_text=True)} {answer.headers}")
            self.met[role] |= said
            if said - SCOPE[role]:
                yield f"{role} meets {sorted(said - SCOPE[role])} at {address.path}"
            for pointer in _pointers(address, answer):
                if not self._may_know(role, pointer):
                    yield f"{role} is pointed to {pointer} at {address.path}"

    def alike(self) -> Iterator[str]:
        """What is hidden from somebody is answered as if it were not there, byte for byte."""
        self._tell()
        for pair in itertools.islice(self._pairs(), None, None, self.share):
            if pair.paths[0] == pair.paths[1]:  # what is new is not new the second time
                self._plain(pair, 0)
            one, other = (self._plain(pair, which) for which in (0, 1))
            self.compared += 1
            if one != other:
                yield f"{pair.role}: {pair.method} {pair.paths[0]} is not as {pair.paths[1]}"

    def live(self) -> Iterator[str]:
        """What goes to open pages says where to look, to those it is for, and nothing else."""
        with db.transaction():
            for act, _ in canaries.OUT_OF_SIGHT:
                act(self.street)
            canaries.in_sight(self.street)
        for name in POINTED:
            self.numbers[name] = self.street.numbers(name)
        channel = Channel()
        push.use(channel)
        try:
            while relay.deliver():
                pass
        finally:
            push.use(push.NOBODY)
        self.told += len(channel.sent)
        for people, pointer in channel.sent:
            if set(pointer) not in POINTERS or canaries.met(json.dumps(pointer)):
                yield f"a pointer holds a word: {pointer['did']}"
            for role in map(self.street.role_of, people):
                if not self._may_know(role, pointer):
                    yield f"{role} is told of {pointer}"

    def kept(self) -> Iterator[str]:
        """What is kept and logged of who looked and what was done holds no word and no name."""
        with structlog.testing.capture_logs() as lines:
            self._everybody_looks()
        with db.transaction() as session:
            names = {*session.scalars(select(Person.name)), *session.scalars(select(Child.name))}
            logged = json.dumps(lines, default=str)
            if canaries.met(logged) or any(name in logged for name in names):
                yield "a line of the log holds a word or a name"
            for noun in (
                AuditEntry,
                Activity,
                Delivery,
                Mail,
                Notice,
                Receipt,
                SavedSearch,
                Search,
            ):
                rows = select(noun.__table__)
                if noun is AuditEntry:
                    rows = rows.where(AuditEntry.id > self.begun)
                said = [" ".join(map(str, row)) for row in session.execute(rows)]
                if any(canaries.met(row) or any(name in row for name in names) for row in said):
                    yield f"{noun.__tablename__} keeps a word or a name"

    def outbound(self) -> Iterator[str]:
        """What is mailed, and what is logged of it, holds no word, no name and no case."""
        bag = Bag()
        mail.use(Office(bag, "https://kith.example"))
        with structlog.testing.capture_logs() as lines:
            self._want_everything()
            self._tell()
            bag.empty_all()
        mail.use(mail.CLOSED)
        self.told += len(bag.letters)
        with db.transaction() as session:
            names = {*session.scalars(select(Person.name)), *session.scalars(select(Child.name))}
            addresses = {row.email: row.id for row in session.scalars(select(Person))}
            told = set(session.scalars(select(Notice.person_id)))
        for letter in bag.letters:
            said = f"{letter.subject} {letter.body} {letter.token}"
            if canaries.met(said) or any(name in said for name in names) or "/cases/" in said:
                yield f"an email to {letter.to} holds a word or a name"
            if not SCOPE[self.street.role_of(addresses[letter.to])] or (
                addresses[letter.to] not in told
            ):
                yield f"{letter.to} is written to"
        logged = json.dumps(lines, default=str)
        if canaries.met(logged) or any(name in logged for name in names):
            yield "a line of the log holds a word or a name"

    def silent(self) -> Iterator[str]:
        """What is done out of somebody's sight changes nothing in what they are answered."""
        for act, all_roles in canaries.OUT_OF_SIGHT:
            roles = all_roles if self.share == 1 else all_roles[:2]
            looks = [
                (role, each)
                for role, each in self._reads()
                if role in roles and each.rule.endpoint not in LOOKS + TAKES_ALONG
            ]
            for role, each in looks:  # what is new is not new the second time
                self._get(role, each)
            before = [self._bytes(role, each) for role, each in looks]
            with db.transaction():
                act(self.street)
            for (role, each), was in zip(looks, before, strict=True):
                if self._bytes(role, each) != was:
                    yield f"{role} notices at {each.path}"

    def _tell(self) -> None:
        """Tell everybody of all that has been done, as the relay would."""
        with db.transaction() as session:
            done = session.scalars(select(Activity).order_by(Activity.position)).all()
        for each in done:
            tell.of(each)
            relay.tell_searchers(each)
        self.numbers["notice_id"] = self.street.numbers("notice_id")

    def _want_everything(self) -> None:
        """Half of them want each email at once, half of them once a day."""
        with db.transaction() as session:
            for person in session.scalars(select(Person)):
                if person.account in CONTENT_ACCOUNTS:
                    way = "at_once" if person.id % 2 else "digest"
                    choices.choose(person, dict.fromkeys(REASONS, way))

    def _get(self, role: str, asked: Address) -> TestResponse:
        self.asked += 1
        return self.doors[role][asked.door].get(asked.path)

    def _bytes(self, role: str, asked: Address) -> tuple[int, bytes]:
        answer = self._get(role, asked)
        return answer.status_code, VARIES.sub(b"", answer.get_data())

    def _reads(self) -> Iterator[tuple[str, Address]]:
        # Address by address, so that a leak in one is met soon.
        for number, address in enumerate(self._addresses()):
            policy = getattr(self.app.view_functions[address.rule.endpoint], "policy", "")
            for turn, role in enumerate(self.doors):
                if address.is_most_read or role == policy or (number + turn) % self.share == 0:
                    yield role, address

    def _everybody_looks(self) -> None:
        for role, address in self._reads():
            if address.is_most_read and len(address.rule.arguments) < 2:
                self._get(role, address)

    def _addresses(self) -> list[Address]:
        rules = [rule for rule in self.rules if "GET" in (rule.methods or ())]
        rules.sort(key=lambda rule: rule.endpoint not in MOST_READ)
        return [
            Address(rule, path)
            for rule in rules
            if rule.endpoint[:4] in DOORS
            for path in self._paths(rule)
        ]

    def _paths(self, rule: Rule) -> Iterator[str]:
        names = sorted(rule.arguments)
        queries = ["", *QUERIES.get(rule.endpoint, ())]
        if names == ["conversation_id"]:
            queries += OF_A_TALK
        if self.share == 1 and names in ([], ["case_id"]):
            queries += [each for each in ANY if each not in queries]
        for chosen in itertools.product(*([*self._sample(name), ABSENT] for name in names)):
            for query in queries:
                yield address_of(rule, dict(zip(names, chosen, strict=True))) + query

    def _sample(self, name: str) -> list[int]:
        """Every number there is; with a share, one of each kind of thing."""
        numbers = self.numbers[name]
        if self.share == 1 and name not in PUBLIC:
            return list(numbers)
        kinds: dict[frozenset[str], int] = {}
        for number, words in numbers.items():
            kinds.setdefault(frozenset(words), number)
        return list(kinds.values())

    def _pairs(self) -> Iterator[Pair]:
        described = bodies_of(self.app)
        for role, rule in itertools.product(self.doors, self.rules):
            if rule.endpoint[:4] not in DOORS:
                continue
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                body = described.get((rule.rule, method), {})
                if rule.endpoint.startswith("web."):
                    body = FORM
                yield from self._closed_paths(role, rule, method, body)
                yield from self._closed_bodies(role, rule, method, body)

    def _closed_paths(
        self, role: str, rule: Rule, method: str, body: dict[str, Any]
    ) -> Iterator[Pair]:
        """A number in the address that is not theirs, the others being theirs."""
        for name in sorted(rule.arguments.difference(PUBLIC)):
            others = {each: self._first_open(role, each) for each in rule.arguments - {name}}
            absent = address_of(rule, {**others, name: ABSENT})
            for number in self._closed(role, name):
                if rule.endpoint in DONE_ALREADY and self._wrote(role, number):
                    continue
                hidden = address_of(rule, {**others, name: number})
                yield Pair(role, rule, method, (hidden, absent), (body, body))

    def _closed_bodies(
        self, role: str, rule: Rule, method: str, body: dict[str, Any]
    ) -> Iterator[Pair]:
        """A number in the body that is not theirs, the address being theirs."""
        path = address_of(rule, {each: self._first_open(role, each) for each in rule.arguments})
        for each, name in REFERENCES.get(rule.endpoint, {}).items():
            for number in self._closed(role, name):
                one, other = (
                    {**body, each: [it] if each in LISTS else it} for it in (number, ABSENT)
                )
                yield Pair(role, rule, method, (path, path), (one, other))

    def _wrote(self, role: str, message: int) -> bool:
        who = self.street.roles[role]
        with db.transaction() as session:
            return who is not None and session.get_one(Message, message).author_id == who.id

    def _closed(self, role: str, name: str) -> list[int]:
        return [number for number in self._sample(name) if not self._is_open(role, name, number)]

    def _first_open(self, role: str, name: str) -> int:
        opened = (each for each in self.numbers[name] if self._is_open(role, name, each))
        return next(opened, 1)

    def _is_open(self, role: str, name: str, number: int) -> bool:
        return self.street.is_open(role, name, number, self.numbers[name][number])

    def _plain(self, pair: Pair, which: int) -> tuple[int, bytes, list[tuple[str, str]]]:
        self.asked += 1
        path, sent = pair.paths[which], pair.bodies[which]
        is_read, is_call = pair.method == "GET", pair.rule.endpoint.startswith("api.")
        client = self.doors[pair.role][pair.rule.endpoint[:4]]
        # A file sent to a place that is theirs is kept, and has another number each time.
        is_closed = pair.paths[0] != pair.paths[1]
        takes_files = pair.rule.endpoint in TAKE_FILES and not is_read and is_closed
        file = {"files": (BytesIO(b"A word"), "a.txt")} if takes_files else {}
        as_json = is_call and not is_read and not file
        answer = client.open(
            path,
            method=pair.method,
            json=sent if as_json else None,
            data=sent | file if not is_read and not as_json else None,
        )
        # Who is sent to sign in comes back to what they asked for, there or not.
        spelt, said = quote(path, safe=""), answer.get_data()
        for each in (path, spelt):
            said = said.replace(each.encode(), b"HERE")
        kept = [
            (name, value.replace(spelt, "HERE").replace(path, "HERE"))
            for name, value in answer.headers
            if name not in ("Set-Cookie", "Date", "Content-Length")
        ]
        return answer.status_code, VARIES.sub(b"", said), kept

    def _may_know(self, role: str, pointer: dict[str, Any]) -> bool:
        if pointer.get("conversation"):
            return self._may_hear(role, pointer)
        case = self.numbers["case_id"][pointer["case"]]
        if pointer["did"] in FOR_LEADS:
            return role in canaries.LEADS
        if pointer["did"] in TAKES_AWAY and not pointer["post"]:
            return case <= SCOPE[role] or role in canaries.LOST[next(iter(case))]
        words = self.numbers["post_id"].get(pointer["post"], set())
        # That a post is gone is told to those who could read it.
        return (case | (words - {"gone"})) <= SCOPE[role]

    def _may_hear(self, role: str, pointer: dict[str, Any]) -> bool:
        """Of a conversation: those in it to whom the message was said; who left hears of that."""
        if pointer["did"] == "conversation_left" and role == self.street.role_of(pointer["by"]):
            return True
        talk = self.numbers["conversation_id"][pointer["conversation"]]
        words = self.numbers["message_id"].get(pointer["message"], set())
        return (talk | (words - {"gone"})) <= SCOPE[role]


def talks(app: Flask) -> bool:
    """Whether there is an address under which what people say to each other is read."""
    return any(
        "conversation_id" in rule.arguments and "GET" in (rule.methods or ())
        for rule in app.url_map.iter_rules()
    )


def caught(app: Flask, street: Street, leak: Leak, *, share: int = 1) -> str | None:
    """What the crawl says first of a leak, while it is there."""
    with leak.plant(app, street):
        return next(getattr(Crawl(app, street, share=share), leak.check)(), None)


def address_of(rule: Rule, numbers: dict[str, int]) -> str:
    return re.sub(r"<(?:int:)?([a-z_]+)>", lambda found: str(numbers.get(found[1], 1)), rule.rule)


def bodies_of(app: Flask) -> dict[tuple[str, str], dict[str, Any]]:
    """For each call that writes, a body of the shape its description asks for."""
    told = app.test_client().get("/api/v1/openapi.json").json
    assert told
    found = {}
    for path, calls in told["paths"].items():
        for method, call in calls.items():
            if not isinstance(call, dict) or "requestBody" not in call:
                continue
            ((kind, content),) = call["requestBody"]["content"].items()
            shape = {"type": "object"} if kind == FILES else content["schema"]
            rule = re.sub(r"{([a-z_]+)}", r"<int:\1>", path)
            found[rule, method.upper()] = _example(shape, told["components"]["schemas"])
    return found


def _example(shape: dict[str, Any], shapes: dict[str, Any]) -> Any:
    if "$ref" in shape:
        shape = shapes[shape["$ref"].rsplit("/", 1)[1]]
    kind = shape.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        needed = shape.get("required", [])
        return {
            name: _example(each, shapes)
            for name, each in shape.get("properties", {}).items()
            if name in needed or not needed
        }
    if "enum" in shape:
        return shape["enum"][0]
    if kind == "string":
        return {"date": "2026-11-20", "date-time": "2026-12-01T09:00:00+00:00"}.get(
            shape.get("format", ""), "A word or two"
        )
    return {"integer": 1, "boolean": True, "array": []}.get(kind or "")


def _pointers(asked: Address, answer: TestResponse) -> list[dict[str, Any]]:
    """Pointers are numbers and hold no canary, so the numbers are looked at."""
    if asked.rule.endpoint not in POINTING or answer.status_code != HTTPStatus.OK:
        return []
    said = answer.json or {}
    return list(said.get("changed") or said.get("changes") or ())


def _doors(app: Flask, person: Person | None) -> dict[str, FlaskClient]:
    doors = {"web.": signed_in(app, person)}
    program = app.test_client()
    if person is not None:
        with db.transaction():
            token = tokens.issue(person, "test", scope="write")
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return doors | {"api.": program}
