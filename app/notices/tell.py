"""Telling people of what was done: a listener, which asks the rules at the moment it tells."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app import access, mail
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.models import (
    UNUSUAL,
    Absence,
    Activity,
    Alert,
    Audience,
    Comment,
    Conversation,
    Find,
    Follow,
    Mail,
    Membership,
    Mention,
    MessageMention,
    Notice,
    Person,
    Post,
    QuietHours,
    ReadMark,
    SavedSearch,
    Supervision,
)
from app.notices import choices, who

# Of these a post that stands in several cases tells each person once.
ONCE_A_POST = ("published", "edited", "acknowledged", "unanswered", "still_unanswered")
BY_NAME = ("urgent", "question", "named")
# After these nobody need look any more at what the monitor pointed out.
LOOKED = ("looked_into", "alert_ended")
# So many of what one search found are kept under its notice, the newest.
MOST_FINDS = 20


@dataclass(frozen=True)
class _Row:
    person: int
    reason: str
    way: str
    instead_of: int | None
    digest_on: date
    saved_search: int | None = None

    @property
    def counts_on(self) -> date | None:
        """The day whose email counts it, if one does."""
        return self.digest_on if self.way == "digest" else None


def of(done: Activity) -> None:
    """Tell everybody who is to be told; done again, it tells nobody twice."""
    if tells(done):
        with db.transaction():
            within(done)
    elif done.did in LOOKED:
        with db.transaction() as session:
            session.execute(_no_news(done))


def tells(done: Activity) -> bool:
    """Whether anybody may be told of a thing of this kind."""
    return done.did in who.RULES and not (done.case_id is None and done.conversation_id is None)


def within(done: Activity) -> None:
    """The same in the transaction that is open."""
    post = _post(done)
    comment = _comment(done, post) if post else None
    if done.did == "commented" and comment is None:
        return
    alert = _alert(done)
    if done.did == "alerted" and alert is None:
        return
    facts = _of_talk(done) if done.conversation_id else _facts(done, post, comment, alert)
    found = who.told(facts)
    absent = choices.away({*found, *facts.leads, *facts.managers, *facts.readers})
    covers = {person: absence.cover_id for person, absence in absent.items()}
    rows = _wanted(who.with_cover(found, facts, covers), absent)
    pointer = _points(done, comment.id if comment else None)
    pointer["alert_id"] = alert.id if alert else None
    _keep(done, rows, case_id=done.case_id, conversation_id=done.conversation_id, **pointer)


def found(done: Activity, comment_id: int | None, searches: Mapping[int, int]) -> None:
    """Tell those whose saved searches found what was said, of those who may read it.

    `searches` says whose each is. Nobody is told so of what they have been told of already. What
    one search finds until its notice is opened gathers under that notice.
    """
    telling = _telling(done, comment_id, searches)
    people = {row.person_id for row in telling}
    if not people:
        return
    wanted = _wanted({each: who.Told(("found",)) for each in people}, choices.away(people))
    rows = {row.person: row for row in wanted}
    telling = [row for row in telling if row.person_id in rows]
    gathering = {row.unopened: rows[row.person_id] for row in telling if row.unopened}
    gathered = {row.person for row in gathering.values()}
    new = {
        row.person_id: replace(rows[row.person_id], saved_search=row.id)
        for row in telling
        if row.person_id not in gathered
    }
    made = _keep(done, list(new.values()))
    _gather(gathering)
    pointer = _points(done, comment_id)
    db.session().execute(
        insert(Find), [{"notice_id": each, **pointer} for each in (*made.values(), *gathering)]
    )


def told_of(done: Activity) -> set[int]:
    """Who has a notice of this one thing done."""
    return set(
        db.session().scalars(
            select(Notice.person_id).where(Notice.activity_position == done.position)
        )
    )


def _points(done: Activity, comment_id: int | None) -> dict[str, int | None]:
    return {"post_id": done.post_id, "comment_id": comment_id, "message_id": done.message_id}


def _telling(done: Activity, comment_id: int | None, searches: Mapping[int, int]) -> list[AnyRow]:
    """Those of these searches that still tell, of people who may read it and do not know of it.

    Each with the notice of it that nobody has opened, if there is one.
    """
    if done.message_id is not None:
        people = set(access.hearers(done.message_id)) - _muted(done.conversation_id)
    else:
        assert done.post_id is not None
        people = set(access.readers(done.post_id))
    people &= set(searches.values())
    people.discard(done.actor_id or 0)
    if not people:
        return []
    asked = {
        "position": done.position,
        "did": done.did,
        "conversation_id": done.conversation_id,
        **_points(done, comment_id),
    }
    people -= {row.person_id for row in db.rows(_knowing(), asked)}
    numbers = [search for search, person in searches.items() if person in people]
    return list(db.rows(_alerting(), {"numbers": numbers}))


@cache
def _knowing() -> Any:
    """Who has been told of this, in whichever sibling's case, or has a find of it.

    Of a message that was changed also who has not opened yet what they were told of it.
    """
    post, comment, message = (
        bindparam(name, type_=db.BigKey) for name in ("post_id", "comment_id", "message_id")
    )
    this, copy = aliased(Post), aliased(Post)
    first = select(func.coalesce(this.original_id, this.id)).where(this.id == post)
    copies = select(copy.id).where(
        or_(copy.id == first.scalar_subquery(), copy.original_id == first.scalar_subquery())
    )
    was_published = bindparam("did", type_=String) == "published"
    return union(
        select(Notice.person_id).where(
            Notice.activity_position == bindparam("position", type_=db.BigKey)
        ),
        select(Notice.person_id).where(was_published, Notice.post_id.in_(copies)),
        select(Notice.person_id).where(
            Notice.conversation_id == bindparam("conversation_id", type_=db.BigKey),
            Notice.message_id == message,
            Notice.read_at.is_(None),
        ),
        select(Notice.person_id)
        .join(Find, Find.notice_id == Notice.id)
        .where(Find.post_id.in_(copies), Find.comment_id.is_not_distinct_from(comment)),
        select(Notice.person_id)
        .join(Find, Find.notice_id == Notice.id)
        .where(Find.message_id == message),
    )


@cache
def _alerting() -> AnySelect:
    unopened = (
        select(func.max(Notice.id))
        .where(Notice.saved_search_id == SavedSearch.id, Notice.read_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(SavedSearch.id, SavedSearch.person_id, unopened.label("unopened"))
        .where(
            SavedSearch.id.in_(bindparam("numbers", expanding=True, type_=db.BigKey)),
            SavedSearch.alerts,
        )
        .order_by(SavedSearch.id.desc())
    )


def _gather(notices: Mapping[int, _Row]) -> None:
    """Make room for another find under each of these, and tell of them from now on."""
    if not notices:
        return
    session, newer = db.session(), aliased(Find)
    session.execute(
        update(Notice),
        [
            {"id": number, "told_at": clock.now(), "digest_on": row.counts_on}
            for number, row in notices.items()
        ],
    )
    after = (
        select(func.count(newer.id))
        .where(newer.notice_id == Find.notice_id, newer.id >= Find.id)
        .correlate(Find)
        .scalar_subquery()
    )
    session.execute(delete(Find).where(Find.notice_id.in_(notices), after >= MOST_FINDS))


def _facts(
    done: Activity, post: Post | None, comment: Comment | None, alert: Alert | None
) -> who.Done:
    about = _line(done.case_id)
    if post is None:
        readers = frozenset(access.alert_readers(alert.id)) if alert else _who_see(done)
        return who.Done(done.did, done.actor_id, done.person_id, readers=readers, **about)
    return who.Done(
        done.did,
        done.actor_id,
        done.person_id,
        author=post.author_id,
        kind=post.kind,
        worry=post.worry,
        is_imported=post.source is not None,
        is_replied=_is_replied(post),
        answerer=comment.author_id if comment and done.did == "answered" else None,
        readers=frozenset(access.readers(post.id)),
        named=_named(post),
        followers=_ids(
            select(Follow.person_id).where(Follow.case_id == post.case_id, Follow.following)
        ),
        known=_known(done, post),
        **about,
    )


def _of_talk(done: Activity) -> who.Done:
    """The facts of something said: to whom, whom it names, and who wants to hear nothing."""
    talk = db.session().get_one(Conversation, done.conversation_id)
    if done.message_id is None:
        return who.Done(done.did, done.actor_id, done.person_id, readers=_who_is_out(done))
    named = select(MessageMention.person_id).where(MessageMention.message_id == done.message_id)
    # Who has not opened what was said before is not told of each word that follows.
    waiting = select(Notice.person_id).where(
        Notice.conversation_id == talk.id,
        Notice.message_id.is_not(None),
        Notice.read_at.is_(None),
        Notice.activity_position < done.position,
    )
    return who.Done(
        done.did,
        done.actor_id,
        done.person_id,
        kind=talk.kind,
        readers=frozenset(access.hearers(done.message_id)),
        named=_ids(named),
        known=_ids(waiting),
        muted=_muted(talk.id),
        **_line(talk.case_id),
    )


def _who_is_out(done: Activity) -> frozenset[int]:
    return _ids(
        select(Person.id).where(
            Person.id == done.person_id, access.is_out_of(Person, done.conversation_id)
        )
    )


def _muted(conversation_id: int | None) -> frozenset[int]:
    return _ids(
        select(ReadMark.person_id).where(
            ReadMark.conversation_id == conversation_id, ReadMark.muted
        )
    )


def _line(case_id: int | None) -> dict[str, Any]:
    """Who leads the case, and who manages them."""
    if case_id is None:
        return {}
    leads = _ids(
        select(Membership.person_id).where(
            Membership.case_id == case_id, access.leads_now(Membership)
        )
    )
    return {"leads": leads, "managers": _managers(case_id, leads)}


def _who_see(done: Activity) -> frozenset[int]:
    if done.did in ("look_up", "break_glass"):
        return _ids(select(Person.id).where(access.may_lead(Person, done.case_id)))
    assert done.case_id is not None
    return frozenset(access.viewers(done.case_id))


def _managers(case_id: int, leads: frozenset[int]) -> frozenset[int]:
    """Those who manage the lead; where nobody leads, those who manage any member."""
    whom: ColumnElement[bool] = Supervision.person_id.in_(leads)
    if not leads:
        whom = exists(1).where(
            Membership.case_id == case_id,
            Membership.person_id == Supervision.person_id,
            access.current(Membership),
        )
    return _ids(select(Supervision.manager_id).where(whom))


def _named(post: Post) -> frozenset[int]:
    """Whose name stands after an @ in it, and those whom its audience names one by one."""
    mentioned = _ids(select(Mention.person_id).where(Mention.post_id == post.id))
    meant = select(Audience.person_id).where(
        Audience.post_id == post.id, Audience.person_id.is_not(None)
    )
    return mentioned | _ids(meant)


def _known(done: Activity, post: Post) -> frozenset[int]:
    if done.did not in ONCE_A_POST:
        return frozenset()
    told = (
        select(Notice.person_id)
        .join(Post, Post.id == Notice.post_id)
        .join(Activity, Activity.position == Notice.activity_position)
        .where(_is_copy(post), Activity.position != done.position)
    )
    if done.did == "edited":
        return _ids(told.where(Notice.reason.in_(BY_NAME)))
    same_actor = Activity.actor_id.is_not_distinct_from(done.actor_id)
    return _ids(told.where(Activity.did == done.did, same_actor))


def _is_replied(post: Post) -> bool:
    replied = (
        select(Comment.id)
        .join(Post, Post.id == Comment.post_id)
        .where(
            _is_copy(post),
            Comment.withdrawn_at.is_(None),
            or_(
                Comment.accepted_at.is_not(None),
                Comment.author_id.is_distinct_from(post.author_id),
            ),
        )
    )
    return db.session().scalar(replied.limit(1)) is not None


def _is_copy(post: Post) -> Any:
    first = post.original_id or post.id
    return or_(Post.id == first, Post.original_id == first)


def _post(done: Activity) -> Post | None:
    """The post it was done to, for those whom the rules let read it, and for nobody else."""
    return db.session().get(Post, done.post_id) if done.post_id is not None else None


def _alert(done: Activity) -> Alert | None:
    """What the monitor pointed out, if it has not passed; who may read it is asked of the rules."""
    if done.did != "alerted":
        return None
    standing = select(Alert).where(
        Alert.case_id == done.case_id, Alert.kind.in_(UNUSUAL), Alert.ended_at.is_(None)
    )
    return db.session().scalar(standing.order_by(Alert.opened_at.desc(), Alert.id.desc()).limit(1))


def _no_news(done: Activity) -> Any:
    """Reads the notices of alerts of the case that are over, or about which somebody decided."""
    settled = select(Alert.id).where(
        Alert.case_id == done.case_id,
        or_(Alert.ended_at.is_not(None), Alert.answered_at.is_not(None)),
    )
    return (
        update(Notice)
        .where(Notice.alert_id.in_(settled), Notice.read_at.is_(None))
        .values(read_at=clock.now())
    )


def _comment(done: Activity, post: Post) -> Comment | None:
    """The comment that was made, or taken as the answer, if it still stands."""
    if done.did not in ("commented", "answered"):
        return None
    of_post = select(Comment).where(Comment.post_id == post.id)
    if done.did == "answered":
        rows = of_post.where(Comment.accepted_at.is_not(None))
    else:
        rows = of_post.where(Comment.author_id == done.actor_id, Comment.posted_at <= done.at)
    newest = db.session().scalar(rows.order_by(Comment.id.desc()).limit(1))
    return newest if newest and newest.withdrawn_at is None else None


def _wanted(found: Mapping[int, who.Told], absent: Mapping[int, Absence]) -> list[_Row]:
    """For each the strongest reason for which they want to hear of it at all."""
    ways, today, rows = choices.of(found), _digest_day(), []
    for person, told in sorted(found.items()):
        for reason in told.reasons:
            way = ways[reason][person]
            if way == "off":
                continue
            if person in absent and way == "at_once":
                way = "digest"  # it waits for the first day back; somebody else is told today
            back = absent[person].until_on + timedelta(days=1) if person in absent else today
            rows.append(_Row(person, reason, way, told.instead_of, max(today, back)))
            break
    return rows


def _digest_day() -> date:
    """The next day whose email has not gone yet."""
    local = clock.local(clock.now())
    return local.date() + timedelta(days=local.hour >= mail.office().hour)


def _keep(done: Activity, rows: list[_Row], **points: int | None) -> dict[int, int]:
    """Write down whom it was told, and what each is pointed to; answers the new ones by person."""
    if not rows:
        return {}
    new = (
        _insert(Notice)
        .values(
            [
                {
                    "person_id": row.person,
                    "activity_position": done.position,
                    "reason": row.reason,
                    "saved_search_id": row.saved_search,
                    "instead_of_id": row.instead_of,
                    "told_at": clock.now(),
                    "digest_on": row.counts_on,
                    **points,
                }
                for row in rows
            ]
        )
        .on_conflict_do_nothing()
        .returning(Notice.person_id, Notice.id)
    )
    made = {row.person_id: row.id for row in db.session().execute(new)}
    at_once = [row for row in rows if row.way == "at_once" and row.person in made]
    if at_once and mail.is_on():
        _mail(at_once, made)
    return made


def _mail(rows: list[_Row], made: Mapping[int, int]) -> None:
    people = [row.person for row in rows]
    kept = db.session().scalars(select(QuietHours).where(QuietHours.person_id.in_(people)))
    quiet = {hours.person_id: hours for hours in kept}
    for row in rows:
        hours = quiet.get(row.person)
        passes = hours is not None and hours.urgent_passes and row.reason == "urgent"
        db.session().add(
            Mail(
                person_id=row.person,
                notice_id=made[row.person],
                token=secrets.token_hex(12),
                due_at=clock.now() if passes else choices.quiet_until(hours, clock.now()),
            )
        )


def _insert(noun: Any) -> Any:
    return (sqlite if db.is_sqlite() else postgresql).insert(noun)


def _ids(rows: Select[Any] | Iterable[int]) -> frozenset[int]:
    found = db.session().scalars(rows) if isinstance(rows, Select) else rows
    return frozenset(each for each in found if each is not None)
