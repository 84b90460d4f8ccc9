"""1,000 families as they may come: sentence, picture and table of every measure say the same.

What is said is read off the page: dots and columns through the scale of their own picture.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

from jinja2 import Environment, FileSystemLoader

from app.insight import chart
from tests.insight import test_agreement as agreement

CASES, SEED = 1_000, 2026


def main() -> int:
    rooms = Environment(
        loader=FileSystemLoader("app/web/templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    template = rooms.from_string(agreement.PAGE)
    chance, counts, wrong = random.Random(SEED), Counter[str](), []
    for number in range(CASES):
        shown = agreement.generated(chance)
        page = agreement.Drawn(template.render(shown=shown, shapes=chart.DRAWN))
        wrong += [f"case {number}: {each}" for each in agreement.disagreements(shown, page)]
        counts["pictures"] += len(page.pictures)
        counts["rows of tables"] += sum(len(table) - 1 for table in page.tables)
        counts["sentences"] += len(page.said)
    for each in wrong[:20]:
        print(each)
    told = ", ".join(f"{many:,} {what}" for what, many in counts.items())
    print(f"{CASES:,} families: {told}; {len(wrong)} disagreements (goal: none)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
