"""What a chronology of 2,000 events costs, and a family map: to ask, to draw, to send."""

from __future__ import annotations

import gzip
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from app import stream
from app.core import clock, db, schema, text
from app.factory import create_app
from app.insight import family_map
from app.models import Post
from config.settings import Settings
from tests.cast import MORNING, Cast, settle
from tests.conftest import signed_in
from tests.insight import families

UPDATES, SIGNIFICANT = 5000, 2000
ROUNDS = 40
WORDS = (
    "mother said that the boiler was mended and he had eaten before school but looked tired "
    "the door was not answered twice and the neighbour had heard shouting late in the evening"
).split()
WITHIN = 1000


def main() -> int:
    with TemporaryDirectory() as folder, clock.held(MORNING):
        url = f"sqlite:///{folder}/kith.db"
        settings = Settings(Path(folder), url, secret_key="bench", limits=False)
        schema.upgrade(db.use(url))
        app = create_app(settings)
        with db.transaction():
            cast = settle()
        with db.transaction():
            fill(cast)
        priya, met = signed_in(app, cast.priya), []
        print(f"{'':28}{'least':>8}{'p50 ms':>9}{'p95':>9}{'goal':>7}{'KB gz':>8}{'goal':>6}")
        for name, asked in (
            ("chronology", ""),
            ("last page", "?page=99"),
            ("words", "?words=eaten"),
        ):
            ask = partial(priya.get, f"/cases/1/chronology{asked}")
            met.append(say(f"{name}: p95", ask, WITHIN, ask().data, 45, of=95))
        place = a_family()
        draw = app.jinja_env.get_template("components/family_map.html").make_module().picture
        met.append(say("family map: least", place, 0.5))
        picture = str(draw(place())).encode()
        # The least is what an idle machine would take.
        met.append(say("its picture: least", partial(draw, place()), 0.5, picture, 2))
    return 0 if all(met) else 1


def fill(cast: Cast) -> None:
    """Five years of updates, two in five of them significant."""
    random, people = Random(4), (cast.priya, cast.dan, cast.ruth)
    for number in range(UPDATES):
        said = text.clean(" ".join(random.choices(WORDS, k=random.randint(12, 60))))
        who, at = random.choice(people), MORNING - timedelta(minutes=random.randint(1, 2_600_000))
        stream.append(
            Post(
                case_id=cast.amara.id,
                author_id=who.id,
                agency_id=who.agency_id,
                author_role=who.role,
                kind=random.choice(["update", "visit", "health"]),
                body=said.source,
                body_html=said.html,
                cleaner=text.CLEANER,
                occurred_at=at,
                posted_at=at,
                significant=number < SIGNIFICANT,
            )
        )


def a_family() -> Callable[[], family_map.FamilyMap]:
    """Draws six relatives and nine professionals."""
    random = Random(1)
    child, people = families.child(random), families.relatives(random, 6)
    return partial(family_map.of, child, 7, people, families.members(random, 9))


def say(
    name: str,
    act: Callable[[], object],
    goal: float,
    sent: bytes = b"",
    heaviest: float = 0,
    of: int = 0,
) -> bool:
    taken = []
    act()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    least, p50, p95 = min(taken), statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    weight = len(gzip.compress(sent)) / 1024 if sent else 0
    is_met = (p95 if of else least) <= goal and weight <= heaviest
    missed = "" if is_met else "  MISSED"
    print(
        f"{name:28}{least:8.2f}{p50:9.2f}{p95:9.2f}{goal:7.1f}{weight:8.1f}{heaviest:6.0f}{missed}"
    )
    return is_met


if __name__ == "__main__":
    raise SystemExit(main())
