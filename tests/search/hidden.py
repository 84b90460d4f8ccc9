"""What is hidden from somebody, changed again and again: nothing she is answered may change."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select, update

from app import activity
from app.core import clock, db
from app.models import (
    Attachment,
    Case,
    CaseHead,
    Child,
    Comment,
    Membership,
    Message,
    Person,
    Post,
)
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import find
from search.index import BEST, NEWEST
from search.look import Results
from search.suggest import suggest
from tests.cast import Cast
from tests.search import asking
from tests.search.world import BEGINNINGS, PHRASES, TYPED, VOCABULARY, World

# What she is shown of the past begins so long ago.
HISTORY = timedelta(minutes=30)
STRANGE = ("quagmire", "zanzibar", "xylophone", "larder", "Shivaun", "Ngozi")

Kept = Post | Comment | Message | Attachment
Row = TypeVar("Row", bound=Kept)


@dataclass
class Hidden:
    """A world much of which Ruth does not see, and who writes there."""

    cast: Cast
    chance: random.Random
    rows: list[Kept] = field(default_factory=list)

    @property
    def viewer(self) -> Person:
        return self.cast.ruth

    def settle(self, posts: int) -> None:
        World(self.cast, self.chance).settle(posts)
        session = db.session()
        session.execute(
            update(Membership)
            .where(Membership.person_id == self.viewer.id)
            .values(history_from=clock.now() - HISTORY)
        )
        self.shut = session.scalars(
            select(Case).join(Child, Child.id == Case.child_id).where(Child.name == "Somebody Else")
        ).one()
        # The world put its posts there without asking for places.
        session.add(CaseHead(case_id=self.shut.id, position=0))
        session.flush()
        session.execute(update(CaseHead).values(position=10_000))
        cast = self.cast
        self.group = conversations.start(cast.priya, [cast.dan], case=cast.amara, name="Plans")
        self.duo = conversations.start(cast.olive, [cast.mo])
        self.noors = conversations.of_case(cast.olive, cast.noor)

    def speak(self) -> None:
        """Something is said that she does see."""
        self._said(self.cast.priya, self.cast.amara)

    def happen(self) -> str:
        """One thing is said, changed or taken away where she does not see it."""
        act = self.chance.choice([self._add, self._add, self._change, self._take, self._rename])
        if not self.rows:
            act = self._add
        act()
        return act.__name__

    def sentence(self) -> str:
        words = self.chance.choices(VOCABULARY, k=self.chance.randint(1, 30))
        return " ".join([*words, self.chance.choice(STRANGE)])

    def question(self) -> str:
        """Of words that stand in what she sees, in what she does not, and of names."""
        chance = self.chance
        phrase = f'"{" ".join(chance.choice(PHRASES))}"'
        words = [*TYPED, *STRANGE, phrase, *(f"{each}*" for each in BEGINNINGS)]
        picked = chance.sample(words, chance.randint(1, 3))
        name = chance.choice(["noor", "tobi", "somebody", "amara", *STRANGE])
        filters = ["", "", "", "", f"case:{name}", "is:unread", "from:olive", "in:message"]
        written = chance.choice([" ", " OR ", " -"]).join(picked)
        return f"{written} {chance.choice(filters)}".strip()

    def answers(self, questions: list[str]) -> bytes:
        """Everything she receives: hits in either order, page after page, counts, names."""
        told: list[object] = []
        for written in questions:
            for order in (NEWEST, BEST):
                before = None
                for _ in range(3):
                    page = asking.looked(self.viewer, written, order=order, before=before, size=10)
                    told.append(_told(page))
                    before = page.older
                    if not before:
                        break
            with db.transaction(durable=False):
                told.append(find.cases(self.viewer, written))
                for typed in _typed(written):
                    offered = suggest(self.viewer, typed, how="page")
                    # What she asked lately is hers, and asking changes it.
                    told += [each for each in offered if each.thing != "search"]
        return repr(told).encode()

    def _add(self) -> None:
        places: list[Callable[[], Kept]] = [
            self._elsewhere,
            self._shut_away,
            self._for_some,
            self._before_her_time,
            self._taken_back,
            self._commented,
            self._talked,
            self._attached,
        ]
        self.rows.append(self.chance.choice(places)())

    def _change(self) -> None:
        row = self._held(self.chance.choice(self.rows))
        if isinstance(row, Attachment):
            row.alt = self.sentence()
        else:
            row.body = self.sentence()
        self._record(row, "edited" if not isinstance(row, Message) else "message_edited")

    def _take(self) -> None:
        row = self._held(self.rows.pop(self.chance.randrange(len(self.rows))))
        if isinstance(row, Attachment):
            row.name, row.alt = "x", None
        else:
            row.withdrawn_at = clock.now()
        self._record(row, "withdrawn" if not isinstance(row, Message) else "message_withdrawn")

    def _rename(self) -> None:
        """A child she does not know of gets another name."""
        case = self.chance.choice([self.cast.noor, self.shut, self.cast.tobi])
        name = f"{self.chance.choice(STRANGE)} {self.chance.choice(['O', 'R'])}"
        db.session().execute(update(Child).where(Child.id == case.child_id).values(name=name))

    def _elsewhere(self) -> Post:
        cast = self.cast
        author, case = self.chance.choice([(cast.olive, cast.noor), (cast.dan, cast.tobi)])
        return self._said(author, case)

    def _shut_away(self) -> Post:
        return self._said(self.cast.olive, self.shut)

    def _for_some(self) -> Post:
        cast, why = self.cast, {"sharing_reason": "Only he asked"}
        if self.chance.random() < 0.5:
            return self._said(cast.priya, cast.amara, excluded=(self.viewer.agency_id,), **why)
        return self._said(cast.priya, cast.amara, audience="named", people=(cast.dan.id,), **why)

    def _before_her_time(self) -> Post:
        with clock.held(clock.now() - HISTORY - timedelta(minutes=self.chance.randint(1, 99))):
            return self._said(self.cast.dan, self.cast.amara)

    def _taken_back(self) -> Post:
        post = self._said(self.cast.priya, self.cast.amara)
        posts.withdraw(self.cast.priya, post, "Wrong child")
        return post

    def _commented(self) -> Comment:
        post = self.chance.choice([self._elsewhere, self._for_some, self._shut_away])()
        self.rows.append(post)
        author = {self.cast.amara.id: self.cast.priya, self.cast.tobi.id: self.cast.dan}
        return comments.add(author.get(post.case_id, self.cast.olive), post, self.sentence())

    def _talked(self) -> Message:
        cast = self.cast
        places = [(cast.priya, self.group), (cast.olive, self.duo), (cast.olive, self.noors)]
        author, talk = self.chance.choice(places)
        return messages.say(author, talk, self.sentence())

    def _attached(self) -> Attachment:
        with_it = self._for_some() if self.chance.random() < 0.5 else self._talked()
        is_post = isinstance(with_it, Post)
        file = Attachment(
            author_id=with_it.author_id,
            case_id=with_it.case_id,
            post_id=with_it.id if is_post else None,
            message_id=None if is_post else with_it.id,
            name=f"{self.chance.choice(STRANGE)} visit.pdf",
            type="application/pdf",
            size=1,
            alt=self.sentence(),
            file="none",
            key=b"",
            verdict="clean",
            kept_at=clock.now(),
        )
        db.session().add(file)
        self._record(with_it, "edited" if is_post else "message_changed")
        return file

    def _said(self, author: Person, case: Case, **more: Any) -> Post:
        return posts.publish(author, case, Update(self.sentence(), **more))

    def _held(self, row: Row) -> Row:
        return db.session().get_one(type(row), row.id)

    def _record(self, row: Kept, did: str) -> None:
        actor = self.cast.priya
        if isinstance(row, Attachment) and row.message_id is not None:
            row = db.session().get_one(Message, row.message_id)
        if isinstance(row, Message):
            talk = row.conversation_id
            activity.record(actor, did, conversation_id=talk, message_id=row.id)
        else:
            post = row.id if isinstance(row, Post) else row.post_id
            activity.record(actor, did, case_id=row.case_id, post_id=post)


def _typed(written: str) -> list[str]:
    """As it was when its last word, which may be a filter, was half typed, and when it was."""
    begun, _, last = written.rpartition(" ")
    return [f"{begun} {last[:3]}".strip(), written, last]


def _told(page: Results) -> object:
    """All of it but the number of the search, which counts everybody's."""
    found = [(tuple(each.row), each.snippet) for each in page.found]
    return found, page.older, page.count, page.more, page.by_case, page.unknown
