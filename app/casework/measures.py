"""Measures and their readings: what is compared over time, and each score as it was said."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app import access, activity
from app.casework import people
from app.core import clock, db, text
from app.core.db import AnyRow, AnySelect
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.models import (
    DIRECTIONS,
    KINDS,
    RATERS,
    Agency,
    Case,
    Child,
    Measure,
    Person,
    Post,
    Reading,
)

MOST = 20
# A slip of the year, not a day anybody means.
LONG_AGO = timedelta(days=30 * 365)
LARGEST = 1_000_000
# A computer holds tenths only nearly.
NEARLY = 1e-6

# What a score means hangs on these: once there are readings, another of them would be
# another measure under the old name.
SCALE = ("unit", "better", "lowest", "highest", "step", "counts_kind")
# Of what Kith brings along an organisation says where it becomes worth a look, and nothing else.
THRESHOLD = ("threshold", "threshold_means")

KITHS = "This measure comes with Kith: only its threshold can be changed."
SCALE_STAYS = (
    "There are scores on this scale already. Retire it, and add a measure with the new one."
)
WHO_WITHDRAWS = "Ask who recorded this, or the lead practitioner, to withdraw it."
TWICE = "There are two scores of this by one person on one day. Keep the right one."
KEPT_ALREADY = "You have kept this score of that day already. It counts once."
NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(frozen=True)
class Score:
    """One value as it was said; see `Reading` for what each field means."""

    measure_id: int
    value: float | None
    rater: str
    read_on: date


@dataclass(frozen=True)
class Scale:
    """What an organisation says of a measure; the columns of `Measure` say what each is."""

    name: str
    unit: str = ""
    better: str = "up"
    about: str | None = None
    lowest: float | None = None
    highest: float | None = None
    step: float = 1
    threshold: float | None = None
    threshold_means: str | None = None
    noise: float = 0
    counts_kind: str | None = None


def every() -> list[Measure]:
    """Every measure, also those that are not offered any more, in their order."""
    return list(db.session().scalars(_in_order()))


def offered() -> list[Measure]:
    """Those that take readings now."""
    return list(
        db.session().scalars(
            _in_order().where(Measure.retired_at.is_(None), Measure.counts_kind.is_(None))
        )
    )


def one(measure_id: int) -> Measure:
    found = db.session().get(Measure, measure_id) if measure_id <= db.LARGEST else None
    if found is None:
        raise NotFound(f"measure:{measure_id}")
    return found


def record(
    actor: Person, case: Case, scores: Sequence[Score], post: Post | None = None
) -> list[Reading]:
    """Keep scores of the child: told with a post of the actor's own, or by themselves.

    The case must come from `app.access`. Raises `Invalid` with a sentence for each score that
    cannot be right, under `score_` and its place among them.
    """
    if post is not None and post.author_id != actor.id:
        raise NotAllowed("Only the person who wrote the update can tell a score with it.")
    found = wrong(actor, case, scores)
    if found:
        raise Invalid(**found)
    readings = [_row(actor, case, score, post) for score in scores]
    db.session().add_all(readings)
    db.session().flush()
    if readings and post is None:
        # Who is told of a post is told of what came with it.
        activity.record(actor, "reading_recorded", case_id=case.id)
    return readings


def wrong(actor: Person, case: Case, scores: Sequence[Score]) -> dict[str, str]:
    """A sentence for each score that cannot be right, or that the actor has kept already."""
    if len(scores) > MOST:
        return {"scores": f"Add at most {MOST} scores at once."}
    if not scores:
        return {}
    known = {measure.id: measure for measure in every()}
    born_on = _born_on(case.id)
    doubles = _Doubles(actor, case)
    found = {
        f"score_{place}": _wrong(score, known.get(score.measure_id), born_on)
        or doubles.refused(score)
        for place, score in enumerate(scores)
    }
    return {field: sentence for field, sentence in found.items() if sentence}


class _Doubles:
    """One rater says of one day one thing: the same again would look like more evidence.

    Told another time with another value it is put right, and the last of a day counts.
    """

    def __init__(self, actor: Person, case: Case) -> None:
        self.actor, self.case = actor, case
        self.seen: set[tuple[int, str, date]] = set()

    def refused(self, score: Score) -> str:
        said = (score.measure_id, score.rater, score.read_on)
        if said in self.seen:
            return TWICE
        self.seen.add(said)
        return KEPT_ALREADY if self._is_kept(score) else ""

    def _is_kept(self, score: Score) -> bool:
        same = select(Reading.id).where(
            Reading.case_id == self.case.id,
            Reading.recorded_by_id == self.actor.id,
            Reading.measure_id == score.measure_id,
            Reading.rater == score.rater,
            Reading.read_on == score.read_on,
            Reading.value == score.value,
            access.is_open_reading(self.actor.id, Reading),
        )
        return db.session().scalar(same.limit(1)) is not None


def withdraw(actor: Person, reading: Reading, reason: str) -> None:
    """Take a score back, with a reason: who recorded it, or whoever leads the case."""
    if not may_withdraw(actor, reading):
        raise NotAllowed(WHO_WITHDRAWS)
    why = text.line(reason, field="reason", needed="Say why you are withdrawing this score.")
    db.session().refresh(reading, with_for_update=True)
    if reading.withdrawn_at is not None:
        raise Conflict("This score has been withdrawn already.")
    reading.withdrawn_at, reading.withdrawn_by_id = clock.now(), actor.id
    reading.withdrawn_reason = why
    db.session().flush()
    # One that came without a post may be older than what some members were given to read: that
    # it is gone would tell them that it was there.
    if reading.post_id is not None:
        activity.record(
            actor, "reading_withdrawn", case_id=reading.case_id, post_id=reading.post_id
        )


def may_withdraw(actor: Person, reading: Any) -> bool:
    is_hers = reading.recorded_by_id == actor.id
    return is_hers or access.may(access.may_lead(actor.id, reading.case_id))


def readings(viewer: Person, case: Case, since: date | None = None) -> list[AnyRow]:
    """The readings of a case that are the viewer's to read: by measure, then oldest first.

    The case must come from `app.access`.
    """
    query = _readings().where(
        Reading.case_id == case.id, access.is_open_reading(viewer.id, Reading)
    )
    if since is not None:
        query = query.where(Reading.read_on >= since)
    return list(db.rows(query.order_by(Measure.place, Measure.id, Reading.read_on, Reading.id)))


def shown(reading: Reading) -> AnyRow:
    """One reading that came from `app.access`, with the words of its measure and who said it."""
    return db.rows(_readings().where(Reading.id == reading.id))[0]


def told_with(posts: Sequence[Any]) -> dict[int, list[AnyRow]]:
    """Of each post a reading function has shown: the readings that were told with it."""
    found = defaultdict(list)
    ids = [post.id for post in posts]
    if ids:
        query = _readings().where(Reading.post_id.in_(ids), Reading.withdrawn_at.is_(None))
        for row in db.rows(query.order_by(Measure.place, Reading.id)):
            found[row.post_id].append(row)
    return dict(found)


def counted(viewer: Person, case: Case, since: date) -> dict[int, list[date]]:
    """Of each measure that counts posts: the days of those the viewer reads, since a day.

    Two who report the same day report, as far as anybody can tell, the same thing: a day
    counts once. The case must come from `app.access`.
    """
    kinds = {each.counts_kind: each.id for each in every() if each.counts_kind}
    days: dict[int, set[date]] = {number: set() for number in kinds.values()}
    rows = db.rows(
        select(Post.kind, Post.occurred_at).where(
            Post.case_id == case.id,
            Post.kind.in_(kinds),
            Post.occurred_at >= clock.instant(since) - timedelta(days=1),
            access.open_to(viewer.id, Post),
        )
    )
    for row in rows:
        days[kinds[row.kind]].add(clock.local(row.occurred_at).date())
    return {number: sorted(day for day in on if day >= since) for number, on in days.items()}


def import_reading(
    case_id: int,
    measure_key: str,
    value: float,
    read_on: date,
    rater: str,
    source: str,
    source_key: str,
    as_at: date,
    *,
    dry_run: bool = False,
) -> str:
    """Keep what another system says: answers whether it was new, changed or the same.

    `measure_key` is the key of a measure Kith brings along, or the name of an organisation's
    own. `source_key` is what the same score has each time the file comes. What a person has
    withdrawn stays so until the source says something else. Told to nobody: whoever imports
    puts one quiet activity on record. Raises `Invalid` with a sentence under `value`.
    """
    known = _known()
    measure, kept = known.called(measure_key), known.kept(case_id, source_key)
    score = Score(measure.id, value, rater, read_on)
    if refused := _wrong(score, measure, known.born_on[case_id]):
        raise Invalid(value=refused)
    became = compared(kept, score)
    if became != SAME and not dry_run:
        _bring_in(kept or known.new(case_id, source_key), score, source, as_at)
    return became


@dataclass
class _Known:
    """What one transaction of an import asks for again and again, asked for once.

    A file has many rows of one child: each by itself would take three questions.
    """

    measures: list[Measure]
    born_on: dict[int, date | None] = field(default_factory=dict)
    readings: dict[int, dict[str, Reading]] = field(default_factory=dict)

    def called(self, key: str) -> Measure:
        found = _called(key, self.measures)
        if found is None:
            raise Invalid(measure="There is no measure of this name.")
        return found

    def of(self, case_id: int) -> dict[str, Reading]:
        if case_id not in self.readings:
            brought = select(Reading).where(
                Reading.case_id == case_id, Reading.source_key.is_not(None)
            )
            self.readings[case_id] = {
                str(each.source_key): each for each in db.session().scalars(brought)
            }
            self.born_on[case_id] = _born_on(case_id)
        return self.readings[case_id]

    def kept(self, case_id: int, source_key: str) -> Reading | None:
        found = self.of(case_id).get(source_key)
        # What was undone with a part of the transaction is not there any more.
        return found if found is not None and found in db.session() else None

    def new(self, case_id: int, source_key: str) -> Reading:
        made = Reading(case_id=case_id, source_key=source_key, recorded_at=clock.now())
        self.of(case_id)[source_key] = made
        db.session().add(made)
        return made


def _known() -> _Known:
    info = db.session().info
    if "brought" not in info:
        info["brought"] = _Known(every())
    known: _Known = info["brought"]
    return known


def _bring_in(kept: Reading, score: Score, source: str, as_at: date) -> None:
    assert score.value is not None
    kept.measure_id, kept.value = score.measure_id, score.value
    kept.rater, kept.read_on = score.rater, score.read_on
    kept.source, kept.source_as_at = source, as_at
    kept.withdrawn_at = kept.withdrawn_by_id = kept.withdrawn_reason = None


def compared(kept: Reading | None, score: Score) -> str:
    """What bringing the score in would do to what is kept under its key."""
    if kept is None:
        return NEW
    was = Score(kept.measure_id, kept.value, kept.rater, kept.read_on)
    return SAME if was == score else CHANGED


def called(key: str) -> Measure | None:
    """The measure with this key, or of an organisation's own the one with this name."""
    return _called(key, every())


def _called(key: str, among: Sequence[Measure]) -> Measure | None:
    words = " ".join(key.split()).casefold()
    for measure in among:
        if words in (measure.key, measure.name.casefold()):
            return measure
    return None


def define(actor: Person, scale: Scale) -> Measure:
    """A measure of the organisation's own."""
    people.must_administer(actor)
    fields = _checked(scale)
    last = db.session().scalar(select(func.max(Measure.place))) or 0
    measure = Measure(**fields, place=last + 1)
    db.session().add(measure)
    db.session().flush()
    db.session().info.pop("brought", None)
    return measure


def change(actor: Person, measure: Measure, scale: Scale) -> None:
    """Say anew what an organisation says of a measure, as far as no reading means another."""
    people.must_administer(actor)
    fields = _checked(scale, itself=measure.id)
    differs = {name for name, value in fields.items() if value != getattr(measure, name)}
    if refused := differs - may_change(measure):
        raise Conflict(SCALE_STAYS if refused <= set(SCALE) and not measure.key else KITHS)
    for name in differs:
        setattr(measure, name, fields[name])


def may_change(measure: Measure) -> set[str]:
    """What an administrator can say anew of it."""
    if measure.key is not None:
        return set(THRESHOLD)
    fields = set(Scale.__dataclass_fields__)
    return fields - set(SCALE) if has_readings(measure) else fields


def retire(actor: Person, measure: Measure) -> None:
    """It takes no readings any more; what there is stays."""
    people.must_administer(actor)
    if measure.retired_at is None:
        measure.retired_at = clock.now()


def offer_again(actor: Person, measure: Measure) -> None:
    people.must_administer(actor)
    measure.retired_at = None


def has_readings(measure: Measure) -> bool:
    """Whether anybody has ever recorded one, in any case: for administrators, who see none."""
    found = select(Reading.id).where(Reading.measure_id == measure.id).limit(1)
    return db.session().scalar(found) is not None


def as_number(value: float) -> str:
    """6, 92.4: as one would write it by hand."""
    return f"{round(value, 4):g}" if abs(value) < LARGEST else f"{value:.0f}"


def reach(measure: Measure) -> str:
    """From where to where its scores go."""
    if measure.highest is None:
        return f"from {as_number(measure.lowest or 0)} up"
    if measure.lowest is None:
        return f"up to {as_number(measure.highest)}"
    return f"from {as_number(measure.lowest)} to {as_number(measure.highest)}"


def _in_order() -> AnySelect:
    return select(Measure).order_by(Measure.place, Measure.id)


def _readings() -> AnySelect:
    return (
        select(
            Reading.id,
            Reading.case_id,
            Reading.measure_id,
            Measure.key,
            Measure.name,
            Measure.unit,
            Reading.post_id,
            Reading.value,
            Reading.read_on,
            Reading.rater,
            Reading.recorded_by_id,
            Person.name.label("recorded_by"),
            Agency.name.label("agency_name"),
            Agency.agency_type,
            Reading.recorded_at,
            Reading.source,
            Reading.source_as_at,
        )
        .join(Measure, Measure.id == Reading.measure_id)
        .outerjoin(Person, Person.id == Reading.recorded_by_id)
        .outerjoin(Agency, Agency.id == Reading.agency_id)
    )


def _row(actor: Person, case: Case, score: Score, post: Post | None) -> Reading:
    return Reading(
        case_id=case.id,
        measure_id=score.measure_id,
        post_id=post.id if post else None,
        value=score.value,
        read_on=score.read_on,
        rater=score.rater,
        recorded_by_id=actor.id,
        agency_id=actor.agency_id,
        recorded_at=clock.now(),
    )


def _born_on(case_id: int) -> date | None:
    return db.session().scalar(
        select(Child.born_on).join(Case, Case.child_id == Child.id).where(Case.id == case_id)
    )


def _wrong(score: Score, measure: Measure | None, born_on: date | None) -> str:
    if measure is None:
        return "Choose what is measured."
    if measure.retired_at is not None:
        return f"{measure.name} is not used any more. Choose another measure."
    if measure.counts_kind is not None:
        return f"{measure.name} is counted from the updates. Post one of that type instead."
    return _wrong_value(score.value, measure) or _wrong_words(score, born_on)


def _wrong_value(value: float | None, measure: Measure) -> str:
    if value is None or not math.isfinite(value):
        return f"Write the score for {measure.name} as a number."
    low, high = measure.lowest, measure.highest
    if (low is not None and value < low) or (high is not None and value > high):
        return f"{measure.name} goes {reach(measure)}."
    if abs(value) > LARGEST:
        return "This number is too large. Check it."
    if not _is_on_step(value - (low or 0), measure.step):
        if measure.step == 1:
            return f"Write a whole number for {measure.name}."
        return f"{measure.name} goes in steps of {as_number(measure.step)}."
    return ""


def _wrong_words(score: Score, born_on: date | None) -> str:
    if score.rater not in RATERS:
        return "Choose who said it."
    if score.read_on > clock.today():
        return "The day of a score cannot be in the future."
    if score.read_on < clock.today() - LONG_AGO:
        return "That is too long ago. Check the year."
    if born_on is not None and score.read_on < born_on:
        return "The child was not born on that day. Check the year."
    return ""


def _is_on_step(distance: float, step: float) -> bool:
    return abs(distance / step - round(distance / step)) < NEARLY


def _checked(scale: Scale, itself: int = 0) -> dict[str, Any]:
    """The columns; raises `Invalid` with a sentence for each that is wrong."""
    found = _wrong_scale(scale) | _wrong_numbers(scale)
    lines = {}
    for name, longest in (("name", 60), ("about", 200), ("threshold_means", 100)):
        try:
            lines[name] = text.line(getattr(scale, name), field=name, longest=longest) or None
        except Invalid as refusal:
            found |= refusal.fields
    name = (lines.get("name") or "").casefold()
    if any(each.name.casefold() == name and each.id != itself for each in every()):
        found["name"] = "There is a measure of this name already."
    if found:
        raise Invalid(**found)
    return asdict(scale) | lines | {"unit": _unit(scale.unit)}


def _unit(written: str) -> str:
    """As it is written behind a value: "%" stands close to it, a word apart."""
    unit = text.line(written, field="unit", longest=20)
    return f" {unit}" if unit[:1].isalnum() else unit


def _wrong_scale(scale: Scale) -> dict[str, str]:
    found = {}
    if not scale.name.strip():
        found["name"] = "Give the measure a name."
    if len(scale.unit.strip()) > 20:
        found["unit"] = "Write at most 20 characters."
    if scale.better not in DIRECTIONS:
        found["better"] = "Choose which way is better."
    if scale.counts_kind is not None and scale.counts_kind not in KINDS:
        found["counts_kind"] = "Choose a type of update, or none."
    if scale.threshold is not None and not (scale.threshold_means or "").strip():
        found["threshold_means"] = "Say what it means from there on."
    return found


def _wrong_numbers(scale: Scale) -> dict[str, str]:
    found = {}
    low, high = scale.lowest, scale.highest
    numbers = {"lowest": low, "highest": high, "step": scale.step, "noise": scale.noise}
    for name, value in (numbers | {"threshold": scale.threshold}).items():
        if value is not None and not abs(value) <= LARGEST:
            found[name] = "Write a number that is not so large."
    if low is not None and high is not None and low >= high:
        found["highest"] = "The highest score must lie above the lowest."
    if not scale.step > 0:
        found["step"] = "The step must be more than 0."
    if not scale.noise >= 0:
        found["noise"] = "Write 0 or more."
    if scale.threshold is not None and not _is_within(scale.threshold, low, high):
        found["threshold"] = "The threshold must lie within the range."
    return found


def _is_within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


@dataclass(frozen=True)
class Imported:
    """A score of one case as a file tells it, and the reading under its key, if there is one."""

    case_id: int
    born_on: date | None
    value: float
    read_on: date
    rater: str
    source_key: str
    kept: Reading | None


def import_all(
    measure_key: str, told: Sequence[Imported], *, source: str, as_at: date
) -> list[Imported]:
    """As `import_reading`, of one measure for many cases at once; answers what cannot be."""
    measure = called(measure_key)
    if measure is None:
        raise Invalid(measure="There is no measure of this name.")
    refused = []
    for each in told:
        score = Score(measure.id, each.value, each.rater, each.read_on)
        if _wrong(score, measure, each.born_on):
            refused.append(each)
        elif compared(each.kept, score) != SAME:
            _take_over(each, measure, source, as_at)
    db.session().flush()
    return refused


def _take_over(told: Imported, measure: Measure, source: str, as_at: date) -> None:
    kept = told.kept or Reading(
        case_id=told.case_id, source_key=told.source_key, recorded_at=clock.now()
    )
    kept.measure_id, kept.value = measure.id, told.value
    kept.read_on, kept.rater = told.read_on, told.rater
    kept.source, kept.source_as_at = source, as_at
    kept.withdrawn_at = kept.withdrawn_by_id = kept.withdrawn_reason = None
    db.session().add(kept)
