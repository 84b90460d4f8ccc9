"""The plainest search there can be: every row is read, and each is looked at every time.

It shares with the engines how a text falls into words, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sqlalchemy import select

from app.access import Scope
from app.core import clock, db
from app.models import Attachment, Case, Comment, Message, Post, Restriction
from search import words
from search.index import NEWEST, Document, Mark
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word


class Oracle:
    """An index that looks through the database as it is when first asked.

    It may say that it has reached some activity and knows of none after.
    """

    def __init__(self, has_reached: int | None = None) -> None:
        self.has_reached = has_reached

    @cached_property
    def everything(self) -> list[tuple[Document, list[str]]]:
        return [(each, words.tokens(each.text)) for each in _shared()]

    def find(
        self,
        query: Query,
        filters: Filters,
        scope: Scope,
        *,
        order: str = NEWEST,
        before: Mark | None = None,
        size: int = 20,
    ) -> list[Mark]:
        found = []
        for document, its in self.everything:
            inside = (
                document.conversation_id in scope.conversation_ids
                if document.conversation_id
                else document.case_id in scope.case_ids
            )
            later = before is not None and document.mark >= before
            if inside and not later and passes(filters, document) and holds(its, query):
                promise = 0 if order == NEWEST else _promise(its, query)
                found.append((promise, document.mark))
        return [mark for _, mark in sorted(found, reverse=True)[:size]]

    def put(self, documents: Iterable[Document]) -> None:
        pass

    def forget(self, things: Iterable[tuple[str, int]]) -> None:
        pass

    def reached(self) -> int | None:
        return self.has_reached


def holds(its: list[str], query: Query) -> bool:
    stems = [words.stem(each) for each in its]
    if isinstance(query, Word):
        return words.stem(query.text) in its + stems
    if isinstance(query, Prefix):
        return any(each.startswith(query.text) for each in its + stems)
    if isinstance(query, Phrase):
        wanted = "".join(f" {words.stem(each)} " for each in query.words)
        return wanted in "".join(f" {each} " for each in stems)
    if isinstance(query, All):
        return all(holds(its, part) for part in query.parts)
    if isinstance(query, Either):
        return any(holds(its, part) for part in query.parts)
    if isinstance(query, Not):
        return not holds(its, query.part)
    return True


def _promise(its: list[str], query: Query) -> int:
    return sum(holds(its, leaf) for leaf in set(_leaves(query)))


def _leaves(query: Query) -> Iterable[Query]:
    if isinstance(query, All | Either):
        for part in query.parts:
            yield from _leaves(part)
    elif not isinstance(query, Not | Everything):
        yield query


def passes(filters: Filters, document: Document) -> bool:
    at = document.mark.at
    if filters.things and document.mark.thing not in filters.things:
        return False
    if filters.kinds and document.kind not in filters.kinds:
        return False
    if filters.worries and document.worry not in filters.worries:
        return False
    if filters.case_ids and document.case_id not in filters.case_ids:
        return False
    if filters.agency_ids and document.agency_id not in filters.agency_ids:
        return False
    if filters.author_ids and document.author_id not in filters.author_ids:
        return False
    if filters.since and at < filters.since:
        return False
    return not (filters.until and at >= filters.until)


def _shared() -> Iterable[Document]:
    session = db.session()
    shut = {
        each.case_id
        for each in session.scalars(select(Restriction))
        if each.from_at <= clock.now() and (each.until_at is None or each.until_at > clock.now())
    }
    assert shut <= {each.id for each in session.scalars(select(Case))}
    posts = {each.id: each for each in session.scalars(select(Post))}
    messages = {each.id: each for each in session.scalars(select(Message))}
    told = {
        each.id
        for each in posts.values()
        if each.withdrawn_at is None and each.audience == "network" and each.case_id not in shut
    }
    said = {
        each.id
        for each in messages.values()
        if each.withdrawn_at is None and each.kind == "said" and each.case_id not in shut
    }
    for number in told:
        post = posts[number]
        mark = Mark(post.posted_at, "post", number)
        its = f"{post.body} {post.meaning or ''}"
        yield _document(mark, its, post, kind=post.kind, worry=post.worry)
    for number in said:
        message = messages[number]
        mark = Mark(message.said_at, "message", number)
        yield _document(mark, message.body, message, talk=message.conversation_id)
    for comment in session.scalars(select(Comment)):
        if comment.post_id in told and comment.withdrawn_at is None:
            mark = Mark(comment.posted_at, "comment", comment.id)
            yield _document(mark, comment.body, comment)
    for file in session.scalars(select(Attachment)):
        mark, its = Mark(file.kept_at, "file", file.id), f"{file.name} {file.alt or ''}"
        if file.post_id in told:
            yield _document(mark, its, file, agency=posts[file.post_id].agency_id)
        elif file.message_id in said:
            went_with = messages[file.message_id]
            talk, agency = went_with.conversation_id, went_with.agency_id
            yield _document(mark, its, file, talk=talk, agency=agency)


def _document(mark, text, row, *, talk=None, agency=None, kind="", worry="") -> Document:
    agency = agency or row.agency_id
    return Document(mark, text, row.case_id, talk, row.author_id, agency, kind, worry)
