"""A person's own list of notices: only what they may still read, and counted by the same rule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.orm import aliased

from app import access
from app.core import clock, db
from app.core.db import AnyRow, AnySelect
from app.core.errors import NotFound
from app.models import Activity, Alert, Case, Child, Mail, Notice, Person, Post

AT_ONCE = 30
# What was told longer ago stands in the stream, and nowhere else.
KEPT = timedelta(days=90)

_VIEWER, _BEFORE = bindparam("viewer", type_=db.BigKey), bindparam("before", type_=db.BigKey)


@dataclass(frozen=True)
class Page:
    """Notices newest first, and before which the older ones go on."""

    rows: Sequence[AnyRow]
    older: int | None

    @property
    def ranges(self) -> list[tuple[int, int, int]]:
        """The posts it tells of, for the audit."""
        places = sorted({(row.case_id, row.position) for row in self.rows if row.position})
        return [(case_id, position, position) for case_id, position in places]


def unread(viewer: Person) -> int:
    """How many she has not opened, of those she may still read."""
    (row,) = db.rows(_unread(), {"viewer": viewer.id})
    return int(row[0])


def of(viewer: Person, *, before: int | None = None, size: int = AT_ONCE) -> Page:
    """Her notices; see `_list` for what each row has."""
    asked = {"viewer": viewer.id, "before": before or db.LARGEST}
    rows = db.rows(_list().limit(size + 1), asked)
    more = len(rows) > size
    return Page(rows[:size], rows[size - 1].id if more else None)


def one(viewer: Person, notice_id: int) -> AnyRow:
    """One of hers that she may still read, or `NotFound`."""
    rows = db.rows(_list().where(Notice.id == notice_id), {"viewer": viewer.id, "before": LATEST})
    if not rows:
        raise NotFound(f"notice:{notice_id}")
    return rows[0]


def read(viewer: Person, notice_id: int) -> None:
    """She has opened it; whoever did before keeps the first time."""
    db.session().execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.person_id == viewer.id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
    )


def read_all(viewer: Person, up_to: int) -> None:
    """Everything up to the newest she was shown: what came after stays new."""
    db.session().execute(
        update(Notice)
        .where(Notice.person_id == viewer.id, Notice.read_at.is_(None), Notice.id <= up_to)
        .values(read_at=clock.now())
    )


def seen(viewer: Person, post_ids: Collection[int]) -> None:
    """She has these posts before her, so what points to them is no news any more."""
    db.session().execute(
        update(Notice)
        .where(
            Notice.person_id == viewer.id,
            Notice.read_at.is_(None),
            Notice.post_id.in_(post_ids),
        )
        .values(read_at=clock.now())
    )


def seen_alerts(viewer: Person, alert_ids: Collection[int]) -> None:
    """She has before her why the case needs a look."""
    db.session().execute(
        update(Notice)
        .where(
            Notice.person_id == viewer.id,
            Notice.read_at.is_(None),
            Notice.alert_id.in_(alert_ids),
        )
        .values(read_at=clock.now())
    )


def seen_in(viewer: Person, conversation_id: int) -> None:
    """She has this conversation before her."""
    db.session().execute(
        update(Notice)
        .where(
            Notice.person_id == viewer.id,
            Notice.read_at.is_(None),
            Notice.conversation_id == conversation_id,
        )
        .values(read_at=clock.now())
    )


def seen_of_search(viewer: Person, saved_search_id: int) -> None:
    """She has asked this search of hers again, so what it has found is before her."""
    db.session().execute(
        update(Notice)
        .where(
            Notice.person_id == viewer.id,
            Notice.read_at.is_(None),
            Notice.saved_search_id == saved_search_id,
        )
        .values(read_at=clock.now())
    )


def forget_old() -> None:
    """Drop what was told long ago, with what was mailed of it."""
    old = clock.now() - KEPT
    session = db.session()
    session.execute(delete(Mail).where(Mail.done_at < old))
    session.execute(delete(Notice).where(Notice.told_at < old))


LATEST = db.LARGEST


@cache
def _unread() -> AnySelect:
    return select(func.count(Notice.id)).where(
        Notice.person_id == _VIEWER,
        Notice.read_at.is_(None),
        access.reads_notice(_VIEWER, Notice),
    )


@cache
def _list() -> AnySelect:
    by, instead_of = aliased(Person), aliased(Person)
    return (
        select(
            Notice.id,
            Notice.reason,
            Notice.told_at,
            Notice.read_at,
            Notice.case_id,
            Notice.post_id,
            Notice.comment_id,
            Notice.conversation_id,
            Notice.message_id,
            Notice.alert_id,
            Notice.saved_search_id,
            func.coalesce(Activity.did, Notice.reason).label("did"),
            by.id.label("actor_id"),
            by.name.label("by"),
            Child.label.label("child_name"),
            Post.position,
            Post.kind,
            Post.worry,
            Post.due_at,
            Post.author_id,
            Alert.kind.label("alert_kind"),
            Notice.instead_of_id,
            instead_of.name.label("instead_of"),
        )
        # By whom the first of all that a search found is not said: it may have been taken back.
        .outerjoin(
            Activity,
            and_(
                Activity.position == Notice.activity_position,
                Notice.saved_search_id.is_(None),
            ),
        )
        .outerjoin(Case, Case.id == Notice.case_id)
        .outerjoin(Child, Child.id == Case.child_id)
        .outerjoin(Post, Post.id == Notice.post_id)
        .outerjoin(Alert, Alert.id == Notice.alert_id)
        # Nor who took her out of a conversation: nothing of that is hers to read any more.
        .outerjoin(by, and_(by.id == Activity.actor_id, Activity.did != "conversation_left"))
        .outerjoin(instead_of, instead_of.id == Notice.instead_of_id)
        .where(
            Notice.person_id == _VIEWER,
            Notice.id < _BEFORE,
            access.reads_notice(_VIEWER, Notice),
        )
        .order_by(Notice.id.desc())
    )
