"""Help and accessibility, in plain words."""

from __future__ import annotations

from flask import render_template

from app.models import KINDS, STATUSES, WORRIES
from app.web import pages
from app.web.session import everyone

# What each kind of post is for, in one line; the kinds themselves are the model's.
KIND_LINES = {
    "update": "News that fits no other kind.",
    "visit": "You went. Say whether you saw the child, and whether alone.",
    "planned_visit": "Who goes next, and when.",
    "was_not_brought": "Nobody brought the child to an appointment. No child comes alone.",
    "concern": "Something worries you. It is information, not a referral: say which one you made.",
    "incident": "Something happened.",
    "missing": "The child’s whereabouts are not known.",
    "returned": "The child is back, and who has talked with them.",
    "health": "Weight, appointments, injuries, treatment.",
    "attendance": "At school or nursery, or not.",
    "meeting": "A core group, a conference, a strategy discussion: what was said.",
    "decision": "What was decided, by whom, and why.",
    "question": "You need to know something, by when.",
    "childs_words": "What the child said, as the child said it.",
    "working_well": "What keeps the child safe and well.",
    "disagreement": "You see it differently from a colleague, and say so openly.",
}
WORRY_LINES = {
    "none": "Stays in the updates.",
    "keep_an_eye_on": "Worth watching.",
    "worried": "Counts as significant. Say in one line what it means for the child.",
    "urgent": "Everybody in the network is told at once and somebody says “I have this”. "
    "It replaces no phone call: Kith first shows you whom to ring.",
}


@pages.get("/help", endpoint="help")
@everyone
def shown_help() -> str:
    return render_template(
        "help.html",
        kinds=[(KINDS[kind], line) for kind, line in KIND_LINES.items()],
        worries=[(WORRIES[worry], line) for worry, line in WORRY_LINES.items()],
        statuses=list(STATUSES.values()),
    )


@pages.get("/accessibility")
@everyone
def accessibility() -> str:
    return render_template("accessibility.html")
