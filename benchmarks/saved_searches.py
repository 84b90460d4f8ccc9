"""What 5,000 saved searches cost a post: from what was said to whom it is told, on both databases.

500 people have ten each, of every kind. Beside it stands the plain way, which matches a post with
each of them; it begins with all of them read and asks nobody who may read the post.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path

from sqlalchemy import func, select, text

from app import access, relay
from app.core import clock, db, seals
from app.models import KINDS, Activity, Case, Find, Person, Post
from benchmarks import places
from feeds import posts
from feeds.posts import Update
from search import alerts, documents, filters, matching, parsing, saved
from search.alerts import Wanted
from search.filters import Names
from tests import servers

PEOPLE, EACH = 500, 10
CASES, POSTS = 2_000, 20_000
SAID, WARM_UP = 150, 20
# Milliseconds a post, in the middle; and how much of the plain way the finding may cost.
GOAL, GOAL_OF_PLAIN = 10.0, 0.2

VOCABULARY = 5_000
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
DICE = random.Random(4)

# Milliseconds by the clock, and of this process.
Taken = tuple[float, float]


def main() -> int:
    seals.use("bench")
    missed = 0
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder:
        missed += run("SQLite", f"sqlite:///{Path(folder) / 'kith.db'}")
    with servers.postgresql() as url:
        missed += run("PostgreSQL", url)
    return missed


def run(name: str, url: str) -> int:
    print(f"Filling {name}: {POSTS:,} posts in {CASES:,} cases …", file=sys.stderr)
    places.fill(url, cases=CASES, posts=POSTS, people=PEOPLE)
    if not db.is_sqlite():
        with db.engine().begin() as connection:
            connection.execute(text("SELECT setval('posts_id_seq', :last)"), {"last": POSTS})
    with clock.held(places.NOW):
        times = {"told, none saved": [told(done) for done in said(WARM_UP + SAID)]}
        searches = keep_searches()
        first = next(said(1))
        reading, _ = timed(partial(alerts.of, first))
        whole, finding, plain = [], [], []
        for done in said(WARM_UP + SAID):
            finding.append(timed(partial(alerts.of, done)))
            plain.append(timed(partial(each_of_them, done, searches)))
            whole.append(told(done))
    times |= {
        f"told, {len(searches):,} saved": whole,
        "  of which found": finding,
        "found by matching each": plain,
    }
    with db.transaction() as session:
        finds = session.scalar(select(func.count(Find.id)))
    print(f"\n{name}, ms a post, {SAID} posts, {finds:,} finds; all read once in {reading:,.0f} ms")
    print(f"{'':26}{'p50':>8}{'p95':>8}{'of this process, p50':>24}")
    for label, taken in times.items():
        wall, own = zip(*taken[WARM_UP:], strict=True)
        late = statistics.quantiles(wall, n=20)[-1]
        print(f"{label:<26}{statistics.median(wall):8.2f}{late:8.2f}{statistics.median(own):24.2f}")
    post, ratio = middle(whole), middle(finding) / middle(plain)
    print(f"told: {post:.1f} ms a post (goal: at most {GOAL:.0f})")
    print(f"found to matching each: {ratio:.2f} × (goal: at most {GOAL_OF_PLAIN})")
    return int(post > GOAL or ratio > GOAL_OF_PLAIN)


def keep_searches() -> list[Wanted]:
    """Save them; answers each as it is read."""
    kept: dict[int, Wanted] = {}
    for number in range(1, PEOPLE + 1):
        with db.transaction() as session:
            person = session.get_one(Person, number)
            while len(kept) < number * EACH:
                words = written()
                parsed, saved_id = parsing.parse(words), saved.save(person, words)
                found = filters.settle(parsed.filters)
                kept[saved_id] = Wanted(saved_id, number, parsed.query, found)
    return list(kept.values())


def written() -> str:
    """What people save: mostly words, one in ten without any."""
    one, two, three = (word(DICE.randrange(2_000)) for _ in range(3))
    return DICE.choice(
        [
            one,
            f"{one} {two}",
            f"{one} OR {two}",
            f"{one} -{two}",
            f'"{one} {two}"',
            f"{one[:4]}*",
            f"({one} OR {two}) {three}",
            f"{one} kind:{DICE.choice(list(KINDS))}",
            f'{one} from:"Person {DICE.randint(1, PEOPLE)}"',
            f"kind:{DICE.choice(list(KINDS))} agency:{DICE.randint(1, 12)} NOT {one}",
        ]
    )


def said(times: int) -> Iterator[Activity]:
    """Posts of forty words, each after the other, in the networks of their authors."""
    weights = list(accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
    for _ in range(times):
        ranks = DICE.choices(range(VOCABULARY), cum_weights=weights, k=40)
        with db.transaction() as session:
            author = session.get_one(Person, DICE.randint(1, PEOPLE))
            case = session.scalars(access.cases(author).order_by(Case.id)).first()
            assert case
            posts.publish(author, case, Update(" ".join(map(word, ranks))))
            done = session.scalars(select(Activity).order_by(Activity.position.desc())).first()
            assert done
        yield done


def word(rank: int) -> str:
    """The word of this rank, the same every time; the first are the commonest."""
    spelt = ""
    for _ in range(3):
        rank, syllable = divmod(rank, len(SYLLABLES))
        spelt += SYLLABLES[syllable]
    return spelt


def told(done: Activity) -> Taken:
    return timed(partial(relay.tell_searchers, done))


def each_of_them(done: Activity, searches: list[Wanted]) -> set[int]:
    with db.transaction(durable=False):
        post = documents.columns("post").where(Post.id == done.post_id)
        (document,) = documents.read(db.rows(post))
    names = Names(
        {f"Child {document.case_id}"},
        {f"Person {document.author_id}"},
        {f"Agency {document.agency_id}"},
    )
    read = matching.read(document.text)
    return {each.id for each in searches if each.finds(document, read, names)}


def timed(act: Callable[[], object]) -> Taken:
    begun, own = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - begun) * 1000, (time.process_time() - own) * 1000


def middle(taken: list[Taken]) -> float:
    return statistics.median(wall for wall, _ in taken[WARM_UP:])


if __name__ == "__main__":
    sys.exit(main())
