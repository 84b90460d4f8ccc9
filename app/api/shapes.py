"""What is sent and what is answered: these schemas check the first and document both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask_smorest.fields
from marshmallow import Schema, ValidationError, fields, validate

from app import scan
from app.casework.families import BETWEEN_CHILDREN
from app.casework.look_ups import ANSWERS as LOOK_UP_ANSWERS
from app.casework.records import TABLES
from app.core.accepted import TYPES as FILE_TYPES
from app.insight.chronology import LINES
from app.insight.figures import ARROWS
from app.insight.periods import COMPARED_BY
from app.insight.team import SORTS, UNKNOWN
from app.models import (
    ACCOUNTS,
    AGENCY_GROUPS,
    AGENCY_TYPES,
    ALERTS,
    AUDIENCES,
    CATEGORIES,
    CONTACTS,
    COPIES,
    DIRECTIONS,
    DISPOSITIONS,
    ETHNICITIES,
    FORMS,
    KINDS,
    LEGAL_BASES,
    RATERS,
    REACTIONS,
    REASONS,
    STATUSES,
    STRENGTHS,
    SYSTEM_KINDS,
    TURNS,
    WAYS,
    WORRIES,
)

VERDICTS = (scan.CLEAN, scan.UNCHECKED, scan.WAITING, scan.INFECTED)
VIEWS = ("worries", "working-well", "childs-words")
CONVERSATIONS = ("direct", "group", "case")
SEARCHED = ("post", "comment", "message", "file")
PARTS = ("busy", "quiet", "overdue")
LONGEST_PAGE = 100


def maybe(field: type[fields.Field[Any]], **options: Any) -> fields.Field[Any]:
    """A field that may be null."""
    return field(allow_none=True, **options)


def said(description: str) -> dict[str, str]:
    return {"description": description}


def one_of(words: Any) -> validate.OneOf:
    return validate.OneOf(list(words))


def number(description: str) -> fields.Field[Any]:
    """The number of a thing, or none when left out."""
    return maybe(
        fields.Integer,
        load_default=None,
        strict=True,
        validate=validate.Range(1, 2**62),
        metadata=said(description),
    )


def asked(description: str) -> fields.Field[Any]:
    """The number of a thing in an address, or none when left out."""
    return fields.Integer(
        load_default=None, validate=validate.Range(1, 2**62), metadata=said(description)
    )


def numbers(description: str) -> fields.Field[Any]:
    """Numbers of people or agencies; none when left out."""
    return fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 2**62)),
        load_default=list,
        validate=validate.Length(max=200),
        metadata=said(description),
    )


class Problem(Schema):
    """Why it was refused (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata=said("A sentence for a person."))
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=said("For each field that needs another look, a sentence."),
    )


# Who


class Agency(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    phone = maybe(fields.String, required=True)


class Agencies(Schema):
    agencies = fields.List(fields.Nested(Agency), required=True)


class Person(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, metadata=said("Their profession's word."))
    agency_id = fields.Integer(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    email = fields.String(required=True)
    phone = maybe(fields.String, required=True)
    out_of_office = maybe(fields.String, required=True)


class Me(Person):
    account = fields.String(required=True, metadata=said("What the account may do."))
    scope = fields.String(required=True, metadata=said("What this token may do."))


class MyChange(Schema):
    out_of_office = maybe(fields.String, required=True, metadata=said("Null: back at work."))


class PeopleQuery(Schema):
    words = fields.String(load_default="", metadata=said("In a name, a role or an agency."))


class People(Schema):
    people = fields.List(fields.Nested(Person), required=True)


# Times


class Instant(fields.AwareDateTime):
    """An instant with its offset, as RFC 3339 writes it."""

    default_error_messages = {  # noqa: RUF012 - marshmallow reads it from the class
        "invalid": "Write an instant with its offset, like 2026-11-23T09:00:00Z.",
        "invalid_awareness": "Write an instant with its offset, like 2026-11-23T09:00:00Z.",
    }

    def _deserialize(self, value: Any, *arguments: Any, **more: Any) -> datetime:
        at: datetime = super()._deserialize(value, *arguments, **more)
        # Nearer the ends of the calendar an instant has no local day any more.
        if not 1900 <= at.year <= 2200:
            raise ValidationError("Write a year from 1900 to 2200.")
        return at


# Measures


class Measure(Schema):
    """Of what there are readings, and how to understand a score."""

    id = fields.Integer(required=True)
    key = maybe(fields.String, required=True, metadata=said("Of one that comes with Kith."))
    name = fields.String(required=True)
    about = maybe(fields.String, required=True)
    unit = fields.String(required=True, metadata=said("As it is written behind a score."))
    better = fields.String(required=True, validate=one_of(DIRECTIONS))
    lowest = maybe(fields.Float, required=True)
    highest = maybe(fields.Float, required=True)
    step = fields.Float(required=True)
    threshold = maybe(fields.Float, required=True)
    threshold_means = maybe(fields.String, required=True)
    noise = fields.Float(
        required=True, metadata=said("How far scores lie apart although nothing has changed.")
    )
    counts_kind = maybe(
        fields.String, required=True, metadata=said("The kind of post it counts: takes no scores.")
    )
    retired = fields.Boolean(required=True)


class Measures(Schema):
    measures = fields.List(fields.Nested(Measure), required=True)


class Reading(Schema):
    """One score, by one rater, of a day. Nobody's in particular when another system brought it."""

    id = fields.Integer(required=True)
    measure_id = fields.Integer(required=True)
    value = fields.Float(required=True)
    read_on = fields.Date(required=True)
    rater = fields.String(required=True, validate=one_of(RATERS))
    post_id = maybe(fields.Integer, required=True, metadata=said("The update it was told with."))
    recorded_by = maybe(fields.String, required=True)
    agency_name = maybe(fields.String, required=True)
    recorded_at = Instant(required=True)
    source = maybe(fields.String, required=True, metadata=said("The system it was brought from."))
    source_as_at = maybe(fields.Date, required=True)


class CountedDays(Schema):
    """The days on which something happened that a measure counts, as posts you read say."""

    measure_id = fields.Integer(required=True)
    days = fields.List(fields.Date(), required=True)


class ReadingsQuery(Schema):
    since = fields.Date(load_default=None, metadata=said("None of an earlier day."))


class Readings(Schema):
    readings = fields.List(fields.Nested(Reading), required=True)
    counted = fields.List(fields.Nested(CountedDays), required=True)


class NewReading(Schema):
    measure_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))
    value = fields.Float(required=True)
    rater = fields.String(required=True, validate=one_of(RATERS), metadata=said("Who said it."))
    read_on = maybe(
        fields.Date, load_default=None, metadata=said("The day it is of; when it happened, or now.")
    )


# Posts


class Named(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)


class Whom(Schema):
    people = fields.List(fields.Nested(Named), required=True)
    agencies = fields.List(fields.Nested(Named), required=True)


class Attachment(Schema):
    """A file or a photo of a post, or one of yours that is not posted yet."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True, validate=one_of(FILE_TYPES))
    size = fields.Integer(required=True, metadata=said("In bytes, as it is kept."))
    alt = maybe(fields.String, required=True, metadata=said("What a photo shows."))
    verdict = fields.String(
        required=True,
        validate=one_of(VERDICTS),
        metadata=said("What the virus check said; a waiting or infected file is not given out."),
    )


class NewFile(Schema):
    """One file, as multipart/form-data."""

    files = flask_smorest.fields.Upload(
        required=True, metadata=said("JPEG, PNG, WebP, PDF, text, CSV, Word, Excel, PowerPoint.")
    )


class NewFileWords(Schema):
    alt = fields.String(load_default=None, metadata=said("What a photo shows, in a line."))


class HowItWent(Schema):
    """How it went with a question: what is not yet is null."""

    replied_at = maybe(Instant, required=True, metadata=said("The first word of anybody else."))
    answered_at = maybe(Instant, required=True, metadata=said("The answer that was accepted."))
    lead_told_at = maybe(
        Instant, required=True, metadata=said("It had no reply in time, and went to the lead.")
    )
    manager_told_at = maybe(Instant, required=True, metadata=said("And then to their manager."))


class Post(Schema):
    """One update by one person in one case."""

    id = fields.Integer(required=True)
    case_id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    position = fields.Integer(
        required=True, metadata=said("Its place in the case's stream: no gaps, never changes.")
    )
    kind = fields.String(required=True, validate=one_of([*KINDS, *SYSTEM_KINDS]))
    worry = fields.String(required=True, validate=one_of(WORRIES))
    body = fields.String(required=True, metadata=said("As it was written."))
    body_html = fields.String(required=True, metadata=said("The same as cleaned HTML."))
    version = fields.Integer(required=True)
    occurred_at = Instant(required=True, metadata=said("When it happened."))
    posted_at = Instant(required=True, metadata=said("When the network was told."))
    edited_at = maybe(Instant, required=True)
    significant = fields.Boolean(required=True)
    meaning = maybe(fields.String, required=True, metadata=said("What it means for the child."))
    seen = maybe(fields.Boolean, required=True)
    seen_alone = maybe(fields.Boolean, required=True)
    due_at = maybe(Instant, required=True, metadata=said("Planned for, or answer wanted by."))
    referral = maybe(
        fields.String, required=True, metadata=said("The referral made; null: it is none.")
    )
    phoned = maybe(fields.Boolean, required=True)
    audience = fields.String(required=True, validate=one_of(AUDIENCES))
    sharing_reason = maybe(
        fields.String, required=True, metadata=said("Why it is not for the whole network.")
    )
    whom = fields.Nested(
        Whom,
        required=True,
        allow_none=True,
        data_key="for",
        metadata=said("Those a named audience names; null: everyone in the network."),
    )
    not_for = fields.List(
        fields.Nested(Named), required=True, metadata=said("Agencies it is kept from.")
    )
    source = maybe(fields.String, required=True, metadata=said("The system it was brought from."))
    source_as_at = maybe(fields.Date, required=True)
    author_id = maybe(fields.Integer, required=True)
    author_name = maybe(fields.String, required=True)
    author_role = maybe(fields.String, required=True)
    agency_id = maybe(fields.Integer, required=True)
    agency_name = maybe(fields.String, required=True)
    agency_type = maybe(fields.String, required=True)
    comment_count = fields.Integer(required=True)
    accepted_comment_id = maybe(fields.Integer, required=True)
    reader_count = fields.Integer(
        required=True, metadata=said("Who could read it, bar its author.")
    )
    read_count = fields.Integer(required=True, metadata=said("How many of them have."))
    question = fields.Nested(HowItWent, required=True, allow_none=True)
    acknowledged_by = maybe(fields.String, required=True)
    acknowledged_at = maybe(Instant, required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)
    readings = fields.List(
        fields.Nested(Reading), required=True, metadata=said("Scores that were told with it.")
    )


class NewPost(Schema):
    """What to tell the network, with what its kind and its worry need."""

    body = fields.String(required=True, metadata=said("Light Markdown, up to 20,000 characters."))
    kind = fields.String(load_default="update", validate=one_of(KINDS))
    worry = fields.String(load_default="none", validate=one_of(WORRIES))
    occurred_at = maybe(Instant, metadata=said("When it happened; now when left out."))
    seen = maybe(fields.Boolean, metadata=said("A visit: was the child seen?"))
    seen_alone = maybe(fields.Boolean, metadata=said("A visit: was the child seen alone?"))
    due_at = maybe(
        Instant, metadata=said("A planned visit: when. A question: by when you need an answer.")
    )
    referral = maybe(fields.String, metadata=said("The referral made, if one was."))
    meaning = maybe(fields.String, metadata=said("Needed when worried: one line."))
    phoned = maybe(fields.Boolean, metadata=said("Needed when urgent: have you phoned?"))
    significant = fields.Boolean(load_default=False)
    audience = fields.String(load_default="network", validate=one_of(AUDIENCES))
    people = numbers("Members of the network whom it is for, when the audience is named.")
    agencies = numbers("Agencies in the network whose members it is for, the same.")
    excluded = numbers("Agencies that must not learn of it; not your own.")
    sharing_reason = maybe(
        fields.String, metadata=said("Needed when it is not for the whole network.")
    )
    is_known = fields.Boolean(
        load_default=True,
        metadata=said("Named: may other members know that there is something?"),
    )
    also = fields.List(
        fields.Integer(strict=True),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=said("Cases of the child's family, linked to it, that the same post belongs to."),
    )
    attachments = numbers("Files you sent to this case before, at most five.")
    readings = fields.List(
        fields.Nested(NewReading),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=said("Scores that go with it: of this case alone, whatever `also` says."),
    )


class PostChange(Schema):
    body = fields.String(required=True)
    meaning = maybe(fields.String, metadata=said("Stays as it is when left out."))
    version = fields.Integer(
        metadata=said("The version it was made from: 409 when the post has a newer one.")
    )


class Reason(Schema):
    reason = fields.String(required=True, metadata=said("Kept on record."))


class PostPlace(Schema):
    """Where the new post stands; read it there."""

    id = fields.Integer(required=True)
    case_id = fields.Integer(required=True)
    position = fields.Integer(required=True)


class Place(Schema):
    """The number of what was made."""

    id = fields.Integer(required=True)


class _Cursor(Schema):
    size = fields.Integer(load_default=25, validate=validate.Range(1, LONGEST_PAGE))


class StreamQuery(_Cursor):
    before = fields.Integer(
        validate=validate.Range(0, 2**62),
        metadata=said("Older than this position, newest first."),
    )
    after = fields.Integer(
        validate=validate.Range(0, 2**62),
        metadata=said("From the next position on, oldest first: how a program follows a case."),
    )
    view = fields.String(validate=one_of(VIEWS))
    kind = fields.String(validate=one_of([*KINDS, *SYSTEM_KINDS]))
    agency = fields.Integer(validate=validate.Range(0, 2**62))
    person = fields.Integer(validate=validate.Range(0, 2**62))


class Stream(Schema):
    posts = fields.List(fields.Nested(Post), required=True)
    withheld = fields.Integer(
        required=True,
        metadata=said("How many posts of the case there are that are not shared with you."),
    )
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


class Version(Schema):
    version = fields.Integer(required=True)
    body = fields.String(required=True)
    body_html = fields.String(required=True)
    written_at = Instant(required=True)


class Versions(Schema):
    versions = fields.List(fields.Nested(Version), required=True)


class Reader(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True)
    has_read = fields.Boolean(required=True)
    last_read_at = maybe(Instant, required=True)


class Readers(Schema):
    readers = fields.List(fields.Nested(Reader), required=True)


# Comments and acknowledgements


class Comment(Schema):
    id = fields.Integer(required=True)
    post_id = fields.Integer(required=True)
    body = fields.String(required=True)
    body_html = fields.String(required=True)
    posted_at = Instant(required=True)
    accepted_at = maybe(Instant, required=True, metadata=said("When it was taken as the answer."))
    author_id = fields.Integer(required=True)
    author_name = fields.String(required=True)
    author_role = fields.String(required=True)
    agency_id = fields.Integer(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True)


class Comments(Schema):
    comments = fields.List(fields.Nested(Comment), required=True)


class NewComment(Schema):
    body = fields.String(required=True)


class Answer(Schema):
    comment_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))


class Acknowledgement(Schema):
    id = fields.Integer(required=True, metadata=said("Of the person."))
    name = fields.String(required=True)
    role = fields.String(required=True)
    acknowledged_at = Instant(required=True)


class Acknowledgements(Schema):
    acknowledgements = fields.List(fields.Nested(Acknowledgement), required=True)


# Cases


class NewChild(Schema):
    name = maybe(fields.String)
    born_on = maybe(fields.Date)
    expected_on = maybe(fields.Date, metadata=said("For a child who is not born yet."))
    gender = maybe(fields.String)
    ethnicity = maybe(fields.String, validate=one_of([*ETHNICITIES, None]))
    school = maybe(fields.String)
    address = maybe(fields.String)
    postcode = maybe(fields.String, metadata=said("A whole UK postcode."))
    council_id = maybe(fields.String)
    nhs_number = maybe(fields.String)
    upn = maybe(fields.String)
    other_names = fields.List(fields.String(), load_default=list, validate=validate.Length(max=20))


class NewCase(Schema):
    child = fields.Nested(NewChild, required=True)
    status = fields.String(required=True, validate=one_of(STATUSES))
    since = fields.Date(required=True)
    reason = fields.String(required=True)


class CaseLine(Schema):
    """One case in the list."""

    id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    born_on = maybe(fields.Date, required=True)
    expected_on = maybe(fields.Date, required=True)
    council_id = maybe(fields.String, required=True)
    status = maybe(fields.String, required=True, validate=one_of([*STATUSES, None]))
    category = maybe(fields.String, required=True, validate=one_of([*CATEGORIES, None]))
    since = maybe(fields.Date, required=True)
    posted_at = maybe(Instant, required=True, metadata=said("The newest post by people."))
    last_seen_at = maybe(Instant, required=True)
    next_at = maybe(Instant, required=True)
    lead_name = maybe(fields.String, required=True)
    following = maybe(fields.Boolean, required=True)
    is_member = fields.Boolean(required=True)


class Cases(Schema):
    cases = fields.List(fields.Nested(CaseLine), required=True)


class Child(Schema):
    id = fields.Integer(required=True)
    name = maybe(fields.String, required=True)
    born_on = maybe(fields.Date, required=True)
    expected_on = maybe(fields.Date, required=True)
    gender = maybe(fields.String, required=True)
    ethnicity = maybe(
        fields.String,
        required=True,
        validate=one_of([*ETHNICITIES, None]),
        metadata=said("A code of the children in need census."),
    )
    school = maybe(fields.String, required=True)
    address = maybe(fields.String, required=True)
    postcode = maybe(fields.String, required=True)
    council_id = maybe(fields.String, required=True)
    nhs_number = maybe(fields.String, required=True)
    upn = maybe(fields.String, required=True)
    other_names = fields.List(fields.String(), required=True)


class Lead(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    phone = maybe(fields.String, required=True)


class LastSeen(Schema):
    post_id = fields.Integer(required=True)
    at = Instant(required=True)
    alone = maybe(fields.Boolean, required=True)
    by = maybe(fields.String, required=True)


class Coming(Schema):
    what = fields.String(required=True)
    at = Instant(required=True)
    post_id = maybe(fields.Integer, required=True)


class Question(Schema):
    post_id = fields.Integer(required=True)
    body = fields.String(required=True)
    due_at = maybe(Instant, required=True)


class AgencyInWindow(Schema):
    """An agency that recorded something of what is unusual."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    days = fields.Integer(required=True, metadata=said("On how many days."))
    is_new = fields.Boolean(required=True, metadata=said("Never before in this case."))


class NeedsALook(Schema):
    """Why the case needs a look: unusual activity, or what is overdue. No measure of risk."""

    alert_id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=one_of(ALERTS))
    heading = fields.String(required=True)
    sentence = fields.String(required=True)
    since = Instant(required=True)
    agencies = fields.List(fields.Nested(AgencyInWindow), required=True)


class Case(Schema):
    """What stands at the top of a case. Null means that nobody has recorded it."""

    id = fields.Integer(required=True)
    child = fields.Nested(Child, required=True)
    before_visit = maybe(fields.String, required=True)
    status = maybe(fields.String, required=True, validate=one_of([*STATUSES, None]))
    category = maybe(fields.String, required=True, validate=one_of([*CATEGORIES, None]))
    since = maybe(fields.Date, required=True)
    lead = fields.Nested(Lead, required=True, allow_none=True)
    last_seen = fields.Nested(LastSeen, required=True, allow_none=True)
    coming = fields.Nested(Coming, required=True, allow_none=True)
    questions = fields.List(fields.Nested(Question), required=True)
    overdue = fields.List(fields.String(), required=True)
    unacknowledged = fields.List(
        fields.Integer(), required=True, metadata=said("Urgent posts nobody has acknowledged.")
    )
    following = fields.Boolean(required=True)
    last_read = fields.Integer(required=True)
    may_lead = fields.Boolean(required=True)
    needs_a_look = fields.List(
        fields.Nested(NeedsALook), required=True, metadata=said("Until somebody has looked.")
    )


class BeforeVisit(Schema):
    words = maybe(fields.String, required=True, metadata=said("To know before knocking."))


class Status(Schema):
    id = fields.Integer(required=True)
    status = fields.String(required=True, validate=one_of(STATUSES))
    category = maybe(fields.String, required=True, validate=one_of([*CATEGORIES, None]))
    since = fields.Date(required=True)
    reason = maybe(fields.String, required=True)
    recorded_by_id = maybe(fields.Integer, required=True)
    recorded_at = Instant(required=True)
    source = maybe(fields.String, required=True)


class Statuses(Schema):
    statuses = fields.List(fields.Nested(Status), required=True)


class NewStatus(Schema):
    """How the case stands from a day on; `closed` closes it, another one opens it again."""

    status = fields.String(required=True, validate=one_of(STATUSES))
    category = maybe(fields.String, load_default=None, validate=one_of(CATEGORIES))
    since = fields.Date(required=True)
    reason = fields.String(required=True)


class KeyDate(Schema):
    id = fields.Integer(required=True)
    what = fields.String(required=True)
    due_at = Instant(required=True)
    done_at = maybe(Instant, required=True)


class KeyDates(Schema):
    key_dates = fields.List(fields.Nested(KeyDate), required=True)


class NewKeyDate(Schema):
    what = fields.String(required=True)
    due_at = Instant(required=True)


class Relative(Schema):
    link_id = fields.Integer(required=True)
    relation = fields.String(required=True)
    name = maybe(fields.String, required=True)
    same_household = fields.Boolean(required=True)
    case_id = maybe(fields.Integer, required=True, metadata=said("The relative's own case."))
    born_on = maybe(fields.Date, required=True)
    strength = maybe(fields.String, required=True, validate=one_of(STRENGTHS))
    is_stressful = fields.Boolean(required=True)
    contact = fields.String(required=True, validate=one_of(CONTACTS))
    contact_reason = maybe(fields.String, required=True)
    said_by = maybe(fields.String, required=True, metadata=said("Who limited the contact."))
    has_died = fields.Boolean(required=True)


class NewTie(Schema):
    """How the tie to the child is: all of it, which takes the place of what was said before."""

    strength = maybe(fields.String, load_default=None, validate=one_of(STRENGTHS))
    is_stressful = fields.Boolean(load_default=False)
    contact = fields.String(load_default="ordinary", validate=one_of(CONTACTS))
    contact_reason = maybe(
        fields.String, load_default=None, metadata=said("Needed where contact is limited.")
    )
    said_by = maybe(
        fields.String, load_default=None, metadata=said("Needed where contact is limited.")
    )
    has_died = fields.Boolean(load_default=False)


class Family(Schema):
    family = fields.List(fields.Nested(Relative), required=True)


class OnTheMap(Schema):
    """Somebody on the family map; of professionals `agency_type` is given."""

    kind = fields.String(required=True, validate=one_of(("child", "relative", "professional")))
    name = fields.String(required=True)
    about = fields.String(required=True, metadata=said("The relation, or role and agency."))
    x = fields.Integer(required=True)
    y = fields.Integer(required=True)
    shape = fields.String(required=True, validate=one_of(("square", "circle", "diamond", "badge")))
    at_home = fields.Boolean(required=True, metadata=said("Lives with the child."))
    contact = fields.String(required=True, validate=one_of(CONTACTS))
    has_died = fields.Boolean(required=True)
    agency_type = maybe(fields.String, required=True)
    leads_to = fields.String(required=True, validate=one_of(("case", "link", "person")))
    number = fields.Integer(required=True, metadata=said("Of the case, family link or person."))


class MapTie(Schema):
    link_id = fields.Integer(required=True)
    strength = maybe(fields.String, required=True, validate=one_of(STRENGTHS))
    is_stressful = fields.Boolean(required=True)
    path = fields.String(required=True, metadata=said("As a path of SVG."))


class FamilyMap(Schema):
    sentence = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    people = fields.List(fields.Nested(OnTheMap), required=True)
    ties = fields.List(fields.Nested(MapTie), required=True)


class NewRelative(Schema):
    """Another child by their case, or an adult by name."""

    relation = fields.String(
        required=True,
        metadata=said(f"Between children: {', '.join(BETWEEN_CHILDREN)}. For an adult, any word."),
    )
    case_id = maybe(fields.Integer, load_default=None, validate=validate.Range(1, 2**62))
    name = maybe(fields.String, load_default=None)
    same_household = fields.Boolean(load_default=False)


# Networks, follows, drafts


class Member(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_id = fields.Integer(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True)
    phone = maybe(fields.String, required=True)
    email = fields.String(required=True)
    out_of_office = maybe(fields.String, required=True)
    is_lead = fields.Boolean(required=True)
    from_at = Instant(required=True, metadata=said("When they joined."))
    until_at = Instant(required=True, metadata=said("When it ends unless renewed."))
    legal_basis = fields.String(required=True, validate=one_of(LEGAL_BASES))
    reason = fields.String(required=True, metadata=said("Why the child's information is shared."))
    decided_by = fields.String(required=True, metadata=said("Who brought them in, by name."))
    history_from = maybe(Instant, required=True, metadata=said("They read nothing before this."))
    renewed_at = maybe(Instant, required=True)
    renewed_by = maybe(fields.String, required=True)
    renewed_reason = maybe(fields.String, required=True)
    conflicted = fields.Boolean(required=True, metadata=said("They see nothing at present."))
    last_read = maybe(fields.Integer, required=True)
    last_read_at = maybe(Instant, required=True)


class Network(Schema):
    network = fields.List(fields.Nested(Member), required=True)


class NewMember(Schema):
    person_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))
    role = fields.String(load_default="", metadata=said("Their own when left out."))
    reason = fields.String(required=True)
    legal_basis = fields.String(required=True, validate=one_of(LEGAL_BASES))
    until_on = fields.Date(
        required=True, metadata=said("The last day: today or later, a year away at most.")
    )
    history_from = maybe(
        Instant, load_default=None, metadata=said("They read nothing posted before this.")
    )


class Renewal(Schema):
    until_on = fields.Date(
        required=True, metadata=said("The new last day: today or later, a year away at most.")
    )
    reason = fields.String(required=True, metadata=said("Why they still need to know."))


class Restriction(Schema):
    """A time in which the case was, or is, for its members only."""

    from_at = Instant(required=True)
    until_at = maybe(Instant, required=True, metadata=said("Null: it stands."))
    reason = fields.String(required=True)
    decided_by = fields.String(required=True)
    ended_reason = maybe(fields.String, required=True)
    ended_by = maybe(fields.String, required=True)


class Restrictions(Schema):
    restricted = fields.Boolean(required=True, metadata=said("For members only at present."))
    history = fields.List(fields.Nested(Restriction), required=True)


class Conflict(Schema):
    """Somebody who must see nothing of the case."""

    id = fields.Integer(required=True)
    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    from_at = Instant(required=True)
    until_at = maybe(Instant, required=True, metadata=said("Null: it stands."))
    reason = fields.String(required=True)
    declared_by = fields.String(required=True)
    ended_reason = maybe(fields.String, required=True)
    ended_by = maybe(fields.String, required=True)


class Conflicts(Schema):
    conflicts = fields.List(fields.Nested(Conflict), required=True)


class Viewer(Schema):
    """Somebody who sees the case now; what is null or empty is no ground of theirs."""

    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    member_since = maybe(Instant, required=True)
    member_until = maybe(Instant, required=True)
    legal_basis = maybe(fields.String, required=True)
    decided_by = maybe(fields.String, required=True)
    manages = fields.List(
        fields.String, required=True, metadata=said("Whom in the network they supervise.")
    )
    emergency_until = maybe(Instant, required=True)
    emergency_reference = maybe(fields.String, required=True)


class Viewers(Schema):
    viewers = fields.List(fields.Nested(Viewer), required=True)


class Look(Schema):
    """One answer that showed something of the case."""

    at = Instant(required=True)
    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    did = fields.String(required=True)
    how = fields.String(required=True, metadata=said("page, api or live."))
    why = maybe(fields.String, required=True, metadata=said("member, supervision or break-glass."))
    was_member = fields.Boolean(required=True, metadata=said("Of the network, at that moment."))


class LooksQuery(Schema):
    person_id = maybe(fields.Integer, load_default=None)
    before = maybe(Instant, load_default=None)


class Looks(Schema):
    looks = fields.List(fields.Nested(Look), required=True)
    next = maybe(fields.String, required=True)


class NewConflict(Schema):
    person_id = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**62),
        metadata=said("Yourself, or when you lead the case anybody in the directory."),
    )
    reason = fields.String(required=True, metadata=said("Read by whoever leads, nobody else."))


class NewLead(Schema):
    person_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))
    reason = fields.String(required=True)


class Read(Schema):
    position = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**62))


class Draft(Schema):
    form = fields.Dict(keys=fields.String(), required=True, data_key="fields")
    saved_at = Instant(required=True)


class NewDraft(Schema):
    form = fields.Dict(
        keys=fields.String(),
        required=True,
        data_key="fields",
        metadata=said("What is in the form so far."),
    )


class MessageDraft(Schema):
    body = fields.String(required=True)
    reply_to = maybe(
        fields.Integer, required=True, metadata=said("The message it answers, if you read it yet.")
    )
    saved_at = Instant(required=True)


class NewMessageDraft(Schema):
    body = fields.String(required=True, metadata=said("What you have typed so far."))
    reply_to = number("The message of this conversation that it answers.")


# Conversations and messages


class ConversationLine(Schema):
    """One conversation in the list, and none of its words."""

    id = fields.Integer(required=True)
    kind = fields.String(
        required=True,
        validate=one_of(CONVERSATIONS),
        metadata=said("Of two people, of a group, or the network's own of one case."),
    )
    case_id = maybe(fields.Integer, required=True, metadata=said("Null: it is about no case."))
    child_name = maybe(fields.String, required=True)
    name = maybe(fields.String, required=True, metadata=said("What a group is called."))
    names = fields.List(
        fields.String(),
        required=True,
        metadata=said("Who else is in it; of the network's own see the network."),
    )
    unread = fields.Integer(required=True, metadata=said("Messages by others, new to you."))
    muted = fields.Boolean(required=True, metadata=said("Not counted in your total."))
    position = fields.Integer(required=True, metadata=said("Of the last message."))
    said_at = Instant(required=True, metadata=said("When something was last said."))


class ConversationsQuery(_Cursor):
    case = fields.Integer(
        validate=validate.Range(1, 2**62), metadata=said("Only those about this case.")
    )
    before = fields.String(metadata=said("From `next` of the page before."))


class Conversations(Schema):
    conversations = fields.List(fields.Nested(ConversationLine), required=True)
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


class InConversation(Schema):
    """Somebody whom a conversation is between."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True)
    phone = maybe(fields.String, required=True)
    out_of_office = maybe(fields.String, required=True)
    last_read = fields.Integer(required=True, metadata=said("How far they have read."))
    last_read_at = maybe(Instant, required=True)


class Conversation(Schema):
    """One conversation: whom it is between, and what you can do there."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=one_of(CONVERSATIONS))
    case_id = maybe(fields.Integer, required=True)
    child_name = maybe(fields.String, required=True)
    name = maybe(fields.String, required=True)
    people = fields.List(fields.Nested(InConversation), required=True)
    unread = fields.Integer(required=True, metadata=said("Messages by others, new to you."))
    muted = fields.Boolean(required=True)
    position = fields.Integer(required=True, metadata=said("Of the last message."))
    last_read = fields.Integer(required=True, metadata=said("How far you have read."))
    may_write = fields.Boolean(
        required=True, metadata=said("False: you can only read, or nobody else reads it any more.")
    )


class NewConversation(Schema):
    """With one other person and no name it is the direct one, which may be there already."""

    people = numbers("Whom you want to talk with.")
    case_id = number("What is said about a child belongs to the child's case. Null: to none.")
    name = maybe(fields.String, load_default=None, metadata=said("What the group is called."))


class ConversationName(Schema):
    name = fields.String(required=True, metadata=said("What the group is called."))


class CaseConversation(Schema):
    """The network's own conversation about one case."""

    id = maybe(
        fields.Integer, required=True, metadata=said("Null: nobody has said anything in it yet.")
    )
    may_write = fields.Boolean(required=True, metadata=said("False: you can only read."))


class NewInConversation(Schema):
    person_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))
    history_from = maybe(
        Instant,
        load_default=None,
        metadata=said("They read nothing said before this. Null: they read all of it."),
    )


class UnreadLine(Schema):
    id = fields.Integer(required=True, metadata=said("Of the conversation."))
    unread = fields.Integer(required=True)


class Unread(Schema):
    """How many messages are new to you, counted from those you may read."""

    total = fields.Integer(required=True, metadata=said("Without what you have muted."))
    conversations = fields.List(
        fields.Nested(UnreadLine), required=True, metadata=said("Those with news, muted or not.")
    )


class ReplyTo(Schema):
    """What a message answers."""

    id = fields.Integer(required=True)
    position = fields.Integer(required=True)
    author_name = fields.String(required=True)
    body = fields.String(required=True)


class ShortAnswer(Schema):
    """One of a few words somebody answers a message with."""

    reaction = fields.String(required=True, validate=one_of(REACTIONS))
    person_id = fields.Integer(required=True)
    name = fields.String(required=True)


class Link(Schema):
    """A case or a post somebody points to, and which you may see."""

    case_id = fields.Integer(required=True)
    post_id = maybe(fields.Integer, required=True, metadata=said("Null: it is the case."))
    child_name = fields.String(required=True)


class Keep(Schema):
    """Somebody keeps a message as an update: its authors are told, and may say no until then."""

    id = fields.Integer(required=True)
    keeper_id = fields.Integer(required=True)
    keeper_name = fields.String(required=True)
    due_at = Instant(required=True, metadata=said("When it becomes an update by itself."))
    is_kept = fields.Boolean(required=True, metadata=said("False: it waits for its authors."))
    post_id = maybe(fields.Integer, required=True, metadata=said("Null: none you may read."))


class Message(Schema):
    """One thing said by one person in one conversation."""

    id = fields.Integer(required=True)
    conversation_id = fields.Integer(required=True)
    case_id = maybe(fields.Integer, required=True)
    position = fields.Integer(
        required=True, metadata=said("Its place in the conversation: never changes.")
    )
    kind = fields.String(
        required=True,
        validate=one_of(["said", *TURNS]),
        metadata=said("Said by a person, or a row about who came, who went and what it is called."),
    )
    body = fields.String(required=True, metadata=said("As it was written."))
    body_html = fields.String(required=True, metadata=said("The same as cleaned HTML."))
    version = fields.Integer(required=True)
    said_at = Instant(required=True)
    edited_at = maybe(Instant, required=True)
    author_id = fields.Integer(required=True)
    author_name = fields.String(required=True)
    author_role = fields.String(required=True, metadata=said("At the time, as the agency is."))
    agency_id = fields.Integer(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    reply_to = fields.Nested(
        ReplyTo,
        required=True,
        allow_none=True,
        metadata=said("Null as well when it was withdrawn, or not said to you."),
    )
    reactions = fields.List(fields.Nested(ShortAnswer), required=True)
    links = fields.List(fields.Nested(Link), required=True)
    names_me = fields.Boolean(required=True, metadata=said("Your name stands in it after an @."))
    in_vain = fields.List(
        fields.String(),
        required=True,
        metadata=said("To its author: words after an @ that name nobody here, or several."),
    )
    keep = fields.Nested(
        Keep, required=True, allow_none=True, metadata=said("Null: nobody keeps it as an update.")
    )
    attachments = fields.List(fields.Nested(Attachment), required=True)


class MessagesQuery(_Cursor):
    before = fields.Integer(
        validate=validate.Range(0, 2**62), metadata=said("What was said before this position.")
    )
    after = fields.Integer(
        validate=validate.Range(0, 2**62),
        metadata=said("From the next position on: how a program follows a conversation."),
    )
    around = fields.Integer(
        validate=validate.Range(0, 2**62), metadata=said("From a little before this position on.")
    )
    on = fields.Date(metadata=said("From the first thing said on this day or after it on."))


class Messages(Schema):
    """In the order in which it was said."""

    messages = fields.List(fields.Nested(Message), required=True)
    older = maybe(
        fields.Integer, required=True, metadata=said("Go on with before=this; null: no more.")
    )
    newer = maybe(
        fields.Integer, required=True, metadata=said("Go on with after=this; null: no more.")
    )
    next = maybe(
        fields.String,
        required=True,
        metadata=said("The address of the next page, the way you are reading."),
    )


class NewMessage(Schema):
    body = fields.String(required=True, metadata=said("Light Markdown, up to 8,000 characters."))
    reply_to = number("The message of this conversation that it answers.")
    attachments = numbers("Files you sent to this conversation before, at most five.")
    alt = maybe(fields.String, load_default=None, metadata=said("What its photos show."))


class MessagePlace(Schema):
    """Where the new message stands; read it there."""

    id = fields.Integer(required=True)
    conversation_id = fields.Integer(required=True)
    position = fields.Integer(required=True)


class MessageChange(Schema):
    body = fields.String(required=True)
    version = fields.Integer(
        metadata=said("The version it was made from: 409 when the message has a newer one.")
    )


class NewKeep(Schema):
    messages = numbers("Those of the conversation that become one update: 1 to 20.")


class NewReaction(Schema):
    reaction = fields.String(required=True, validate=one_of(REACTIONS))


# Cases that nobody leads, for administrators


class Orphan(Schema):
    """A case that nobody leads: its number, and nothing about the child."""

    id = fields.Integer(required=True)
    since = maybe(Instant, required=True, metadata=said("Null: not recorded."))
    agency_id = maybe(fields.Integer, required=True, metadata=said("The last lead's."))
    agency_name = maybe(fields.String, required=True)


class OrphansQuery(Schema):
    closed = fields.Boolean(load_default=False, metadata=said("Closed cases are asked for apart."))
    size = fields.Integer(load_default=100, validate=validate.Range(1, LONGEST_PAGE))
    skip = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))


class Orphans(Schema):
    cases = fields.List(fields.Nested(Orphan), required=True)
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


# Look-ups


class NewLookUp(Schema):
    """A child you have no case with, as you know them. Nothing of it is kept but the reason."""

    name = fields.String(required=True, metadata=said("First name and surname."))
    born_on = fields.Date(required=True)
    number_or_postcode = fields.String(
        required=True, metadata=said("The child's NHS number, or the postcode of their home.")
    )
    reason = fields.String(required=True, metadata=said("The lead practitioner reads it."))


class LookUp(Schema):
    """What you have asked; no outcome means that nobody has answered, or that nobody could."""

    id = fields.Integer(required=True)
    asked_at = Instant(required=True)
    reason = fields.String(required=True)
    outcome = maybe(
        fields.String, required=True, validate=one_of(["added", *LOOK_UP_ANSWERS, None])
    )
    answer = maybe(fields.String, required=True)
    answered_at = maybe(Instant, required=True)
    answered_by = maybe(fields.String, required=True)
    answered_by_phone = maybe(fields.String, required=True)


class LookUps(Schema):
    look_ups = fields.List(fields.Nested(LookUp), required=True)


class Asking(Schema):
    """Who asks about the child of a case you may lead, and why."""

    id = fields.Integer(required=True)
    asked_at = Instant(required=True)
    reason = fields.String(required=True)
    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    phone = maybe(fields.String, required=True)
    agency_name = fields.String(required=True)


class Askings(Schema):
    look_ups = fields.List(fields.Nested(Asking), required=True)


class LookUpAnswer(Schema):
    outcome = fields.String(required=True, validate=one_of(LOOK_UP_ANSWERS))
    answer = maybe(
        fields.String, load_default=None, metadata=said("They read it. Needed when declined.")
    )


# The home feed


class News(Schema):
    """A followed case with posts by others that you have not read."""

    case_id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    status = maybe(fields.String, required=True, validate=one_of([*STATUSES, None]))
    unread = fields.Integer(required=True, metadata=said("How many are new."))
    worry = fields.String(
        required=True, validate=one_of(WORRIES), metadata=said("The worst worry in them.")
    )


class Feed(Schema):
    """The newest posts of the cases you follow, and first the cases with news."""

    cases = fields.List(
        fields.Nested(News), required=True, metadata=said("On the first page; empty on others.")
    )
    posts = fields.List(fields.Nested(Post), required=True)
    next = maybe(fields.String, required=True)


class FeedQuery(_Cursor):
    before = fields.String(metadata=said("From `next` of the page before."))


class Change(Schema):
    """What happened in a case or a conversation of yours: where to look, never what it says."""

    at = fields.Integer(required=True, metadata=said("Its place among all that happens."))
    did = fields.String(required=True)
    case = maybe(fields.Integer, required=True, metadata=said("Null: it was in a conversation."))
    post = maybe(fields.Integer, required=True)
    conversation = maybe(
        fields.Integer, required=True, metadata=said("Null: it was in a case's stream.")
    )
    message = maybe(fields.Integer, required=True)
    position = maybe(
        fields.Integer, required=True, metadata=said("Of the post, or of the message.")
    )
    by = maybe(fields.Integer, required=True)


class ChangesQuery(Schema):
    after = fields.Integer(validate=validate.Range(0, 2**62))


class Changes(Schema):
    changes = fields.List(fields.Nested(Change), required=True)
    at = fields.Integer(required=True, metadata=said("Ask again with after=this."))


# Search


class SearchQuery(_Cursor):
    q = fields.String(
        required=True,
        metadata=said("Words and filters: `bruise kind:visit case:12 since:2026-11-01`."),
    )
    order = fields.String(load_default="newest", validate=one_of(("newest", "best")))
    before = fields.String(metadata=said("From `next` of the page before."))


class Found(Schema):
    """One thing that was said, as far as it answers the search."""

    thing = fields.String(required=True, validate=one_of(SEARCHED))
    id = fields.Integer(required=True)
    at = Instant(required=True)
    case_id = maybe(fields.Integer, required=True)
    child_name = maybe(fields.String, required=True)
    post_id = maybe(
        fields.Integer, required=True, metadata=said("The post it is, stands under or goes with.")
    )
    conversation_id = maybe(fields.Integer, required=True)
    conversation_name = maybe(fields.String, required=True)
    kind = maybe(fields.String, required=True, metadata=said("Of a post."))
    worry = maybe(fields.String, required=True, metadata=said("Of a post."))
    author_id = maybe(fields.Integer, required=True)
    author_name = maybe(fields.String, required=True)
    agency_name = maybe(fields.String, required=True)
    snippet = fields.String(
        required=True, metadata=said("Safe HTML: what was sought stands in `<mark>`.")
    )
    href = fields.String(
        required=True, metadata=said("Where to read it; says from which search it is opened.")
    )


class FoundInCase(Schema):
    case_id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    count = fields.Integer(required=True, metadata=said("Of those counted."))


class UnknownFilter(Schema):
    """A filter that names nothing, so that nothing is found."""

    name = fields.String(required=True)
    value = fields.String(required=True)


class SearchResults(Schema):
    results = fields.List(fields.Nested(Found), required=True)
    count = maybe(
        fields.Integer, required=True, metadata=said("How many there are, on the first page.")
    )
    more = fields.Boolean(required=True, metadata=said("There are more than were counted."))
    by_case = fields.List(fields.Nested(FoundInCase), required=True)
    unknown_filters = fields.List(fields.Nested(UnknownFilter), required=True)
    search = maybe(
        fields.Integer, required=True, metadata=said("Its number on record; null: nothing asked.")
    )
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


class NamesQuery(Schema):
    q = fields.String(required=True, metadata=said("Of a name, a role or an agency; a number."))


WHY = "Why it is there, such as “sounds like Shivaun”; empty where the name is as written."


class FoundCase(Schema):
    id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    born_on = maybe(fields.Date, required=True)
    expected_on = maybe(fields.Date, required=True)
    council_id = maybe(fields.String, required=True)
    status = maybe(fields.String, required=True, validate=one_of([*STATUSES, None]))
    why = fields.String(required=True, metadata=said(WHY))


class FoundPerson(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    agency_name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    phone = maybe(fields.String, required=True)
    out_of_office = maybe(fields.String, required=True)
    why = fields.String(required=True, metadata=said(WHY))


class Names(Schema):
    """At most 20 of each."""

    cases = fields.List(fields.Nested(FoundCase), required=True)
    people = fields.List(fields.Nested(FoundPerson), required=True)
    search = fields.Integer(required=True, metadata=said("Its number on record."))


class SuggestionsQuery(Schema):
    q = fields.String(
        required=True, metadata=said("As far as it is typed; empty: what you asked last.")
    )


class Suggestion(Schema):
    """A case or a person to open, or a line to write instead of what is typed."""

    thing = fields.String(required=True, validate=one_of(("search", "case", "person", "filter")))
    label = fields.String(required=True)
    note = fields.String(required=True, metadata=said("More of it: a role, or why it is there."))
    written = maybe(
        fields.String, required=True, metadata=said("The whole line; null where one opens it.")
    )
    id = maybe(fields.Integer, required=True, metadata=said("Of the case or the person."))


class Suggestions(Schema):
    suggestions = fields.List(fields.Nested(Suggestion), required=True)


# Notices


class Notice(Schema):
    """Where there is something for you, and why you are told; none of what it says."""

    id = fields.Integer(required=True)
    reason = fields.String(required=True, validate=one_of(REASONS))
    did = fields.String(required=True, metadata=said("What was done, as in `/changes`."))
    told_at = Instant(required=True)
    read_at = maybe(Instant, required=True)
    case_id = maybe(
        fields.Integer,
        required=True,
        metadata=said("Null: it is a message or a conversation, or what a search found."),
    )
    child_name = maybe(fields.String, required=True)
    post_id = maybe(fields.Integer, required=True)
    comment_id = maybe(fields.Integer, required=True)
    conversation_id = maybe(fields.Integer, required=True)
    message_id = maybe(fields.Integer, required=True)
    alert_id = maybe(
        fields.Integer, required=True, metadata=said("What is unusual about the case.")
    )
    saved_search_id = maybe(
        fields.Integer, required=True, metadata=said("The search of yours that found something.")
    )
    by_id = maybe(fields.Integer, required=True)
    by_name = maybe(fields.String, required=True)
    instead_of_id = maybe(
        fields.Integer, required=True, metadata=said("The colleague you stand in for.")
    )
    instead_of_name = maybe(fields.String, required=True)


class Notices(Schema):
    notices = fields.List(fields.Nested(Notice), required=True)
    unread = fields.Integer(required=True, metadata=said("Over all pages."))
    next = maybe(fields.String, required=True)


# What needs a look


class TeamQuery(Schema):
    status = fields.String(
        load_default=None,
        validate=one_of((*STATUSES, UNKNOWN)),
        metadata=said("How the case stands; left out, every open one."),
    )
    team = asked("Of a manager: led by them or by one of their people.")
    lead = asked("Led by this person.")
    worry = fields.String(
        load_default=None,
        validate=one_of(WORRIES),
        metadata=said("At least as worried, in the last 28 days."),
    )
    sort = fields.String(load_default="status", validate=one_of(SORTS))
    down = fields.Boolean(load_default=False, metadata=said("The other way round."))


class TeamLine(Schema):
    """One case as the team board has it. What is null nobody recorded where you may read."""

    case_id = fields.Integer(required=True)
    name = fields.String(required=True)
    status = maybe(fields.String, required=True)
    since = maybe(fields.Date, required=True)
    lead_id = maybe(fields.Integer, required=True)
    lead = maybe(fields.String, required=True)
    last_seen_at = maybe(Instant, required=True)
    review_at = maybe(Instant, required=True, metadata=said("The first date that is not done."))
    review = maybe(fields.String, required=True)
    worry = fields.String(required=True, validate=one_of(WORRIES))
    questions = fields.Integer(required=True, metadata=said("Open questions."))
    late = fields.Integer(required=True, metadata=said("Of these, how many are waited for."))


class TeamLoad(Schema):
    """How many open cases one person leads."""

    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    cases = fields.Integer(required=True)
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class TeamBoard(Schema):
    sentence = fields.String(required=True)
    cases = fields.List(fields.Nested(TeamLine), required=True)
    workload = fields.List(fields.Nested(TeamLoad), required=True)


class GroupWeeks(Schema):
    """How many updates one group of agencies posted, week by week."""

    group = fields.String(required=True, validate=one_of(AGENCY_GROUPS))
    counts = fields.List(fields.Integer(), required=True)


class Gap(Schema):
    """Weeks in a row in which nobody posted."""

    weeks = fields.Integer(required=True)
    begins_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class CaseWeeks(Schema):
    """Twelve months of a case in weeks that end with `until`; the newest stands last."""

    until = fields.Date(required=True)
    sentence = fields.String(required=True)
    groups = fields.List(fields.Nested(GroupWeeks), required=True)
    worried = fields.List(
        fields.Integer(), required=True, metadata=said("Updates whose author was worried.")
    )
    gap = fields.Nested(Gap, required=True, allow_none=True)


class SinceQuery(Schema):
    since = fields.Date(
        metadata=said("A day; without one, since you last read, at most six months ago.")
    )


class EventLine(Schema):
    """A post as one line: ask for it by its number for the whole."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    worry = fields.String(required=True, validate=one_of(WORRIES))
    body = fields.String(required=True)
    meaning = maybe(fields.String, required=True)
    occurred_at = Instant(required=True)
    posted_at = Instant(required=True)
    due_at = maybe(Instant, required=True)
    author_name = maybe(fields.String, required=True)
    agency_name = maybe(fields.String, required=True)
    source = maybe(fields.String, required=True, metadata=said("Another system it came from."))
    source_as_at = maybe(fields.Date, required=True)


class QuestionLine(EventLine):
    answered_at = maybe(Instant, required=True)
    names_her = fields.Boolean(required=True, metadata=said("You are named in it."))


class Moved(Schema):
    """A reading that is really another than the one before by the same rater."""

    measure_id = fields.Integer(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    rater = fields.String(required=True, validate=one_of(RATERS))
    value = fields.Float(required=True)
    read_on = fields.Date(required=True)
    before = fields.Float(required=True)
    before_on = fields.Date(required=True)
    change = fields.String(required=True, validate=one_of(["better", "worse", "higher", "lower"]))


class NewStanding(Schema):
    """A line of the dated history that was recorded meanwhile."""

    status = fields.String(required=True, validate=one_of(STATUSES))
    category = maybe(fields.String, required=True, validate=one_of([*CATEGORIES, None]))
    since = fields.Date(required=True)


class DateLine(Schema):
    id = fields.Integer(required=True)
    what = fields.String(required=True)
    due_at = Instant(required=True)
    done_at = maybe(Instant, required=True)


class GroupUpdates(Schema):
    group = fields.String(required=True, validate=one_of(AGENCY_GROUPS))
    many = fields.Integer(required=True)


class Meanwhile(Schema):
    """What happened in a case since an instant, of what you may read; and what waits."""

    case_id = fields.Integer(required=True)
    child_name = fields.String(required=True)
    since = Instant(required=True)
    sentence = fields.String(required=True)
    status = maybe(fields.String, required=True, validate=one_of([*STATUSES, None]))
    category = maybe(fields.String, required=True, validate=one_of([*CATEGORIES, None]))
    status_since = maybe(fields.Date, required=True)
    statuses = fields.List(fields.Nested(NewStanding), required=True)
    events = fields.List(
        fields.Nested(EventLine), required=True, metadata=said("Significant, the newest 30.")
    )
    people = fields.List(
        fields.Nested(EventLine), required=True, metadata=said("Who joined, left and leads.")
    )
    dates = fields.List(fields.Nested(DateLine), required=True)
    questions = fields.List(fields.Nested(QuestionLine), required=True)
    urgent = fields.List(
        fields.Nested(EventLine), required=True, metadata=said("Nobody has acknowledged these.")
    )
    moved = fields.List(fields.Nested(Moved), required=True)
    updates = fields.List(fields.Nested(GroupUpdates), required=True)
    newest = fields.Integer(
        required=True, metadata=said("The position to mark as read up to; 0 for none.")
    )
    withheld = fields.Integer(required=True, metadata=said("Items not shared with your role."))
    earlier = fields.Integer(
        required=True, metadata=said("Significant, of long before, brought in since.")
    )


class Away(Schema):
    """The cases you follow in which something happened, what waits for somebody first."""

    cases = fields.List(fields.Nested(Meanwhile), required=True)


class HotspotsQuery(Schema):
    team = asked("Of a manager: led by them or by one of their people.")
    agency = asked("With somebody of this agency in the network.")
    person = asked("Led by this person.")


class AlertAgency(Schema):
    """An agency that recorded something in the days the alert is about."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    days = fields.Integer(required=True, metadata=said("On how many days."))
    is_new = fields.Boolean(required=True, metadata=said("It had recorded nothing before."))


class AlertLine(Schema):
    """Why a case needs a look: unusual activity, not risk."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=one_of(ALERTS))
    sentence = fields.String(required=True, metadata=said("The whole reason, for a person."))
    since = Instant(required=True)
    post_id = maybe(fields.Integer, required=True, metadata=said("The update it is about."))
    until_on = maybe(fields.Date, required=True, metadata=said("The last of its days."))
    window = maybe(fields.Integer, required=True, metadata=said("How many days."))
    updates = maybe(fields.Integer, required=True)
    count = maybe(fields.Integer, required=True, metadata=said("The same, each agency once a day."))
    low = maybe(fields.Integer, required=True, metadata=said("As many are usual, at least."))
    high = maybe(fields.Integer, required=True, metadata=said("And at most."))
    agencies = fields.List(fields.Nested(AlertAgency), required=True)


class Weeks(Schema):
    """What was recorded in each of the last weeks, each agency once a day; the newest last."""

    counts = fields.List(fields.Integer(), required=True)
    low = fields.Integer(required=True, metadata=said("As many are usual, at least."))
    high = fields.Integer(required=True, metadata=said("And at most."))
    before = fields.Integer(
        required=True, metadata=said("So many, at the beginning, are no whole weeks of the case.")
    )


class HotspotChild(Schema):
    case_id = fields.Integer(required=True)
    name = fields.String(required=True)
    born_on = maybe(fields.Date, required=True)
    expected_on = maybe(fields.Date, required=True)
    status = maybe(fields.String, required=True, validate=one_of(STATUSES))
    lead = maybe(fields.String, required=True)
    last_seen_at = maybe(Instant, required=True)
    weeks = fields.Nested(
        Weeks,
        required=True,
        allow_none=True,
        metadata=said("Null for whoever was given less of the case than these weeks."),
    )
    alerts = fields.List(fields.Nested(AlertLine), required=True)


class HotspotCard(Schema):
    """One child, or brothers and sisters together, in one part of the board."""

    part = fields.String(required=True, validate=one_of(PARTS))
    children = fields.List(fields.Nested(HotspotChild), required=True)


class Hotspots(Schema):
    """What needs a look among the cases you see, the most unusual first."""

    children = fields.Integer(required=True, metadata=said("How many children need a look."))
    of = fields.Integer(required=True, metadata=said("Of how many that you see."))
    cards = fields.List(fields.Nested(HotspotCard), required=True)


class Disposition(Schema):
    """What somebody decided about this, or about the like of it before."""

    alert_id = fields.Integer(required=True)
    decided = fields.String(required=True, validate=one_of(DISPOSITIONS))
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = Instant(required=True)
    until_on = maybe(fields.Date, required=True, metadata=said("The day it comes back."))


class Alert(Schema):
    child = fields.Nested(HotspotChild, required=True)
    needs_a_look = fields.Boolean(required=True)
    ended_at = maybe(Instant, required=True, metadata=said("Since when it is over."))
    again_at = maybe(Instant, required=True, metadata=said("When it comes back if it stands."))
    post_ids = fields.List(fields.Integer(), required=True, metadata=said("What is behind it."))
    dispositions = fields.List(fields.Nested(Disposition), required=True)


class ComparisonQuery(Schema):
    way = fields.String(
        load_default="since", validate=one_of(COMPARED_BY), metadata=said("What is compared.")
    )
    event = fields.String(
        load_default="", metadata=said("Before and since it: a code from `events`.")
    )
    on = fields.String(load_default="", metadata=said("Before and since this day."))
    from_1 = fields.String(load_default="", metadata=said("Of periods: the first time."))
    until_1 = fields.String(load_default="")
    from_2 = fields.String(load_default="", metadata=said("Of periods: the second time."))
    until_2 = fields.String(load_default="")


class ComparedSpan(Schema):
    name = fields.String(required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)


class WorseLatest(Schema):
    """What another rater said last, which is worse than what the same one said before."""

    by = fields.String(required=True)
    value = fields.String(required=True)


class ComparedRow(Schema):
    """What became of a measure; `went` is the number's way and `word` whether that is good."""

    whose = fields.String(required=True, metadata=said("A rater or a child; or nothing."))
    before = maybe(fields.Float, required=True, metadata=said("The mean, or how often a month."))
    since = maybe(fields.Float, required=True)
    went = fields.String(required=True, validate=one_of(ARROWS))
    word = fields.String(required=True)
    latest = fields.String(required=True)
    latest_by = fields.String(required=True, metadata=said("Who said it, where several score."))
    latest_went = fields.String(required=True, validate=one_of(ARROWS))
    worse = fields.List(fields.Nested(WorseLatest), required=True)
    sentence = fields.String(required=True)


class ComparedMeasure(Schema):
    """One measure, with the table behind its picture."""

    measure_id = fields.Integer(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    better = fields.String(required=True, validate=one_of(DIRECTIONS))
    threshold = maybe(fields.Float, required=True)
    rows = fields.List(fields.Nested(ComparedRow), required=True)
    headings = fields.List(fields.String(), required=True)
    readings = fields.List(
        fields.List(fields.String()), required=True, metadata=said("Under the headings.")
    )


class ComparedEvent(Schema):
    """What a comparison can begin at."""

    code = fields.String(required=True)
    on = fields.Date(required=True)
    words = fields.String(required=True)
    post_id = maybe(fields.Integer, required=True)


class Comparison(Schema):
    """Whether it is getting better: as the page says it, and measure by measure."""

    sentence = fields.String(required=True)
    way = fields.String(required=True, validate=one_of(COMPARED_BY))
    spans = fields.List(fields.Nested(ComparedSpan), required=True)
    measures = fields.List(fields.Nested(ComparedMeasure), required=True)
    events = fields.List(fields.Nested(ComparedEvent), required=True)


class NewDisposition(Schema):
    decided = fields.String(required=True, validate=one_of(DISPOSITIONS))
    reason = fields.String(required=True, metadata=said("The network can read it."))
    until_on = maybe(
        fields.Date, load_default=None, metadata=said("Of snoozed: the day it comes back.")
    )


class SavedSearch(Schema):
    """A search of yours; null words were sealed under another secret of this installation."""

    id = fields.Integer(required=True)
    words = maybe(fields.String, required=True)
    name = maybe(fields.String, required=True)
    alerts = fields.Boolean(required=True, metadata=said("Whether you are told of what is new."))
    saved_at = Instant(required=True)


class SavedSearches(Schema):
    saved_searches = fields.List(fields.Nested(SavedSearch), required=True)


class NewSavedSearch(Schema):
    words = fields.String(required=True, metadata=said("As you write them in the search box."))
    name = fields.String(load_default="", metadata=said("What you call it; only you see it."))
    alerts = fields.Boolean(load_default=True)


class SavedSearchChange(Schema):
    name = fields.String(metadata=said("Empty: none."))
    alerts = fields.Boolean()


class RecentSearches(Schema):
    """What you looked for lately, the newest first, each once."""

    recent_searches = fields.List(fields.String(), required=True)


class NoticesQuery(_Cursor):
    before = fields.Integer(validate=validate.Range(1, 2**62))


class NoticesRead(Schema):
    up_to = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**62))


class Quiet(Schema):
    """When no email comes, by the clock of the United Kingdom; what would have come waits."""

    from_time = maybe(fields.Time, required=True, format="%H:%M", metadata=said("Like 18:00."))
    until_time = maybe(fields.Time, required=True, format="%H:%M")
    days = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, 6)),
        required=True,
        metadata=said("Quiet all day: 0 is Monday. At most six."),
    )
    urgent_passes = fields.Boolean(required=True)


class NoticeChoices(Schema):
    ways = fields.Dict(
        keys=fields.String(validate=one_of(REASONS)),
        values=fields.String(validate=one_of(WAYS)),
        required=True,
        metadata=said("For each reason how you are told."),
    )
    quiet = fields.Nested(Quiet, required=True, allow_none=True)


class NoticeChoicesChange(Schema):
    ways = fields.Dict(
        keys=fields.String(validate=one_of(REASONS)),
        values=fields.String(validate=one_of(WAYS)),
        load_default=dict,
    )
    quiet = fields.Nested(Quiet)


class Absence(Schema):
    """The first and the last day you are away, and who is told instead."""

    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    cover_id = maybe(fields.Integer, required=True, strict=True)


# Accounts and agencies, for administrators


class Account(Person):
    """Who may sign in, and as what."""

    account = fields.String(
        required=True, validate=one_of(ACCOUNTS), metadata=said("What the account may do.")
    )
    active = fields.Boolean(required=True, metadata=said("False: the account is closed."))
    created_at = Instant(required=True)


class AccountsQuery(PeopleQuery):
    size = fields.Integer(load_default=100, validate=validate.Range(1, LONGEST_PAGE))
    skip = fields.Integer(
        load_default=0, validate=validate.Range(0, 2**62), metadata=said("How many come before.")
    )


class Accounts(Schema):
    accounts = fields.List(fields.Nested(Account), required=True)
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


class AccountChange(Schema):
    """All of it: a field left out is not a field left alone."""

    name = fields.String(required=True)
    role = fields.String(required=True, metadata=said("Their profession's word."))
    agency_id = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**62))
    phone = maybe(fields.String, required=True)
    account = fields.String(required=True, validate=one_of(ACCOUNTS))


class NewAccount(AccountChange):
    """Somebody who has an account from now on; they sign in once a first password is set."""

    email = fields.String(required=True, metadata=said("The work address; nobody else's."))
    phone = maybe(fields.String, load_default=None)
    account = fields.String(load_default="practitioner", validate=one_of(ACCOUNTS))


class FirstPassword(Schema):
    password = fields.String(required=True, metadata=said("At least 12 characters."))


class Supervision(Schema):
    """Whom a manager supervises, by number."""

    people = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 2**62)),
        required=True,
        validate=validate.Length(max=500),
    )


class NewAgency(Schema):
    """An agency as it is to stand."""

    name = fields.String(required=True)
    agency_type = fields.String(required=True, validate=one_of(AGENCY_TYPES))
    phone = maybe(fields.String, required=True)


# Chronology, and what was taken along


class ChronologyQuery(Schema):
    from_on = maybe(fields.Date, load_default=None, metadata=said("The first day."))
    until_on = maybe(fields.Date, load_default=None, metadata=said("The last day."))
    agency_id = asked("Told by this agency.")
    kind = fields.String(load_default=None, validate=one_of(LINES))
    words = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata=said("Each of these words stands in it."),
    )
    everything = fields.Boolean(
        load_default=False, metadata=said("All updates, and not significant events alone.")
    )
    newest_first = fields.Boolean(load_default=False)
    after = fields.String(load_default=None, metadata=said("The last line of the page before."))
    size = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class ChronologyLine(Schema):
    """One thing that happened, by when it happened."""

    key = fields.String(required=True, metadata=said("What it is, and its number."))
    on = fields.Date(required=True)
    at = Instant(required=True)
    age = fields.String(required=True, metadata=said("How old the child was; empty if not known."))
    kind = fields.String(required=True, validate=one_of(LINES))
    source = fields.String(required=True, metadata=said("Who told it, or which other system."))
    agency = maybe(fields.String, required=True)
    agency_type = maybe(fields.String, required=True)
    system = maybe(fields.String, required=True)
    as_at = maybe(fields.Date, required=True, metadata=said("The day the other system speaks of."))
    happened = fields.String(required=True)
    meaning = maybe(fields.String, required=True, metadata=said("What it meant for the child."))
    worry = fields.String(required=True, validate=one_of(WORRIES))
    post_id = maybe(fields.Integer, required=True)


class Chronology(Schema):
    sentence = fields.String(required=True, metadata=said("How much there is, in words."))
    total = fields.Integer(required=True)
    withheld = fields.Integer(required=True, metadata=said("Updates you are told of, not shown."))
    reads_from = maybe(
        fields.Date, required=True, metadata=said("What was told before is not shared with you.")
    )
    lines = fields.List(fields.Nested(ChronologyLine), required=True)
    next = maybe(fields.String, required=True, metadata=said("The address of the next page."))


class CopyTaken(Schema):
    """Who printed or kept what of the case; how much it held is not said."""

    id = fields.Integer(required=True)
    what = fields.String(required=True, validate=one_of(COPIES))
    form = fields.String(required=True, validate=one_of(FORMS))
    made_at = Instant(required=True)
    person_id = fields.Integer(required=True)
    by = fields.String(required=True)
    from_on = maybe(fields.Date, required=True)
    until_on = maybe(fields.Date, required=True)
    agency_id = maybe(fields.Integer, required=True)
    kind = maybe(fields.String, required=True)
    everything = fields.Boolean(required=True)
    by_words = fields.Boolean(
        required=True, metadata=said("Narrowed by words, which are not kept.")
    )


class Copies(Schema):
    copies = fields.List(fields.Nested(CopyTaken), required=True)


class CaseRecord(Schema):
    """All you may read of a case, a table each; codes stay codes."""

    case_id = fields.Integer(required=True)
    as_at = Instant(required=True)
    copy_id = fields.Integer(required=True, metadata=said("Under which it is on record."))
    withheld = fields.Integer(required=True, metadata=said("Updates you are told of, not given."))
    tables = fields.Dict(
        keys=fields.String(validate=one_of(TABLES)),
        values=fields.List(fields.Dict()),
        required=True,
        metadata=said(f"{', '.join(TABLES)}: each a list of objects."),
    )
