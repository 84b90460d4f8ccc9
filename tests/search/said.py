"""A town in which much was said, and what anybody finds there by reading all of it.

What they may read is the policy written by hand, what matches is the plainest search there can be:
of what is tested it shares only how a text falls into words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from app.core import db
from app.models import Attachment, Comment, Message, Person, Post
from search import words
from search.index import Document, Mark
from search.look import COUNTED, PAGE
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word
from tests.cast import MORNING
from tests.rules import town
from tests.rules.policy import World
from tests.rules.town import DAY, Kind
from tests.search import asking
from tests.search.oracle import holds, passes
from tests.search.world import BEGINNINGS, KINDS, PHRASES, TYPED, VOCABULARY

WORRIES = ("none", "none", "worried", "urgent")


@dataclass(frozen=True)
class Said:
    """One thing that was said, and the post or message that it is or goes with."""

    document: Document
    tokens: list[str]
    post: int | None = None
    message: int | None = None


@dataclass
class Asked:
    """The same question twice: as a tree with filters, and as somebody would write it."""

    query: Query
    filters: Filters
    written: str


@dataclass
class Town:
    world: World
    said: list[Said]
    chance: random.Random
    _read: dict[tuple[int, datetime], list[Said]] = field(default_factory=dict)

    def found(self, viewer: int, asked: Asked) -> list[Mark]:
        """Everything she may read that matches, newest first."""
        key = viewer, self.world.now
        if key not in self._read:
            self._read[key] = [each for each in self.said if self._reads(viewer, each)]
        found = [
            each.document.mark
            for each in self._read[key]
            if passes(asked.filters, each.document) and holds(each.tokens, asked.query)
        ]
        return sorted(found, reverse=True)

    def asked(self) -> Asked:
        """A question by chance."""
        filters, written = self._filters()
        query = self._query(self.chance.randint(0, 2))
        if not written and query == Everything():
            query = Word("the")
        return Asked(query, filters, " ".join([*written, as_written(query)]).strip())

    def somebody(self) -> Person:
        """Mostly somebody who sees a case."""
        who, everybody = 0, list(self.world.accounts)
        for _ in range(self.chance.choice((1, 30, 30))):
            who = self.chance.choice(everybody)
            if any(self.world.sees_case(who, case) for case in range(1, 6)):
                break
        with db.transaction() as session:
            return session.get_one(Person, who)

    def _reads(self, viewer: int, said: Said) -> bool:
        if said.post is not None:
            return self.world.reads_post(viewer, said.post)
        assert said.message is not None
        by_hand = self.world.spoken[said.message].by_hand
        return by_hand and self.world.reads_message(viewer, said.message)

    def _query(self, depth: int) -> Query:
        chance = self.chance
        if depth == 0:
            leaves: list[Query] = [
                Word(chance.choice(TYPED)),
                Word(chance.choice(TYPED)),
                Prefix(chance.choice([each for each in BEGINNINGS if len(each) > 1])),
                Phrase(chance.choice(PHRASES)),
            ]
            return Everything() if chance.random() < 0.05 else chance.choice(leaves)
        parts = tuple(self._query(depth - 1) for _ in range(chance.randint(2, 3)))
        parts = tuple(each for each in parts if each != Everything()) or (Word("the"),)
        if len(parts) == 1:
            return parts[0]
        trees: list[Query] = [All(parts), All((*parts[:-1], Not(parts[-1]))), Either(parts)]
        return chance.choice(trees)

    def _filters(self) -> tuple[Filters, list[str]]:
        chance = self.chance
        number = chance.randint(1, 5)
        author, agency = chance.choice(list(self.world.accounts)), chance.choice(town.AGENCIES)
        kinds, day = chance.sample(KINDS, 2), MORNING - chance.choice([2, 25]) * DAY
        midnight = day.replace(hour=0, minute=0)
        return chance.choice(
            [
                *[(Filters(), list[str]())] * 6,
                (Filters(things=frozenset({"comment", "file"})), ["in:comment", "in:file"]),
                (Filters(things=frozenset({"message"})), ["in:messages"]),
                (Filters(kinds=frozenset(kinds)), [f"kind:{each}" for each in kinds]),
                (Filters(worries=frozenset({"urgent"})), ["worry:urgent"]),
                (Filters(case_ids=frozenset({number})), [f"case:{number}"]),
                (Filters(agency_ids=frozenset({agency})), [f"agency:{agency}"]),
                (Filters(author_ids=frozenset({author})), [f"from:{author}"]),
                (Filters(since=midnight), [f"since:{day:%Y-%m-%d}"]),
                (Filters(until=midnight), [f"before:{day.day}/{day.month}/{day.year}"]),
            ]
        )


def compare(settled: Town, viewer: Person, asked: Asked) -> tuple[str, int]:
    """What is answered otherwise than by the oracle, and how many things that are not hers."""
    expected = [(mark.thing, mark.id) for mark in settled.found(viewer.id, asked)]
    newest = asking.looked(viewer, asked.written)
    shown, best = asking.things(newest), asking.all_of_it(viewer, asked.written)
    others = len({*shown, *best} - set(expected))
    if shown != expected[:PAGE]:
        return f"newest {shown} for {expected[:PAGE]}", others
    if (newest.count, newest.more) != (min(len(expected), COUNTED), len(expected) > COUNTED):
        return f"counted {newest.count} for {len(expected)}", others
    if sorted(best) != sorted(expected):
        return f"best {len(best)} for {len(expected)}", others
    return "", others


def as_written(query: Query) -> str:
    match query:
        case Word(text):
            return text
        case Prefix(text):
            return f"{text}*"
        case Phrase(texts):
            return f'"{" ".join(texts)}"'
        case All(parts):
            return f"({' '.join(map(as_written, parts))})"
        case Either(parts):
            return f"({' OR '.join(map(as_written, parts))})"
        case Not(part):
            return f"-{as_written(part)}"
        case Everything():
            return ""


def settle(people: Sequence[Kind], posts: int, chance: random.Random) -> Town:
    """The town of the rules, with something said wherever it has a post or a message."""
    world = town.settle(people, posts, chance=chance)
    session = db.session()
    told, spoken = session.scalars(select(Post)).all(), session.scalars(select(Message)).all()
    for post in told:
        post.body, post.kind = _sentence(chance), chance.choice(KINDS)
        post.worry = chance.choice(WORRIES)
        post.meaning = _sentence(chance) if chance.random() < 0.2 else None
    for comment in session.scalars(select(Comment)):
        comment.body = _sentence(chance)
    for message in spoken:
        message.body = _sentence(chance)
    session.add_all(_file(each, chance) for each in told[::3])
    session.add_all(_file(each, chance) for each in spoken[::3])
    session.flush()
    return Town(world, list(_all_that_was_said()), chance)


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(VOCABULARY, k=chance.randint(1, 12)))


def _file(about: Post | Message, chance: random.Random) -> Attachment:
    is_post = isinstance(about, Post)
    return Attachment(
        author_id=about.author_id or 1,
        case_id=about.case_id,
        post_id=about.id if is_post else None,
        message_id=None if is_post else about.id,
        name=f"{'_'.join(_sentence(chance).split()[:3])}.pdf".replace("/", ""),
        type="application/pdf",
        size=1,
        alt=_sentence(chance) if chance.random() < 0.3 else None,
        file="none",
        key=b"",
        verdict="clean",
        kept_at=MORNING - chance.choice([1, 30]) * DAY,
    )


def _all_that_was_said() -> Iterator[Said]:
    session = db.session()
    for post in session.scalars(select(Post)):
        mark = Mark(post.posted_at, "post", post.id)
        text = f"{post.body} {post.meaning or ''}"
        document = _document(mark, text, post, kind=post.kind, worry=post.worry)
        yield _said(document, post=post.id)
    for comment in session.scalars(select(Comment)):
        mark = Mark(comment.posted_at, "comment", comment.id)
        yield _said(_document(mark, comment.body, comment), post=comment.post_id)
    for message in session.scalars(select(Message)):
        mark = Mark(message.said_at, "message", message.id)
        yield _said(_document(mark, message.body, message), message=message.id)
    for file in session.scalars(select(Attachment)):
        mark = Mark(file.kept_at, "file", file.id)
        document = _document(mark, f"{file.name} {file.alt or ''}", file, agency=town.NEITHER)
        yield _said(document, post=file.post_id, message=file.message_id)


def _document(mark, text, row, *, agency=None, kind="", worry="") -> Document:
    agency = agency or row.agency_id
    return Document(mark, text, row.case_id, None, row.author_id or 0, agency, kind, worry)


def _said(document: Document, *, post: int | None = None, message: int | None = None) -> Said:
    return Said(document, words.tokens(document.text), post, message)
