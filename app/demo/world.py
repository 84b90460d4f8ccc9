"""The demo world: built in one go, and the same every time for a given day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from itertools import groupby

from sqlalchemy import delete, exists, select, update

from app.core import clock, db, passwords
from app.core.db import Base
from app.demo import families, looking, needs, networks, people, rows, scores, stories, talks, years
from app.demo.people import Worker
from app.demo.works import Told, Work
from app.models import Activity, Agency, Delivery, Follow, Notice, Person, Post, Supervision
from app.monitor import watch
from app.notices import tell
from config.demo import DEMO_PASSWORD, DOMAIN

TOLD_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Made:
    agencies: int
    people: int
    children: int
    posts: int


def is_empty() -> bool:
    return not db.session().scalar(select(exists().where(Person.id.is_not(None))))


def is_demo() -> bool:
    """Whether everybody here is invented: nobody real has such an address."""
    real = exists().where(~Person.email.endswith(f"@{DOMAIN}"))
    return not db.session().scalar(select(real))


def build(today: date) -> Made:
    """The twelve months that end with the night before this day, in an empty database."""
    known, written = _told_and_written(today)
    _staff(today)
    rows.insert_all(written)
    looking.write(known, written)
    _tell(today)
    count = {noun.__name__: len(values) for noun, values in written.items()}
    return Made(len(people.AGENCIES), len(people.workers()), count["Child"], count["Post"])


def watch_over(today: date) -> None:
    """What the monitor found in the last night, told by the morning; in transactions of its own."""
    night = clock.instant(today, time(0)) - timedelta(seconds=1)
    with clock.held(night):
        watch.sweep(on=clock.today())
        with db.transaction() as session:
            for done in session.scalars(select(Activity).where(Activity.at == night)).all():
                if tell.tells(done):
                    tell.within(done)
            session.execute(delete(Delivery))


def _tell(today: date) -> None:
    """The notices of the last days, as they were told; who has read the update has read them."""
    since = clock.instant(today - TOLD_FOR, time(0))
    recent = select(Activity).where(Activity.at >= since).order_by(Activity.position)
    for done in db.session().scalars(recent).all():
        if tell.tells(done):
            with clock.held(done.at):
                tell.within(done)
    has_read = exists(1).where(
        Post.id == Notice.post_id,
        Follow.case_id == Post.case_id,
        Follow.person_id == Notice.person_id,
        Follow.last_read >= Post.position,
    )
    db.session().execute(update(Notice).where(has_read).values(read_at=Notice.told_at))


def year(today: date) -> dict[type[Base], list[rows.Row]]:
    """Everything about the children, by noun: the same for the same day."""
    return _told_and_written(today)[1]


def _told_and_written(today: date) -> tuple[needs.Needs, dict[type[Base], list[rows.Row]]]:
    workers = people.workers()
    found = networks.works(families.families(), workers, today)
    told = [post for family in _by_family(found) for post in _told(family, workers, today)]
    known = needs.Needs(found, workers, today)
    end = clock.instant(today, time(0))
    written = rows.write(found, told, workers, _agencies(), end, partial(_acts, known))
    rows.link_siblings(written, found)
    written |= talks.write(found, workers, end)
    return known, written


def _acts(known: needs.Needs, written: rows.Written) -> Iterator[rows.Act]:
    yield from needs.acts(known, written)
    yield from scores.acts(known, written)


def _told(family: list[Work], workers: dict[str, Worker], today: date) -> list[Told]:
    return [*years.of(family, today), *stories.of(family, workers, today)]


def _by_family(works: list[Work]) -> list[list[Work]]:
    return [list(group) for _, group in groupby(works, key=lambda work: work.family.key)]


def _agencies() -> dict[str, int]:
    return {key: number for number, key in enumerate(people.AGENCIES, 1)}


def _staff(today: date) -> None:
    workers, agencies = people.workers(), _agencies()
    began = clock.instant(today - timedelta(days=networks.YEAR + 14))
    # One hash for all: sixty would take longer than the whole year of posts.
    secret = passwords.hashed(DEMO_PASSWORD)
    rows.insert_all(
        {
            Agency: [
                {
                    "id": agencies[key],
                    "name": name,
                    "agency_type": kind,
                    "phone": f"01632 9600{agencies[key]:02}",
                }
                for key, (name, kind) in people.AGENCIES.items()
            ],
            Person: [
                {
                    "id": each.id,
                    "name": each.name,
                    "role": each.role,
                    "agency_id": agencies[each.agency],
                    "email": each.email,
                    "phone": each.phone,
                    "out_of_office": people.AWAY.get(each.name),
                    "account": each.account,
                    "active": each.name != people.GONE,
                    "password_hash": secret,
                    "created_at": began,
                }
                for each in workers.values()
            ],
            Supervision: [
                {"manager_id": workers[manager].id, "person_id": workers[name].id}
                for manager, names in people.SUPERVISED.items()
                for name in names.split(", ")
            ],
        }
    )
