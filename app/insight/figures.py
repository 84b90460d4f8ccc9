"""How values, differences and names of measures are written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.models import Measure

ARROWS = ("up", "down", "level", "unknown")
LEVEL, UNKNOWN = "No real change", "Cannot say"
LEAST = "less than 0.1"


def plain(value: float) -> str:
    """84, 3.5: one place behind the point, and none that is nought."""
    return f"{rounded(value) + 0:.1f}".removesuffix(".0")


def rounded(value: float) -> float:
    """To one place as one does it by hand: 4.25 is 4.3, and so is what a computer holds nearly."""
    nearly = Decimal(repr(round(value, 6)))
    return float(nearly.quantize(Decimal("0.1"), ROUND_HALF_UP))


def value(measure: Measure, number: float) -> str:
    """With the unit; "of 10" is said once, where the measure is explained."""
    return plain(number) + ("" if measure.unit.startswith(" of ") else measure.unit)


def mean(measure: Measure, number: float | None) -> str:
    if number is None:
        return "None"
    if not measure.counts_kind:
        return value(measure, number)
    # What has happened is never written as if it had not.
    written = LEAST if number and not rounded(number) else value(measure, number)
    return f"{written} a month"


def by(measure: Measure, before: float | None, since: float | None) -> str:
    """How far apart the two means are as they are written, so that the reader can reckon."""
    if before is None or since is None:
        return ""
    apart = abs(rounded(since) - rounded(before))
    written = plain(apart) if rounded(apart) else LEAST
    unit = " points" if measure.unit == "%" else "" if measure.unit[:4] == " of " else measure.unit
    return f"by {written}{unit}{' a month' if measure.counts_kind else ''}"


def word(measure: Measure, went: str) -> str:
    """Better or worse by the measure's direction; of a plain number only higher or lower."""
    if went in {"level", "unknown"}:
        return LEVEL if went == "level" else UNKNOWN
    if measure.better == "neither":
        up, down = ("More", "Fewer") if measure.counts_kind else ("Higher", "Lower")
        return up if went == "up" else down
    return "Better" if went == measure.better else "Worse"


def name(measure: Measure) -> str:
    """Inside a sentence: a first letter that begins no abbreviation is small."""
    words = measure.name
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def is_past(measure: Measure, number: float) -> bool:
    """Whether a value stands where the threshold says that it means something."""
    if measure.threshold is None or measure.better == "neither":
        return False
    return number < measure.threshold if measure.better == "up" else number >= measure.threshold


def threshold(measure: Measure) -> str:
    if measure.threshold is None:
        return ""
    means = f": {measure.threshold_means}" if measure.threshold_means else ""
    return f"Dashed at {value(measure, measure.threshold)}{means}."


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
