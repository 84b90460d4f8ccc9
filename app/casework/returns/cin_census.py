"""Read a children in need census into facts, accounting for every part of it.

The Department for Education asks every council for it once a year: an XML file with an element a
child, in it one for each episode of need, and in that the assessments, enquiries and plans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import IO

from app.casework.returns import cells, codes, xml_children
from app.casework.returns.facts import Batch, Event, Refusal, TooLarge
from app.casework.returns.lines import Cells, sentences
from app.casework.returns.one_child import OneChild
from app.casework.returns.spool import Line, Spool
from app.casework.returns.xml_children import Element
from app.core import clock
from app.core.errors import Invalid

SOURCE, TITLE = "cin-census", "the CIN census"
# A large council's year is some 30 MB.
LARGEST = 400_000_000

CHILDREN, EPISODES, ASSESSMENTS, NEED_PLANS, ENQUIRIES, PLANS, REVIEWS = range(1, 8)
LISTS = {
    CHILDREN: "Children",
    EPISODES: "Episodes of need",
    ASSESSMENTS: "Assessments",
    NEED_PLANS: "Child in need plans",
    ENQUIRIES: "Section 47 enquiries",
    PLANS: "Child protection plans",
    REVIEWS: "Reviews of plans",
}
# The element of each list within an episode, and what Kith keeps of it.
_WITHIN = {
    "Assessments": ASSESSMENTS,
    "CINPlanDates": NEED_PLANS,
    "Section47": ENQUIRIES,
    "ChildProtectionPlans": PLANS,
    "Reviews": REVIEWS,
}
_KEPT = {
    CHILDREN: frozenset(
        (
            *("LAchildID", "UPN", "PersonBirthDate", "ExpectedPersonBirthDate"),
            *("GenderCurrent", "Sex", "PersonDeathDate", "Ethnicity"),
        )
    ),
    EPISODES: frozenset(
        (
            *("CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate"),
            *("ReasonForClosure", "DateOfInitialCPC", "ReferralNFA"),
        )
    ),
    ASSESSMENTS: frozenset(("AssessmentActualStartDate", "AssessmentAuthorisationDate")),
    NEED_PLANS: frozenset(("CINPlanStartDate", "CINPlanEndDate")),
    ENQUIRIES: frozenset(("S47ActualStartDate", "DateOfInitialCPC", "ICPCnotRequired")),
    PLANS: frozenset(
        (
            *("CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse", "LatestCategoryOfAbuse"),
            "NumberOfPreviousCPP",
        )
    ),
    REVIEWS: frozenset(("CPPreviewDate",)),
}
# What holds others and is nothing by itself.
_AROUND = frozenset(
    ("ChildIdentifiers", "ChildCharacteristics", "Disabilities", "FactorsIdentifiedAtAssessment")
)
# More names than a census has are no census's; they are counted as one.
_MOST_NAMES = 100

Values = dict[str, str]


@dataclass(slots=True)
class Census:
    """A whole file, read once; its children are on the disk until they are asked for."""

    spool: Spool = field(default_factory=Spool)
    as_at: date | None = None
    latest: date | None = None
    refusals: list[Refusal] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    warnings: Sequence[Refusal] = ()
    not_kept: Counter[str] = field(default_factory=Counter)

    source = SOURCE
    title = TITLE

    @property
    def total(self) -> int:
        return self.spool.total

    @property
    def remarks(self) -> Sequence[str]:
        return [f"Not kept: {name} ({count:,})" for name, count in sorted(self.not_kept.items())]

    def list_name(self, number: int) -> str:
        return LISTS[number]

    def batches(self, start: int = 0) -> Iterator[Batch]:
        today = clock.today()
        as_at = self.as_at or today
        for council_id, lines in self.spool.children(start):
            yield _child(council_id, lines, today).batch(TITLE, as_at)


def read(
    source: str | PathLike[str] | IO[bytes],
    *,
    largest: int = LARGEST,
    most_rows: int | None = None,
) -> Census:
    """Read a census by its path or from an open file; raises `Invalid` when it is none.

    One of more than `largest` bytes or `most_rows` children, episodes and parts of these raises
    `TooLarge`. All of it is read before any of it is told, so that a file which breaks at its last
    line brings nothing in.
    """
    census, today = Census(), clock.today()
    stated: date | None = None
    with _opened(source) as file:
        for element in xml_children.elements(file, frozenset(("Header", "Child")), largest):
            if element.name == "Header":
                stated = _stated(element)
            else:
                _spool(census, element, today)
            if most_rows is not None and census.spool.rows > most_rows:
                raise TooLarge("This census has too many rows.")
    if not census.total and not census.refused:
        raise Invalid("There is no child in this file: it is no CIN census.")
    known = (stated, census.latest)
    census.as_at = next((on for on in known if on and on <= today), None)
    return census


def _opened(source: str | PathLike[str] | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    return Path(source).open("rb") if isinstance(source, str | PathLike) else nullcontext(source)


def _stated(header: Element) -> date | None:
    for details in (header, *header.all("CollectionDetails")):
        said = details.values().get("ReferenceDate")
        try:
            if said and (on := cells.day(said, cells.EPOCH)):
                return on
        except cells.Unreadable:
            continue
    return None


# From elements to rows on the disk


def _spool(census: Census, child: Element, today: date) -> None:
    known: Values = {}
    for part in (child, *child.all("ChildIdentifiers"), *child.all("ChildCharacteristics")):
        known = part.values() | known
    line = _Element(child.line, known, today)
    try:
        council_id = cells.council_id(known.get("LAchildID"))
    except cells.Unreadable as why:
        _refuse(census, child, line.refusal("LAchildID", why.value_shape, why.reason))
        return
    census.spool.add(council_id, CHILDREN, child.line, known)
    for episode in child.all("CINdetails"):
        _spool_part(census, council_id, EPISODES, episode, 0)
    _count_not_kept(census, CHILDREN, child)


def _spool_part(census: Census, council_id: str, list_no: int, part: Element, within: int) -> None:
    values = part.values()
    if list_no == REVIEWS:
        for review in part.inside:
            said = {review.name: review.text.strip(), "within": str(within)}
            census.spool.add(council_id, REVIEWS, review.line, said)
        return
    _remember_latest(census, values)
    census.spool.add(council_id, list_no, part.line, values | {"within": str(within)})
    for each in part.inside:
        if each.name in _WITHIN:
            _spool_part(census, council_id, _WITHIN[each.name], each, within or part.line)
    _count_not_kept(census, list_no, part)


def _refuse(census: Census, child: Element, why: Refusal) -> None:
    """A child without a number, and all that is said of them."""
    census.refusals.append(why)
    census.refused[CHILDREN] += 1
    for episode in child.all("CINdetails"):
        census.refused[EPISODES] += 1
        for part in _parts(episode):
            census.refused[_WITHIN[part.name]] += 1


def _parts(episode: Element) -> Iterator[Element]:
    for each in episode.inside:
        if each.name == "Reviews":
            yield from (replace(each, line=one.line) for one in each.inside)
        elif each.name in _WITHIN:
            yield each
            yield from _parts(each)


def _count_not_kept(census: Census, list_no: int, part: Element) -> None:
    for each in part.inside:
        if each.name in _AROUND:
            _count_not_kept(census, list_no, each)
        elif not each.inside and each.name not in _KEPT[list_no] and each.name not in _WITHIN:
            name = each.name if len(census.not_kept) < _MOST_NAMES else "others"
            census.not_kept[name[:60]] += 1


def _remember_latest(census: Census, values: Values) -> None:
    """The newest day anything happened, for a file that does not say of when it is."""
    for name in ("CINreferralDate", "CINclosureDate", "S47ActualStartDate", "CPPstartDate"):
        try:
            on = cells.day(values.get(name), cells.EPOCH)
        except cells.Unreadable:
            continue
        if on and on <= clock.today():
            census.latest = max(census.latest or on, on)


# From rows to what one child's say


class _Element(Cells):
    """The values of one element, asked by their names; a place in it is a line of the file."""

    def __init__(self, line: int, values: Values, today: date, list_no: int = CHILDREN) -> None:
        super().__init__((LISTS[list_no], line), (), {}, cells.EPOCH, today)
        self.said = values

    def raw(self, field: str) -> object:
        return self.said.get(field)

    def refusal(self, field: str, value_shape: str, reason: str) -> Refusal:
        return Refusal(self.sheet, self.row_no, f"line {self.row_no}", field, value_shape, reason)

    def note(self, field: str, value_shape: str, reason: str) -> None:
        self.notes[field] = self.refusal(field, value_shape, reason)


@dataclass(slots=True)
class _Episode:
    """An episode of need and what is within it: the steps before it are told apart by these."""

    row: _Element
    parts: list[tuple[int, _Element]] = field(default_factory=list)

    def days(self, list_no: int, name: str) -> list[date]:
        found = (row.day(name) for number, row in self.parts if number == list_no)
        return sorted(on for on in found if on)


def _child(council_id: str, lines: Sequence[Line], today: date) -> OneChild:
    child = OneChild(SOURCE, council_id)
    episodes: dict[str, _Episode] = {}
    for list_no, line, values in lines:
        row = _Element(line, values, today, list_no)
        if list_no == CHILDREN:
            _who(child, row)
        elif list_no == EPISODES:
            episodes[str(line)] = _Episode(row)
        else:
            episodes[values["within"]].parts.append((list_no, row))
    for episode in episodes.values():
        _take_episode(child, episode)
    return child


def _who(child: OneChild, row: _Element) -> None:
    child.fact("gender", row, "Sex" if row.raw("Sex") else "GenderCurrent", cells.gender)
    child.fact("ethnicity", row, "Ethnicity", cells.ethnicity)
    child.fact("upn", row, "UPN", cells.upn)
    if on := row.day("PersonBirthDate"):
        child.fact("date_of_birth", row, "PersonBirthDate", lambda _: on)
    elif on := row.day("ExpectedPersonBirthDate", planned=True):
        child.fact("expected_on", row, "ExpectedPersonBirthDate", lambda _: on)
    died = row.day("PersonDeathDate")
    told = [_event(child, row, CHILDREN, "died", died, "The child died.")] if died else []
    child.take(CHILDREN, row, told, keys=(f"{SOURCE}:{child.council_id}",))


def _take_episode(child: OneChild, episode: _Episode) -> None:
    row = episode.row
    referred = row.day("CINreferralDate")
    if referred is None:
        row.day("CINclosureDate")
        missing = row.refusal("CINreferralDate", "empty", "the episode has no day of referral")
        noted = row.notes.get("CINreferralDate")
        child.refuse(EPISODES, row, noted or missing)
    else:
        child.take(EPISODES, row, _of_episode(child, episode, referred))
    closed = row.day("CINclosureDate")
    for list_no, part in episode.parts:
        child.take(list_no, part, _OF_PARTS[list_no](child, part, closed))


def _of_episode(child: OneChild, episode: _Episode, referred: date) -> Iterator[Event]:
    row = episode.row
    closed, conference = row.day("CINclosureDate"), row.day("DateOfInitialCPC", planned=True)
    ended = row.read("ReasonForClosure", lambda value: cells.code(value, codes.CLOSURES))
    need = row.read("PrimaryNeedCode", lambda value: cells.code(value, codes.NEEDS))
    # Files say so of referrals that led to a conference, too: what happened is believed.
    without_action = row.yes("ReferralNFA") and not conference and not episode.parts
    yield _event(
        child,
        row,
        EPISODES,
        "referral_no_further_action" if without_action else "referral",
        referred,
        sentences(
            _from_source(row),
            f"Primary need: {need}" if need else None,
            "No further action" if without_action else None,
        ),
        key="referral",
    )
    if not without_action:
        yield from _in_need(child, episode, referred, closed)
    if conference:
        words = "Initial child protection conference."
        key = ("initial_conference", referred)
        yield _event(child, row, EPISODES, "initial_conference", conference, words, *key)
    if closed:
        words = sentences("Episode of need closed", f"Reason: {ended}" if ended else None)
        key = ("closed", referred)
        yield _event(child, row, EPISODES, "child_in_need_ended", closed, words, *key)


def _in_need(
    child: OneChild, episode: _Episode, referred: date, closed: date | None
) -> Iterator[Event]:
    """In need from the plan on, or from when an assessment said so; with neither, at once."""
    began = _need_began(episode, referred)
    if began and (closed is None or began <= closed):
        words, key = "Child in need.", ("in_need", referred)
        yield _event(
            child, episode.row, EPISODES, "child_in_need_started", began, words, *key, until=closed
        )


def _need_began(episode: _Episode, referred: date) -> date | None:
    planned = episode.days(NEED_PLANS, "CINPlanStartDate")
    assessed = episode.days(ASSESSMENTS, "AssessmentAuthorisationDate")
    if planned or assessed:
        return min(planned + assessed)
    being_assessed = episode.days(ASSESSMENTS, "AssessmentActualStartDate")
    return None if being_assessed else referred


def _of_assessment(child: OneChild, row: _Element, closed: date | None) -> Iterator[Event]:
    began, authorised = (
        row.day("AssessmentActualStartDate"),
        row.day("AssessmentAuthorisationDate"),
    )
    if began:
        words, key = "Assessment started.", ("assessment", began)
        until = authorised or closed
        yield _event(child, row, ASSESSMENTS, "assessment_started", began, words, *key, until=until)
    if authorised:
        words, key = "Assessment authorised.", ("authorised", began or authorised)
        yield _event(child, row, ASSESSMENTS, "assessment_authorised", authorised, words, *key)


def _of_need_plan(child: OneChild, row: _Element, _closed: date | None) -> Iterator[Event]:
    began, ended = row.day("CINPlanStartDate"), row.day("CINPlanEndDate")
    if began:
        words, key = "Child in need plan started.", ("need_plan", began)
        yield _event(child, row, NEED_PLANS, "need_plan_started", began, words, *key)
    if ended:
        words, key = "Child in need plan ended.", ("need_plan_ended", began or ended)
        yield _event(child, row, NEED_PLANS, "need_plan_ended", ended, words, *key)


def _of_enquiry(child: OneChild, row: _Element, _closed: date | None) -> Iterator[Event]:
    began, held = row.day("S47ActualStartDate"), row.day("DateOfInitialCPC", planned=True)
    if began:
        unneeded = row.yes("ICPCnotRequired")
        words = sentences(
            "Section 47 enquiry started",
            "An initial conference was judged unnecessary" if unneeded else None,
        )
        yield _event(child, row, ENQUIRIES, "section_47_started", began, words, "enquiry", began)
    if held:
        words, key = "Initial child protection conference.", ("enquiry_conference", began or held)
        yield _event(child, row, ENQUIRIES, "initial_conference", held, words, *key)


def _of_plan(child: OneChild, row: _Element, closed: date | None) -> Iterator[Event]:
    began, ended = row.day("CPPstartDate"), row.day("CPPendDate")
    latest = row.read("LatestCategoryOfAbuse", cells.abuse)
    category = latest or row.read("InitialCategoryOfAbuse", cells.abuse)
    earlier = row.read("NumberOfPreviousCPP", cells.count)
    if began:
        words = sentences(
            "Child protection plan started",
            f"Category: {_CATEGORIES[category]}" if category else None,
            f"Earlier plans: {earlier}" if earlier else None,
        )
        event = _event(
            child,
            row,
            PLANS,
            "plan_started",
            began,
            words,
            "plan",
            began,
            until=ended or closed,
        )
        yield replace(event, category=category)
    if ended:
        words, key = "Child protection plan ended.", ("plan_ended", began or ended)
        yield _event(child, row, PLANS, "plan_ended", ended, words, *key)


def _of_review(child: OneChild, row: _Element, _closed: date | None) -> Iterator[Event]:
    if held := row.day("CPPreviewDate"):
        words, key = "Child protection review conference.", ("plan_review", held)
        yield _event(child, row, REVIEWS, "review_conference", held, words, *key)


_OF_PARTS = {
    ASSESSMENTS: _of_assessment,
    NEED_PLANS: _of_need_plan,
    ENQUIRIES: _of_enquiry,
    PLANS: _of_plan,
    REVIEWS: _of_review,
}
_CATEGORIES: Mapping[str, str] = {
    "NEG": "neglect",
    "PHY": "physical abuse",
    "SAB": "sexual abuse",
    "EMO": "emotional abuse",
    "MUL": "more than one",
}
# What changes the course of a childhood; a chronology shows these.
_SIGNIFICANT = frozenset(
    (
        *("referral", "section_47_started", "initial_conference", "plan_started", "plan_ended"),
        *("child_in_need_ended", "died"),
    )
)


def _event(
    child: OneChild,
    row: _Element,
    list_no: int,
    what: str,
    on: date,
    words: str,
    key: str | None = None,
    by: date | None = None,
    *,
    until: date | None = None,
) -> Event:
    return Event(
        list_no,
        row.row_no,
        row.sheet,
        child.council_id,
        what,
        on,
        words,
        child.key(key or what, by or on),
        until=until,
        significant=what in _SIGNIFICANT,
    )


def _from_source(row: _Element) -> str:
    said = cells.source(row.raw("ReferralSource"))
    return f"Referral from {said}" if said else "Referral"
