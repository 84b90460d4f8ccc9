"""A street in which whatever somebody can write is a canary, and who may meet which.

Each audience has a canary of its own: what goes to the network, to those named, not to one
agency, before somebody's history begins. `SCOPE` is written by hand from the rules in the docs,
and never asks the code who may see what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, inspect, select

from app import attachments, models
from app.casework import (
    cases,
    children,
    conflicts,
    emergencies,
    families,
    look_ups,
    measures,
    networks,
    restrictions,
    tokens,
)
from app.core import clock, db
from app.models import Case, Child, ChildName, Conversation, Message, Person, Post, Review
from app.monitor import alerts
from feeds import acknowledgements, comments, drafts, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import saved
from tests.cast import MORNING, Cast

OLD, LATELY = MORNING - timedelta(days=20), MORNING - timedelta(days=1)
HISTORY = MORNING - timedelta(days=10)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

# What everybody round Amara meets: "amara" stands for all that the network is told, "old" was
# written before Ruth's history, "excluded" is not for Eva's agency, and two emergencies; "net" is
# what the network says to each other, "netold" what it said before Ruth's history.
AMARA = {"amara", "old", "excluded", "glass", "over", "net", "netold"}
# What is said to some: a group about Amara, and what was said in it before Nia was added and
# Ruth's history begins; a group and two people about no case.
TALK = {"net", "netold", "plan", "planold", "circle", "duo", "pair"}

SCOPE: dict[str, set[str]] = {
    "lead": AMARA
    | {"tobi", "named", "conflict", "lookup", "answered", "draftpriya", "token", "kept"}
    | {"plan", "planold", "circle"},
    "member": AMARA | {"tobi", "draftdan", "plan", "planold", "duo"},
    "member with a cut history": AMARA - {"old", "netold"} | {"plan"},
    "member of an excluded agency": AMARA - {"excluded"},
    "person named in a post": AMARA | {"named", "plan"},
    "supervising manager": AMARA
    | {"tobi", "conflict", "lookup", "answered", "asking", "plan", "planold"},
    # Noor's case is restricted. As a manager he may be the second of two people.
    "manager of a restricted case": {"asking", "pair"},
    "leaver": set(),
    "conflicted member": set(),
    "break-glass holder": set(AMARA),
    "break-glass over": {"over", "asking", "lookup", "answered"},
    "stranger": {"noor", "draftolive", "asking", "circle", "duo", "pair"},
    "administrator": set(),
    # To decide whether an emergency was one, they read the sentence that was given.
    "auditor": {"review", "over", "glass"},
    "closed account": set(),
    "nobody": set(),
}
# For nobody: what was withdrawn, where colleagues live, and the draft of who is kept apart.
NOBODYS = {"gone", "home", "draftcleo"}
# Only these: keys and tokens are random letters, and some day hold two z twice.
CANARY = re.compile(rf"zz({'|'.join(NOBODYS.union(*SCOPE.values()))})zz", re.IGNORECASE)

# Who opens which emergency's own page, wherever else its reason may be read.
EMERGENCIES = {
    "over": {"break-glass over"},
    "glass": {"break-glass holder"},
    "asking": {
        "break-glass over",
        "supervising manager",
        "manager of a restricted case",
        "stranger",
    },
}
# Who has had a case and lost it.
LOST = {
    "amara": {"leaver", "conflicted member", "break-glass over", "supervising manager"},
    "tobi": set(),
    "noor": {"manager of a restricted case"},
}
# What only leads are told of.
LEADS = {"lead", "supervising manager"}

# The noun behind a number in an address, where its name is not the name of the table.
NAMED = {"emergency": "BreakGlass", "link": "FamilyLink"}


def canary(word: str) -> str:
    return f"zz{word}zz"


def met(text: str) -> set[str]:
    return {word.lower() for word in CANARY.findall(text)}


@dataclass(frozen=True)
class Street:
    """Who plays which role; nobody has no account."""

    cast: Cast
    roles: dict[str, Person | None]

    def role_of(self, person_id: int) -> str:
        return next(role for role, who in self.roles.items() if who and who.id == person_id)

    def numbers(self, argument: str) -> dict[int, set[str]]:
        """Every number an address may hold in this place, and the words that stand behind it."""
        noun = _noun(argument)
        if noun is None:
            return {1: set()}
        with db.transaction() as session:
            rows = session.scalars(select(noun).order_by(*inspect(noun).primary_key)).all()
            return {row.id: self._behind(row) for row in rows}

    def is_open(self, role: str, argument: str, number: int, words: set[str]) -> bool:
        """Whether somebody may learn that there is such a thing, as written down by hand."""
        if argument == "emergency_id":
            return any(role in EMERGENCIES.get(word, ()) for word in words)
        if argument in ("conflict_id", "look_up_id"):
            return role in LEADS
        if argument == "review_id":
            return role == "auditor"
        who = self.roles[role]
        if argument == "notice_id":
            return words == {f"own {who.id if who else 0}"}
        return words <= SCOPE[role] | {f"own {who.id if who else 0}"}

    def _behind(self, row: Any) -> set[str]:
        columns = [column.key for column in inspect(type(row)).columns]
        written = {word for name in columns for word in met(str(getattr(row, name, None) or ""))}
        if isinstance(row, Case | models.Alert | models.Reading):
            return self._of_what_has_no_words(row, written)
        if isinstance(row, Person):
            return set()
        if isinstance(row, Conversation):
            return written or self._in_talk(row)
        if isinstance(row, Message):
            talk = db.session().get_one(Conversation, row.conversation_id)
            return written or self._behind(talk)
        if isinstance(row, models.Notice):
            return {f"own {row.person_id}"}  # nobody was told of what they may not read
        for name in {"child_id", "other_child_id"} & set(columns):
            child_id = getattr(row, name)
            with_case = db.session().scalars(select(Case.id).where(Case.child_id == child_id))
            written |= {self._of_case(with_case.one())}
        case = self._of_case(row.case_id) if getattr(row, "case_id", None) else "amara"
        if case != "amara" or (not written and "case_id" in columns):
            written |= {case}
        return written or ({f"own {row.person_id}"} if "person_id" in columns else set())

    def _in_talk(self, talk: Conversation) -> set[str]:
        """The two of a conversation that has no name, or the network of a case."""
        if talk.case_id is not None:
            return {self._of_case(talk.case_id)}
        cast = self.cast
        return {"duo" if talk.pair == f"{cast.dan.id}-{cast.olive.id}" else "pair"}

    def _of_what_has_no_words(self, row: Any, written: set[str]) -> set[str]:
        if isinstance(row, Case):
            return {self._of_case(row.id)}
        return (
            self._of_alert(row) if isinstance(row, models.Alert) else self._of_score(row, written)
        )

    def _of_alert(self, alert: models.Alert) -> set[str]:
        """What is about a post is as open as that; what began long ago is of the history."""
        if alert.post_id is not None:
            return self._behind(db.session().get_one(Post, alert.post_id))
        is_old = alert.case_id == self.cast.amara.id and alert.since < HISTORY
        return {"old"} if is_old else {self._of_case(alert.case_id)}

    def _of_score(self, reading: models.Reading, written: set[str]) -> set[str]:
        """As open as the post it was told with; by itself, what stands in it says whose it is."""
        if reading.withdrawn_at is not None:
            return {"gone"}
        if reading.post_id is not None:
            return self._behind(db.session().get_one(Post, reading.post_id))
        return written or {self._of_case(reading.case_id)}

    def _of_case(self, case_id: int) -> str:
        cast = self.cast
        return {cast.amara.id: "amara", cast.tobi.id: "tobi", cast.noor.id: "noor"}[case_id]


def settle(cast: Cast) -> Street:
    """Put the street round the cast into the database of the open transaction."""
    roles = _people(cast)
    street = Street(cast, roles)
    _long_ago(street)
    _said_long_ago(street)
    _lately(street)
    _said_in_part(street)
    _kept_apart(street)
    _other_cases(street)
    _asked(street)
    _in_emergencies(street)
    _said(street)
    _pointed_out(street)
    _scored(street)
    _saved(street)
    _told_elsewhere(street)
    return street


def _told_elsewhere(street: Street) -> None:
    """Amara and Tobi may be one child; what another system told of Tobi names Tobi."""
    cast = street.cast
    first, last = sorted((cast.amara.child_id, cast.tobi.child_id))
    pair = models.ChildLink(
        child_id=first,
        other_child_id=last,
        kind="same",
        score=20,
        why="born surname",
        found_at=clock.now(),
    )
    told = models.Telling(
        case_id=cast.tobi.id,
        source="ssda903",
        as_at=clock.today(),
        brought_in_at=clock.now(),
        facts={"upn": canary("tobi")},
        history=[],
    )
    db.session().add_all([pair, told])
    db.session().flush()


def _people(cast: Cast) -> dict[str, Person | None]:
    def newcomer(name: str, agency_id: int) -> Person:
        made = Person(
            name=name,
            role="Nurse",
            agency_id=agency_id,
            email=f"{name.split(maxsplit=1)[0].lower()}@kith.example",
            created_at=OLD,
            home_address=canary("home"),
            home_postcode=canary("home"),
        )
        db.session().add(made)
        return made

    # Eva works for the agency that one post is kept from; so did Lee, who has left.
    roles: dict[str, Person | None] = {
        "lead": cast.priya,
        "member": cast.dan,
        "member with a cut history": cast.ruth,
        "member of an excluded agency": newcomer("Eva Stone", cast.lee.agency_id),
        "person named in a post": newcomer("Nia Frost", cast.ruth.agency_id),
        "supervising manager": cast.mo,
        "manager of a restricted case": cast.otto,
        "leaver": cast.lee,
        "conflicted member": newcomer("Cleo Marsh", cast.ruth.agency_id),
        "break-glass holder": newcomer("Glen Ford", cast.ruth.agency_id),
        "break-glass over": newcomer("Gwen Hale", cast.ruth.agency_id),
        "stranger": cast.olive,
        "administrator": cast.ada,
        "auditor": cast.audrey,
        "closed account": cast.zed,
        "nobody": None,
    }
    db.session().flush()
    return roles


def _saved(street: Street) -> None:
    """Everybody is told of whatever canary somebody says from now on; one search is called so."""
    for who in street.roles.values():
        if who is not None:
            saved.save(who, "zz*")
    saved.save(street.cast.priya, canary("kept"), canary("kept"), alerts=False)


def _pointed_out(street: Street) -> None:
    """What needs a look: of now, of long ago, about a post for some alone, and decided about."""
    cast = street.cast
    for case, days in ((cast.amara, 3), (cast.amara, 20), (cast.tobi, 3), (cast.noor, 3)):
        kind = "quiet" if days > 9 else "no_lead"
        _point_out(case, kind, MORNING - days * DAY)
    for word, kind in (("named", "unacknowledged"), ("excluded", "unanswered")):
        about = db.session().scalars(select(Post).where(Post.body.contains(canary(word)))).first()
        assert about
        _point_out(cast.amara, kind, about.posted_at, about)
    decided = _point_out(cast.noor, "review_due", MORNING - 3 * DAY)
    with clock.held(MORNING):
        alerts.answer(cast.olive, decided.id, "expected", canary("noor"))


def _point_out(case: Case, kind: str, since: datetime, about: Post | None = None) -> models.Alert:
    made = models.Alert(
        case_id=case.id,
        kind=kind,
        post_id=about and about.id,
        since=since,
        opened_at=MORNING,
        window=28,
        count=0,
        low=4,
        high=9,
    )
    db.session().add(made)
    db.session().flush()
    return made


def _scored(street: Street) -> None:
    """Scores of now, of long ago, of another case, and one that was taken back.

    A score holds no words; the system it is from stands for whose it is.
    """
    cast = street.cast
    told = (
        (cast.amara, "amara", LATELY),
        (cast.amara, "old", OLD),
        (cast.amara, "old", OLD),
        (cast.noor, "noor", LATELY),
        (cast.amara, "gone", LATELY),
    )
    for case, word, at in told:
        with clock.held(at):
            who = cast.olive if case is cast.noor else cast.priya
            made = _score(who, case)
            made.source = canary(word)
    db.session().flush()
    measures.withdraw(cast.priya, made, canary("gone"))


def _score(who: Person, case: Case, post: Post | None = None) -> models.Reading:
    """Another one each time: the same person keeps the same score of one day once."""
    many = db.session().scalar(select(func.count(models.Reading.id))) or 0
    rater, value = divmod(many, 11)
    rated_by = list(models.RATERS)[rater % len(models.RATERS)]
    score = measures.Score(measures.offered()[0].id, value, rated_by, clock.today())
    return measures.record(who, case, [score], post)[0]


def _file(author: Person, case: Case, word: str) -> tuple[int, ...]:
    """A file whose name, words and description are a canary; not posted yet."""
    sent = attachments.take(f"{word}.txt", word.encode())
    return (attachments.keep(author, case, sent, word).id,)


def _long_ago(street: Street) -> None:
    cast, old = street.cast, canary("old")
    with clock.held(OLD):
        update = Update(
            old, worry="worried", meaning=old, attachments=_file(cast.priya, cast.amara, old)
        )
        post = posts.publish(cast.priya, cast.amara, update)
        comments.add(cast.dan, post, old)
        due = Update(old, kind="question", due_at=MORNING + DAY, meaning=old)
        posts.publish(cast.dan, cast.amara, due)
    for membership in db.session().scalars(
        select(models.Membership).where(models.Membership.person_id == cast.ruth.id)
    ):
        membership.history_from = HISTORY


def _lately(street: Street) -> None:
    """All that the network of Amara is told, and what is kept from some of it."""
    cast, word = street.cast, canary("amara")
    with clock.held(LATELY):
        _describe(cast.priya, cast.amara, "amara")
        families.link_adult(cast.priya, cast.amara, word, word, same_household=True)
        relative = cases.family(cast.priya, cast.amara)[-1]
        tie = families.Tie(contact="none", contact_reason=word, said_by=word)
        families.describe_tie(cast.priya, cast.amara, relative.link_id, tie)
        for role in ("member of an excluded agency", "person named in a post", "conflicted member"):
            joins = street.roles[role]
            assert joins
            networks.add(cast.priya, cast.amara, joins, role=word, reason=word)
        networks.renew(
            cast.priya, cast.amara, cast.dan, until_on=clock.today() + DAY * 9, reason=word
        )
        again = networks.add(cast.priya, cast.amara, cast.lee, role=word, reason=word)
        db.session().flush()
        restrictions.restrict(cast.priya, cast.amara, word)
        restrictions.lift(cast.priya, cast.amara, word)
        files = _file(cast.priya, cast.amara, word)
        update = Update(word, worry="urgent", phoned=True, attachments=files)
        urgent = posts.publish(cast.priya, cast.amara, update)
        acknowledgements.add(cast.dan, urgent)
        posts.edit(cast.priya, urgent, f"{word} better, @Dan Hughes", word)
        asked = Update(word, kind="question", due_at=MORNING + HOUR, meaning=word, referral=word)
        answered = posts.publish(cast.dan, cast.amara, asked)
        comments.accept(cast.dan, answered, comments.add(cast.priya, answered, word))
        _narrowed(street)
        _withdrawn(street)
        assert again.person_id == cast.lee.id
        networks.remove(cast.priya, cast.amara, cast.lee, word)
    with clock.held(MORNING):
        drafts.save(cast.priya, cast.amara, {"body": canary("draftpriya")})
        _file(cast.priya, cast.amara, canary("draftpriya"))
        drafts.save(cast.dan, cast.amara, {"body": canary("draftdan")})
        tokens.issue(cast.priya, canary("token"))


def _describe(lead: Person, case: Case, name: str) -> None:
    word = canary(name)
    child = db.session().get_one(Child, case.child_id)
    child.name, child.school, child.address = f"{name.title()} {word}", word, word
    child.postcode, child.council_id = word, word
    db.session().add(ChildName(child_id=child.id, name=f"Also {word}"))
    cases.set_before_visit(lead, case, word)
    cases.add_key_date(lead, case, word, MORNING + 3 * DAY)
    cases.change_status(lead, case, "child_in_need", since=clock.today(), reason=word)


def _narrowed(street: Street) -> None:
    cast, word = street.cast, canary("named")
    named = _for_one(street)
    posts.edit(cast.priya, named, f"{word} better", word)
    kept = _not_for_an_agency(street)
    comments.withdraw(cast.dan, comments.add(cast.dan, kept, canary("gone")), canary("gone"))


def _withdrawn(street: Street) -> None:
    cast, word = street.cast, canary("gone")
    files = _file(cast.priya, cast.amara, word)
    update = Update(word, worry="urgent", phoned=True, attachments=files)
    gone = posts.publish(cast.priya, cast.amara, update)
    comments.add(cast.dan, gone, word)
    posts.edit(cast.priya, gone, f"{word} better")
    posts.withdraw(cast.priya, gone, word)


def _kept_apart(street: Street) -> None:
    cast, cleo = street.cast, street.roles["conflicted member"]
    assert cleo
    with clock.held(LATELY + HOUR):
        drafts.save(cleo, cast.amara, {"body": canary("draftcleo")})
        conflicts.declare(cast.priya, cast.amara, cleo, canary("conflict"))


def _other_cases(street: Street) -> None:
    cast = street.cast
    with clock.held(LATELY):
        _describe(cast.priya, cast.tobi, "tobi")
        files = _file(cast.priya, cast.amara, canary("amara"))
        both = Update(canary("amara"), kind="visit", seen=True, seen_alone=True, attachments=files)
        posts.publish(cast.priya, cast.amara, both, also=[cast.tobi])
        comments.add(
            cast.priya, posts.publish(cast.priya, cast.tobi, Update(canary("tobi"))), canary("tobi")
        )
        word = canary("noor")
        _describe(cast.olive, cast.noor, "noor")
        update = Update(word, kind="question", due_at=MORNING + HOUR, meaning=word)
        comments.add(cast.olive, posts.publish(cast.olive, cast.noor, update), word)
        files = _file(cast.olive, cast.noor, word)
        urgent = Update(word, worry="urgent", phoned=True, attachments=files)
        posts.edit(cast.olive, posts.publish(cast.olive, cast.noor, urgent), f"{word} better", word)
        restrictions.restrict(cast.olive, cast.noor, word)
    with clock.held(MORNING):
        drafts.save(cast.olive, cast.noor, {"body": canary("draftolive")})


def _asked(street: Street) -> None:
    """Gwen asks about Amara twice; one request waits, the other is answered."""
    cast, gwen = street.cast, street.roles["break-glass over"]
    assert gwen
    child = db.session().get_one(Child, cast.amara.child_id)
    sought = children.Sought(child.name or "", child.born_on, None, child.postcode)
    with clock.held(LATELY):
        answered = look_ups.ask(gwen, sought, canary("answered"))
        look_ups.ask(gwen, sought, canary("lookup"))
        db.session().flush()
        look_ups.answer(cast.priya, answered.id, "declined", canary("answered"))


def _in_emergencies(street: Street) -> None:
    cast = street.cast
    gwen, glen = street.roles["break-glass over"], street.roles["break-glass holder"]
    assert gwen
    assert glen

    def breaks(person: Person, case: Case, word: str) -> None:
        why = emergencies.why("cover", f"{canary(word)} cannot wait")
        sought = children.of_case(str(case.id))
        emergencies.break_glass(person, sought, why)

    with clock.held(MORNING - 3 * HOUR):
        breaks(gwen, cast.amara, "over")
    with clock.held(MORNING - 30 * MINUTE):
        breaks(glen, cast.amara, "glass")
        breaks(gwen, cast.noor, "asking")
    review = db.session().scalars(select(Review).order_by(Review.id)).first()
    assert review, "an emergency is reviewed"
    review.outcome, review.note = "justified", canary("review")
    review.reviewed_by_id, review.reviewed_at = cast.audrey.id, clock.now()


def _said_long_ago(street: Street) -> None:
    """Before Ruth's history: in the network's own conversation, and in a group about Amara."""
    cast = street.cast
    with clock.held(OLD):
        net = conversations.of_case(cast.priya, cast.amara)
        messages.say(cast.dan, net, canary("netold"))
        inside = [cast.dan, cast.mo, cast.ruth]
        plan = conversations.start(cast.priya, inside, case=cast.amara, name=canary("plan"))
        messages.say(cast.dan, plan, canary("planold"))


def _said_in_part(street: Street) -> None:
    """Nia is added to the group from now on, and so is Cleo, who will be kept apart."""
    cast = street.cast
    with clock.held(LATELY + MINUTE):
        for role in ("person named in a post", "conflicted member"):
            joins = street.roles[role]
            assert joins
            plan = _talk_with("planold")
            conversations.add(cast.priya, plan, joins, history_from=clock.now())
        circle = conversations.start(cast.priya, [cast.olive, cast.lee], name=canary("circle"))
        messages.say(cast.olive, circle, canary("circle"))
        conversations.leave(cast.lee, circle)


def _said(street: Street) -> None:
    """To the network, in the group, between two: answers, links, and something taken back."""
    cast, net, plan = street.cast, _talk_with("netold"), _talk_with("planold")
    with clock.held(MORNING - 10 * MINUTE):
        said = messages.say(cast.priya, net, canary("net"), reply_to_id=_message("netold").id)
        messages.react(cast.ruth, said, "on_it")
        messages.edit(cast.priya, said, f"{canary('net')} better, @Dan Hughes")
        noor = conversations.of_case(cast.olive, cast.noor)
        messages.say(cast.olive, noor, canary("noor"))
        messages.say(cast.mo, plan, canary("plan"), reply_to_id=_message("planold").id)
        messages.withdraw(cast.dan, messages.say(cast.dan, plan, canary("gone")))
        duo = conversations.start(cast.dan, [cast.olive])
        messages.say(cast.dan, duo, f"{canary('duo')} about /cases/{cast.amara.id}")
        pair = conversations.start(cast.olive, [cast.otto])
        messages.say(cast.olive, pair, canary("pair"))


def _message(word: str) -> Message:
    said = select(Message).where(Message.body.contains(canary(word))).order_by(Message.id)
    found = db.session().scalars(said).first()
    assert found
    return found


def _talk_with(word: str) -> Conversation:
    return db.session().get_one(Conversation, _message(word).conversation_id)


def _noun(argument: str) -> Any:
    name = argument.removesuffix("_id")
    if name == argument:
        return None  # the number of a workbook, which is a file, or a word
    return getattr(models, NAMED.get(name) or "".join(part.title() for part in name.split("_")))


def _for_one(street: Street) -> Post:
    cast, nia, word = street.cast, street.roles["person named in a post"], canary("named")
    assert nia
    named = Update(
        word,
        kind="question",
        due_at=clock.now() + MINUTE,
        meaning=word,
        audience="named",
        people=(nia.id,),
        sharing_reason=word,
        is_known=False,
        attachments=_file(cast.priya, cast.amara, word),
    )
    post = posts.publish(cast.priya, cast.amara, named)
    _score(cast.priya, cast.amara, post).source = word
    comments.add(nia, post, word)
    return post


def _not_for_an_agency(street: Street) -> Post:
    cast, word = street.cast, canary("excluded")
    shut = (cast.lee.agency_id,)
    update = Update(
        word,
        excluded=shut,
        sharing_reason=word,
        worry="urgent",
        phoned=True,
        attachments=_file(cast.priya, cast.amara, word),
    )
    post = posts.publish(cast.priya, cast.amara, update)
    comments.add(cast.dan, post, word)
    return post


def _in_another_case(street: Street) -> None:
    cast, word = street.cast, canary("noor")
    asked = Update(word, kind="question", due_at=clock.now() + HOUR, meaning=word)
    comments.add(cast.olive, posts.publish(cast.olive, cast.noor, asked), word)
    cases.add_key_date(cast.olive, cast.noor, word, clock.now() + HOUR)
    drafts.save(cast.olive, cast.noor, {"body": canary("draftolive")})


def _for_one_person(street: Street) -> None:
    _for_one(street)
    drafts.save(street.cast.priya, street.cast.amara, {"body": canary("draftpriya")})
    messages.say(street.cast.otto, _talk_with("pair"), canary("pair"))


def _kept_from_an_agency(street: Street) -> None:
    _not_for_an_agency(street)
    messages.say(street.cast.mo, _talk_with("planold"), canary("plan"))


def _before_the_history(street: Street) -> None:
    cast, word = street.cast, canary("old")
    old = db.session().scalars(select(models.Post).where(models.Post.body == word)).first()
    assert old
    comments.add(cast.dan, old, word)
    is_old = and_(models.Reading.source == word, models.Reading.withdrawn_at.is_(None))
    score = db.session().scalars(select(models.Reading).where(is_old)).first()
    if score:
        measures.withdraw(cast.priya, score, canary("gone"))
    said = _message("planold")
    messages.react(cast.mo, said, "thank_you")
    messages.edit(cast.dan, said, f"{canary('planold')} better")


def in_sight(street: Street) -> None:
    """What all round Amara hear of, and what only leads do."""
    cast, gwen, word = street.cast, street.roles["break-glass over"], canary("amara")
    assert gwen
    gone = posts.publish(cast.priya, cast.amara, Update(word))
    posts.withdraw(cast.priya, gone, word)
    told = posts.publish(cast.priya, cast.amara, Update(word))
    measures.withdraw(cast.priya, _score(cast.priya, cast.amara, told), word)
    _score(cast.priya, cast.amara).source = word
    child = db.session().get_one(Child, cast.amara.child_id)
    sought = children.Sought(child.name or "", child.born_on, None, child.postcode)
    look_ups.ask(gwen, sought, canary("lookup"))
    net = _talk_with("netold")
    messages.withdraw(cast.priya, messages.say(cast.priya, net, canary("net")))
    messages.react(cast.priya, messages.say(cast.dan, net, canary("net")), "seen")
    circle = _talk_with("circle")
    was_again = str(circle.name).endswith("again")
    name = canary("circle") if was_again else f"{canary('circle')} again"
    conversations.rename(cast.priya, circle, name)


# What is done out of somebody's sight, and out of whose: those nearest to it first.
OUT_OF_SIGHT = (
    (_in_another_case, ["manager of a restricted case", "break-glass over", "lead", "auditor"]),
    (_for_one_person, ["member", "break-glass holder", "supervising manager", "conflicted member"]),
    (_kept_from_an_agency, ["member of an excluded agency", "leaver"]),
    (_before_the_history, ["member with a cut history"]),
)
