"""Everybody asks every route for every thing: no word leaves the network it was meant for."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from app import push, relay
from app.casework import cases, emergencies, look_ups, networks
from app.casework.children import Sought
from app.core import clock, db
from app.models import AuditEntry, Child, ChildName, Comment, Person, Post
from feeds import acknowledgements, comments, drafts, posts
from feeds.posts import Update
from tests.cast import Cast

ABSENT = 987_654
# A form's token holds the second it was made in.
TOKEN = re.compile(rb'value="[^"]+\.[^"]+\.[^"]+"')
CANARY = re.compile(r"zz(amara|tobi|noor)(priya|olive|mo)?zz", re.IGNORECASE)

# Who may meet which child's words: written by hand from the cast.
SCOPE = {
    "Priya Shah": {"amara", "tobi"},
    "Dan Hughes": {"amara", "tobi"},
    "Ruth Bell": {"amara"},
    "Mo Akram": {"amara", "tobi"},
    "Lee Park": set(),
    "Olive Reed": {"noor"},
    "Otto Lind": {"noor"},
    "Zed Cole": set(),
    "Ada West": set(),
    "Audrey Finch": set(),
}


@dataclass
class Channel:
    """Keeps what would have gone to open pages."""

    sent: list[tuple[set[int], str]]

    def tell(self, person_ids: object, pointer: object) -> None:
        self.sent.append((set(person_ids), json.dumps(pointer)))  # type: ignore[call-overload]


@pytest.fixture
def town(cast: Cast, app: Flask) -> Cast:
    """The cast, with a canary wherever somebody can write a word."""
    with db.transaction() as session:
        for name, case, lead in (
            ("amara", cast.amara, cast.priya),
            ("tobi", cast.tobi, cast.priya),
            ("noor", cast.noor, cast.olive),
        ):
            canary = f"zz{name}zz"
            child = session.get_one(Child, case.child_id)
            child.name, child.school = f"{name} {canary}", canary
            child.council_id = canary
            session.add(ChildName(child_id=child.id, name=f"aka {canary}"))
            cases.set_before_visit(lead, case, canary)
            cases.add_key_date(lead, case, canary, clock.now() + timedelta(days=3))
            cases.change_status(lead, case, "child_in_need", since=clock.today(), reason=canary)
            soon = clock.now() + timedelta(hours=6)
            post = posts.publish(lead, case, Update(canary, worry="urgent", phoned=True))
            asked = Update(canary, kind="question", due_at=soon, meaning=canary)
            question = posts.publish(lead, case, asked)
            comments.add(lead, question, canary)
            gone = posts.publish(lead, case, Update(f"{canary} withdrawn"))
            posts.withdraw(lead, gone, canary)
            posts.edit(lead, post, f"{canary} better", canary)
            drafts.save(lead, case, {"body": f"zz{name}{lead.name.split()[0].lower()}zz"})
        acknowledgements.add(cast.dan, session.scalars(select(Post).limit(1)).one())
        lee_again = networks.join(
            cast.priya, cast.amara, cast.lee, role="zzamarazz", reason="zzamarazz"
        )
        lee_again.until_at = clock.now()
    return cast


def test_no_word_reaches_anybody_out_of_scope(
    town: Cast, app: Flask, browser: Callable[..., FlaskClient], program: Callable[..., FlaskClient]
) -> None:
    asked, leaks = 0, []
    met: dict[str, set[str]] = {name: set() for name in SCOPE}
    for person in [*town.people, None]:
        clients = {"web.": browser(person)}
        if person is not None and person.active:
            clients["api."] = program(person)
        scope = SCOPE[person.name] if person else set()
        for client, path in reads(app, clients):
            answer = client.get(path)
            asked += 1
            body = answer.get_data(as_text=True) + str(answer.headers)
            for child, writer in CANARY.findall(body):
                if person is not None:
                    met[person.name].add(child.lower())
                is_own = not writer or (person and person.name.lower().startswith(writer.lower()))
                if child.lower() not in scope or not is_own:
                    leaks.append((person.name if person else "nobody", path, child + writer))
    assert asked > 1000
    assert met == SCOPE, "everybody meets the words they should, or this would prove nothing"
    assert leaks == []


def test_hidden_and_absent_are_answered_alike(
    town: Cast, app: Flask, browser: Callable[..., FlaskClient], program: Callable[..., FlaskClient]
) -> None:
    """Byte for byte, on every route that takes the number of a case, a post or a comment."""
    with db.transaction() as session:
        asked = look_ups.ask(town.ruth, Sought(case_id=town.noor.id), "She is here")
        because = emergencies.why("missing", "Not seen since noon.")
        glass = emergencies.break_glass(town.ruth, Sought(case_id=town.noor.id), because)
        hidden = {
            "look_up_id": asked.id,
            "emergency_id": glass.id,
            "case_id": town.noor.id,
            "post_id": session.scalars(
                select(Post.id).where(Post.case_id == town.noor.id).limit(1)
            ).one(),
            "comment_id": session.scalars(
                select(Comment.id).where(Comment.case_id == town.noor.id)
            ).one(),
        }
    different, compared = [], 0
    for client, door in (
        (browser(town.priya), "web."),
        (browser(town.lee), "web."),
        (program(town.priya), "api."),
    ):
        for rule in app.url_map.iter_rules():
            name = next((each for each in rule.arguments if each in hidden), None)
            if name is None or not rule.endpoint.startswith(door):
                continue
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answers = [
                    _plain(client.open(_address(rule, {name: number}), method=method, json={}))
                    for number in (hidden[name], ABSENT)
                ]
                compared += 1
                if answers[0] != answers[1]:
                    different.append((method, rule.rule))
    assert compared > 50
    assert different == []


def test_every_answer_with_words_is_audited_once(
    town: Cast, app: Flask, browser: Callable[..., FlaskClient], program: Callable[..., FlaskClient]
) -> None:
    unrecorded = []
    for client, path in reads(app, {"web.": browser(town.dan), "api.": program(town.dan)}):
        before = _audited(town.dan)
        answer = client.get(path)
        shown = answer.status_code == 200 and CANARY.search(answer.get_data(as_text=True))
        if shown and _audited(town.dan) != before + 1:
            unrecorded.append((path, _audited(town.dan) - before))
    assert unrecorded == []


def test_what_goes_to_open_pages_holds_no_word_and_reaches_nobody_else(town: Cast) -> None:
    channel = Channel([])
    push.use(channel)
    while relay.deliver():
        pass
    allowed = {p.id: p for p in town.people if SCOPE[p.name]} | {town.lee.id: town.lee}
    assert channel.sent, "something was sent"
    assert not [pointer for _, pointer in channel.sent if CANARY.search(pointer)]
    assert {who for people, _ in channel.sent for who in people} <= set(allowed)
    for people, pointer in channel.sent:
        case = {town.amara.id: "amara", town.tobi.id: "tobi", town.noor.id: "noor"}[
            json.loads(pointer)["case"]
        ]
        outside = {who for who in people if case not in SCOPE[allowed[who].name]}
        assert outside <= {town.lee.id}, "only the leaver himself is told that he left"


def reads(app: Flask, clients: dict[str, FlaskClient]) -> Iterator[tuple[FlaskClient, str]]:
    """Every address each door can be asked to read, for every number there is and one more."""
    with db.transaction() as session:
        numbers = {
            "case_id": [1, 2, 3],
            # Of each network one that stands, and the first that was withdrawn.
            "post_id": [
                *session.scalars(select(func.min(Post.id)).group_by(Post.case_id)),
                *session.scalars(select(func.min(Post.id)).where(Post.withdrawn_at.is_not(None))),
            ],
            "comment_id": [1, 3],
            "person_id": list(session.scalars(select(Person.id).limit(2))),
        }
    ids = ",".join(map(str, range(1, 10)))
    more = {
        "web.fragments": ["?after=0", f"?ids={ids}"],
        "web.case": ["?view=worries", "?view=childs-words", "?before=3"],
        "web.search": [f"?q={word}" for word in ("zzama", "zzno", "zz", "noor", "tobi", "priya")],
        "web.people": [f"?q={word}" for word in ("zz", "priya")],
        "web.sync": ["?after=0"],
        "api.posts": ["?after=0", "?view=worries"],
    }
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        client = clients.get(rule.endpoint[:4])
        if client is None or "GET" not in (rule.methods or set()):
            continue
        names = sorted(rule.arguments)
        for chosen in itertools.product(*([*numbers.get(n, [1]), ABSENT] for n in names)):
            address = _address(rule, dict(zip(names, chosen, strict=True)))
            for query in ["", *more.get(rule.endpoint, [])]:
                yield client, address + query


def _address(rule: Rule, numbers: dict[str, int]) -> str:
    return re.sub(r"<(?:int:)?([a-z_]+)>", lambda found: str(numbers.get(found[1], 1)), rule.rule)


def _plain(answer: object) -> tuple[int, bytes, list[tuple[str, str]]]:
    status, body = answer.status_code, answer.get_data()  # type: ignore[attr-defined]
    body = TOKEN.sub(b"", body)
    kept = [(k, v) for k, v in answer.headers if k not in ("Set-Cookie", "Date")]  # type: ignore[attr-defined]
    return status, body, kept


def _audited(person: Person) -> int:
    with db.transaction() as session:
        return session.scalars(select(func.count()).where(AuditEntry.person_id == person.id)).one()
