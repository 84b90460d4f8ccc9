"""Which saved searches find what has just been said, of all there are.

Each is read once in a process and kept there by a word that a text must hold to match: of
thousands few are looked at. Nobody is asked here whether they may read it: that is asked of the
rules when they are told, and again when they look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, literal, select, union_all

from app.core import db, seals
from app.core.db import AnyRow
from app.models import (
    KINDS,
    Activity,
    Agency,
    Attachment,
    Case,
    Child,
    ChildName,
    Comment,
    Counter,
    Message,
    Person,
    Post,
    SavedSearch,
)
from search import documents, filters, matching, parsing, words
from search.filters import Names
from search.index import Document
from search.matching import Text
from search.query import All, Either, Phrase, Prefix, Query, Word

# What is new, by what was done, and the things to look through then.
NEW = {
    "published": ("post", "file"),
    "edited": ("post", "file"),
    "commented": ("comment",),
    "said": ("message", "file"),
    "message_edited": ("message",),
}
COUNTER = "saved_searches"
# Of a longer beginning this much makes its key.
LONGEST_KEY = 8


@dataclass(frozen=True)
class Found:
    """The searches that found something, and whose each is.

    It is this comment, or what was published or said.
    """

    searches: Mapping[int, int] = field(default_factory=dict)
    comment_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """One saved search, read."""

    id: int
    person_id: int
    query: Query
    filters: filters.Settled

    def kept_under(self) -> Iterable[str | None]:
        """The keys: words, or else kinds of post, or else nothing."""
        kinds = [f"kind:{kind}" for kind in self.filters.filters.kinds]
        return keys(self.query) or kinds or (None,)

    def finds(self, document: Document, text: Text, names: Names) -> bool:
        """Whether it finds it, for her whose search it is; what is unread is all that is new."""
        return (
            document.author_id != self.person_id
            and not self.filters.unknown
            and matching.lets_in(self.filters.filters, document)
            and matching.matches(self.query, text)
            and filters.let_in(self.person_id, self.filters.named, document, names)
        )


@dataclass(frozen=True)
class _Kept:
    """All that alert, by what is sealed, and by a key of which a text that matches holds one."""

    version: int | None = None
    by_terms: Mapping[str, Wanted] = field(default_factory=dict)
    by_key: Mapping[str | None, Sequence[Wanted]] = field(default_factory=dict)


_kept = _Kept()


def of(done: Activity) -> Found:
    """The saved searches that find what was done, if it is something new that was said."""
    if done.did not in NEW:
        return Found()
    with db.transaction(durable=False):
        said = _said(done)
        if not said:
            return Found()
        names = _names(said[0])
        version = db.session().scalar(select(Counter.value).where(Counter.name == COUNTER))
        changed = _rows() if version != _kept.version else None
    if changed is not None:
        _read(version, changed)
    found = {each.id: each.person_id for doc in said for each in _finding(doc, names)}
    return Found(found, said[0].mark.id if done.did == "commented" else None)


def keys(query: Query) -> frozenset[str] | None:
    """Of these a text that matches holds at least one; none where it need not hold any."""
    match query:
        case Word(word):
            return frozenset({words.stem(word)})
        case Prefix(beginning) if len(beginning) >= parsing.SHORTEST:
            return frozenset({_key(beginning)})
        case Phrase(phrase):
            return frozenset({words.stem(max(phrase, key=len))})
        case All(parts):
            some = [each for each in map(keys, parts) if each is not None]
            # The longer a word, the fewer texts hold it.
            return min(some, key=lambda each: (len(each), -min(map(len, each))), default=None)
        case Either(parts):
            each = [keys(part) for part in parts]
            return None if None in each else frozenset(chain(*filter(None, each)))
    return None


def _finding(document: Document, names: Names) -> Iterator[Wanted]:
    text = matching.read(document.text)
    for key in (None, f"kind:{document.kind}", *text.held, *beginnings(text.held)):
        for wanted in _kept.by_key.get(key, ()):
            if wanted.finds(document, text, names):
                yield wanted


def beginnings(held: Iterable[str]) -> set[str]:
    """The keys of how these words begin."""
    lengths = range(parsing.SHORTEST, LONGEST_KEY + 1)
    return {_key(each[:length]) for each in held for length in lengths if length <= len(each)}


def _key(beginning: str) -> str:
    # No word has a star in it.
    return f"{beginning[:LONGEST_KEY]}*"


def _read(version: int | None, rows: Sequence[AnyRow]) -> None:
    """Read those that are new; what is sealed is never the same twice, and never changes."""
    global _kept
    by_terms = {row.terms: _kept.by_terms.get(row.terms) or _wanted(row) for row in rows}
    by_key: dict[str | None, list[Wanted]] = {}
    for each in by_terms.values():
        for key in each.kept_under():
            by_key.setdefault(key, []).append(each)
    _kept = _Kept(version, by_terms, by_key)


def _wanted(row: AnyRow) -> Wanted:
    parsed = parsing.parse(seals.opened(row.terms) or "")
    return Wanted(row.id, row.person_id, parsed.query, filters.settle(parsed.filters))


def _rows() -> Sequence[AnyRow]:
    return (
        db.session()
        .execute(
            select(SavedSearch.id, SavedSearch.person_id, SavedSearch.terms).where(
                SavedSearch.alerts
            )
        )
        .all()
    )


def _said(done: Activity) -> list[Document]:
    """What was said, as it is now; nothing that is restricted, for some alone, or brought in."""
    asked = {"post": done.post_id, "message": done.message_id, "by": done.actor_id, "at": done.at}
    return documents.read(db.rows(_new(done.did), asked))


def _names(document: Document) -> Names:
    found: dict[str, set[str]] = {"child": set(), "author": set(), "agency": set()}
    asked = {
        "case": document.case_id,
        "author": document.author_id,
        "agency": document.agency_id,
    }
    for row in db.rows(_called(), asked):
        found[row.what].add(row.name)
    return Names(**found)


@cache
def _new(did: str) -> Any:
    post, message = (bindparam(name, type_=db.BigKey) for name in ("post", "message"))
    newest = (
        select(Comment.id)
        .where(
            Comment.post_id == post,
            Comment.author_id == bindparam("by", type_=db.BigKey),
            Comment.posted_at <= bindparam("at", type_=db.Instant),
        )
        .order_by(Comment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    is_it = {
        "post": Post.id == post,
        "comment": Comment.id == newest,
        "message": Message.id == message,
        "file": Attachment.message_id == message if did == "said" else Attachment.post_id == post,
    }
    each = [
        documents.columns(thing).where(documents.belongs(thing), is_it[thing]) for thing in NEW[did]
    ]
    if did in ("published", "edited"):
        each = [rows.where(Post.source.is_(None), Post.kind.in_(list(KINDS))) for rows in each]
    return union_all(*each)


@cache
def _called() -> Any:
    def called(what: str, name: Any) -> Any:
        return select(literal(what).label("what"), name.label("name"))

    case, author, agency = (
        bindparam(name, type_=db.BigKey) for name in ("case", "author", "agency")
    )
    child = select(Case.child_id).where(Case.id == case).scalar_subquery()
    return union_all(
        called("child", Child.name).where(Child.id == child),
        called("child", ChildName.name).where(ChildName.child_id == child),
        called("author", Person.name).where(Person.id == author),
        called("agency", Agency.name).where(Agency.id == agency),
    )
