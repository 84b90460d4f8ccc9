"""An index in a real folder: it finds what Python finds, and outlives whatever happens to it."""

from __future__ import annotations

import pickle
import random
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import access
from app.access import Scope
from app.core import db, seals
from app.models import Person
from search import matching
from search.index import BEST, NEWEST, Document, Mark, NotReady
from search.query import (
    All,
    Either,
    Everything,
    Filters,
    Not,
    Phrase,
    Prefix,
    Query,
    Word,
)
from search.whoosh_index import Damaged, Reached, WhooshIndex
from tests.cast import MORNING, Cast

WORDS = "school schools visit visited visiting home mother no further action worried café o".split()
ALL = Filters()


@pytest.fixture
def index(tmp_path: Path) -> WhooshIndex:
    seals.use("a secret of this installation")
    return WhooshIndex(tmp_path / "search")


@pytest.fixture
def priya(cast: Cast) -> Scope:
    return scope(cast.priya)


def scope(viewer: Person) -> Scope:
    with db.transaction():
        return access.searchable(viewer)


def document(number: int, text: str, case_id: int | None = 1, thing: str = "post") -> Document:
    mark = Mark(MORNING + timedelta(minutes=number), thing, number)
    return Document(mark, text, case_id, None, author_id=7, agency_id=3, kind="update")


def found(
    index: WhooshIndex, within: Scope, query: Query, filters: Filters = ALL, **asked: Any
) -> list[int]:
    return [mark.id for mark in index.find(query, filters, within, **asked)]


def random_documents(chance: random.Random, cast: Cast, count: int) -> Iterator[Document]:
    for number in range(1, count + 1):
        yield Document(
            Mark(
                MORNING + timedelta(minutes=chance.randrange(40)),
                chance.choice(("comment", "file", "message", "post")),
                number,
            ),
            " ".join(chance.choices(WORDS, k=chance.randrange(12))),
            chance.choice([case.id for case in cast.cases]),
            None,
            chance.randrange(5),
            chance.randrange(5),
            chance.choice(("visit", "update")),
            chance.choice(("none", "worried")),
        )


def random_query(chance: random.Random, deep: int = 2) -> Query:
    parts = tuple(
        random_query(chance, deep - 1) for _ in range(chance.randint(1, 3) if deep else 0)
    )
    leaves: list[Query] = [
        Word(chance.choice(WORDS)),
        Prefix(chance.choice(WORDS)[: chance.randint(1, 7)]),
        Phrase(tuple(chance.choices(WORDS, k=chance.randint(1, 3)))),
    ]
    branches: list[Query] = [All(parts), Either(parts), Not(parts[0])] if parts else [Everything()]
    return chance.choice([*leaves, *branches])


def random_filters(chance: random.Random, cast: Cast) -> Filters:
    if chance.random() < 0.5:
        return ALL
    return Filters(
        things=frozenset(chance.sample(("comment", "file", "message", "post"), 2)),
        kinds=frozenset(chance.sample(("visit", "update"), chance.randrange(2))),
        worries=frozenset(chance.sample(("none", "worried"), chance.randrange(2))),
        case_ids=frozenset(chance.sample([case.id for case in cast.cases], chance.randrange(3))),
        author_ids=frozenset(chance.sample(range(5), chance.choice((0, 3)))),
        since=chance.choice((None, MORNING + timedelta(minutes=5))),
        until=chance.choice((None, MORNING + timedelta(minutes=30))),
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_python_finds_in_the_same_order(
    index: WhooshIndex, cast: Cast, seed: int
) -> None:
    chance = random.Random(seed)
    kept = {each.mark.id: each for each in random_documents(chance, cast, 120)}
    for start in range(0, 120, 7):
        index.put(list(kept.values())[start : start + 7])
    for number in chance.sample(range(1, 121), 30):
        if chance.random() < 0.5:
            index.forget([(kept[number].mark.thing, number)])
            del kept[number]
        else:
            old = kept[number]
            again = Document(old.mark, "school again", old.case_id, None, 1, 1, "visit", "none")
            index.put([again])
            kept[number] = again
    assert set(index.keys()) == {(each.mark.thing, each.mark.id) for each in kept.values()}
    for viewer in (cast.priya, cast.olive, cast.lee):
        within = scope(viewer)
        for _ in range(40):
            query, filters = random_query(chance), random_filters(chance, cast)
            permitted = [each for each in kept.values() if each.case_id in within.case_ids]
            matches = list(matching.matching(query, filters, permitted))
            marks = [each.mark for each in matches]
            held = {each.mark: matching.held(query, matching.read(each.text)) for each in matches}
            size, before = chance.randint(1, 9), chance.choice([None, *marks])
            newest = sorted((m for m in marks if before is None or m < before), reverse=True)
            best = sorted(marks, key=lambda mark: (held[mark], mark), reverse=True)
            asked = (query, filters, viewer.name)
            assert (
                index.find(query, filters, within, order=NEWEST, before=before, size=size)
                == newest[:size]
            ), asked
            assert index.find(query, filters, within, order=BEST, size=size) == best[:size], asked


def test_another_process_finds_it_as_soon_as_it_is_put(index: WhooshIndex, priya: Scope) -> None:
    case_id = min(priya.case_ids)
    elsewhere = WhooshIndex(index.path)
    for number in range(1, 40):
        index.put([document(number, "seen at home", case_id)])
        assert found(elsewhere, priya, Word("home"), size=1) == [number]
    assert len(list(index.path.glob("*.segment"))) < 15, "small ones become larger ones"
    index.forget([("post", 39), ("post", 1)])
    assert found(elsewhere, priya, Word("home"), size=99) == list(range(38, 1, -1))


def test_talk_is_found_by_whom_it_is_open_to_and_not_by_the_case(
    index: WhooshIndex, cast: Cast
) -> None:
    mark = Mark(MORNING, "message", 5)
    index.put([Document(mark, "seen at home", cast.amara.id, 77, 1, 1)])
    assert found(index, scope(cast.priya), Word("home")) == []


def test_what_is_there_is_for_its_owner_alone(index: WhooshIndex) -> None:
    index.put([document(1, "seen at home")])
    assert stat.S_IMODE(index.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in index.path.iterdir()} == {0o600}


def test_no_body_is_kept(index: WhooshIndex) -> None:
    index.put([document(1, "seen at home by the school nurse")])
    assert not any(b"at home by" in each.read_bytes() for each in index.path.iterdir())


def test_before_it_is_built_it_says_so(index: WhooshIndex, priya: Scope) -> None:
    with pytest.raises(NotReady):
        found(index, priya, Word("home"))
    assert not index.is_ready()
    with pytest.raises(Damaged):
        index.write([], [], Reached(1, "now"))


def test_a_new_one_is_found_in_only_when_it_is_whole(index: WhooshIndex, priya: Scope) -> None:
    case_id = min(priya.case_ids)
    index.put([document(1, "home old", case_id)])
    with index.building() as new, WhooshIndex(index.path).building() as other:
        assert new is not None
        assert other is None, "only one builds"
        assert new.begin(Reached(5, "then")) is None
        new.add([document(2, "home new", case_id)], ("post", 2), None)
    assert found(index, priya, Word("home")) == [1]
    with index.building() as again:
        assert again is not None
        assert again.begin(Reached(9, "later")) == ("post", 2), "it goes on from there"
        again.add([document(3, "home newer", case_id)], ("post", 3), ("post", 2))
        with pytest.raises(Damaged):
            again.add([], ("post", 9), ("post", 2))
        again.finish(("post", 3))
    assert found(index, priya, Word("home")) == [3, 2]
    assert index.reached() == 5
    assert len(list(index.path.glob("*.segment"))) == 2


class Bomb:
    """Whoever opens this as a pickle runs it."""

    def __init__(self, proof: Path) -> None:
        self._proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._proof,)


def _flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["table", "segment"])
@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "pickle", "gone"])
def test_what_is_not_as_it_was_written_here_is_not_used(
    index: WhooshIndex, priya: Scope, tmp_path: Path, kind: str, harm: str
) -> None:
    index.put([document(1, "seen at home", min(priya.case_ids))])
    (path,), proof = index.path.glob(f"*.{kind}"), tmp_path / "code ran"
    match harm:
        case "flipped":
            _flipped(path, len(path.read_bytes()) // 2)
        case "cut":
            path.write_bytes(path.read_bytes()[:-1])
        case "empty":
            path.write_bytes(b"")
        case "pickle":
            path.write_bytes(pickle.dumps(Bomb(proof)))
        case _:
            path.unlink()
    opened = WhooshIndex(index.path)
    assert not opened.is_ready()
    with pytest.raises(NotReady):
        found(opened, priya, Word("home"))
    assert not proof.exists()


def test_another_secret_s_index_is_not_used(index: WhooshIndex) -> None:
    index.put([document(1, "seen at home")])
    seals.use("a secret of another one")
    assert not WhooshIndex(index.path).is_ready()


def test_a_full_disk_leaves_what_was_there(
    index: WhooshIndex, priya: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([document(1, "seen at home", min(priya.case_ids))])

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            index.put([document(2, "home again", min(priya.case_ids))])
    assert found(index, priya, Word("home")) == [1]
    index.put([document(3, "home at last", min(priya.case_ids))])
    assert found(WhooshIndex(index.path), priya, Word("home")) == [3, 1]
    assert not list(index.path.glob("*.half"))


def test_erasing_leaves_no_word_of_what_was_forgotten(index: WhooshIndex, priya: Scope) -> None:
    case_id = min(priya.case_ids)
    many = [document(number, "seen at home", case_id) for number in range(2, 60)]
    index.put([document(1, "Zanzibar and xylophones", case_id), *many])
    index.put([document(60, "an older quagmire", case_id)])
    index.put([document(60, "a better sentence", case_id)])
    index.forget([("post", 1)])
    assert _bytes(index, b"zanzibar"), "forgotten, and still there to be read"
    with index.building() as new:
        assert new is not None
        new.begin(Reached())
        new.add([document(1, "Zanzibar and xylophones", case_id)], ("post", 1), None)

    index.erase()

    for word in (b"zanzibar", b"xylophon", b"quagmir"):
        assert not _bytes(index, word), word
    assert _bytes(index, b"sentenc")
    assert len(found(index, priya, Everything(), size=99)) == 59


def _bytes(index: WhooshIndex, word: bytes) -> bool:
    """Whether it stands in any file: terms are kept as they are, one after another."""
    return any(word in each.read_bytes().lower() for each in index.path.iterdir())
