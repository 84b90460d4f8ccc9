"""The form an update is written in: what it offers, and what came back from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request

from app import attachments, scan
from app.casework import families, networks, restrictions
from app.core import accepted, mentions
from app.core.db import AnyRow
from app.core.errors import Invalid
from app.models import Case, Draft, Person
from app.web import files_sent, forms, scores
from app.web.filters import agency_group, wall_clock
from app.web.session import settings
from feeds import audiences, posts

# What most people write most days stands first; the rest is one press away.
USUAL = (
    "update",
    "visit",
    "was_not_brought",
    "concern",
    "question",
    "working_well",
    "childs_words",
)
OTHER = (
    "planned_visit",
    "incident",
    "missing",
    "returned",
    "health",
    "attendance",
    "meeting",
    "decision",
    "disagreement",
)
FIELDS = (
    "body",
    "kind",
    "worry",
    "occurred_at",
    "seen",
    "seen_alone",
    "due_at",
    "referral",
    "meaning",
    "phoned",
    "significant",
    "audience",
    "sharing_reason",
    "is_known",
    "alt",
)
# Fields of which several may be chosen, and how many at most.
LISTS = {
    "also": 20,
    "people": 200,
    "agencies": 200,
    "excluded": 200,
    "attachments": 20,
    **dict.fromkeys(scores.FIELDS, 20),
}
GROUP_WORDS = {
    "care": "social care",
    "school": "school",
    "health": "health",
    "police": "police",
    "housing": "housing",
    "voluntary": "voluntary organisations",
    "other": "others",
}
ALONE = "Nobody else is in this network yet; who joins later can read it."
NOBODY = "Nobody else in this network would see it."
THEIR_MANAGERS = "and by their managers"
NO_MANAGERS = "and by no manager who is not in it"
# What a browser offers to choose from. It makes a JPEG of what a phone keeps as HEIC, if it may
# send nothing else.
ACCEPT = ",".join(f".{each}" for each in accepted.EXTENSIONS)
# A moment that cannot be read must not be taken for one that was left empty.
MOMENTS = ("occurred_at", "due_at")


def sent(also_wrong: dict[str, str] | None = None) -> posts.Update:
    """The update in the form; raises `Invalid` with a sentence for each field that is wrong.

    `also_wrong` is what is wrong with other fields of the form: all is told at once.
    """
    wrong = files_sent.wrong() | (also_wrong or {})
    moments = {}
    for name in MOMENTS:
        try:
            moments[name] = forms.moment(name)
        except Invalid as refusal:
            wrong |= refusal.fields
    update = posts.Update(
        body=forms.text("body"),
        kind=forms.text("kind") or "update",
        worry=forms.text("worry") or "none",
        seen=forms.yes_or_no("seen"),
        seen_alone=forms.yes_or_no("seen_alone"),
        referral=_referral(),
        meaning=forms.text("meaning") or None,
        phoned=forms.yes_or_no("phoned"),
        significant=forms.flag("significant"),
        audience=forms.text("audience") or "network",
        people=_as_numbers(request.form.getlist("people")),
        agencies=_as_numbers(request.form.getlist("agencies")),
        excluded=_as_numbers(request.form.getlist("excluded")),
        sharing_reason=forms.text("sharing_reason") or None,
        is_known=forms.flag("is_known"),
        occurred_at=moments.get("occurred_at"),
        due_at=moments.get("due_at"),
        attachments=_as_numbers(request.form.getlist("attachments")[: LISTS["attachments"]]),
        alt=forms.text("alt") or None,
    )
    if wrong:
        raise Invalid(**(_also_wrong(update) | wrong))
    return update


def siblings_chosen(viewer: Person, case: Case) -> list[Case]:
    """The other cases the update is told in: of the child's family, and each one she sees."""
    chosen = _as_numbers(request.form.getlist("also")[: LISTS["also"]])
    return families.relatives(viewer, case, chosen)


def with_files(update: posts.Update, numbers: Sequence[int]) -> posts.Update:
    """The update, with files more than those that were kept before."""
    return replace(update, attachments=(*update.attachments, *numbers))


def typed(files: Sequence[int] = ()) -> dict[str, Any]:
    """What stands in the form, as it was typed, with the files that came along."""
    lists = {name: request.form.getlist(name) for name in LISTS}
    lists["attachments"] += map(str, files)
    return kept_from(request.form.to_dict() | lists)


def kept_from(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an update among those sent or drafted, and no others."""
    kept: dict[str, Any] = {name: str(fields[name]) for name in FIELDS if fields.get(name)}
    for name, most in LISTS.items():
        chosen = fields.get(name)
        if chosen and isinstance(chosen, list):
            kept[name] = [str(each) for each in chosen[:most]]
    return kept


def round_the_child(viewer: Person, case: Case) -> list[AnyRow]:
    """The members who see the case: a closed account reads nothing, nor who is kept apart."""
    return [each for each in networks.of(case, viewer) if each.active and not each.conflicted]


def offered(
    viewer: Person,
    case: Case,
    *,
    values: dict[str, Any] | None = None,
    errors: forms.Errors | None = None,
    draft: Draft | None = None,
    siblings: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What the macro `composer` needs, apart from its heading and token."""
    if values is None:
        values = kept_from(draft.fields) if draft else {}
    places = [case.id, *(each["case_id"] for each in siblings)]
    members = audiences.members(places)
    theirs = {
        place: [each for each in members if each.case_id == place and each.id != viewer.id]
        for place in places
    }
    others = theirs[case.id]
    works_in = [each.agency_type for each in members if each.agency_id == viewer.agency_id]
    chosen = [place for place in places if place == case.id or str(place) in values.get("also", ())]
    choice = _choice(values)
    reached = audiences.meant(choice, [each for place in chosen for each in theirs[place]])
    managers = NO_MANAGERS if restrictions.stands(case) else THEIR_MANAGERS
    return {
        "action": f"/cases/{case.id}/posts",
        "key": forms.new_key(),
        "kinds": USUAL,
        "more_kinds": OTHER,
        "values": values,
        "errors": errors or {},
        "siblings": [
            (
                each["case_id"],
                f"{each['label']}, and everyone in that network",
                _sees(theirs[each["case_id"]]),
            )
            for each in siblings
        ],
        "sees": _sees(others),
        "numbers": _numbers([each for each in members if each.case_id == case.id]),
        "button": f"Post to {audience(reached)}" if reached else "Post",
        "who": _who(choice, others, managers) if others else ALONE,
        "managers": managers,
        "agencies": _agencies(viewer, others),
        "draft_src": f"/cases/{case.id}/draft",
        "saved": f"Draft saved {wall_clock(draft.saved_at)}" if draft else "",
        "case_id": case.id,
        "people": others,
        "scores": scores.offered(next(iter(works_in), None), values, errors or {}),
        **files_offered(viewer, case, _as_numbers(values.get("attachments", ()))),
    }


def files_offered(viewer: Person, case: Case | None, kept: Sequence[int]) -> dict[str, Any]:
    """What the part of a form for files has to know: which it has brought before, as long as they
    can still be sent, what may be chosen, and whether somebody looks for viruses in it."""
    return {
        "files": attachments.unposted(viewer, case, kept),
        "accept": ACCEPT,
        "longest": settings().file_megabytes,
        "checked": scan.is_there(),
    }


def told(viewer: Person, cases: Sequence[Case], update: posts.Update) -> str:
    """The others it is for in all these networks, each person once; empty when there are none."""
    members = audiences.members([case.id for case in cases])
    others = [each for each in audiences.meant(update, members) if each.id != viewer.id]
    return audience(others) if others else ""


def named_in_vain(viewer: Person, cases: Sequence[Case], update: posts.Update) -> list[str]:
    """A sentence on each member whose name stands after an @ and who will not read it."""
    members = audiences.members([case.id for case in cases])
    readers = {each.name for each in audiences.meant(update, members)} | {viewer.name}
    kept_from = {each.name: each for each in members if each.name not in readers}
    said = mentions.of(update.body, {each.name for each in members})
    return [_in_vain(row, update) for name, row in kept_from.items() if name.casefold() in said]


def _in_vain(member: AnyRow, update: posts.Update) -> str:
    kept_out = member.agency_id in update.excluded
    whom = member.agency_name if kept_out else "others than those you ticked"
    return f"{member.name} will not read this: it is not for {whom}."


def audience(others: Sequence[AnyRow]) -> str:
    """How many people in how many agencies: 9 people in 5 agencies."""
    people = len({member.id for member in others})
    agencies = len({member.agency_id for member in others})
    return (
        f"{people} {'person' if people == 1 else 'people'} "
        f"in {agencies} {'agency' if agencies == 1 else 'agencies'}"
    )


def _choice(values: dict[str, Any]) -> posts.Update:
    """Whom an update with these fields would be for."""
    return posts.Update(
        body="",
        audience=values.get("audience", "network"),
        people=_as_numbers(values.get("people", ())),
        agencies=_as_numbers(values.get("agencies", ())),
        excluded=_as_numbers(values.get("excluded", ())),
    )


def _agencies(viewer: Person, others: Sequence[AnyRow]) -> list[tuple[int, str, bool, str]]:
    """Those an update can name, whether it can keep them out (not her own), and their kind."""
    return [
        (number, row.agency_name, number != viewer.agency_id, _group(row))
        for number, row in {each.agency_id: each for each in others}.items()
    ]


def _as_numbers(written: Sequence[str]) -> tuple[int, ...]:
    # What cannot be read is nobody's number, and refused: left out, it would be kept from nobody.
    return tuple(dict.fromkeys(forms.as_number(each) or 0 for each in written))


def _sees(others: Sequence[AnyRow]) -> str:
    # For the script, which counts those in several networks once: person:agency.
    return " ".join(f"{member.id}:{member.agency_id}" for member in others)


def _who(choice: posts.Update, others: Sequence[AnyRow], managers: str) -> str:
    """Who sees it, as it is chosen; the script says the same while the choice is made."""
    groups = ", ".join(dict.fromkeys(map(_group, audiences.meant(choice, others))))
    if not groups:
        return NOBODY
    if choice.audience == "named":
        return f"Seen by those you ticked ({groups})."
    everyone = "everyone else" if choice.excluded else "everyone"
    return f"Seen by {everyone} in the network ({groups}) {managers}."


def _group(member: AnyRow) -> str:
    return GROUP_WORDS[agency_group(member.agency_type)]


def _numbers(members: Sequence[AnyRow]) -> list[dict[str, str]]:
    lead = [
        {"label": f"{member.name}, who leads this case", "phone": member.phone}
        for member in members
        if member.is_lead and member.phone
    ]
    return [{"label": "Police and ambulance", "phone": "999"}, *lead]


def _referral() -> str | None:
    # What was typed for a concern and then left behind by choosing another kind is not meant.
    return forms.text("referral") or None if forms.text("kind") == "concern" else None


def _also_wrong(update: posts.Update) -> dict[str, str]:
    try:
        posts.check(replace(update, occurred_at=None))
    except Invalid as refusal:
        return dict(refusal.fields)
    return {}
