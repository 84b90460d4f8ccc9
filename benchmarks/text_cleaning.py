"""What it costs to clean what somebody wrote, and how soon a hostile text is refused."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import count

from app.core import text
from app.core.errors import Invalid

ROUNDS = 500
KIB = 1024
GOAL = 0.5

PROSE = (
    "Visited at home this morning. **Amara** was calm and ate her breakfast while we talked. "
    "Mother said the week had been better and that she sleeps through the night again.\n\n"
    "The clinic has written and offers an appointment on Thursday; grandmother will take her. "
)
FORMATTED = (
    "Visited at home. **Amara** was calm.\n\n- The week was *better*\n- The clinic has written\n\n"
    "> I like my new room\n\nSee [the plan](https://example.org/plan). "
)
POSTS = {
    "600 characters": (PROSE * 4)[:600],
    "600 characters, all formatted": (FORMATTED * 6)[:600],
}
# Refused for their size; and for their depth, when any size is allowed.
DEEP = {
    "64 KiB of quotes": ">" * 64 * KIB,
    "64 KiB of spaced quotes": "> " * 32 * KIB,
    "64 KiB of lists": "- " * 32 * KIB,
    "64 KiB, the last of it lists": "a\n" * 31 * KIB + "- " * KIB,
    "64 KiB of indented lists": "\n".join("  " * step + "- a" for step in range(254)),
    "64 KiB of brackets": "[" * 64 * KIB,
}
# Inside nothing, or not closed, and so cleaned.
FLAT = {
    "19 KiB of open links": "[a](" * 4_900,
    "19 KiB of open stars": "*a **b " * 2_700,
    "19 KiB of tags": "<b><i><script>" * 1_350,
}


def main() -> int:
    print(f"{'':40}{'median ms':>10}{'least':>10}{'goal':>9}")
    met = [say(name, GOAL, partial(text.clean, post)) for name, post in POSTS.items()]
    met.append(say("600 characters, an address never seen", 2 * GOAL, new_addresses()))
    for name, it in DEEP.items():
        met.append(say(f"{name}: size", 5, partial(refused, it, text.LONGEST, "at most")))
        met.append(say(f"{name}: depth", 5, partial(refused, it, len(it), "inside each other")))
    met += [say(name, 200, partial(text.clean, it)) for name, it in FLAT.items()]
    return 0 if all(met) else 1


def new_addresses() -> Callable[[], object]:
    """Cleans the formatted post, each time with an address nobody has written before."""
    before, address, after = POSTS["600 characters, all formatted"].partition("/plan)")
    number = count()
    return lambda: text.clean(f"{before}{address[:-1]}{next(number)}){after}")


def refused(it: str, longest: int, why: str) -> None:
    try:
        text.clean(it, longest=longest)
    except Invalid as refusal:
        if why in refusal.fields["body"]:
            return
    raise AssertionError(f"It was not refused with {why!r}.")


def say(name: str, goal: float, act: Callable[[], object]) -> bool:
    """Whether the median was within the goal: the least is what an idle machine would take."""
    taken = measure(act)
    median = statistics.median(taken)
    missed = "" if median <= goal else "  MISSED"
    print(f"{name:40}{median:10.3f}{min(taken):10.3f}{goal:9.2f}{missed}")
    return not missed


def measure(act: Callable[[], object]) -> list[float]:
    """Milliseconds of this thread for each round, without the first, which fills what is kept."""
    taken: list[float] = []
    act()
    while len(taken) < ROUNDS and sum(taken) < 2000:
        began = time.thread_time()
        act()
        taken.append((time.thread_time() - began) * 1000)
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
