"""Turns a told year into rows, in the order it happened, as the verbs would have written them.

The verbs themselves would need most of a minute for a year; the tests ask them whether they would
have written the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy import text as sql

from app.casework import score_files
from app.casework.networks import LONGEST
from app.core import clock, db, text
from app.core.db import Base
from app.demo.people import Worker
from app.demo.works import Due, Place, Reply, Scored, Standing, Told, Work
from app.models import (
    CATEGORIES,
    STATUSES,
    Acknowledgement,
    Activity,
    Audience,
    Case,
    CaseHead,
    CaseStatus,
    Child,
    ChildName,
    Comment,
    Counter,
    Exclusion,
    FamilyLink,
    Follow,
    KeyDate,
    Membership,
    Mention,
    Post,
    PostVersion,
    Reading,
    Telling,
)

# As the migration that brings them along numbers them.
MEASURES = (
    "safety_scale",
    "attendance",
    "sdq_total",
    "graded_care",
    "missing_episodes",
    "weight_centile",
    "height_centile",
)

MONTHS = 12

Row = dict[str, Any]
Act = tuple[datetime, Callable[[datetime], None]]


@dataclass
class Written:
    """All rows by noun, and how far each stream has got."""

    agencies: dict[str, int]
    rows: dict[type[Base], list[Row]] = field(default_factory=lambda: defaultdict(list))
    positions: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    posts: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    activities: int = 0

    def add(self, noun: type[Base], **values: Any) -> Row:
        rows = self.rows[noun]
        if "id" in noun.__table__.columns:
            values = {"id": len(rows) + 1, **values}
        rows.append(values)
        return values

    def did(self, actor: Worker | None, did: str, at: datetime, case_id: int, **more: Any) -> None:
        self.activities += 1
        values = {"post_id": None, "person_id": None, **more}
        self.add(
            Activity,
            position=self.activities,
            at=at,
            did=did,
            actor_id=actor.id if actor else None,
            case_id=case_id,
            **values,
        )


def write(
    works: list[Work],
    told: list[Told],
    workers: dict[str, Worker],
    agencies: dict[str, int],
    end: datetime,
    more: Callable[[Written], Iterable[Act]],
) -> dict[type[Base], list[Row]]:
    """The rows of everything that happened before `end`."""
    written = Written(agencies)
    acts: list[Act] = [*more(written)]
    for work in works:
        _describe(written, work)
        acts += _work_acts(written, work)
    for post in told:
        acts += _post_acts(written, post)
    for at, act in sorted((each for each in acts if each[0] < end), key=lambda each: each[0]):
        act(at)
    for work in works:
        _close_book(written, work, end)
    for name, keys in FOLLOWED.items():
        for work in works:
            if work.family.key in keys:
                _follow(written, work, workers[name], end)
    return written.rows


def insert_all(rows: dict[type[Base], list[Row]]) -> None:
    """Put them into the database, each noun after those it names."""
    session = db.session()
    for table in Base.metadata.sorted_tables:
        for noun, values in rows.items():
            if noun.__table__ is table and values:
                session.execute(insert(table), values)
                _go_on_after(noun)
    if last := len(rows.get(Activity, ())):
        session.execute(update(Counter).where(Counter.name == "activities").values(value=last))


def _go_on_after(noun: type[Base]) -> None:
    # PostgreSQL gives out numbers of its own, which must not meet the ones given here.
    if not db.is_sqlite() and "id" in noun.__table__.columns:
        name = noun.__tablename__
        newest = db.session().scalar(select(func.max(noun.__table__.c.id)))
        db.session().execute(
            sql("SELECT setval(pg_get_serial_sequence(:name, 'id'), :newest)"),
            {"name": name, "newest": newest},
        )


def _describe(written: Written, work: Work) -> None:
    child, born = work.child, work.child.years >= 0
    random = Random(work.case_id)  # noqa: S311 - numbers for invented children
    address, postcode = _home(work)
    written.add(
        Child,
        name=child.name,
        born_on=work.born_on if born else None,
        expected_on=None if born else work.born_on,
        gender={"F": "Female", "M": "Male"}.get(child.gender or ""),
        ethnicity=None,
        school=_school(child.day),
        address=address,
        postcode=postcode,
        council_id=f"N{204000 + 37 * work.case_id}",
        # Numbers that begin with 999 are for tests and belong to nobody.
        nhs_number=_nhs_number(random) if born and child.name else None,
        upn=None,
    )
    written.add(
        Case,
        child_id=work.case_id,
        opened_at=work.opened_at,
        before_visit=work.family.before_visit,
    )
    if child.name and child.name.split()[0] in OTHER_NAMES:
        written.add(ChildName, child_id=work.case_id, name=OTHER_NAMES[child.name.split()[0]])
    for relation, name, same_household in work.family.relatives:
        _link(written, work, relation, None, name, same_household)


# How some of the ties are; of all others nobody has said yet.
NO_TIE: Row = {
    "strength": None,
    "is_stressful": False,
    "contact": "ordinary",
    "contact_reason": None,
    "said_by": None,
    "has_died": False,
}
TIES: dict[str, Row] = {
    "Efe O": {"strength": "strong", "is_stressful": True},
    "Uncle K": {
        "strength": "ordinary",
        "is_stressful": True,
        "contact": "none",
        "contact_reason": "He answers the phone and passes on what is said.",
        "said_by": "Police, child protection",
    },
    "Donna P": {"strength": "strong"},
    "Curtis P": {"strength": "weak", "is_stressful": True},
    "Leila R": {"strength": "strong"},
    "Sam R": {
        "is_stressful": True,
        "contact": "none",
        "contact_reason": "He must not know where the family lives.",
        "said_by": "Family court",
    },
    "Carys M": {"strength": "strong", "is_stressful": True},
    "Nan M": {"strength": "strong"},
    "Jade W": {"strength": "ordinary"},
    "Lee T": {"strength": "weak"},
    "Shona K": {
        "strength": "strong",
        "contact": "supervised",
        "contact_reason": "Time together is at the contact centre, twice a month.",
        "said_by": "Family court",
    },
    "Mrs Bramble": {"strength": "strong"},
    "Karim A": {"strength": "weak", "is_stressful": True},
}
OTHER_NAMES = {"Amara": "Amarah O", "Niamh": "Neve Z", "Yusuf": "Joseph A", "Tobi": "Oluwatobi O"}


def link_siblings(written: dict[type[Base], list[Row]], works: list[Work]) -> None:
    links = written[FamilyLink]
    for work in works:
        for other in works:
            if other.family is work.family and other is not work:
                relation = {"F": "sister", "M": "brother"}.get(other.child.gender or "", "sibling")
                links.append(
                    {
                        "id": len(links) + 1,
                        "child_id": work.case_id,
                        "relative_child_id": other.case_id,
                        "relative_name": None,
                        "relation": relation,
                        "same_household": True,
                        **NO_TIE,
                        "strength": "strong",
                    }
                )


def _link(
    written: Written, work: Work, relation: str, child_id: int | None, name: str, same: bool
) -> None:
    written.add(
        FamilyLink,
        child_id=work.case_id,
        relative_child_id=child_id,
        relative_name=name,
        relation=relation,
        same_household=same,
        **{**NO_TIE, **TIES.get(name, {})},
    )


def _school(day: str) -> str | None:
    return {
        "hillside": "Hillside Primary",
        "larkrise": "Larkrise Academy",
        "willow": "Willow Lane",
    }.get(day)


def _home(work: Work) -> tuple[str, str]:
    """Where the family lives; no town of the kingdom has postcodes that begin with NM."""
    random = Random(work.family.key)  # noqa: S311 - addresses of invented families
    street = random.choice(["Mill Lane", "Dock Road", "Chapel Street", "Station Parade"])
    postcode = f"NM{random.randint(1, 9)} {random.randint(1, 9)}{random.choice('ABDEFGHJLN')}"
    return f"{random.randint(2, 98)} {street}, Northmoor", postcode + random.choice("ABDEFGHJLN")


def _nhs_number(random: Random) -> str:
    while True:
        digits = f"999{random.randint(0, 999_999):06}"
        check = (
            11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        ) % 11
        if check < 10:
            return digits + str(check)


def _work_acts(written: Written, work: Work) -> Iterator[Act]:
    yield work.opened_at, partial(_open, written, work)
    for standing in work.standings:
        if standing.at > work.opened_at:
            yield standing.at, partial(_change_status, written, work, standing)
    for place in work.places:
        yield from _place_acts(written, work, place)
    for since, lead in work.leads[1:]:
        yield since, partial(_hand_over, written, work, lead)
    for key_date in work.key_dates:
        yield key_date.noted_at, partial(_date, written, work, key_date)
    if work.imported:
        yield work.opened_at + timedelta(days=42), partial(_import, written, work)


def _place_acts(written: Written, work: Work, place: Place) -> Iterator[Act]:
    if place.from_at > work.opened_at:
        yield place.from_at, partial(_join, written, work, place)
    if place.until_at and place.left_because:
        yield place.until_at, partial(_leave, written, work, place)


def _open(written: Written, work: Work, at: datetime) -> None:
    lead = work.leads[0][1]
    before = [each for each in work.standings if each.at == at]
    for standing in before:
        _keep_status(written, work, standing, lead)
    first = before[-1]
    for place in work.places:
        if place.from_at == at:
            _keep_place(written, work, place)
    words = f"Case opened: {STATUSES[first.status]}. {first.reason}"
    note(written, work, lead, "status_changed", words, at)
    written.did(lead, "opened", at, work.case_id)


def _change_status(written: Written, work: Work, to: Standing, at: datetime) -> None:
    lead = work.lead(at)
    _keep_status(written, work, to, lead)
    words = f"{STATUSES[to.status]} from {to.since.day} {to.since:%B %Y}"
    if to.category:
        words += f", {CATEGORIES[to.category].lower()}"
    note(written, work, lead, "status_changed", f"{words}. {to.reason}", at)
    written.did(lead, "status_changed", at, work.case_id)


def _keep_status(written: Written, work: Work, standing: Standing, lead: Worker) -> None:
    written.add(
        CaseStatus,
        case_id=work.case_id,
        status=standing.status,
        category=standing.category,
        since=standing.since,
        reason=standing.reason,
        recorded_by_id=lead.id,
        recorded_at=standing.at,
        source=None,
        source_key=None,
    )


def _keep_place(written: Written, work: Work, place: Place) -> None:
    written.add(
        Membership,
        case_id=work.case_id,
        person_id=place.worker.id,
        agency_id=written.agencies[place.worker.agency],
        role=place.worker.role,
        is_lead=place.worker is work.leads[-1][1],
        from_at=place.from_at,
        until_at=place.until_at or place.ends_at,
        reason=place.reason,
        decided_by_id=place.decided_by.id,
        history_from=place.history_from,
        **_renewal(place),
        ended_by_id=place.worker.id if place.left_because else None,
        ended_reason=place.left_because,
    )


def _renewal(place: Place) -> dict[str, object]:
    """What was decided anew for a place that lasts longer than a year in all."""
    renewed_at = place.ends_at - LONGEST
    if place.until_at or renewed_at <= place.from_at:
        return {
            "legal_basis": "public_task",
            "renewed_at": None,
            "renewed_by_id": None,
            "renewed_reason": None,
        }
    return {
        "legal_basis": "public_task",
        "renewed_at": renewed_at,
        "renewed_by_id": place.decided_by.id,
        "renewed_reason": "Still works with the family",
    }


def _join(written: Written, work: Work, place: Place, at: datetime) -> None:
    _keep_place(written, work, place)
    who = place.worker
    words = f"{who.name}, {who.role}, joined the network."
    note(written, work, place.decided_by, "joined", words, at)
    written.did(place.decided_by, "joined", at, work.case_id, person_id=who.id)


def _leave(written: Written, work: Work, place: Place, at: datetime) -> None:
    who = place.worker
    words = f"{who.name}, {who.role}, left the network. {place.left_because}"
    note(written, work, who, "left", words, at)
    written.did(who, "left", at, work.case_id, person_id=who.id)


def _hand_over(written: Written, work: Work, lead: Worker, at: datetime) -> None:
    former = work.lead(at - timedelta(seconds=1))
    words = f"{lead.name} leads the work now. {former.name} changes team."
    note(written, work, former, "lead_changed", words, at)
    written.did(former, "lead_changed", at, work.case_id, person_id=lead.id)


def _date(written: Written, work: Work, due: Due, at: datetime) -> None:
    written.add(
        KeyDate, case_id=work.case_id, what=due.what, due_at=due.due_at, done_at=due.done_at
    )
    written.did(work.lead(at), "dated", at, work.case_id)


def _import(written: Written, work: Work, at: datetime) -> None:
    as_at = clock.local(at).date() - timedelta(days=1)
    for words, day, key in work.imported:
        if day <= as_at:
            _append(
                written,
                work,
                None,
                text.clean(words),
                at,
                kind="imported",
                occurred_at=clock.instant(day),
                source="annex-a",
                source_key=f"demo:{key}",
                source_as_at=as_at,
            )
    _tell(written, work, "annex-a", as_at, work.born_on)
    # A slip as systems make it: day and month exchanged.
    born = work.born_on
    slipped = born.replace(day=born.month, month=born.day) if born.day <= MONTHS else born
    _tell(written, work, "cin-census", as_at - timedelta(days=20), slipped)
    written.did(None, "imported", at, work.case_id)


def _tell(written: Written, work: Work, source: str, as_at: date, born_on: date) -> None:
    words = {"F": "Female", "M": "Male"}
    gender = {"gender": words[work.child.gender]} if work.child.gender in words else {}
    status = [as_at.isoformat(), work.status(as_at), None, "demo"]
    written.add(
        Telling,
        case_id=work.case_id,
        source=source,
        as_at=as_at,
        brought_in_at=clock.instant(as_at),
        facts={"born_on": born_on.isoformat(), **gender},
        history=[status],
    )


def note(written: Written, work: Work, by: Worker, kind: str, words: str, at: datetime) -> None:
    _append(written, work, by, text.clean(words), at, kind=kind)


def _append(
    written: Written,
    work: Work,
    author: Worker | None,
    words: text.Text,
    at: datetime,
    **values: Any,
) -> Row:
    written.positions[work.case_id] += 1
    row = {
        "case_id": work.case_id,
        "position": written.positions[work.case_id],
        "original_id": None,
        "author_id": author.id if author else None,
        "agency_id": written.agencies[author.agency] if author else None,
        "author_role": author.role if author else None,
        "worry": "none",
        "body": words.source,
        "body_html": words.html,
        "cleaner": text.CLEANER,
        "version": 1,
        "occurred_at": at,
        "posted_at": at,
        "edited_at": None,
        "significant": False,
        "meaning": None,
        "seen": None,
        "seen_alone": None,
        "due_at": None,
        "referral": None,
        "phoned": None,
        "audience": "network",
        "sharing_reason": None,
        "is_known": True,
        "withdrawn_at": None,
        "withdrawn_by_id": None,
        "withdrawn_reason": None,
        "source": None,
        "source_key": None,
        "source_as_at": None,
        **values,
    }
    kept = written.add(Post, **row)
    written.posts[work.case_id].append(kept)
    return kept


def _post_acts(written: Written, told: Told) -> Iterator[Act]:
    rows: list[Row] = []
    yield told.at, partial(_publish, written, told, rows)
    for reply in told.replies:
        yield reply.at, partial(_reply, written, rows, reply)
    for when, who in told.acknowledged:
        yield when, partial(_acknowledge, written, rows, who)
    if told.edited:
        yield told.edited[0], partial(_edit, written, told, rows)
    if told.withdrawn:
        yield told.withdrawn[0], partial(_withdraw, written, told, rows)


def _publish(written: Written, told: Told, rows: list[Row], at: datetime) -> None:
    said = told.update
    before = told.edited[1] if told.edited else said.body
    words = text.clean(before)
    for work in sorted(told.about, key=lambda each: each.case_id):
        names = _named(work, before, at)
        html = text.clean(_marked(before, names)).html if names else words.html
        row = _append(
            written,
            work,
            told.author,
            text.Text(words.source, html),
            at,
            original_id=rows[0]["id"] if rows else None,
            kind=said.kind,
            worry=said.worry,
            occurred_at=min(said.occurred_at or at, at),
            significant=said.significant or said.worry in ("worried", "urgent"),
            meaning=said.meaning,
            seen=said.seen,
            seen_alone=said.seen_alone,
            due_at=said.due_at,
            referral=said.referral,
            phoned=said.phoned,
            audience=said.audience,
            sharing_reason=said.sharing_reason,
        )
        rows.append(row)
        for who in told.only:
            written.add(Audience, post_id=row["id"], person_id=who.id, agency_id=None)
        for key in told.not_for:
            written.add(Exclusion, post_id=row["id"], agency_id=written.agencies[key])
        for who in names:
            written.add(Mention, post_id=row["id"], person_id=who.id)
    for scored in told.scores:
        on = scored.on or clock.local(min(said.occurred_at or at, at)).date()
        score(written, rows[0]["case_id"], scored, on, at, told.author, post_id=rows[0]["id"])
    for row in rows:
        written.did(told.author, "published", at, row["case_id"], post_id=row["id"])


def score(
    written: Written,
    case_id: int,
    scored: Scored,
    on: date,
    at: datetime,
    who: Worker | None,
    *,
    post_id: int | None = None,
    source_key: str | None = None,
) -> None:
    """A reading; without anybody who recorded it, from a file."""
    written.add(
        Reading,
        case_id=case_id,
        measure_id=MEASURES.index(scored.key) + 1,
        post_id=post_id,
        value=scored.value,
        read_on=on,
        rater=scored.rater,
        recorded_by_id=who.id if who else None,
        agency_id=written.agencies[who.agency] if who else None,
        recorded_at=at,
        source=None if who else score_files.SOURCE,
        source_key=source_key,
        source_as_at=None if who else clock.local(at).date(),
    )


def _named(work: Work, body: str, at: datetime) -> list[Worker]:
    if "@" not in body:
        return []
    return [each for each in work.members(at) if f"@{each.name}" in body]


def _marked(body: str, names: list[Worker]) -> str:
    for each in names:
        body = body.replace(f"@{each.name}", f"**@{each.name}**")
    return body


def _reply(written: Written, rows: list[Row], reply: Reply, at: datetime) -> None:
    words = text.clean(reply.words)
    post = rows[0]
    written.add(
        Comment,
        post_id=post["id"],
        case_id=post["case_id"],
        author_id=reply.author.id,
        agency_id=written.agencies[reply.author.agency],
        author_role=reply.author.role,
        body=words.source,
        body_html=words.html,
        posted_at=at,
        withdrawn_at=None,
        withdrawn_reason=None,
        accepted_at=reply.accepted_at,
    )
    written.did(reply.author, "commented", at, post["case_id"], post_id=post["id"])


def _acknowledge(written: Written, rows: list[Row], who: Worker, at: datetime) -> None:
    post = rows[0]
    written.add(Acknowledgement, post_id=post["id"], person_id=who.id, acknowledged_at=at)
    written.did(who, "acknowledged", at, post["case_id"], post_id=post["id"])


def _edit(written: Written, told: Told, rows: list[Row], at: datetime) -> None:
    words = text.clean(told.update.body)
    for row in rows:
        written.add(
            PostVersion,
            post_id=row["id"],
            version=1,
            body=row["body"],
            body_html=row["body_html"],
            written_at=row["posted_at"],
        )
        row.update(body=words.source, body_html=words.html, version=2, edited_at=at)
        written.did(told.author, "edited", at, row["case_id"], post_id=row["id"])


def _withdraw(written: Written, told: Told, rows: list[Row], at: datetime) -> None:
    assert told.withdrawn
    for row in rows:
        row.update(
            withdrawn_at=at, withdrawn_by_id=told.author.id, withdrawn_reason=told.withdrawn[1]
        )
        written.did(told.author, "withdrawn", at, row["case_id"], post_id=row["id"])


def _close_book(written: Written, work: Work, end: datetime) -> None:
    """Where the stream has got to, and how far each member has read it."""
    posts = written.posts[work.case_id]
    standing = [
        each["posted_at"]
        for each in posts
        if each["withdrawn_at"] is None and each["source"] is None
    ]
    newest = max(standing)
    head = written.positions[work.case_id]
    written.rows[CaseHead].append({"case_id": work.case_id, "position": head, "posted_at": newest})
    for place in work.places:
        _follow(written, work, place.worker, end, place)


def _follow(
    written: Written, work: Work, who: Worker, end: datetime, place: Place | None = None
) -> None:
    posts = written.posts[work.case_id]
    left = place.until_at if place else None
    read_at = left or _read_until(work, who, posts, end)
    read = [each["position"] for each in posts if each["posted_at"] <= read_at]
    written.rows[Follow].append(
        {
            "person_id": who.id,
            "case_id": work.case_id,
            "following": left is None,
            "last_read": max(read, default=0),
            "last_read_at": read_at,
        }
    )


# Managers follow what they want to hear of; they are in no network.
FOLLOWED = {"Helen Moss": "ORMP", "Victor Lane": "JVZK"}
# How many hours ago they last looked: whom the sign-in page offers has news, and not too much.
READS = {
    "Priya Shah": (60, 70),
    "Dan Hughes": (64, 90),
    "Grace Adeyemi": (500, 620),
    "Helen Moss": (30, 40),
}


def _read_until(work: Work, who: Worker, posts: list[Row], end: datetime) -> datetime:
    """Most read within days, some have not looked for weeks; nobody before they last wrote."""
    random = Random(work.case_id * 1000 + who.id)  # noqa: S311 - a habit, not a secret
    first, last = READS.get(who.name) or random.choice(
        ((0, 3), (2, 20), (10, 60), (30, 200), (400, 1100))
    )
    at = end - timedelta(hours=random.randint(first, last), minutes=7)
    wrote: list[datetime] = [each["posted_at"] for each in posts if each["author_id"] == who.id]
    return max([at, work.opened_at, *wrote])
