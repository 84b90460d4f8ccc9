"""Whether the audit is as it was written: its chain by itself, and held against its anchors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select

from app.audit import chain
from app.audit.anchors import Anchor
from app.audit.pairs import Pairs
from app.core import clock, db
from app.models import AuditEntry

# An anchor is written every minute while Kith serves; a row that waits longer than this has lost
# its anchor, or Kith could not write one.
LATE = timedelta(minutes=10)


@dataclass
class Finding:
    """How many rows are good, the last anchor that holds, and the first thing that is wrong."""

    good: int = 0
    anchored: Anchor | None = None
    wrong: str | None = None


def check(anchors: Sequence[Anchor]) -> Finding:
    """Read the whole chain with its looks, and stop at the first row that is wrong."""
    with db.transaction(durable=False) as session:
        ends = session.execute(chain.HEAD).one_or_none()
        newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    if ends is None:
        return Finding(wrong="The head of the audit is gone.")
    pairs = Pairs()
    found, last = _walk(chain.Head(*ends), newest, anchors, pairs)
    found.wrong = found.wrong or _wrong_at_end(found, last, chain.Head(*ends), anchors)
    # What the chain does not hold proves nothing about looks.
    found.wrong = found.wrong or pairs.wrong(newest)
    return found


def waiting_too_long(found: Finding) -> str | None:
    """What is wrong when a row that no anchor holds was written some time ago."""
    place = (found.anchored.place if found.anchored else 0) + 1
    with db.transaction(durable=False) as session:
        at = session.scalar(select(AuditEntry.at).where(AuditEntry.id == place))
    if at is None or clock.now() - at <= LATE:
        return None
    return (
        f"Row {place} was written on {_moment(at)} and no anchor holds it: anchors were taken "
        "away, or Kith could not write them."
    )


def _walk(
    ends: chain.Head, newest: int, anchors: Sequence[Anchor], pairs: Pairs
) -> tuple[Finding, str]:
    found, before = Finding(), chain.START
    anchored = {place: list(them) for place, them in groupby(_in_order(anchors), _place)}
    for row in chain.rows(max(newest, ends.place)):
        found.wrong = _wrong(row, found.good + 1, before, ends)
        if found.wrong:
            break
        for anchor in anchored.get(row.place, ()):
            if anchor.hash != row.hash:
                found.good = found.anchored.place if found.anchored else 0
                found.wrong = _made_anew(anchor, found.good)
                return found, before
            found.anchored = anchor
        pairs.row(row.place, row.said or [])
        found.good, before = row.place, row.hash
    return found, before


def _in_order(anchors: Sequence[Anchor]) -> list[Anchor]:
    return sorted(anchors, key=_place)


def _place(anchor: Anchor) -> int:
    return anchor.place


def _wrong(row: chain.Row, place: int, before: str, ends: chain.Head) -> str | None:
    if row.place < place:
        return f"Row {row.place} stands before the first row."
    if row.place > place:
        return f"Row {place} is missing: row {row.place} is the next there is."
    if row.said is None:
        return f"Row {place} was changed: it cannot be read."
    if chain.link(before, place, chain.digest(row.said)) != row.hash:
        return f"Row {place} was changed: it does not follow from row {place - 1} and its words."
    if place > ends.place:
        return f"Row {place} stands after the end: the head is at row {ends.place}."
    return None


def _made_anew(anchor: Anchor, good: int) -> str:
    return (
        f"Row {anchor.place} is not the one that was anchored on {_moment(anchor.at)}: "
        f"row {good + 1} or a later one was changed, and all after it made anew."
    )


def _wrong_at_end(
    found: Finding, last: str, ends: chain.Head, anchors: Sequence[Anchor]
) -> str | None:
    beyond = max(anchors, key=_place, default=None)
    if beyond is not None and beyond.place > found.good:
        return (
            f"Row {found.good + 1} is missing: the audit had reached row {beyond.place} "
            f"on {_moment(beyond.at)}."
        )
    if ends.place != found.good:
        return f"Row {found.good + 1} is missing: the head is at row {ends.place}."
    if ends.hash != last:
        return f"The head does not name row {found.good}: one of the two was changed."
    return None


def _moment(at: datetime) -> str:
    return f"{clock.local(at):%-d %B %Y at %H:%M}"
