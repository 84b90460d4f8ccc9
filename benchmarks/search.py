"""Finding words in 200,000 posts, beside SQLite FTS5 and tantivy, all in one run.

    ./run bench search [POSTS] [ROUNDS]

The same questions go to Whoosh's arrays, PostgreSQL, FTS5 and tantivy in turns: the newest twenty
within the cases of somebody who has 30, and of somebody who has 3,000. The peers are given the
same texts, and no rules: they only look within a list of cases. Then the whole of a search, rules,
counts, snippets and audit, beside the call of the engine it makes. Ratios are of medians.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate, product
from pathlib import Path
from typing import Any

import tantivy
from sqlalchemy import insert, text

from app import access
from app.access import Scope
from app.core import clock, db, seals
from app.models import Membership, Person
from benchmarks import places
from search import documents, index, indexing, look, parsing
from search.index import Document, Index
from search.look import COUNTED
from search.postgresql import PostgreSQL
from search.query import All, Filters, Phrase, Prefix, Query, Word
from search.whoosh_index import WhooshIndex
from tests import servers

CASES, MANY, FEW = 3_200, 3_000, 30
# In 3,000 cases is the viewer of `places`, in 30 somebody more.
SOMEBODY = 401
SIZE = 20
ENGINES, PEERS = ("Whoosh", "PostgreSQL"), ("FTS5", "tantivy")
KINDS = ("common", "rare", "three words", "phrase", "prefix", "name")

# What English says most, what is said of children, and as many words as a council has.
OFTEN = "the and to of a in was he she that with for on at said her his not is has".split()
PHRASES = ("no further action", "strategy discussion", "not brought", "school nurse", "seen alone")
SYLLABLES = [a + b for a, b in product("bcdfghjklmnprstvwz", ("a", "e", "i", "o", "u", "an", "er"))]


def _vocabulary(many: int = 60_000) -> list[str]:
    dice = random.Random(7)
    made = {"".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))): None for _ in range(2 * many)}
    return [*OFTEN, *places.WORDS, *made][:many]


VOCABULARY = _vocabulary()
# The word of each rank is said as much less often as its rank is higher.
_UP_TO = list(accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))
FIRST = [f"{each}lia".title() for each in SYLLABLES]
LAST = [f"{each}rick".title() for each in SYLLABLES]


def written(dice: random.Random) -> str:
    words = dice.choices(VOCABULARY, cum_weights=_UP_TO, k=dice.randint(30, 120))
    if dice.random() < 0.15:
        words.insert(dice.randrange(len(words)), dice.choice(PHRASES))
    if dice.random() < 0.5:
        words.insert(dice.randrange(len(words)), f"{dice.choice(FIRST)} {dice.choice(LAST)}")
    return " ".join(words)


def questions(dice: random.Random) -> dict[str, tuple[Query, str]]:
    """One of each kind: as a tree, and as somebody writes it."""
    common, rare = VOCABULARY[dice.randrange(20, 44)], VOCABULARY[-dice.randrange(1, 20_000)]
    three = [common, *(VOCABULARY[dice.randrange(25, 400)] for _ in range(2))]
    phrase, name = dice.choice(PHRASES), f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    beginning = dice.choice(VOCABULARY[100:])[: dice.randint(3, 4)]
    return {
        "common": (Word(common), common),
        "rare": (Word(rare), rare),
        "three words": (All(tuple(map(Word, three))), " ".join(three)),
        "phrase": (Phrase(tuple(phrase.split())), f'"{phrase}"'),
        "prefix": (Prefix(beginning), f"{beginning}*"),
        "name": (All(tuple(map(Word, name.lower().split()))), name),
    }


# What is compared


class FTS5:
    """Beside the words a table of cases and instants, which the newest are taken by."""

    def __init__(self, path: Path, every: Sequence[Document]) -> None:
        began = time.perf_counter()
        self._line = sqlite3.connect(path)
        self._line.executescript(
            "CREATE TABLE said (id INTEGER PRIMARY KEY, case_id INTEGER, at INTEGER);"
            "CREATE VIRTUAL TABLE words USING fts5("
            "body, content='', columnsize=0, tokenize='porter unicode61')"
        )
        rows = [(n, each.case_id, _ticks(each), each.text) for n, each in enumerate(every)]
        self._line.executemany("INSERT INTO said VALUES (?, ?, ?)", [row[:3] for row in rows])
        self._line.executemany(
            "INSERT INTO words (rowid, body) VALUES (?, ?)", [(row[0], row[3]) for row in rows]
        )
        self._line.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._line.commit()
        self._line.execute("ANALYZE")
        self.seconds = time.perf_counter() - began
        self.size = self._line.execute("SELECT sum(length(block)) FROM words_data").fetchone()[0]

    def find(self, query: Query, case_ids: Sequence[int]) -> list[int]:
        rows = self._line.execute(
            "SELECT said.at FROM words JOIN said ON said.id = words.rowid "
            "WHERE words MATCH ? AND said.case_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY said.at DESC, said.id DESC LIMIT ?",
            (self._asked(query), json.dumps(case_ids), SIZE),
        )
        return [at for (at,) in rows]

    def _asked(self, query: Query) -> str:
        match query:
            case Word(text):
                return f'"{text}"'
            case Prefix(text):
                return f'"{text}"*'
            case Phrase(texts):
                return f'"{" ".join(texts)}"'
            case All(parts):
                return " AND ".join(map(self._asked, parts))
        raise AssertionError(query)


class Tantivy:
    def __init__(self, path: Path, every: Sequence[Document]) -> None:
        began = time.perf_counter()
        path.mkdir()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("body", tokenizer_name="en_stem")
        builder.add_integer_field("case", indexed=True, fast=True)
        builder.add_integer_field("at", fast=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, str(path))
        writer = self._index.writer(num_threads=1)
        for each in every:
            writer.add_document(
                tantivy.Document(body=each.text, case=each.case_id, at=_ticks(each))
            )
        writer.commit()
        writer.wait_merging_threads()
        self.seconds = time.perf_counter() - began
        self.size = sum(each.stat().st_size for each in path.iterdir())
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, query: Query, case_ids: Sequence[int]) -> list[int]:
        within = tantivy.Query.term_set_query(self._schema, "case", case_ids)
        both = [
            (tantivy.Occur.Must, self._asked(query)),
            (tantivy.Occur.Must, tantivy.Query.const_score_query(within, 0)),
        ]
        asked = tantivy.Query.boolean_query(both)
        return [
            at
            for at, _ in self._searcher.search(
                asked, limit=SIZE, count=False, order_by_field="at"
            ).hits
        ]

    def _asked(self, query: Query) -> Any:
        match query:
            case Word(text):
                return self._index.parse_query(text, ["body"])
            case Prefix(text):
                return tantivy.Query.regex_query(self._schema, "body", f"{text}.*")
            case Phrase(texts):
                return self._index.parse_query(f'"{" ".join(texts)}"', ["body"])
            case All(parts):
                must = [(tantivy.Occur.Must, self._asked(part)) for part in parts]
                return tantivy.Query.boolean_query(must)
        raise AssertionError(query)


@dataclass
class Ours:
    """One of the engines over its database, and whoever asks it."""

    name: str
    url: str
    engine: Index
    seconds: float
    size: int
    viewers: dict[int, Person] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for within, number in ((FEW, SOMEBODY), (MANY, places.VIEWER)):
            with self.opened() as session:
                self.viewers[within] = session.get_one(Person, number)
                self.scopes[within] = access.searchable(self.viewers[within])

    def opened(self) -> Any:
        db.use(self.url)
        index.use(self.engine)
        return db.transaction(durable=False)

    def find(self, query: Query, within: int, size: int = SIZE) -> tuple[float, list[int]]:
        with self.opened():
            began = time.perf_counter()
            found = self.engine.find(query, Filters(), self.scopes[within], size=size)
            return time.perf_counter() - began, [_tick(mark.at) for mark in found]

    def whole(self, asked: str, within: int) -> float:
        began = time.perf_counter()
        with self.opened():
            look.look(self.viewers[within], asked, how="page")
        return time.perf_counter() - began


def main(posts: int = 200_000, rounds: int = 30) -> int:
    seals.use("a secret of this installation")
    with tempfile.TemporaryDirectory() as kept, servers.postgresql() as server:
        folder = Path(kept)
        with clock.held(places.NOW):
            ours = [
                filled("Whoosh", f"sqlite:///{folder / 'kith.db'}", posts, folder),
                filled("PostgreSQL", server, posts, folder),
            ]
            with ours[0].opened():
                every = list(_every_document())
            peers = {
                "FTS5": FTS5(folder / "fts5.db", every),
                "tantivy": Tantivy(folder / "t", every),
            }
            say_sizes(ours, peers, every)
            took, wholes = take_turns(ours, peers, rounds)
        return judge(took) + judge_whole(wholes)


def filled(name: str, url: str, posts: int, folder: Path) -> Ours:
    """The database with all in it, and its index, with what making that took."""
    print(f"Filling {name}: {posts:,} posts in {CASES:,} cases …", file=sys.stderr)
    places.fill(url, cases=CASES, posts=posts, followed=MANY, write=written)
    with db.engine().begin() as connection:
        connection.execute(insert(Person).values(_somebody()))
        connection.execute(insert(Membership), list(_memberships()))
        # Some are for some alone, and so in no index.
        connection.execute(text("UPDATE posts SET audience = 'named' WHERE id % 150 = 0"))
    if not db.is_sqlite():
        _tidy()
        return Ours(name, url, PostgreSQL(), *_made_anew())
    made, began = WhooshIndex(folder / "search"), time.perf_counter()
    assert indexing.rebuild(made)
    taken = time.perf_counter() - began
    return Ours(name, url, made, taken, sum(each.stat().st_size for each in made.path.iterdir()))


def _tidy() -> None:
    """What a server does by itself, within a minute or two of so many new rows."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _somebody() -> dict[str, Any]:
    return {
        "id": SOMEBODY,
        "name": "Somebody Else",
        "role": "Social worker",
        "agency_id": 1,
        "email": "somebody@kith.example",
        "account": "practitioner",
        "active": True,
        "created_at": places.BEGAN,
    }


def _memberships() -> Iterator[dict[str, Any]]:
    for number in random.Random(2).sample(range(1, CASES + 1), FEW):
        yield {
            "case_id": number,
            "person_id": SOMEBODY,
            "agency_id": 1,
            "role": "Social worker",
            "is_lead": False,
            "from_at": places.BEGAN,
            "until_at": places.NOW + timedelta(days=90),
            "reason": "Works with the family",
            "decided_by_id": SOMEBODY,
        }


def _made_anew() -> tuple[float, int]:
    """How long PostgreSQL takes to make the words of every row and their index; and their size."""
    said = (
        "SELECT attrelid::regclass::text, pg_get_expr(adbin, adrelid) FROM pg_attrdef "
        "JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum "
        "WHERE attname = 'words' AND attrelid IN ('posts'::regclass, 'comments'::regclass)"
    )
    began, size = time.perf_counter(), 0
    with db.engine().begin() as connection:
        for table, words in connection.execute(text(said)).all():
            connection.execute(
                text(f"CREATE TEMPORARY TABLE made AS SELECT {words} AS words FROM {table}")
            )
            connection.execute(text("CREATE INDEX made_words ON made USING gin (words)"))
            size += connection.execute(
                text("SELECT sum(pg_column_size(words)) + pg_relation_size('made_words') FROM made")
            ).scalar_one()
            connection.execute(text("DROP TABLE made"))
    return time.perf_counter() - began, int(size)


def _every_document() -> Iterator[Document]:
    for thing in ("post", "comment"):
        rows = documents.columns(thing).where(documents.belongs(thing))
        yield from documents.read(db.rows(rows))


def _ticks(each: Document) -> int:
    return _tick(each.mark.at)


def _tick(at: Any) -> int:
    return int(at.timestamp() * 1_000_000)


Took = dict[tuple[str, int], dict[str, list[float]]]


def take_turns(ours: Sequence[Ours], peers: dict[str, Any], rounds: int) -> tuple[Took, Took]:
    """Milliseconds of each kind of question within so many cases, for each."""
    took: Took = defaultdict(lambda: defaultdict(list))
    wholes: Took = defaultdict(lambda: defaultdict(list))
    for turn in range(-3, rounds):
        dice = random.Random(turn)
        for (kind, (query, asked)), within in product(questions(dice).items(), (FEW, MANY)):
            parsed = parsing.parse(asked).query
            assert parsed == query, (parsed, query)
            cases = sorted(ours[0].scopes[within].case_ids)
            found = {}
            for each in dice.sample(list(ours), len(ours)):
                seconds, found[each.name] = each.find(query, within)
                its, _ = each.find(query, within, COUNTED + 1)
                whole = each.whole(asked, within)
                if turn >= 0:
                    took[kind, within][each.name].append(seconds * 1e3)
                    wholes[kind, within][f"{each.name} its"].append(its * 1e3)
                    wholes[kind, within][each.name].append(whole * 1e3)
            for name, peer in peers.items():
                began = time.perf_counter()
                found[name] = peer.find(query, cases)
                if turn >= 0:
                    took[kind, within][name].append((time.perf_counter() - began) * 1e3)
            check_same(kind, asked, found)
    return took, wholes


def check_same(kind: str, asked: str, found: dict[str, list[int]]) -> None:
    """The engines agree to the instant; the peers stem otherwise here and there."""
    assert found["Whoosh"] == found["PostgreSQL"], (asked, found)
    if kind in ("common", "phrase") and len(found["Whoosh"]) == SIZE:
        for peer in PEERS:
            assert len(set(found[peer]) & set(found["Whoosh"])) > SIZE // 2, (peer, asked, found)


# What is said of it


def say_sizes(ours: Sequence[Ours], peers: dict[str, Any], every: Sequence[Document]) -> None:
    megabytes = sum(len(each.text) for each in every) / 1e6
    print(f"{len(every):,} things, {megabytes:.0f} MB of text")
    print(f"{'indexing':14}{'things/s':>10}{'MB':>8}")
    made = [(each.name, each.seconds, each.size) for each in ours]
    for name, seconds, size in [*made, *((n, p.seconds, p.size) for n, p in peers.items())]:
        print(f"{name:14}{len(every) / seconds:10,.0f}{size / 1e6:8.0f}")


def judge(took: Took) -> int:
    names, missed = (*ENGINES, *PEERS), 0
    print(f"\n{'ms, p50':24}{''.join(f'{name:>12}' for name in names)}{'to FTS5':>16}{'goals':>14}")
    for kind, within in product(KINDS, (FEW, MANY)):
        p50 = {name: statistics.median(took[kind, within][name]) for name in names}
        ratios = [p50[name] / p50["FTS5"] for name in ENGINES]
        goals = _goals(kind, within)
        missed += sum(goal is not None and r > goal for r, goal in zip(ratios, goals, strict=True))
        print(
            f"{kind:12} {within:6,} cases"
            + "".join(f"{p50[name]:12.2f}" for name in names)
            + f"{ratios[0]:8.2f}{ratios[1]:8.2f}"
            + "".join(f"{f'≤ {goal:g}' if goal else '':>7}" for goal in goals)
        )
    return missed


def _goals(kind: str, within: int) -> tuple[float | None, float | None]:
    """For Whoosh and for PostgreSQL: of a word, and of a phrase."""
    if kind == "phrase":
        return 5.0, None
    return (1.6, 0.6 if within == FEW else 2.5) if kind == "common" else (None, None)


def judge_whole(wholes: Took) -> int:
    missed = 0
    print(f"\n{'the whole of a search, ms':26}{'Whoosh':>18}{'PostgreSQL':>20}   goal")
    for kind, within in product(KINDS, (FEW, MANY)):
        line = f"{kind:12} {within:6,} cases  "
        for name in ENGINES:
            p50 = {n: statistics.median(wholes[kind, within][n]) for n in (name, f"{name} its")}
            goal = 1.5 * p50[f"{name} its"] + 3
            missed += p50[name] > goal
            line += (
                f"{p50[name]:8.2f} of{p50[f'{name} its']:7.2f}{'' if p50[name] <= goal else ' !':2}"
            )
        print(f"{line} ≤ 1.5 × the engine's own call + 3")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
