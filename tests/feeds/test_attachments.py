"""Files of posts: as open as the post they belong to, and no day longer than they are wanted."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, true

from app import access, attachments, scan
from app.core import clock, db, files, seals
from app.core.clamd import Clamd
from app.core.errors import Conflict, Invalid, NotFound, TooFast, Unavailable
from app.jobs import deliveries
from app.models import Activity, Attachment, Case, Person, Post
from feeds import posts
from feeds.posts import Update
from tests import servers
from tests.cast import MORNING, Cast
from tests.files import photo

DAY = timedelta(days=1)


@pytest.fixture
def opened(cast: Cast) -> Iterator[Cast]:
    """The cast, in a transaction that is open for as long as the test lasts."""
    with db.transaction():
        yield cast


def sent(author: Person, case: Case, name: str = "letter.txt", data: bytes = b"Dear all") -> int:
    return attachments.keep(author, case, attachments.take(name, data)).id


def told(author: Person, case: Case, *numbers: int, **more: Any) -> Post:
    return posts.publish(author, case, Update("See below.", attachments=numbers, **more))


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").glob("*/*"))


def test_whoever_reads_the_post_opens_its_file_and_nobody_else(opened: Cast) -> None:
    number = sent(opened.dan, opened.amara)
    named = {"audience": "named", "people": (opened.ruth.id,), "sharing_reason": "Health"}
    post = told(opened.dan, opened.amara, number, **named)
    may = {each.id for each in opened.people if _opens(each, number)}
    assert may == {opened.dan.id, opened.ruth.id}
    assert may == set(access.readers(post.id))


def test_the_rule_is_the_posts_whichever_way_it_is_asked(opened: Cast) -> None:
    for author, case in ((opened.dan, opened.amara), (opened.olive, opened.noor)):
        told(author, case, sent(author, case))
    posts.withdraw(opened.dan, told(opened.dan, opened.tobi, sent(opened.dan, opened.tobi)), "No")
    pairs = select(Person.id, Attachment.post_id).join(Attachment, true())
    hers = set(db.session().execute(pairs.where(access.reads_attachment(Person, Attachment))))
    reads = select(Person.id, Post.id).join(Post, true()).where(access.reads_post(Person, Post))
    of_posts = set(db.session().execute(reads))
    assert hers == of_posts
    assert len(hers) > 4


def test_before_it_is_posted_only_its_sender_has_it(opened: Cast) -> None:
    number = sent(opened.dan, opened.amara)
    assert {each.name for each in opened.people if _opens(each, number)} == {"Dan Hughes"}


def test_a_withdrawn_post_takes_its_file_along(opened: Cast) -> None:
    number = sent(opened.dan, opened.amara)
    posts.withdraw(opened.dan, told(opened.dan, opened.amara, number), "Wrong child")
    assert not [each for each in opened.people if _opens(each, number)]


def test_an_edit_keeps_the_files(opened: Cast) -> None:
    post = told(opened.dan, opened.amara, sent(opened.dan, opened.amara))
    posts.edit(opened.dan, post, "Better said.")
    assert [row.name for row in attachments.of([post])[post.id]] == ["letter.txt"]


def test_copies_for_siblings_share_one_file(opened: Cast, tmp_path: Path) -> None:
    number = sent(opened.priya, opened.amara)
    update = Update("See below.", attachments=(number,))
    posts.publish(opened.priya, opened.amara, update, also=[opened.tobi])
    rows = db.session().scalars(select(Attachment).order_by(Attachment.case_id)).all()
    assert [row.case_id for row in rows] == sorted([opened.amara.id, opened.tobi.id])
    assert len({row.file for row in rows}) == len(on_disk(tmp_path)) == 1
    assert {attachments.opened(row) for row in rows} == {b"Dear all"}


def test_files_stand_in_the_order_in_which_they_were_named(opened: Cast) -> None:
    one, two = (sent(opened.dan, opened.amara, f"{name}.txt") for name in ("one", "two"))
    post = told(opened.dan, opened.amara, two, one)
    assert [row.name for row in attachments.of([post])[post.id]] == ["two.txt", "one.txt"]


def test_what_a_photo_shows_is_said_of_photos(opened: Cast) -> None:
    pictures = [sent(opened.dan, opened.amara, f"{n}.jpg", photo()) for n in (1, 2)]
    letter = sent(opened.dan, opened.amara)
    post = told(opened.dan, opened.amara, *pictures, letter, alt="The bruise")
    said = [row.alt for row in attachments.of([post])[post.id]]
    assert said == ["The bruise (1 of 2)", "The bruise (2 of 2)", None]


def test_only_ones_own_files_of_the_same_case_can_be_posted_and_once(opened: Cast) -> None:
    hers = sent(opened.priya, opened.amara)
    of_another = sent(opened.dan, opened.tobi)
    posted = sent(opened.dan, opened.amara)
    told(opened.dan, opened.amara, posted)
    for number in (hers, of_another, posted, 987654, db.LARGEST + 1):
        with pytest.raises(Invalid) as refusal:
            told(opened.dan, opened.amara, number)
        assert refusal.value.fields == {"attachments": attachments.GONE}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_updates_at_once_do_not_share_a_file(cast: Cast) -> None:
    with db.transaction():
        number = sent(cast.dan, cast.amara)

    def tell() -> str:
        try:
            with db.transaction():
                told(cast.dan, cast.amara, number)
        except Invalid:
            return "refused"
        return "told"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(each.result() for each in [pool.submit(tell) for _ in range(4)])
    assert answers == ["refused", "refused", "refused", "told"]


def test_an_update_has_at_most_five(opened: Cast) -> None:
    six = [sent(opened.dan, opened.amara) for _ in range(6)]
    with pytest.raises(Invalid, match="at most 5 files"):
        told(opened.dan, opened.amara, *six)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_fills_the_disk_with_what_is_never_posted(opened: Cast) -> None:
    taken = attachments.take("letter.txt", b"Dear all")
    for _ in range(attachments.MOST_WAITING):
        attachments.keep(opened.dan, opened.amara, taken)
    with pytest.raises(TooFast):
        attachments.keep(opened.dan, opened.amara, taken)


def test_what_nobody_posted_is_forgotten_after_a_day_with_its_photo(
    cast: Cast, tmp_path: Path
) -> None:
    with db.transaction():
        sent(cast.dan, cast.amara, "photo.jpg", photo())
        kept = sent(cast.dan, cast.amara)
        told(cast.dan, cast.amara, kept)
    assert len(on_disk(tmp_path)) == 3
    with clock.held(MORNING + DAY):
        with db.transaction(), pytest.raises(Invalid):
            told(cast.dan, cast.amara, kept - 1)
        deliveries._forget()
    with db.transaction() as session:
        (row,) = session.scalars(select(Attachment)).all()
    assert on_disk(tmp_path) == [row.file]


def test_a_file_without_a_row_is_swept_after_a_day(cast: Cast, tmp_path: Path) -> None:
    with db.transaction():
        told(cast.dan, cast.amara, sent(cast.dan, cast.amara))
    left = attachments.take("lost.txt", b"Never committed")
    long_ago = time.time() - 10 * 24 * 3600
    for path in (tmp_path / "files").glob("*/*"):
        os.utime(path, (long_ago, long_ago))
    fresh = attachments.take("fresh.txt", b"About to be committed")
    with clock.held(clock.now()), db.transaction():
        assert attachments.sweep() == 1
    assert left.file not in on_disk(tmp_path)
    assert fresh.file in on_disk(tmp_path)
    assert len(on_disk(tmp_path)) == 2


def test_an_empty_database_sweeps_nothing(cast: Cast, tmp_path: Path) -> None:
    lost = attachments.take("letter.txt", b"Of another database")
    (path,) = (tmp_path / "files").glob("*/*")
    os.utime(path, (0, 0))
    with db.transaction():
        assert attachments.sweep() == 0
    assert on_disk(tmp_path) == [lost.file]


def test_a_file_that_was_changed_on_the_disk_is_not_given_out(opened: Cast, tmp_path: Path) -> None:
    number = sent(opened.dan, opened.amara)
    (path,) = (tmp_path / "files").glob("*/*")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(Unavailable):
        attachments.opened(access.attachment(opened.dan, number))


@pytest.mark.parametrize(
    ("data", "verdict"), [(b"Dear all", scan.CLEAN), (servers.Clamd.VIRUS, scan.INFECTED)]
)
def test_what_came_while_the_scanner_was_away_is_checked_later(
    cast: Cast, tmp_path: Path, data: bytes, verdict: str
) -> None:
    scan.use(Clamd(f"unix://{tmp_path}/clamd.ctl"))
    with db.transaction():
        number = sent(cast.dan, cast.amara, data=data)
        told(cast.dan, cast.amara, number)
        with pytest.raises(Conflict, match="waits for its virus check"):
            attachments.opened(access.attachment(cast.ruth, number))
    deliveries.check_files()
    with servers.clamd(tmp_path):
        deliveries.check_files()
        deliveries.check_files()
    with db.transaction() as session:
        row = access.attachment(cast.ruth, number)
        assert row.verdict == verdict
        assert session.scalars(select(Activity.did).order_by(Activity.position)).all() == [
            "published",
            "checked",
        ]
        if verdict == scan.CLEAN:
            assert attachments.opened(row) == data
            return
        with pytest.raises(Conflict, match="virus check refused"):
            attachments.opened(row)
    assert on_disk(tmp_path) == []


def test_nothing_is_kept_of_what_was_refused(cast: Cast, tmp_path: Path) -> None:
    with servers.clamd(tmp_path) as there:
        scan.use(Clamd(there.address))
        for data in (servers.Clamd.VIRUS, scan.TEST_VIRUS, b"\0"):
            with pytest.raises(Invalid):
                attachments.take("letter.txt", data)
    assert on_disk(tmp_path) == []


def test_each_file_has_a_key_of_its_own(opened: Cast) -> None:
    rows = [attachments.take("letter.txt", b"Dear all") for _ in range(2)]
    assert rows[0].key != rows[1].key
    assert files.read(rows[0].file, rows[1].key) is None
    assert len(seals.new_key()) == 32


def _opens(person: Person, number: int) -> bool:
    try:
        access.attachment(person, number)
    except NotFound:
        return False
    return True
