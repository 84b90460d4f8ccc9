"""Whether the quick way of cleaning ever gives another byte than the slow way.

    ./run proof cleaning [TEXTS] [SEED]

Texts put together by chance are cleaned both ways, and HTML put together by chance is asked
whether Bleach would change it. Bar: no difference.
"""

from __future__ import annotations

import sys
from random import Random

from app.core import text
from tests.core import scribble
from tests.core.test_text_quickly import differing, quickly


def main(texts: int = 20_000, seed: int | None = None) -> int:
    seed = Random().randrange(10**6) if seed is None else seed
    chance = Random(seed)
    written = [scribble.words(chance) for _ in range(texts)]
    settled = [html for html in _soups(chance, 5 * texts) if text._settled(html)]
    wrong = differing(written) + [html for html in settled if scribble.bleached(html) != html]
    taken = sum(quickly(each) is not None for each in written)
    print(f"seed {seed}: {taken:,} texts, {len(settled):,} settled pieces, {len(wrong)} different")
    for each in wrong[:10]:
        print(f"  {each!a}")
    return min(len(wrong), 1)


def _soups(chance: Random, number: int) -> list[str]:
    return [scribble.soup(chance) for _ in range(number)]


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
