"""The order of what answers best: by the texts one reads, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

from search import parsing, ranking
from search.index import Document, Mark
from tests.cast import MORNING


def best(written: str, *texts: str) -> list[str]:
    documents = [
        Document(Mark(MORNING + timedelta(minutes=place), "post", place), text, 1, None, 1, 1)
        for place, text in enumerate(texts)
    ]
    return [each.text for each in ranking.best(parsing.parse(written).query, documents)]


def test_more_of_it_and_less_besides_comes_first() -> None:
    assert best("bruise", "bruise and other things", "bruise bruise", "bruise", "none") == [
        "bruise bruise",
        "bruise",
        "bruise and other things",
        "none",
    ]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    common = ["the cat"] * 900
    assert best("the OR bruise", *common, "a bruise", "the the")[0] == "a bruise"


def test_among_equals_the_newest_comes_first() -> None:
    assert best("-none", "one", "two", "three") == ["three", "two", "one"]


def test_phrases_and_beginnings_count_as_often_as_they_stand() -> None:
    assert best('"a b"', "a b x y", "a b a b")[0] == "a b a b"
    assert best("nur*", "nurse x", "nursery nurse")[0] == "nursery nurse"
    assert best("nothing") == []
