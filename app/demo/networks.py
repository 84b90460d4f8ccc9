"""Opens the cases of the demo world and puts a network round each child."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random

from app.core import clock
from app.demo.families import Born, Family
from app.demo.people import Worker
from app.demo.works import Due, Place, Standing, Work

YEAR = 364

# family: who led the work before, and how many days ago they handed it over
FORMER_LEADS = {
    "L": ("Beth Arden", 120),
    "T": ("Callum Frost", 80),
    "Z": ("Aisha Malik", 140),
    "Q": ("Ngozi Eze", 210),
    "E": ("Lucy Tran", 100),
}
# family: people who are in the network for a reason of their own, and since when
ALSO = {
    "O": (("Dr Mei Lin", 258), ("PC Sam Okafor", 264), ("Carol Beech", 36), ("PC Amy Stott", 4)),
    "R": (("Femi Ojo", 19), ("PC Sam Okafor", 250), ("Dr Mei Lin", 240)),
    "P": (("PC Amy Stott", 120),),
    "B": (("Kate Lowry", 361), ("Dr Adam Birch", 300)),
}
# (child, who): in how many days the place ends, and how many ago one ended that nobody renewed
SOON = {("Amara", "nurse"): 11, ("Oskar", "nursery"): 6}
LAPSED = {("Oskar", "housing"): 9}
WHY = {
    "care": "Visits and keeps the plan together.",
    "support": "Works with the family at home.",
    "school": "Sees the child on every school day.",
    "nursery": "Sees the child at nursery.",
    "hv": "Follows the child’s health and growth at home.",
    "nurse": "Follows the child’s health at school.",
    "gp": "Knows the family’s health.",
    "ae": "Saw the child at the hospital.",
    "police": "Keeps the network informed of what is reported.",
    "housing": "Responsible for the home the family lives in.",
    "lantern": "Works with the family or the child every week.",
    "chair": "Chairs the conferences.",
    "iro": "Reviews the care plan.",
    "adviser": "Prepares the way into adult life.",
}
OPENED = {
    "contact": "Contact from a professional who was worried.",
    "early_help": "The family asked for help and said yes to a plan.",
    "assessment": "An assessment is needed to know what would help.",
    "child_in_need": "Brought over from the council’s own system.",
    "child_protection_plan": "Brought over from the council’s own system.",
    "looked_after": "Brought over from the council’s own system.",
}
CHANGED = {
    "contact": "A contact came in.",
    "early_help": "The family asked for help and said yes to a plan.",
    "assessment": "Decided by the team manager after the contact.",
    "child_in_need": "The assessment found that a plan would help.",
    "child_protection_plan": "Decided by all agencies at the conference.",
    "looked_after": "Decided by the court after all else was tried.",
    "closed": "The plan is done and has held for three months.",
}
DUE = {
    "assessment": (("Assessment to be finished", 18),),
    "child_in_need": (("Child in need meeting", 13),),
    "child_protection_plan": (("Core group", 9), ("Review conference", 62)),
    "looked_after": (("Looked-after review", 38),),
    "early_help": (("Early help review", 16),),
}


def works(families: list[Family], workers: dict[str, Worker], today: date) -> list[Work]:
    """A case for every child, with everybody who is or was in its network."""
    found: list[Work] = []
    for family in families:
        together: dict[str, Worker] = {}
        for child in family.children:
            work = _open(len(found) + 1, child, family, workers, today)
            found.append(work)
            for worker, days in _network(work, workers, together, today):
                _join(work, worker, days, today)
            _add_dates(work, today)
    _limit_history(found)
    return found


def working_day(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _open(
    case_id: int, child: Born, family: Family, workers: dict[str, Worker], today: date
) -> Work:
    random = Random(f"kith {family.key} {child.name}")  # noqa: S311 - a world, not a secret
    first = min(family.statuses[0][0], YEAR - case_id % 6)
    opened_at = clock.instant(today - timedelta(days=first), time(9, 5 + case_id))
    born_on = today - timedelta(days=round(child.years * 365.25))
    if child.years < 0:
        born_on = today + timedelta(weeks=-child.years)
    lead = workers[family.lead]
    leads = [(opened_at, lead)]
    if family.key in FORMER_LEADS:
        name, days = FORMER_LEADS[family.key]
        handed_over = clock.instant(today - timedelta(days=days), time(11, case_id))
        leads = [(opened_at, workers[name]), (handed_over, lead)]
    work = Work(case_id, child, family, born_on, opened_at, leads, random)
    for days, status, category in family.statuses:
        since = today - timedelta(days=days)
        before = days >= first
        at = opened_at if before else clock.instant(since, time(14, 10 + case_id % 40))
        reason = OPENED[status] if before else CHANGED[status]
        work.standings.append(Standing(at, since, status, category, reason))
    return work


def _network(
    work: Work, workers: dict[str, Worker], together: dict[str, Worker], today: date
) -> Iterator[tuple[Worker, int]]:
    """Who works with the child beside the lead, and how many days ago each joined."""
    for _, lead in work.leads:
        yield lead, 0
    opened = (today - clock.local(work.opened_at).date()).days
    for name, days in ALSO.get(work.family.key, ()):
        yield workers[name], days
    for place, agency in enumerate(_wanted(work)):
        if agency not in together:
            together[agency] = _pick(work, workers, agency)
        yield together[agency], max(opened - 2 - 5 * place, 1)


def _wanted(work: Work) -> Iterator[str]:
    """Which professions the child's life calls for."""
    theme, years = work.family.theme, work.child.years
    statuses = {status for _, status, _ in work.family.statuses}
    if work.child.day != "hv":
        yield work.child.day
    if years < 5:
        yield "hv"
    elif theme in ("neglect", "mental", "teen", "disabled"):
        yield "nurse"
    if _writes(work) != "support" and work.family.pace >= 1.5:
        yield "support"
    if "child_protection_plan" in statuses:
        yield from ("chair", "gp")
    if theme == "looked":
        yield "iro"
        if years >= 15:
            yield "adviser"
    yield from {
        "neglect": ("housing",),
        "abuse": ("lantern", "police"),
        "teen": ("youth", "police"),
        "mental": ("gp", "play"),
        "disabled": ("gp", "senco"),
        "baby": ("gp", "housing"),
    }.get(theme, ())


_NAMED = {
    "youth": ("Steve Kendall",),
    "play": ("Lily Barnes",),
    "lantern": ("Nadia Rahman",),
    "senco": ("Imran Sadiq", "Kate Lowry"),
    "chair": ("Linda Gray",),
    "iro": ("Owen Price",),
    "adviser": ("Kofi Asante",),
    "hillside": ("Dan Hughes",),
    "larkrise": ("Simon Webb", "Hannah Cho", "Leon Baptiste"),
    "willow": ("Anita Rao", "Becky Stone"),
    "support": ("Joe Mills", "Donna Pike"),
}
_FIRST_CHOICE = {
    ("O", "nurse"): "Ruth Bell",
    ("O", "support"): "Joe Mills",
    ("O", "police"): "PC Sam Okafor",
    ("O", "housing"): "Carol Beech",
    ("O", "gp"): "Dr Mei Lin",
    ("R", "police"): "PC Sam Okafor",
    ("R", "gp"): "Dr Mei Lin",
    ("B", "senco"): "Kate Lowry",
    ("M", "larkrise"): "Hannah Cho",
    ("P", "larkrise"): "Simon Webb",
    **{(family, "hv"): "Grace Adeyemi" for family in "RWDHF"},
}


def _pick(work: Work, workers: dict[str, Worker], agency: str) -> Worker:
    named = _FIRST_CHOICE.get((work.family.key, agency))
    if named:
        return workers[named]
    if agency in _NAMED:
        return workers[work.random.choice(_NAMED[agency])]
    return work.random.choice(
        [each for each in workers.values() if each.agency == agency and each.writes == agency]
    )


def _writes(work: Work) -> str:
    return work.leads[-1][1].writes


def _join(work: Work, worker: Worker, days: int, today: date) -> None:
    if worker in [place.worker for place in work.places]:
        return
    lead = next((at for at, each in work.leads if each is worker), None)
    at = work.opened_at
    if lead is None:
        day = today - timedelta(days=days)
        at = max(at, clock.instant(day, time(10 + worker.id % 6, worker.id % 60))) + timedelta(
            minutes=9
        )
    elif lead != work.opened_at:
        at = lead - timedelta(days=2)
    ends_at = clock.instant(today + timedelta(days=_left_to_run(work, worker)), time(17))
    place = Place(worker, at, WHY[worker.writes], work.lead(at), ends_at)
    work.places.append(place)
    _leave(work, place)


def _left_to_run(work: Work, worker: Worker) -> int:
    """How many days a place lasts from today on: some end soon, so that renewing is shown."""
    ordinary = 9 + (work.case_id * 31 + worker.id * 53) % 340
    return SOON.get((work.name, worker.writes), ordinary)


def _leave(work: Work, place: Place) -> None:
    """Former leads, finished programmes and closed cases end a place in the network."""
    closed = work.closed_at()
    handed_over = next((at for at, each in work.leads if each is not place.worker), None)
    is_lead = any(worker is place.worker for _, worker in work.leads)
    if is_lead and place.worker is not work.leads[-1][1] and handed_over:
        place.until_at = handed_over + timedelta(days=3, minutes=place.worker.id)
        place.left_because = "Has handed over the lead."
    elif closed and not is_lead and place.worker.writes not in ("school", "nursery"):
        place.until_at = closed + timedelta(days=5, minutes=place.worker.id)
        place.left_because = "The case is closed."
    elif (work.name, place.worker.writes) in LAPSED:
        ago = LAPSED[work.name, place.worker.writes]
        place.until_at = clock.instant(_last_day(work) - timedelta(days=ago), time(17))
    elif _programme_ends(work, place):
        place.until_at = place.from_at + timedelta(days=126, minutes=20)
        place.left_because = "The programme is finished; the family knows how to come back."


def _programme_ends(work: Work, place: Place) -> bool:
    return (
        place.worker.writes in ("support", "lantern")
        and work.family.key in "AEKNQ"
        and place.from_at + timedelta(days=160) < clock.instant(_last_day(work))
        and not any(worker is place.worker for _, worker in work.leads)
    )


def _last_day(work: Work) -> date:
    return work.born_on + timedelta(days=round(work.child.years * 365.25))


def _add_dates(work: Work, today: date) -> None:
    status = work.standings[-1].status
    for what, days in DUE.get(status, ()):
        day = today + timedelta(days=days + work.case_id % 9)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        noted = max(work.opened_at, work.standings[-1].at) + timedelta(minutes=25)
        work.key_dates.append(Due(what, clock.instant(day, time(10)), noted))
    if work.child.years < 0:
        day = today + timedelta(days=24)
        noted = work.opened_at + timedelta(days=7, minutes=4)
        work.key_dates.append(
            Due("Pre-birth planning meeting", clock.instant(day, time(14)), noted)
        )


def _limit_history(found: list[Work]) -> None:
    """Housing officers who came late read from the day they joined."""
    for work in found:
        for place in work.places:
            late = place.from_at > work.opened_at + timedelta(days=60)
            if place.worker.writes == "housing" and late:
                place.history_from = place.from_at
