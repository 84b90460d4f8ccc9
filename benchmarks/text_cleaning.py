"""What it costs to clean what somebody wrote, and how soon a hostile text is refused."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from app.core import text
from app.core.errors import Invalid

ROUNDS = 200
KIB = 1024

# name: (text, most milliseconds, whether it must be refused)
ORDINARY = (
    "Visited at home this morning. **Amara** was calm and ate her breakfast.\n\n"
    "- Mother said the week was *better*\n- The clinic has written again\n\n"
    "She told me: > I like my new room\n\nSee https://example.org/plan for the plan. "
)
TEXTS = {
    "600 characters": ((ORDINARY * 4)[:600], 0.5, False),
    "64 KiB of quotes": (">" * 64 * KIB, 5.0, True),
    "64 KiB of spaced quotes": ("> " * 32 * KIB, 5.0, True),
    "64 KiB of lists": ("- " * 32 * KIB, 5.0, True),
    "64 KiB of indented lists": (
        "\n".join(" " * (2 * depth) + "- a" for depth in range(250))[: 64 * KIB],
        5.0,
        True,
    ),
    "64 KiB of brackets": ("[" * 64 * KIB, 5.0, True),
    "64 KiB of stars": ("*a " * 21 * KIB, 5.0, True),
    "19 KiB of nested quotes": (">" * 19_000, 5.0, True),
    "19 KiB of nested lists": ("- " * 9_500, 5.0, True),
    "19 KiB of open links": ("[a](" * 4_900, 100.0, False),
    "19 KiB of tags": ("<b><i><script>" * 1_350, 100.0, False),
}


def main() -> int:
    missed = 0
    print(f"{'':26}{'median ms':>12}{'goal ms':>10}")
    for name, (written, most, refused) in TEXTS.items():
        taken = measure(lambda written=written: clean(written))  # type: ignore[misc]
        was_refused = clean(written)
        wrong = taken > most or (refused and not was_refused)
        missed += wrong
        print(f"{name:26}{taken:12.3f}{most:10.1f}{'  MISSED' if wrong else ''}")
    return min(missed, 1)


def clean(written: str) -> bool:
    """Clean it; answers whether it was refused."""
    try:
        text.clean(written)
    except Invalid:
        return True
    return False


def measure(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
        if sum(taken) > 2000:
            break
    return statistics.median(taken)


if __name__ == "__main__":
    raise SystemExit(main())
