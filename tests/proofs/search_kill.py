"""Whatever happens to an index, nothing that was said is lost to it, and nothing in it is run.

    ./run proof search_kill [ROUNDS] [HARMS]

Processes of their own keep the index of a database that is written meanwhile. They are killed in
the midst of it, two of them work at once, one has no room left, what was done is told again. Then
files of the index are damaged and replaced, by pickles that run code too. And posts are deleted
for good, of whose words no byte may be left. Bars: the index says at every moment that it is
whole, or that it is not; and has in the end what the database has, no more and no less.
"""

from __future__ import annotations

import logging
import pickle
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import structlog
from sqlalchemy import delete, func, select, update

from app import access
from app.core import db, schema, seals
from app.jobs import indexing as job
from app.models import Activity, Post
from feeds import comments, posts
from feeds.posts import Update
from search import indexing
from search.index import NotReady
from search.indexing import Differences
from search.query import Filters, Word
from search.whoosh_index import WhooshIndex
from search.whoosh_index.folder import Reached
from tests.cast import Cast, settle

SECRET = "a secret of this installation"
ROOT = Path(__file__).parents[2]
# So many posts are said between one death and the next, each with a word of its own.
SAID = 150
ERASED = 40
# No file of a process without room may be longer.
ROOM = 4_096
HARMS = ("a bit", "cut", "longer", "empty", "noise", "pickle", "another's", "gone")


def main(rounds: int = 50, harms: int = 300) -> bool:
    # That an index was built is no news here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder) / "much")
        results = [
            house.killed(rounds),
            house.two_at_once(),
            house.told_again(),
            house.without_room(),
        ]
        house = House(Path(folder) / "little")  # which is made anew again and again
        results += [house.damaged(harms), house.erased()]
    return all(results)


def work(url: str, folder: str, how: str) -> None:
    """What a process of its own does: it says when it begins, and goes on until it is killed."""
    seals.use(SECRET)
    db.use(url)
    index = WhooshIndex(Path(folder))
    print("ready", flush=True)
    if how == "without room":
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
    if how == "rebuilds":
        indexing.AT_ONCE = 50
        while True:
            indexing.rebuild(index)
    while True:
        job.keep(index, lambda _done, _all: None)
        time.sleep(0.005)


class House:
    """A database, its index, and what was said so far."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.url, self.folder = f"sqlite:///{folder / 'kith.db'}", folder / "search"
        self.chance, self.proof = random.Random(1), folder / "code ran"
        self.words, self.number = list[str](), count()
        seals.use(SECRET)
        schema.upgrade(db.use(self.url))
        with db.transaction():
            self.cast: Cast = settle()
        self.index = WhooshIndex(self.folder)
        assert indexing.rebuild(self.index)

    def killed(self, rounds: int) -> bool:
        """Each round much is said, some of it is changed or taken back, and somebody dies."""
        halves = unready = 0
        for number in range(rounds):
            how = "rebuilds" if number % 5 == 4 else "keeps"
            with self._at_work(how) as worker:
                self._speak(SAID // 3)
                time.sleep(self.chance.uniform(0, 0.25))
                self._speak(SAID // 3)
                self._await_a_moment(halfway=number % 2 == 0)
                worker.kill()
                worker.wait()
            halves += len(list(self.folder.glob("*.half")))
            unready += not WhooshIndex(self.folder).is_ready()
            self._speak(SAID // 3)
        behind = self._behind()
        print(
            f"killed {rounds} times, {halves} of them with a file half written, "
            f"{behind:,} activities behind: {unready} times not whole, ",
            end="",
        )
        return self._judge() and not unready

    def two_at_once(self) -> bool:
        with self._at_work("keeps"), self._at_work("keeps"), self._at_work("rebuilds"):
            for _ in range(6):
                self._speak(SAID // 3)
                time.sleep(0.2)
        print("two who keep it and one who rebuilds it at once: ", end="")
        return self._judge()

    def told_again(self) -> bool:
        self._caught_up()
        before = sorted(self.index.keys())
        with db.transaction() as session:
            far_back = session.get_one(Activity, self._newest() // 3)
            reached = Reached(far_back.position, far_back.at.isoformat())
        self.index.write([], [], reached)
        again = self._caught_up()
        same = before == sorted(self.index.keys())
        print(
            f"{again:,} activities told again: {'the same' if same else 'OTHER'} things, ", end=""
        )
        return self._judge() and same

    def without_room(self) -> bool:
        self._caught_up()
        reached = self.index.point()
        with self._at_work("without room") as worker:
            self._speak(SAID)
            complaint = worker.communicate(timeout=30)[1].decode().splitlines()[-1]
        opened = WhooshIndex(self.folder)
        untouched = opened.is_ready() and opened.point() == reached
        print(f"no room ({complaint}): {'as it was' if untouched else 'HARMED'}, ", end="")
        return self._judge() and untouched and "OSError" in complaint

    def damaged(self, harms: int) -> bool:
        """Each time one file is harmed, found out, and the index made anew."""
        used, wrong, did = 0, 0, Counter[str]()
        self._speak(SAID)
        assert indexing.rebuild(self.index)
        for number in range(harms):
            kind = HARMS[number % len(HARMS)]
            files = sorted(self.folder.glob("*.table" if self.chance.random() < 0.5 else "*.seg*"))
            self._harm(self.chance.choice(files), kind)
            did[kind] += 1
            opened = WhooshIndex(self.folder)
            with suppress(NotReady):
                used += bool(self._found(opened, self.words[0])) or opened.is_ready()
            job.keep(opened, lambda _done, _all: None)
            wrong += not opened.is_ready() or indexing.check(opened) != Differences([], [])
        ran = self.proof.exists()
        kinds = ", ".join(f"{many} {kind}" for kind, many in did.items())
        print(
            f"{harms} harms ({kinds}): {used} used as they were, {wrong} not made anew, "
            f"code {'RAN' if ran else 'never ran'}, ",
            end="",
        )
        return self._judge() and not (used or wrong or ran)

    def erased(self) -> bool:
        """Deleted for good while others write; then the command is given."""
        with self._at_work("keeps"):
            gone = self._speak(ERASED)
            while not self._found(self.index, gone[-1]):
                time.sleep(0.02)
            self._delete(gone)
            self._speak(ERASED)
            before = self._left(gone)
            command = [sys.executable, "-c", "from app.cli import main; main()", "search", "erase"]
            settings = {
                "KITH_DATA": str(self.folder.parent),
                "KITH_DATABASE_URL": self.url,
                "KITH_SECRET_KEY": SECRET,
                "KITH_SEARCH": "whoosh",
            }
            said = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, check=False)
            left = self._left(gone)
        print(
            f"{len(gone)} posts deleted: words of {before} in the folder, of {left} once erased"
            f" ({said.stdout.decode().splitlines()[-1:]}), ",
            end="",
        )
        return self._judge() and before > 0 and left == 0 and said.returncode == 0

    @contextmanager
    def _at_work(self, how: str) -> Iterator[subprocess.Popen[bytes]]:
        code = "import sys; from tests.proofs.search_kill import work; work(*sys.argv[1:])"
        command = [sys.executable, "-c", code, self.url, str(self.folder), how]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe) as worker:
            assert worker.stdout
            assert worker.stdout.readline() == b"ready\n"
            try:
                yield worker
            finally:
                worker.send_signal(signal.SIGKILL)

    def _await_a_moment(self, *, halfway: bool) -> None:
        """Any moment; or the one at which a file is half written, if it is met."""
        end = time.monotonic() + (1 if halfway else self.chance.uniform(0, 0.1))
        while time.monotonic() < end:
            if halfway and list(self.folder.glob("*.half")):
                return

    def _speak(self, many: int) -> list[str]:
        """Posts and comments; of each five one is changed, and one taken back."""
        new = [f"canary{next(self.number)}x" for _ in range(many)]
        with db.transaction():
            for number, word in enumerate(new):
                post = posts.publish(self.cast.priya, self.cast.amara, Update(f"Home visit {word}"))
                if number % 5 == 1:
                    posts.edit(self.cast.priya, post, f"Changed since: {word}")
                if number % 5 == 2:
                    comments.add(self.cast.dan, post, f"Thank you for {word}")
        self.words += new
        return new

    def _delete(self, gone: Sequence[str]) -> None:
        """As retention will: the rows are gone, and whatever names them points to nothing."""
        tables = db.Base.metadata.tables
        with db.transaction() as session:
            wanted = Post.body.regexp_match("|".join(f"{word}$" for word in gone))
            ids = list(session.scalars(select(Post.id).where(wanted)))
            for table in (tables["notices"], tables["deliveries"]):
                session.execute(delete(table))
            session.execute(update(Activity).where(Activity.post_id.in_(ids)).values(post_id=None))
            for table in (tables["comments"], tables["post_versions"]):
                session.execute(delete(table).where(table.c.post_id.in_(ids)))
            session.execute(delete(Post).where(Post.id.in_(ids)))
        self.words = [word for word in self.words if word not in set(gone)]

    def _left(self, words: Sequence[str]) -> int:
        """Of how many words there are bytes in the folder."""
        kept = b"".join(each.read_bytes() for each in self.folder.iterdir())
        return sum(word.encode() in kept for word in words)

    def _harm(self, path: Path, kind: str) -> None:
        data, chance = path.read_bytes(), self.chance
        place = chance.randrange(len(data))
        path.write_bytes(
            {
                "a bit": data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :],
                "cut": data[:place],
                "longer": data + b"\0",
                "empty": b"",
                "noise": chance.randbytes(len(data)),
                "pickle": pickle.dumps(Bomb(self.proof)),
                "another's": data[::-1],
                "gone": b"",
            }[kind]
        )
        if kind == "gone":
            path.unlink()

    def _found(self, index: WhooshIndex, word: str) -> int:
        with db.transaction(durable=False):
            scope = access.searchable(self.cast.priya)
        return len(index.find(Word(word), Filters(), scope))

    def _newest(self) -> int:
        return db.session().scalar(select(func.max(Activity.position))) or 0

    def _behind(self) -> int:
        with db.transaction(durable=False):
            return self._newest() - self.index.reached()

    def _caught_up(self) -> int:
        taken = 0
        while more := indexing.catch_up(self.index):
            taken += more
        return taken

    def _judge(self) -> bool:
        """Once it has caught up: whether it has what the database has, found by every word."""
        self._caught_up()
        differs = indexing.check(self.index)
        lost = sum(not self._found(self.index, word) for word in self.words)
        print(
            f"{lost} of {len(self.words):,} lost, {len(differs.wrong)} wrong, "
            f"{len(differs.left_over)} left over",
            flush=True,
        )
        return not lost and differs == Differences([], [])


class Bomb:
    """Whoever opens this as a pickle runs it."""

    def __init__(self, proof: Path) -> None:
        self._proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._proof,)


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
