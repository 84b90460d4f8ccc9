"""An ordinary year in the work round a family: who writes what, on which days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from app.core import clock
from app.demo import calendar, scores
from app.demo.networks import working_day
from app.demo.people import Worker
from app.demo.sayings import Saying, lists, sayings, told
from app.demo.works import Reply, Scored, Told, Work
from feeds.posts import Update

MIDNIGHT = time(0)
# story: how much of what is written is worried, at the start and at the end of the year
WORRIED = {"better": (0.45, 0.12), "worse": (0.2, 0.6), "silent": (0.3, 0.35)}
MIXED = (0.33, 0.3)
# story: how many days ago the ordinary ends and a written story begins
UNTIL = {"escalates": 21, "silent": 33, "ambiguous": 12, "urgent": 6}
# status: how many days between visits
VISITS = {
    "contact": 12,
    "early_help": 33,
    "assessment": 10,
    "child_in_need": 24,
    "child_protection_plan": 11,
    "looked_after": 36,
    "closed": 999,
}
REGULAR = Saying(
    kind="visit",
    words="",
    meaning=None,
    worry="none",
    themes=frozenset(),
    ages=(0, 18),
    seen=True,
    alone=True,
    many=False,
    stage=None,
)
SAFETY = {"better": 0.12, "worse": -0.12}


@dataclass
class Voice:
    """What was last measured, and what has been said already, round one child."""

    work: Work
    today: date
    safety: int
    attendance: float
    sdq: int
    safety_in: str
    visit_on: date
    safety_before: int = 5
    said: Counter[Saying] = field(default_factory=Counter)


def of(works: Sequence[Work], today: date) -> Iterator[Told]:
    """What is told in one family's ordinary year."""
    voices = [_voice(work, today) for work in works]
    story = works[0].family.story
    if story == "busy":
        voices = []  # their whole year is a story
    last = today - timedelta(days=UNTIL.get(story, 1))
    for number, voice in enumerate(voices):
        calm = story == "escalates" and number > 0
        yield from _of_child(voice, today, today - timedelta(days=1) if calm else last)
    if len(voices) > 1:
        yield from _together([_voice(work, today) for work in works], today, last)


def details(work: Work, random: Random, voice: Voice | None = None) -> dict[str, str]:
    """The child's own words for the gaps in a saying."""
    girl = work.child.gender == "F"
    he, him, his = ("she", "her", "her") if girl else ("he", "him", "his")
    school = {"hillside": "Hillside", "larkrise": "Larkrise"}.get(work.child.day, "the nursery")
    found = {
        "c": "the baby" if work.child.years < 0 else work.name if work.child.name else "the child",
        "he": he,
        "him": him,
        "his": his,
        "himself": "herself" if girl else "himself",
        "He": he.capitalize(),
        "His": his.capitalize(),
        "mum": f"{his} carer" if work.family.theme == "looked" else "Mum",
        "school": school,
        "wish": random.choice(lists()["wishes"]),
        "liked": random.choice(lists()["liked"]),
    }
    if voice:
        found |= {
            "safety": str(voice.safety),
            "safety_before": str(voice.safety_before),
            "month_before": voice.safety_in,
            "sdq": str(voice.sdq),
        }
    return found


def _voice(work: Work, today: date) -> Voice:
    random = work.random
    began = clock.local(work.opened_at).date()
    return Voice(
        work,
        today,
        safety=random.randint(3, 6),
        attendance=random.uniform(84, 97),
        sdq=random.randint(9, 23),
        safety_in=f"{began:%B}",
        visit_on=began + timedelta(days=random.randint(4, 12)),
    )


def _of_child(voice: Voice, today: date, last: date) -> Iterator[Told]:
    work, random = voice.work, voice.work.random
    closed = work.closed_at()
    day = clock.local(work.opened_at).date() + timedelta(days=1)
    pace = work.family.pace / 5 * (0.85 if len(work.family.children) > 1 else 1.0)
    while day <= last and not (closed and clock.instant(day) > closed):
        if random.random() < pace * calendar.busyness(day) * _stage(work, day):
            yield from _ordinary(voice, day, today)
        if day.weekday() < 5 and random.random() < 0.018:
            yield from _question(work, day, today)
        if work.family.theme == "teen" and random.random() < 0.007:
            yield from _goes_missing(work, day)
        if day >= voice.visit_on and calendar.busyness(day) >= 0.6:
            voice.visit_on = day + _until_next_visit(work, day)
            yield from _regular_visit(voice, day, today)
        day += timedelta(days=1)
    if not closed and UNTIL.get(work.family.story) is None and random.random() < 0.7:
        yield from _coming_visit(work, today)


def _stage(work: Work, day: date) -> float:
    """The first weeks are busier than the rest."""
    return 1.5 if clock.instant(day) < work.opened_at + timedelta(days=28) else 1.0


def _ordinary(voice: Voice, day: date, today: date) -> Iterator[Told]:
    work, random = voice.work, voice.work.random
    end = clock.instant(today, MIDNIGHT)
    writing = clock.instant(day, time(8))
    author = _author(work, day, writing)
    if author is None:
        return
    saying = _saying(voice, author, day, today, many=False)
    if saying is None:
        return
    at = clock.instant(day, calendar.hour(random, author.writes))
    occurred = at
    if saying.kind in ("visit", "was_not_brought", "meeting"):
        at = occurred = at.replace(minute=at.minute // 15 * 15)
    if saying.kind in ("visit", "incident", "meeting"):
        late = timedelta(days=random.randint(1, 5)) if random.random() < 0.15 else timedelta(0)
        at = occurred + late + timedelta(minutes=random.randint(40, 190))
        if late and clock.local(at).date().weekday() >= 5:
            at = occurred + timedelta(minutes=75)
    if at >= end or author not in work.members(at) or _is_over(work, at):
        return
    _measure(voice, saying, occurred)
    yield from _planned_before(work, saying, author, occurred)
    post = _tell(voice, [work], author, saying, at, occurred)
    _converse(work, post, end)
    yield post


def _until_next_visit(work: Work, day: date) -> timedelta:
    return timedelta(days=VISITS[work.status(day)] + work.random.randint(-3, 4))


def _regular_visit(voice: Voice, day: date, today: date) -> Iterator[Told]:
    """The lead's own visit, as often as the status asks for it."""
    work, random = voice.work, voice.work.random
    if work.child.years < 0 or random.random() < 0.07:
        return
    quarter = random.choice((0, 15, 30, 45))
    occurred = clock.instant(day, time(random.randint(9, 16), quarter))
    at = occurred + timedelta(minutes=random.randint(70, 200))
    author = work.lead(occurred)
    if (
        at >= clock.instant(today, MIDNIGHT)
        or _is_over(work, at)
        or author not in work.members(occurred)
    ):
        return
    grown = work.age(occurred) >= 5
    parts = ["begins", "home", "child 5-18" if grown else "child 0-4", "ends"]
    if grown and random.random() < 0.4:
        parts.insert(3, "reading")
    words = " ".join(random.choice(lists()[f"visit {part}"]) for part in parts)
    saying = replace(REGULAR, words=words, alone=grown)
    _measure(voice, saying, occurred)
    yield from _planned_before(work, saying, author, occurred)
    post = _tell(voice, [work], author, saying, at, occurred)
    _converse(work, post, clock.instant(today, MIDNIGHT))
    yield post


def _together(voices: list[Voice], today: date, last: date) -> Iterator[Told]:
    """What is told about brothers and sisters as one post."""
    works = [voice.work for voice in voices]
    random, end = works[0].random, clock.instant(today, MIDNIGHT)
    day = clock.local(max(work.opened_at for work in works)).date() + timedelta(days=3)
    while day <= last:
        if random.random() < works[0].family.pace / 5 * 0.35 * calendar.busyness(day):
            at = clock.instant(day, calendar.hour(random, "care"))
            author = _author(works[0], day, at)
            shared = [work for work in works if author in work.members(at)]
            saying = author and _saying(voices[0], author, day, today, many=True)
            if author and saying and len(shared) > 1:
                post = _tell(voices[0], shared, author, saying, at, at - timedelta(minutes=30))
                _converse(works[0], post, end)
                yield post
        day += timedelta(days=1)


def _author(work: Work, day: date, at: datetime) -> Worker | None:
    members = work.members(at)
    weights = [calendar.writes_on(day, each.writes) for each in members]
    weights = [
        weight * (1.4 if each is work.lead(at) else 1.0)
        for weight, each in zip(weights, members, strict=True)
    ]
    return work.random.choices(members, weights)[0] if sum(weights) > 0 else None


def _saying(voice: Voice, author: Worker, day: date, today: date, *, many: bool) -> Saying | None:
    """Something that fits the child, the writer and how things go; the least said first."""
    work, random = voice.work, voice.work.random
    age = work.age(clock.instant(day))
    if work.child.years < 0:
        age = 0
    theme, status = work.family.theme, work.status(day)
    fitting = [
        each for each in sayings()[author.writes] if each.fits(theme, status, age, many=many)
    ]
    wanted = _worries(work, day, today, random)
    chosen = [each for each in fitting if each.worry in wanted] or fitting
    if not chosen:
        return None
    least = min(voice.said[each] for each in chosen)
    if least > 1 and random.random() < 0.7:
        return None  # rather nothing than the same a third time
    saying = random.choice([each for each in chosen if voice.said[each] == least])
    voice.said[saying] += 1
    return saying


def _worries(work: Work, day: date, today: date, random: Random) -> tuple[str, ...]:
    first, last = WORRIED.get(work.family.story, MIXED)
    gone = 1 - (today - day).days / 365
    if random.random() > first + (last - first) * gone:
        return ("none",)
    return ("worried",) if random.random() < 0.22 else ("keep_an_eye_on",)


def _measure(voice: Voice, saying: Saying, occurred: datetime) -> None:
    """A new reading, where the saying has one."""
    random, drift = voice.work.random, SAFETY.get(voice.work.family.story, 0.0)
    if "{safety}" in saying.words:
        voice.safety_before = voice.safety
        step = random.choices((-1, 0, 1), (0.25 - drift, 0.4, 0.35 + drift))[0]
        voice.safety = min(9, max(2, voice.safety + step))
    if "{attendance}" in saying.words:
        voice.attendance = min(99.0, max(62.0, voice.attendance + random.gauss(10 * drift, 2.5)))
    if "{sdq}" in saying.words:
        voice.sdq = min(30, max(5, voice.sdq + random.randint(-3, 2)))
    on = clock.local(occurred).date()
    ago, of_month = (voice.today - on).days, (voice.today - _month_of(on)).days
    voice.safety = round(scores.path(voice.work, "safety_scale", ago, voice.safety))
    voice.attendance = scores.path(voice.work, "attendance", of_month, voice.attendance)


def _tell(
    voice: Voice,
    works: list[Work],
    author: Worker,
    saying: Saying,
    at: datetime,
    occurred: datetime,
) -> Told:
    work = works[0]
    slots = details(work, work.random, voice) | _attendance(voice, at) | _names(works)
    if "{safety}" in saying.words:
        voice.safety_in = f"{clock.local(occurred):%B}"
    update = Update(
        told(saying.words, slots),
        kind=saying.kind,
        worry=saying.worry,
        occurred_at=occurred,
        seen=saying.seen,
        seen_alone=saying.alone if saying.seen else None,
        meaning=told(saying.meaning, slots) if saying.meaning else None,
        significant=saying.kind in ("decision", "incident"),
    )
    scored = _scored(voice, saying, at) if len(works) == 1 else []
    return Told(at, author, works, update, scores=scored)


def _scored(voice: Voice, saying: Saying, at: datetime) -> list[Scored]:
    """The scores that are in the words, as they would be added beside them."""
    found = []
    if "{safety}" in saying.words:
        found.append(Scored("safety_scale", voice.safety, "child"))
    if "{attendance}" in saying.words and not scores.is_in_a_file(voice.work, "attendance"):
        month = _month_of(clock.local(at).date())
        found.append(Scored("attendance", round(voice.attendance), "school", month))
    if "{sdq}" in saying.words:
        found.append(Scored("sdq_total", voice.sdq, "child"))
    return found


def _month_of(on: date) -> date:
    """The last day of the month whose attendance a school tells on a day: none has an August."""
    last = on.replace(day=1) - timedelta(days=1)
    return last.replace(day=1) - timedelta(days=1) if last.month == 8 else last


def _attendance(voice: Voice, at: datetime) -> dict[str, str]:
    rate = round(voice.attendance)
    month = _month_of(clock.local(at).date())
    low = "Below 90, so we meet at school and make a plan."
    note = "Better than the year group." if rate >= 95 else "A little below the class."
    return {
        "attendance": str(rate),
        "att_note": note if rate >= 90 else low,
        "month": f"{month:%B}",
    }


def _names(works: list[Work]) -> dict[str, str]:
    names = [work.name for work in works]
    count = {2: "both children"}.get(len(names), "all three children")
    return {"kids": ", ".join(names[:-1]) + f" and {names[-1]}", "both": count}


def _is_over(work: Work, at: datetime) -> bool:
    closed = work.closed_at()
    return closed is not None and at > closed


def _planned_before(
    work: Work, saying: Saying, author: Worker, occurred: datetime
) -> Iterator[Told]:
    planned = saying.kind in ("visit", "was_not_brought") and "nannounced" not in saying.words
    if not planned or work.random.random() > 0.35:
        return
    day = working_day(clock.local(occurred).date() - timedelta(days=work.random.randint(3, 8)))
    at = clock.instant(day, calendar.hour(work.random, author.writes))
    due = occurred
    if author in work.members(at) and at > work.opened_at:
        yield _plan(work, author, at, due)


def _plan(work: Work, author: Worker, at: datetime, due: datetime) -> Told:
    local, name = clock.local(due), details(work, work.random)
    words = work.random.choice(
        (
            "I visit {c} on {day} at {clock}. {mum} knows.",
            "Next visit on {day} at {clock}, at home.",
            "Home visit booked for {day}, {clock}. If you want me to ask something, tell me here.",
        )
    )
    day = f"{local:%A} {local.day} {local:%B}"
    text = told(words, name | {"day": day, "clock": f"{local:%H:%M}"})
    return Told(at, author, [work], Update(text, kind="planned_visit", due_at=due))


def _coming_visit(work: Work, today: date) -> Iterator[Told]:
    """Planned a few days ago, for one of the next."""
    random = work.random
    at = clock.instant(working_day(today - timedelta(days=random.randint(1, 4))), time(16, 20))
    day = today + timedelta(days=random.randint(1, 11))
    while day.weekday() >= 5:
        day += timedelta(days=1)
    due = clock.instant(day, time(random.randint(9, 17), random.choice((0, 15, 30))))
    author = work.lead(at)
    if at > work.opened_at:
        yield _plan(work, author, at, due)


def _converse(work: Work, post: Told, end: datetime) -> None:
    """What colleagues make of it in the next hours; nothing from tomorrow."""
    random = work.random
    others = [
        each
        for each in work.members(post.at)
        if each is not post.author and calendar.READINESS.get(each.writes, 0) >= 0.6
    ]
    if not others:
        return
    at = post.at
    for _ in range(random.choices((0, 1, 2, 3), (0.8, 0.14, 0.05, 0.01))[0]):
        at += timedelta(minutes=random.randint(25, 600))
        who = random.choice(others)
        if at < end and who in work.members(at):
            words = random.choice(lists()["comments"])
            post.replies.append(Reply(at, who, told(words, details(work, random))))
    _acknowledge(work, post, others, end)
    _think_again(post, random, end)


def _acknowledge(work: Work, post: Told, others: list[Worker], end: datetime) -> None:
    random = work.random
    chance = {"worried": 0.85, "keep_an_eye_on": 0.25}.get(post.update.worry, 0.0)
    lead = work.lead(post.at)
    who = lead if lead is not post.author else random.choice(others)
    at = post.at + timedelta(minutes=random.randint(15, 1100))
    if random.random() < chance and at < end and who in work.members(at):
        post.acknowledged.append((at, who))


def _think_again(post: Told, random: Random, end: datetime) -> None:
    """Now and then something is said better, or taken back."""
    chance, at = random.random(), post.at + timedelta(minutes=random.randint(6, 90))
    if at >= end or len(post.update.body) < 60:
        return
    if chance < 0.012:
        post.edited = (at, post.update.body.rsplit(". ", 1)[0] + ".")
    elif chance < 0.018 and not post.replies and not post.acknowledged:
        post.withdrawn = (at, random.choice(lists()["withdrawn"]))


def _question(work: Work, day: date, today: date) -> Iterator[Told]:
    """A question; nearly all have been answered, and the newest may still be open."""
    random = work.random
    if work.child.years < 0 or not work.child.name:
        return
    asker = _author(work, day, clock.instant(day, time(8)))
    if asker is None:
        return
    at = clock.instant(day, calendar.hour(random, "school"))
    others = [each for each in work.members(at) if each is not asker]
    number = random.randrange(len(lists()["answers"]))
    slots = details(work, random)
    asked_of = f"@{random.choice(others).name}: " if others and random.random() < 0.2 else ""
    asked = Update(
        asked_of + told(sayings()["questions"][number].words, slots),
        kind="question",
        due_at=clock.instant(day + timedelta(days=random.randint(2, 4)), time(16)),
    )
    end = clock.instant(today, MIDNIGHT)
    if at >= end or asker not in work.members(at):
        return
    post = Told(at, asker, [work], asked)
    answered = at + timedelta(minutes=random.randint(30, 1500))
    old = (today - day).days > 10
    if others and answered < end - timedelta(hours=2) and (old or random.random() < 0.5):
        answerer = random.choice(others)
        words = told(lists()["answers"][number], slots)
        accepted = answered + timedelta(minutes=random.randint(10, 100))
        post.replies.append(Reply(answered, answerer, words, accepted))
    if post.replies or not old:
        yield post


def _goes_missing(work: Work, day: date) -> Iterator[Told]:
    """Reported by the police in the evening, back the same night."""
    random, slots = work.random, details(work, work.random)
    at = clock.instant(day, time(20, random.randint(5, 50)))
    police = [each for each in work.members(at) if each.writes == "police"]
    if not police:
        return
    missing = "Reported missing by {mum} at {clock}. Usual places checked. Medium risk."
    found = (
        "Found safe at a friend’s at {clock} and taken home. The conversation on return is due "
        "within 72 hours."
    )
    gone = at - timedelta(minutes=35)
    back = at + timedelta(minutes=random.randint(90, 190))
    watch = Update("", worry="keep_an_eye_on", significant=True)
    for said, kind, when, posted in (
        (missing, "missing", gone, at),
        (found, "returned", back, back + timedelta(minutes=20)),
    ):
        words = told(said, slots | {"clock": f"{clock.local(when):%H:%M}"})
        yield Told(
            posted,
            police[0],
            [work],
            replace(watch, body=words, kind=kind, occurred_at=when),
        )
