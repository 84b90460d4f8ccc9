"""The lists of an Ofsted Annex A workbook: their headings, and the events each row tells of."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.casework.returns import cells
from app.casework.returns.lines import Cells, sentences

ADOPTERS = 11


def _silent(_: Cells) -> str:
    return ""


def _unseen(_: Cells) -> tuple[bool | None, bool | None]:
    return None, None


@dataclass(frozen=True, slots=True)
class Dated:
    """A date column that tells of an event.

    An `own` event is known by its own date: a newer visit is another visit. Any other belongs to
    its row, known by the row's first date, so that a corrected date changes the event.
    """

    field: str
    what: str
    says: Callable[[Cells], str]
    own: bool = False
    planned: bool = False
    becomes: Callable[[Cells], str] = _silent
    """What it is called instead when the row says so; its key stays."""
    seen: Callable[[Cells], tuple[bool | None, bool | None]] = _unseen
    """Whether the child was seen, and alone."""


@dataclass(frozen=True, slots=True)
class Undated:
    """Something a row says as at the file's date; None when it says nothing."""

    what: str
    says: Callable[[Cells], str | None]


@dataclass(frozen=True, slots=True)
class List:
    number: int
    fields: Mapping[str, tuple[str, ...]]
    anchor: str | None
    dated: tuple[Dated, ...]
    undated: tuple[Undated, ...] = ()


def squeezed(heading: object) -> str:
    """A heading's letters and digits alone: spaces, quotes and case vary by council."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold()
    return re.sub(r"[\W_]", "", text)


def _labelled(label: str, field: str) -> Callable[[Cells], str | None]:
    def says(row: Cells) -> str | None:
        text = row.text(field)
        return f"{label}: {text}" if text else None

    return says


def _says(first: str, *more: Callable[[Cells], str | None]) -> Callable[[Cells], str]:
    return lambda row: sentences(first, *(say(row) for say in more))


def _if(field: str, yes: str | None, no: str | None) -> Callable[[Cells], str | None]:
    def says(row: Cells) -> str | None:
        answer = row.yes(field)
        return None if answer is None else (yes if answer else no)

    return says


def _from_source(row: Cells, opening: str) -> str:
    said = cells.source(row.raw("source"))
    return f"{opening} from {said}" if said else opening


def _times(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _earlier_plans(row: Cells) -> str | None:
    earlier = row.read("earlier_plans", cells.count)
    return f"{_times(earlier, 'earlier child protection plan')}" if earlier else None


def _categories(row: Cells) -> str | None:
    first, latest = row.text("first_category"), row.text("category")
    if first and latest and first != latest:
        return f"Category at first: {first}. Latest category: {latest}"
    return f"Category: {latest or first}" if latest or first else None


def _support(row: Cells) -> str | None:
    text = row.text("support")
    if text is None:
        return None
    known = {"yes": "needed", "no": "not needed"}.get(text.casefold())
    return f"Social care support {known}" if known else f"Outcome: {text}"


def _missing(row: Cells) -> str | None:
    missing = row.read("missing", cells.count) or 0
    absent = row.read("absent", cells.count) or 0
    if not missing and not absent:
        return None
    return sentences(
        f"In twelve months: {_times(missing, 'missing episode')}, "
        f"{_times(absent, 'absent episode')}",
        _if("interview_offered", "A return interview was offered", "No return interview offered")(
            row
        ),
        _if("interview_accepted", "The child accepted it", "The child did not accept it")(row),
    )


def _care_leaver(row: Cells) -> str:
    return sentences(
        "Care leaver",
        _labelled("Eligibility", "eligibility")(row),
        _labelled("Council in touch", "in_touch")(row),
        _labelled("Accommodation", "accommodation")(row),
        _labelled("Suitability", "suitability")(row),
        _labelled("Activity", "activity")(row),
    )


def _protected(row: Cells) -> str | None:
    if not row.yes("emergency"):
        return None
    return "Emergency protection order or police protection in the six months before."


def _permanence(row: Cells) -> str | None:
    text = row.text("permanence")
    return f"Permanence plan: {text}." if text else None


def _closed_without_a_date(row: Cells) -> str | None:
    closed = "close" in (row.text("status") or "").casefold() and row.day("closed") is None
    return "Closed episode; the file gives no closure date." if closed else None


def _no_further_action(row: Cells) -> str:
    return "referral_no_further_action" if row.yes("nfa") else ""


def _in_need(row: Cells) -> str:
    assessed = "An assessment is open" if _being_assessed(row) else None
    return sentences("Child in need", assessed, _labelled("Primary need", "need")(row))


def _being_assessed(row: Cells) -> str:
    status = (row.text("status") or "").casefold()
    return "child_in_need_assessed" if "assessment" in status else ""


def _led_to_plan(row: Cells) -> str:
    return "initial_conference_for_plan" if row.yes("led_to_plan") else ""


def _seen(_: Cells) -> tuple[bool | None, bool | None]:
    return True, None


def _seen_alone(row: Cells) -> tuple[bool | None, bool | None]:
    # "No" leaves open whether the child was seen with others or not at all.
    alone = row.yes("alone")
    return (True if alone else None), alone


_ID = (
    "childuniqueid",
    "childuniqueidentifier",
    "uniquechildid",
    "childid",
    "uniqueid",
    "childuniqueidno",
    "clientid",
)
CHILD = {
    "child": _ID,
    "gender": ("gender", "sex", "gendersex", "sexgender", "childgender", "genderofchild"),
    "ethnicity": ("ethnicity", "ethnicorigin", "childethnicity", "ethnicitycode"),
    "born": (
        "dateofbirth",
        "dob",
        "childdateofbirth",
        "birthdate",
        "dateofbirthorexpecteddateofbirth",
        "expecteddateofbirth",
    ),
}
_OPEN = {
    "worker": ("allocatedworker", "allocatedsocialworker"),
    "disabled": ("doesthechildhaveadisability", "disability", "disabled", "childdisability"),
}

# Headings many lists share: they do not tell which list a sheet is.
COMMON = {"gender", "ethnicity", "born", "family", *_OPEN}

LISTS = (
    List(
        1,
        {
            **CHILD,
            "contact": ("dateofcontact", "contactdate"),
            "source": ("contactsource", "sourceofcontact"),
        },
        "contact",
        (
            Dated(
                "contact",
                "contact",
                lambda row: sentences(_from_source(row, "Contact")),
            ),
        ),
    ),
    List(
        2,
        {
            **CHILD,
            "start": (
                "assessmentstartdate",
                "earlyhelpassessmentstartdate",
                "ehastartdate",
                "dateassessmentstarted",
            ),
            "completed": (
                "assessmentcompletiondate",
                "earlyhelpassessmentcompletiondate",
                "ehaenddate",
                "dateassessmentcompleted",
            ),
            "by": ("organisationcompletingassessment", "ehacompletedbyteam"),
        },
        "start",
        (
            Dated("start", "early_help_started", _says("Early help assessment started")),
            Dated(
                "completed",
                "early_help_assessed",
                _says("Early help assessment completed", _labelled("By", "by")),
            ),
        ),
    ),
    List(
        3,
        {
            **CHILD,
            "referral": ("dateofreferral", "referraldate"),
            "source": ("referralsource", "sourceofreferral"),
            "worker": _OPEN["worker"],
            "nfa": ("referralnfa", "nfa", "referralnofurtheraction"),
        },
        "referral",
        (
            Dated(
                "referral",
                "referral",
                lambda row: sentences(
                    _from_source(row, "Referral"), _if("nfa", "No further action", None)(row)
                ),
                becomes=_no_further_action,
            ),
        ),
    ),
    List(
        4,
        {
            **CHILD,
            **_OPEN,
            "start": (
                "continuousassessmentstartdate",
                "assessmentstartdate",
                "asmtstartdate",
            ),
            "seen": (
                "childseenduringcontinuousassessment",
                "childseenduringassessment",
                "contasmt",
            ),
            "authorised": (
                "continuousassessmentdateofauthorisation",
                "continuousassessmentauthorisationdate",
                "assessmentauthorisationdate",
                "dateofauthorisation",
                "asmtauthdate",
            ),
            "support": ("wasthechildassessedasrequiring", "requsocialcaresupport"),
        },
        "start",
        (
            Dated("start", "assessment_started", _says("Assessment started")),
            Dated(
                "authorised",
                "assessment_authorised",
                _says(
                    "Assessment authorised",
                    _if(
                        "seen",
                        "The child was seen during it",
                        "The child was not seen during it",
                    ),
                    _support,
                ),
            ),
        ),
    ),
    List(
        5,
        {
            **CHILD,
            **_OPEN,
            "start": (
                "strategydiscussioninitiatingsection47enquirystartdate",
                "strategydiscussioninitiating",
                "section47enquirystartdate",
                "section47startdate",
                "s47enquirystartdate",
                "s47startdate",
            ),
            "unneeded": ("wasaninitialchildprotectionconferencedeemedunnecessary",),
            "conference": (
                "dateofinitialchildprotectionconference",
                "initialchildprotectionconferencedate",
                "dateofinitialcpc",
                "icpcdate",
                "cpconfdate",
            ),
            "led_to_plan": ("didtheinitialchildprotectionconferenceresult", "cpconfoutcomecp"),
        },
        "start",
        (
            Dated(
                "start",
                "section_47_started",
                _says(
                    "Strategy discussion began a section 47 enquiry",
                    _if("unneeded", "An initial conference was judged unnecessary", None),
                ),
            ),
            Dated(
                "conference",
                "initial_conference",
                _says(
                    "Initial child protection conference",
                    _if(
                        "led_to_plan",
                        "It led to a child protection plan",
                        "It did not lead to a child protection plan",
                    ),
                ),
                planned=True,
                becomes=_led_to_plan,
            ),
        ),
    ),
    List(
        6,
        {
            **CHILD,
            **_OPEN,
            "start": ("cinstartdate", "childinneedstartdate", "dateofcinstart"),
            "need": ("primaryneedcode", "primaryneed"),
            "seen": ("datechildwaslastseen", "datechildlastseen", "lastseendate"),
            "closed": ("cinclosuredate", "cinclosedate", "cinenddate", "childinneedclosuredate"),
            "reason": ("reasonforclosure", "closurereason", "cinclosereason"),
            "status": ("casestatus",),
        },
        "start",
        (
            Dated(
                "start",
                "child_in_need_started",
                _in_need,
                becomes=_being_assessed,
            ),
            Dated("seen", "child_seen", _says("Child last seen"), own=True, seen=_seen),
            Dated(
                "closed",
                "child_in_need_ended",
                _says("Child in need work closed", _labelled("Reason", "reason")),
            ),
        ),
        (Undated("child_in_need_ended", _closed_without_a_date),),
    ),
    List(
        7,
        {
            **CHILD,
            **_OPEN,
            "start": ("childprotectionplanstartdate", "cpplanstartdate", "cppstartdate"),
            "first_category": ("initialcategoryofabuse",),
            "category": ("latestcategoryofabuse", "categoryofabuse"),
            "visit": (
                "dateofthelaststatutoryvisit",
                "dateoflaststatutoryvisit",
                "dateoflateststatutoryvisit",
                "lastvisitdate",
            ),
            "alone": ("wasthechildseenalone", "childseenalone", "seenalone"),
            "review": (
                "dateoflatestreviewconference",
                "dateofthelatestreviewconference",
                "latestreviewconferencedate",
            ),
            "end": ("childprotectionplanenddate", "cpplanenddate", "cppenddate"),
            "emergency": ("subjecttoemergencyprotectionorder",),
            "earlier_plans": (
                "numberofpreviouschildprotectionplans",
                "sumofnumberofpreviouschildprotectionplans",
            ),
        },
        "start",
        (
            Dated(
                "start",
                "plan_started",
                _says(
                    "Child protection plan started",
                    _categories,
                    _earlier_plans,
                ),
            ),
            Dated(
                "visit",
                "statutory_visit",
                _says(
                    "Statutory visit",
                    _if("alone", "The child was seen alone", "The child was not seen alone"),
                ),
                own=True,
                seen=_seen_alone,
            ),
            Dated(
                "review",
                "review_conference",
                _says("Child protection review conference"),
                own=True,
                planned=True,
            ),
            Dated("end", "plan_ended", _says("Child protection plan ended")),
        ),
        (Undated("emergency_protection", _protected),),
    ),
    List(
        8,
        {
            **CHILD,
            **_OPEN,
            "asylum": ("unaccompaniedasylumseekingchild", "uasc"),
            "start": (
                "datestartedtobelookedafter",
                "datechildstartedtobelookedafter",
                "datebecamelookedafter",
                "lookedafterstartdate",
            ),
            "need": ("childscategoryofneed", "categoryofneed"),
            "legal_start": ("startdateofcurrentlegalstatus", "currentlegalstatusstartdate"),
            "legal": ("childslegalstatus", "legalstatus"),
            "review": (
                "dateoflateststatutoryreview",
                "dateofthelateststatutoryreview",
                "dateoflaststatutoryreview",
            ),
            "visit": ("dateoflastsocialworkvisit", "dateoflatestsocialworkvisit"),
            "permanence": ("whatisthepermanenceplan", "permanenceplan"),
            "reviewing": ("dateoflastirovisit", "dateoflatestirovisit"),
            "health": ("dateoflasthealthassessment", "dateoflatesthealthassessment"),
            "dental": ("dateoflastdentalcheck", "dateoflatestdentalcheck"),
            "end": (
                "dateceasedtobelookedafter",
                "datechildceasedtobelookedafter",
                "lookedafterenddate",
            ),
            "reason": ("reasonceasedtobelookedafter",),
            "placed": ("startdateofmostrecentplacement", "mostrecentplacementstartdate"),
            "placement": ("placementtype",),
            "provider": ("placementprovider",),
            "missing": (
                "numberofepisodesthechildhasbeenmissing",
                "numberofmissingepisodes",
            ),
            "absent": (
                "numberofepisodesthechildhasbeenabsent",
                "numberofabsentepisodes",
            ),
            "interview_offered": ("wasthechildofferedareturninterview",),
            "interview_accepted": ("didthechildacceptareturninterview",),
        },
        "start",
        (
            Dated(
                "start",
                "looked_after_started",
                _says(
                    "Started to be looked after",
                    _labelled("Category of need", "need"),
                    _if("asylum", "Unaccompanied asylum-seeking child", None),
                ),
            ),
            Dated(
                "legal_start",
                "legal_status",
                _says("Legal status began", _labelled("Status", "legal")),
                own=True,
            ),
            Dated(
                "review", "looked_after_review", _says("Statutory review"), own=True, planned=True
            ),
            Dated("visit", "social_work_visit", _says("Social work visit"), own=True),
            Dated(
                "reviewing",
                "reviewing_officer",
                _says("Independent reviewing officer visited or was in contact"),
                own=True,
            ),
            Dated("health", "health_assessment", _says("Health assessment"), own=True),
            Dated("dental", "dental_check", _says("Dental check"), own=True),
            Dated(
                "placed",
                "placement_started",
                _says(
                    "Placement started",
                    _labelled("Type", "placement"),
                    _labelled("Provider", "provider"),
                ),
                own=True,
            ),
            Dated(
                "end",
                "looked_after_ended",
                _says("Ceased to be looked after", _labelled("Reason", "reason")),
            ),
        ),
        (Undated("missing_count", _missing), Undated("permanence_plan", _permanence)),
    ),
    List(
        9,
        {
            **CHILD,
            **_OPEN,
            "eligibility": ("eligibilitycategory",),
            "in_touch": ("laintouch", "intouch"),
            "accommodation": ("typeofaccommodation", "accommodationtype"),
            "suitability": ("suitabilityofaccommodation", "accommodationsuitability"),
            "activity": ("activitystatus",),
            "pathway": ("latestpathwayplanreviewdate", "dateoflatestpathwayplanreview"),
            "contact": ("latestdateofcontact", "dateoflatestcontact"),
        },
        None,
        (
            Dated(
                "pathway",
                "pathway_plan_review",
                _says("Pathway plan review"),
                own=True,
                planned=True,
            ),
            Dated("contact", "care_leaver_contact", _says("Contact with care leaver"), own=True),
        ),
        (Undated("care_leaver", _care_leaver),),
    ),
    List(
        10,
        {
            **CHILD,
            **_OPEN,
            "family": ("familyidentifier", "familyid"),
            "entered": ("datethechildenteredcare", "datechildenteredcare"),
            "decided": ("dateofdecisionthatchildshouldbeplacedforadoption",),
            "order": ("dateofplacementorder", "placementorderdate"),
            "matched": ("dateofmatchingchildandprospectiveadopters", "dateofmatch"),
            "placed": ("dateplacedforadoption", "datechildplacedforadoption"),
            "adopted": ("dateofadoptionorder", "adoptionorderdate"),
            "reversed": ("dateofdecisionthatchildshouldnolongerbeplacedforadoption",),
            "reason": ("reasonwhychildnolongerplacedforadoption",),
            "fostered": ("datethechildwasplacedforfostering",),
        },
        "entered",
        (
            Dated("entered", "entered_care", _says("Entered care")),
            Dated(
                "decided",
                "adoption_decision",
                _says("Decision that the child should be placed for adoption"),
            ),
            Dated("order", "placement_order", _says("Placement order made")),
            Dated("matched", "adoption_match", _says("Matched with prospective adopters")),
            Dated("placed", "placed_for_adoption", _says("Placed for adoption")),
            Dated("adopted", "adoption_order", _says("Adoption order made")),
            Dated(
                "reversed",
                "adoption_decision_reversed",
                _says(
                    "Decision that the child should no longer be placed for adoption",
                    _labelled("Reason", "reason"),
                ),
            ),
            Dated(
                "fostered",
                "fostering_for_adoption",
                _says("Placed for fostering for adoption or in a concurrent placement"),
            ),
        ),
    ),
    List(
        ADOPTERS,
        {
            "child": ("individualadopteridentifier", "adopteridentifier", "adopterid"),
            "family": ("familyidentifier", "familyid"),
            "gender": ("gender", "sex"),
            "ethnicity": ("ethnicity",),
            "enquiry": ("dateenquiryreceived",),
        },
        None,
        (),
    ),
)
BY_NUMBER = {each.number: each for each in LISTS}
