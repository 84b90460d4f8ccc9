"""How good what comes first is, beside tantivy's BM25: nDCG@10 on collections judged by others.

    ./run bench search_quality DOCUMENTS QUERIES JUDGEMENTS

Documents and queries have a number and a text with a tab between them, one a line; judgements are
TREC's ("query 0 document grade") or have three columns with tabs between them. Each word of a
query may be missing, as in these collections it is meant. Without files there is a collection made
by rule, which shows that the reading and the arithmetic work and says little of English.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log2
from pathlib import Path

import tantivy
from sqlalchemy import insert, text

from app import access
from app.core import clock, db, schema, seals
from app.models import Person, Post
from benchmarks import places
from search import indexing, ranking, rows, words
from search.index import BEST, Index
from search.look import RANKED
from search.postgresql import PostgreSQL
from search.query import Either, Filters, Word
from search.whoosh_index import WhooshIndex
from tests import servers
from tests.cast import MORNING, settle

TOP, GOAL = 10, 0.98

Texts = Mapping[str, str]
Grades = Mapping[str, Mapping[str, int]]
# The documents that answer best, by their own numbers.
Ask = Callable[[str], list[str]]


@dataclass(frozen=True)
class Collection:
    name: str
    documents: Texts
    queries: Texts
    grades: Grades


def main() -> int:
    seals.use("a secret of this installation")
    with tempfile.TemporaryDirectory() as kept, servers.postgresql() as server:
        folder = Path(kept)
        collection = read(*([Path(name) for name in sys.argv[1:]] or made(folder)))
        asks = {
            "tantivy": asks_tantivy(folder / "tantivy", collection.documents),
            "Whoosh": asks_ours(f"sqlite:///{folder / 'kith.db'}", folder, collection.documents),
            "PostgreSQL": asks_ours(server, folder, collection.documents),
        }
        means = {name: judged(ask, collection) for name, ask in asks.items()}
    many, asked = len(collection.documents), len(collection.queries)
    print(f"{collection.name}: {many:,} documents, {asked:,} queries, nDCG@{TOP}")
    for name, mean in means.items():
        print(f"{name:12}{mean:8.3f}{mean / means['tantivy']:8.2f} × (goal: at least {GOAL:g})")
    return int(any(mean < GOAL * means["tantivy"] for mean in means.values()))


# What is read


def read(documents: Path, queries: Path, judgements: Path) -> Collection:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in judgements.read_text().splitlines():
        columns = line.split()
        if columns:  # with TREC the second says nothing
            grades[columns[0]][columns[-2]] = int(float(columns[-1]))
    return Collection(documents.name, _texts(documents), _texts(queries), grades)


def _texts(file: Path) -> Texts:
    lines = file.read_text(errors="replace").splitlines()
    return {number: text for number, _, text in (line.partition("\t") for line in lines) if text}


def made(folder: Path, topics: int = 60, each: int = 40) -> list[Path]:
    """Each document is about one topic, more or less, among words that are about none."""
    dice = random.Random(3)
    about = {str(n): [f"topic{n}word{word}" for word in range(12)] for n in range(topics)}
    documents, queries, judgements = list[str](), list[str](), list[str]()
    for topic, its in about.items():
        sought = [*dice.sample(its, 4), *dice.sample(places.WORDS, 3)]
        queries.append(f"{topic}\t{' '.join(sought)}")
        for _ in range(each):
            grade, number = dice.randint(0, 3), len(documents)
            said = dice.choices(its, k=2 * grade) + places.words(dice).split()
            documents.append(f"{number}\t{' '.join(dice.sample(said, len(said)))}")
            judgements.append(f"{topic} 0 {number} {grade}")
    files = {"made by rule": documents, "queries": queries, "judgements": judgements}
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines))
    return [folder / name for name in files]


# Who is asked


def asks_tantivy(path: Path, documents: Texts) -> Ask:
    path.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", tokenizer_name="en_stem")
    builder.add_text_field("number", stored=True, tokenizer_name="raw")
    index = tantivy.Index(builder.build(), str(path))
    writer = index.writer(num_threads=1)
    for number, said in documents.items():
        writer.add_document(tantivy.Document(body=said, number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> list[str]:
        asked = index.parse_query(" ".join(words.tokens(query)), ["body"])
        hits = searcher.search(asked, TOP).hits
        return [searcher.doc(address)["number"][0] for _, address in hits]

    return ask


def asks_ours(url: str, folder: Path, documents: Texts) -> Ask:
    """As `search.look` does: what promises most, ranked by the text of what she may read."""
    schema.upgrade(db.use(url))
    numbers = list(documents)
    with clock.held(MORNING), db.transaction() as session:
        cast = settle()
        session.execute(insert(Post), list(_posts(cast.amara.id, cast.priya, documents)))
    engine: Index = PostgreSQL()
    if db.is_sqlite():
        engine = WhooshIndex(folder / "search")
        assert indexing.rebuild(engine)
    else:
        with db.engine().begin() as connection:
            connection.execute(text("ANALYZE"))

    def ask(query: str) -> list[str]:
        db.use(url)
        asked = Either(tuple(Word(each) for each in dict.fromkeys(words.tokens(query))))
        with clock.held(MORNING), db.transaction(durable=False):
            scope = access.searchable(cast.priya)
            marks = engine.find(asked, Filters(), scope, order=BEST, size=RANKED)
            best = ranking.best(asked, rows.texts(cast.priya, marks))
        return [numbers[each.mark.id - 1] for each in best[:TOP]]

    return ask


def _posts(case_id: int, author: Person, documents: Texts) -> Iterator[dict[str, object]]:
    for place, said in enumerate(documents.values(), 1):
        at = MORNING - timedelta(seconds=len(documents) - place)
        yield {
            "id": place,
            "case_id": case_id,
            "position": place,
            "author_id": author.id,
            "agency_id": author.agency_id,
            "author_role": author.role,
            "kind": "update",
            "worry": "none",
            "body": said.replace("\0", " "),
            "body_html": "",
            "cleaner": 1,
            "version": 1,
            "occurred_at": at,
            "posted_at": at,
            "significant": False,
        }


# What it is worth


def judged(ask: Ask, collection: Collection) -> float:
    asked = [number for number in collection.queries if any(_of(collection, number).values())]
    return statistics.mean(
        ndcg(ask(collection.queries[number]), _of(collection, number)) for number in asked
    )


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    best = sorted(grades.values(), reverse=True)[:TOP]
    return _gained([grades.get(each, 0) for each in found[:TOP]]) / _gained(best)


def _gained(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / log2(place + 2) for place, grade in enumerate(grades))


def _of(collection: Collection, number: str) -> Mapping[str, int]:
    return collection.grades.get(number, {})


if __name__ == "__main__":
    sys.exit(main())
