"""What matches what: the meaning every engine has to give a query."""

from __future__ import annotations

from search import matching
from search.query import All, Either, Everything, Not, Phrase, Prefix, Query, Word

TEXT = "Visited at home. No further action; Amara’s mother was worried."


def test_each_kind_of_question_finds_what_it_says() -> None:
    for query, found in (
        (Word("visit"), True),
        (Word("visiting"), True),
        (Word("visitor"), False),
        (Word("no"), True),
        (Prefix("visi"), True),
        (Prefix("visite"), True),
        (Prefix("isit"), False),
        (Phrase(("no", "further", "action")), True),
        (Phrase(("further", "actions")), True),
        (Phrase(("no", "action")), False),
        (Phrase(("worried", "visited")), False),
        (All((Word("home"), Word("worry"))), True),
        (All((Word("home"), Not(Word("worry")))), False),
        (Either((Word("school"), Word("worry"))), True),
        (Either((Word("school"), Word("nurse"))), False),
        (Not(Word("school")), True),
        (Everything(), True),
    ):
        assert _matches(query) == found, query


def test_what_promises_most_holds_most_of_what_is_sought() -> None:
    query = Either((Word("home"), Word("school"), Phrase(("no", "further")), Not(Word("mother"))))
    assert matching.held(query, matching.read(TEXT)) == 2
    assert matching.held(query, matching.read("nothing of it")) == 0


def _matches(query: Query) -> bool:
    return matching.matches(query, matching.read(TEXT))
