"""When a case is suddenly busy or suddenly quiet: arithmetic on counts a day, and nothing else.

No database, no clock. Arrays run over cases, or over cases × days with the newest day last. A count
is that of one local day, of agencies or authors; exposure is how much of an ordinary day it is for
this case (`app.monitor.calendar`), 0 while it is closed. docs/monitor.md explains the formulas.

    state = follow(counts, exposure, cohort)     each night, with `cohort = fit(counts, exposure)`
    verdict, silence = judge(state, cohort), quiet(state, cohort)
    cut = cut_offs(evidence(verdict))            then `decide` and `rank`
    glance(state, row, count, exposure, cohort) <= cut.notify        for a post of the next day
"""

from __future__ import annotations

from app.monitor.cohorts import fit
from app.monitor.decisions import Cut, Decision, cut_offs, decide, evidence, false_discovery, rank
from app.monitor.glances import glance
from app.monitor.parameters import SILENT_WINDOWS, USUAL, WINDOWS, Cohort
from app.monitor.states import State, advance, begin, follow
from app.monitor.verdicts import Silence, Verdict, daily, judge, quiet
from app.monitor.weekly import weekly

__all__ = [
    "SILENT_WINDOWS",
    "USUAL",
    "WINDOWS",
    "Cohort",
    "Cut",
    "Decision",
    "Silence",
    "State",
    "Verdict",
    "advance",
    "begin",
    "cut_offs",
    "daily",
    "decide",
    "evidence",
    "false_discovery",
    "fit",
    "follow",
    "glance",
    "judge",
    "quiet",
    "rank",
    "weekly",
]
