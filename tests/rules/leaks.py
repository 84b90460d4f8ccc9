"""Ways a word could get out, each made for the length of a block, and which check must see it.

Most break one thing that somebody could break by a slip: a getter that forgets a rule, a header,
a redirect, a count. The crawler must meet every one, or it proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import structlog
from flask import Flask, Response, make_response, redirect, request
from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from sqlalchemy import select, true

from app import access, activity, audit, push
from app.casework import cases, emergencies, look_ups, networks, tokens
from app.core import db
from app.core.errors import NotAllowed, NotFound
from app.models import (
    Agency,
    Attachment,
    BreakGlass,
    Case,
    Child,
    Comment,
    Conversation,
    Draft,
    LookUp,
    Membership,
    Message,
    Person,
    Post,
    Restriction,
    SavedSearch,
    Token,
)
from app.notices import letters
from app.web import errors
from app.web import search as search_page
from feeds import changes, comments, drafts, facts, timeline
from messaging import conversations, messages, reading
from search import apart, find, rows, saved
from search import suggest as suggesting
from tests.rules.canaries import Street

Plant = Callable[[Flask, Street], AbstractContextManager[None]]


@dataclass(frozen=True)
class Leak:
    plant: Plant
    check: str


@contextmanager
def _instead(place: Any, name: str, put: Any) -> Iterator[None]:
    kept = getattr(place, name)
    setattr(place, name, put)
    try:
        yield
    finally:
        setattr(place, name, kept)


def _put(place: Any, name: str, made: Callable[[Any], Any]) -> Plant:
    """Something in place of a function; `made` is given the one that was there."""
    return lambda _app, _street: _instead(place, name, made(getattr(place, name)))


def _without(rule: str, place: Any, name: str, *built: Any) -> Plant:
    """A function for whose length a rule says yes to everything, in what is `built` from it too."""

    def made(kept: Any) -> Any:
        def asked(*args: Any, **more: Any) -> Any:
            with _instead(access, rule, lambda *_: true()):
                _build_anew(place, *built)
                try:
                    return kept(*args, **more)
                finally:
                    _build_anew(place, *built)

        return asked

    return _put(place, name, made)


def _build_anew(*places: Any) -> None:
    # What is built once was built from the rule that has just been changed.
    for place in places:
        for each in vars(place).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()


def _view(endpoint: str, change: Callable[[Response], Any]) -> Plant:
    """A page or a call whose answer is changed on its way out."""

    @contextmanager
    def planted(app: Flask, _street: Street) -> Iterator[None]:
        kept = app.view_functions[endpoint]

        @wraps(kept)
        def changed(**arguments: Any) -> Any:
            return change(make_response(kept(**arguments)))

        app.view_functions[endpoint] = changed
        try:
            yield
        finally:
            app.view_functions[endpoint] = kept

    return planted


def _adds(words: Callable[[], str]) -> Callable[[Response], Response]:
    def change(answer: Response) -> Response:
        answer.set_data(answer.get_data(as_text=True) + words())
        return answer

    return change


@contextmanager
def _template(app: Flask, name: str, more: str) -> Iterator[None]:
    """A template with a line too many, which knows every child."""
    loader = app.jinja_loader
    assert isinstance(loader, BaseLoader)
    source = loader.get_source(app.jinja_env, name)[0]
    changed = source.replace("{% block content %}", "{% block content %}" + more)
    assert changed != source
    kept = app.jinja_env.loader
    app.jinja_env.globals["children"] = _children
    app.jinja_env.loader = ChoiceLoader([DictLoader({name: changed}), loader])
    _forget(app)
    try:
        yield
    finally:
        app.jinja_env.loader = kept
        del app.jinja_env.globals["children"]
        _forget(app)


def _forget(app: Flask) -> None:
    if app.jinja_env.cache is not None:
        app.jinja_env.cache.clear()


def _all(query: Any) -> list[Any]:
    """What a query finds, whoever asks, in the transaction that is open or in one of its own."""
    if db.is_open():
        return list(db.session().scalars(query))
    with db.transaction() as session:
        return list(session.scalars(query))


def _any_child(_kept: Any) -> Any:
    def offered(*_: Any) -> list[Any]:
        return [suggesting.Suggestion("person", name, id=1) for name in _children().split()]

    return offered


def _children() -> str:
    return " ".join(name for name in _all(select(Child.name)) if name)


def _first_child() -> str:
    return _children().split()[1]


def _signed(kept: Any) -> Any:
    def of(row: Any, needing: Any) -> Any:
        letter = kept(row, needing)
        return letter and replace(letter, body=f"{letter.body}{_children()}")

    return of


def _to_a_stranger(kept: Any) -> Any:
    def take(most: int, needing: Any) -> Any:
        lee = "lee@kith.example"
        taken = kept(most, needing)
        return [(number, letter and replace(letter, to=lee)) for number, letter in taken]

    return take


def _count_of_posts() -> str:
    return f"<p>{len(_all(select(Post.id)))} posts</p>"


def _with_header(name: str, words: Callable[[], str]) -> Callable[[Response], Response]:
    def change(answer: Response) -> Response:
        answer.headers[name] = words()
        return answer

    return change


def _goes_by_name(answer: Response) -> Any:
    if answer.status_code == 302:  # to sign in
        return redirect(f"{answer.location}&child={_first_child()}")
    return answer


def _any_row(noun: Any) -> Callable[[Any], Any]:
    """A getter that finds a row by its number and asks nothing more."""

    def made(_kept: Any) -> Any:
        def found(_viewer: Person, number: int) -> Any:
            row = db.session().get(noun, number)
            if row is None:
                raise NotFound(f"{noun.__tablename__}:{number}")
            return row

        return found

    return made


def _home(kept: Any) -> Any:
    def home(viewer: Person, **more: Any) -> Any:
        page = kept(viewer, **more)
        mine = select(Membership.case_id).where(Membership.person_id == viewer.id)
        asked = timeline._ROWS.where(Post.case_id.in_(mine), Post.withdrawn_at.is_(None))
        rows = db.rows(asked.add_columns(Post.position.label("last_read")))
        return timeline.Page([*page.posts, *rows], page.older)

    return home


def _under(_kept: Any) -> Any:
    def under(post_ids: list[int]) -> list[Any]:
        columns = [Comment.id, Comment.post_id, Comment.body, Comment.body_html, Comment.posted_at]
        columns += [Comment.accepted_at, Comment.author_id, Comment.author_role, Comment.agency_id]
        return list(
            db.session().execute(
                select(
                    *columns,
                    Person.name.label("author_name"),
                    Agency.name.label("agency_name"),
                    Agency.agency_type,
                )
                .join(Person, Person.id == Comment.author_id)
                .join(Agency, Agency.id == Comment.agency_id)
                .where(Comment.post_id.in_(post_ids))
            )
        )

    return under


def _as_lead(kept: Any) -> Any:
    def of(_viewer: Person, case: Case) -> Any:
        lead = select(Person).join(Membership, Membership.person_id == Person.id)
        found = (
            db.session()
            .scalars(lead.where(Membership.case_id == case.id, Membership.is_lead))
            .first()
        )
        return kept(found, case)

    return of


def _past_the_restriction(kept: Any) -> Any:
    def mine(viewer: Person) -> Any:
        with _instead(access, "is_restricted", lambda *_: ~true()):
            _build_anew(cases)
            try:
                return kept(viewer)
            finally:
                _build_anew(cases)

    return mine


def _says_which(kept: Any) -> Any:
    def page(status: int, sentence: str, **more: Any) -> Any:
        return kept(status, f"{sentence} {_asked_for()}", **more)

    return page


def _asked_for() -> str:
    number = (request.view_args or {}).get("case_id")
    found = _all(select(Child.name).join(Case, Case.child_id == Child.id).where(Case.id == number))
    return found[0] if found else ""


def _hidden_is_forbidden(kept: Any) -> Any:
    def case(viewer: Person, case_id: int) -> Case:
        try:
            found: Case = kept(viewer, case_id)
        except NotFound:
            if db.session().get(Case, case_id) is None:
                raise
            raise NotAllowed("Ask the lead practitioner.") from None
        return found

    return case


def _noted_by_name(kept: Any) -> Any:
    def note(viewer: Person | None, did: str, **more: Any) -> None:
        kept(viewer, did, **(more | {"about": f"{more.get('about')} by {viewer and viewer.name}"}))

    return note


def _with_words(kept: Any) -> Any:
    def tell(people: Any, pointer: Any) -> None:
        kept(people, {**pointer, "says": _children()})

    return tell


def _logs(answer: Response) -> Response:
    structlog.get_logger().info("read", child=_children())
    return answer


def _drafts(_kept: Any) -> Any:
    return lambda _author, case: (
        db.session().scalars(select(Draft).where(Draft.case_id == case.id)).first()
    )


def _asking(_kept: Any) -> Any:
    return lambda _viewer: LookUp.outcome.is_(None)


def _tokens(_kept: Any) -> Any:
    return lambda _person: list(db.session().scalars(select(Token)))


def _exists_header(answer: Response) -> Response:
    if _asked_for():
        answer.headers["Kith-Found"] = "yes"
    return answer


def _with_a_blank(answer: Response) -> Response:
    return _adds(lambda: " " if _asked_for() else "")(answer)


@contextmanager
def _after(app: Flask, change: Callable[[Response], Response]) -> Iterator[None]:
    hooks = app.after_request_funcs.setdefault(None, [])
    hooks.append(change)
    try:
        yield
    finally:
        hooks.remove(change)


def _with_all_counted(known: Any, case: Case) -> Any:
    return replace(known, withheld=len(_all(select(Post.id).where(Post.case_id == case.id))))


def _who_speaks_anywhere(kept: Any) -> Any:
    def names(conversation_ids: list[int], viewer: Person) -> Any:
        found = kept(conversation_ids, viewer)
        authors = select(Message.author_id).distinct()
        everybody = _all(select(Person.name).where(Person.id.in_(authors)).order_by(Person.id))
        return {number: [*named, *everybody] for number, named in found.items()}

    return names


def _any_message(_kept: Any) -> Any:
    def message(_viewer: Person, number: int) -> Message:
        found = select(Message).where(Message.id == number, Message.withdrawn_at.is_(None))
        row = db.session().scalar(found)
        if row is None:
            raise NotFound(f"message:{number}")
        return row

    return message


def _to_everybody(_kept: Any) -> Any:
    return lambda *_, **__: _all(select(Person.id))


LEAKS: dict[str, Leak] = {
    # getters and lists that forget a rule
    "a case is found by its number alone": Leak(_put(access, "case", _any_row(Case)), "words"),
    "a comment is found by its number alone": Leak(
        _put(access, "comment", _any_row(Comment)), "words"
    ),
    "a file is found by its number alone": Leak(
        _put(access, "attachment", _any_row(Attachment)), "words"
    ),
    "the stream forgets whom a post is for": Leak(_without("open_to", timeline, "stream"), "words"),
    "the feed forgets whom a post is for": Leak(_put(timeline, "home", _home), "words"),
    "cards by number are given to anybody": Leak(
        _without("reads_post", timeline, "posts"), "words"
    ),
    "withdrawn comments are shown": Leak(_put(comments, "under", _under), "words"),
    "the top of a case is the lead's": Leak(_put(facts, "of", _as_lead), "words"),
    "everybody is offered one's draft": Leak(_put(drafts, "find", _drafts), "words"),
    "a brother is named to who does not see him": Leak(_put(cases, "family", _as_lead), "words"),
    "a colleague's page lists all their cases": Leak(
        _without("sees_case", networks, "shared"), "words"
    ),
    "the search finds any child": Leak(_without("sees_case", find, "cases"), "words"),
    "the search forgets whom a post is for": Leak(
        _without("open_to", search_page, "look", apart, rows), "words"
    ),
    "what is offered while one types is any child": Leak(
        _put(suggesting, "_cases", _any_child), "words"
    ),
    "a list of cases forgets the restriction": Leak(
        _put(cases, "mine", _past_the_restriction), "words"
    ),
    "what is for leads is shown to members": Leak(
        _put(access, "led_case", lambda _: access.case), "words"
    ),
    "every manager reads every emergency": Leak(
        _put(
            emergencies,
            "_may_be_second",
            lambda _: lambda viewer: access.may_approve(viewer.id, BreakGlass),
        ),
        "words",
    ),
    "a form begins with anybody's reason": Leak(
        _put(
            look_ups,
            "reason_of",
            lambda _: lambda *_: " ".join(_all(select(LookUp.reason))),
        ),
        "words",
    ),
    "one's tokens are everybody's": Leak(_put(tokens, "of", _tokens), "words"),
    "a saved search is found by its number alone": Leak(
        _put(saved, "_own", _any_row(SavedSearch)), "words"
    ),
    "why a case is restricted is told of all cases": Leak(
        _view("web.restriction", _adds(lambda: " ".join(_all(select(Restriction.reason))))),
        "words",
    ),
    # pages, calls and templates that say too much
    "a template names every child": Leak(
        lambda app, _: _template(app, "colleague.html", "{{ children() }}"), "words"
    ),
    "the API's answer has a field too many": Leak(_view("api.me", _adds(_children)), "words"),
    "administrators read names": Leak(_view("web.accounts", _adds(_children)), "words"),
    "auditors read names": Leak(_view("web.audit_log", _adds(_children)), "words"),
    "a header names a child": Leak(
        _view("web.people", _with_header("Kith-Child", _children)), "words"
    ),
    "a cookie names a child": Leak(
        _view("web.cases", _with_header("Set-Cookie", lambda: f"seen={_first_child()}")), "words"
    ),
    "who is sent to sign in takes a name along": Leak(_view("web.case", _goes_by_name), "words"),
    "programs that follow are pointed to all there is": Leak(
        _without("sees_case", changes, "since"), "words"
    ),
    # hidden and absent
    "a hidden case is forbidden, not absent": Leak(
        _put(access, "case", _hidden_is_forbidden), "alike"
    ),
    "the page of what is not there says which": Leak(_put(errors, "page", _says_which), "alike"),
    "a header tells that there is something": Leak(
        lambda app, _: _after(app, _exists_header), "alike"
    ),
    "a blank tells that there is something": Leak(
        lambda app, _: _after(app, _with_a_blank), "alike"
    ),
    # what is counted
    "a page counts what is hidden": Leak(_view("web.case", _adds(_count_of_posts)), "silent"),
    "one is told of what nobody shall know of": Leak(
        _put(
            facts,
            "of",
            lambda kept: lambda viewer, case: _with_all_counted(kept(viewer, case), case),
        ),
        "silent",
    ),
    # live
    "a pointer holds a word": Leak(_put(push, "tell", _with_words), "live"),
    "everybody is told of every post": Leak(_put(access, "readers", _to_everybody), "live"),
    "the network is told that somebody asks": Leak(
        _put(activity, "FOR_LEADS", lambda _: ()), "live"
    ),
    # what leaves the house
    "an email names who wrote": Leak(_put(letters, "of", _signed), "outbound"),
    "an email goes to everybody": Leak(_put(letters, "_take", _to_a_stranger), "outbound"),
    "the list of notices names every child": Leak(_view("web.notices", _adds(_children)), "words"),
    # what is kept
    "the audit keeps a name": Leak(_put(audit, "note", _noted_by_name), "kept"),
    "the log keeps a name": Leak(_view("web.case", _logs), "kept"),
}

# The same for what people say to each other.
TALK_LEAKS: dict[str, Leak] = {
    "a conversation is found by its number alone": Leak(
        _put(access, "conversation", _any_row(Conversation)), "words"
    ),
    "a message is found by its number alone": Leak(_put(access, "message", _any_message), "words"),
    "a link is shown to who does not see the case": Leak(
        _without("sees_case", messages, "round_them"), "words"
    ),
    "an answer shows what was not said to one": Leak(
        _without("heard_by", messages, "round_them"), "words"
    ),
    "who was added reads what was said before": Leak(
        _without("said_to", reading, "newest"), "words"
    ),
    "who is kept apart keeps the name of the group": Leak(
        _without("belongs_in", conversations, "mine"), "words"
    ),
    "who speaks elsewhere is named": Leak(
        _put(conversations, "names", _who_speaks_anywhere), "silent"
    ),
    "everybody is pointed to every message": Leak(_put(access, "hearers", _to_everybody), "live"),
    "everybody hears of every conversation": Leak(_put(access, "those_in", _to_everybody), "live"),
}
