"""Much that was said, by chance: for engines to agree about, and for nobody to leak."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core import clock
from app.models import (
    Attachment,
    Audience,
    Case,
    Child,
    Comment,
    Conversation,
    ConversationHead,
    Exclusion,
    Membership,
    Message,
    Participant,
    Person,
    Post,
    Restriction,
)
from search.query import All, Either, Everything, Filters, Not, Phrase, Prefix, Query, Word
from tests.cast import Cast, kept

VOCABULARY = """
visit visits visited visiting school schools home no further action alone seen worried worry
worries mother’s mother Zoë zoe Straße emergency nurse nursery nursing the a in of to not brought
12/11 LE2 O'Connor step-father missing returned returns happy happier unhappy tea teacher teaching
""".split()
TYPED = [
    "visit",
    "visits",
    "school",
    "further",
    "no",
    "the",
    "nursing",
    "worry",
    "mother",
    "zoe",
    "happy",
    "tea",
    "teacher",
]
BEGINNINGS = ["vi", "visi", "nur", "tea", "wor", "strass", "ret", "o"]
PHRASES = [("no", "further", "action"), ("seen", "alone"), ("not", "brought"), ("step", "father")]
KINDS = ["update", "visit", "concern", "question"]


@dataclass
class World:
    """The cast with much said in their cases, which hold restricted and named things too."""

    cast: Cast
    chance: random.Random

    def sentence(self) -> str:
        return " ".join(self.chance.choices(VOCABULARY, k=self.chance.randint(1, 12)))

    def settle(self, posts: int) -> None:
        """As many posts, and a third of it of whatever else is searched."""
        cast = self.cast
        shut = self._shut()
        talks = self._talks(shut)
        cases = [cast.amara, cast.tobi, cast.noor, shut]
        told = [self._post(number, self.chance.choice(cases)) for number in range(1, posts + 1)]
        kept(*told)
        named = [each for each in told if each.audience == "named"]
        kept(*(Audience(post_id=each.id, person_id=cast.dan.id) for each in named))
        kept(
            *(
                Exclusion(post_id=each.id, agency_id=cast.dan.agency_id)
                for each in told
                if each.audience == "network" and self.chance.random() < 0.1
            )
        )
        kept(*(self._comment(self.chance.choice(told)) for _ in range(posts // 3)))
        said = [self._message(number, talks) for number in range(1, posts // 3 + 1)]
        kept(*said)
        kept(*(self._file(told, said) for _ in range(posts // 3)))

    def query(self) -> Query:
        return self._query(self.chance.randint(0, 2))

    def filters(self) -> Filters:
        """None of the time, mostly one thing."""
        chance, cast = self.chance, self.cast
        since = clock.now() - timedelta(minutes=chance.randint(0, 60))
        return chance.choice(
            [
                *[Filters()] * 6,
                Filters(things=frozenset(chance.sample(["post", "comment", "message", "file"], 2))),
                Filters(kinds=frozenset(chance.sample(KINDS, 2))),
                Filters(worries=frozenset({"worried"})),
                Filters(case_ids=frozenset({cast.amara.id, cast.noor.id})),
                Filters(agency_ids=frozenset({cast.priya.agency_id})),
                Filters(author_ids=frozenset({cast.dan.id, cast.olive.id})),
                Filters(since=since, until=since + timedelta(minutes=20)),
            ]
        )

    def _query(self, depth: int) -> Query:
        chance = self.chance
        if depth == 0:
            leaves: list[Query] = [
                Word(chance.choice(TYPED)),
                Word(chance.choice(TYPED)),
                Prefix(chance.choice(BEGINNINGS)),
                Phrase(chance.choice(PHRASES)),
            ]
            return Everything() if chance.random() < 0.03 else chance.choice(leaves)
        parts = tuple(self._query(depth - 1) for _ in range(chance.randint(2, 3)))
        trees: list[Query] = [All(parts), All((*parts[:-1], Not(parts[-1]))), Either(parts)]
        return chance.choice(trees)

    def _shut(self) -> Case:
        """A case for its members alone, in which Olive and Dan are."""
        cast, began = self.cast, clock.now() - timedelta(days=30)
        (child,) = kept(Child(name="Somebody Else"))
        (shut,) = kept(Case(child_id=child.id, opened_at=began))
        kept(
            Restriction(
                case_id=shut.id,
                from_at=began,
                reason="A colleague is related",
                decided_by_id=cast.olive.id,
            )
        )
        for person in (cast.olive, cast.dan):
            kept(
                Membership(
                    case_id=shut.id,
                    person_id=person.id,
                    agency_id=person.agency_id,
                    role=person.role,
                    is_lead=person is cast.olive,
                    from_at=began,
                    until_at=clock.now() + timedelta(days=335),
                    reason="Works with the family",
                    decided_by_id=cast.olive.id,
                )
            )
        return shut

    def _talks(self, shut: Case) -> list[Conversation]:
        cast, at = self.cast, clock.now() - timedelta(days=1)

        def talk(kind: str, about: Case | None, *people: Person) -> Conversation:
            by = people[0] if people else cast.priya
            case_id = about.id if about else None
            (made,) = kept(
                Conversation(kind=kind, case_id=case_id, created_by_id=by.id, created_at=at)
            )
            kept(ConversationHead(conversation_id=made.id, position=0, said_at=at))
            kept(
                *(
                    Participant(
                        conversation_id=made.id, person_id=each.id, added_by_id=by.id, from_at=at
                    )
                    for each in people
                )
            )
            return made

        return [
            talk("case", cast.amara),
            talk("case", shut),
            talk("group", None, cast.priya, cast.dan, cast.olive),
            talk("direct", None, cast.priya, cast.mo),
            talk("group", cast.amara, cast.priya, cast.ruth),
        ]

    def _post(self, number: int, case: Case) -> Post:
        chance, author, at = self.chance, self._author(), self._at()
        body = self.sentence()
        return Post(
            case_id=case.id,
            position=number,
            author_id=author.id,
            agency_id=author.agency_id,
            author_role=author.role,
            kind=chance.choice(KINDS),
            worry=chance.choice(["none", "none", "worried"]),
            body=body,
            body_html=body,
            cleaner=0,
            occurred_at=at,
            posted_at=at,
            meaning=self.sentence() if chance.random() < 0.2 else None,
            audience="named" if chance.random() < 0.1 else "network",
            withdrawn_at=at if chance.random() < 0.05 else None,
        )

    def _comment(self, post: Post) -> Comment:
        author, body = self._author(), self.sentence()
        return Comment(
            post_id=post.id,
            case_id=post.case_id,
            author_id=author.id,
            agency_id=author.agency_id,
            author_role=author.role,
            body=body,
            body_html=body,
            posted_at=self._at(),
            withdrawn_at=clock.now() if self.chance.random() < 0.05 else None,
        )

    def _message(self, number: int, talks: list[Conversation]) -> Message:
        author, body, talk = self._author(), self.sentence(), self.chance.choice(talks)
        return Message(
            conversation_id=talk.id,
            case_id=talk.case_id,
            position=number,
            kind="said" if self.chance.random() < 0.95 else "joined",
            author_id=author.id,
            agency_id=author.agency_id,
            author_role=author.role,
            body=body,
            body_html=body,
            cleaner=0,
            said_at=self._at(),
            withdrawn_at=clock.now() if self.chance.random() < 0.05 else None,
        )

    def _file(self, posts: list[Post], messages: list[Message]) -> Attachment:
        chance = self.chance
        post = chance.choice(posts) if chance.random() < 0.6 else None
        message = chance.choice(messages) if post is None and chance.random() < 0.9 else None
        about = post or message
        return Attachment(
            author_id=self._author().id,
            case_id=about.case_id if about else None,
            post_id=post.id if post else None,
            message_id=message.id if message else None,
            name=f"{'_'.join(self.sentence().split()[:3])}.pdf".replace("/", ""),
            type="application/pdf",
            size=1,
            alt=self.sentence() if chance.random() < 0.3 else None,
            file="none",
            key=b"",
            verdict="clean",
            kept_at=self._at(),
        )

    def _author(self) -> Person:
        return self.chance.choice([self.cast.priya, self.cast.dan, self.cast.ruth, self.cast.olive])

    def _at(self) -> datetime:
        """Within an hour, and often in the same minute as something else."""
        return clock.now() - timedelta(minutes=self.chance.randint(0, 60))
