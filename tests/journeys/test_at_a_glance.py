"""Who covers, and who is new: six months in under a minute, and nobody has to ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import cases, networks
from app.core import clock, db
from app.models import Activity, Notice
from app.notices import tell
from feeds import posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.insight.test_moves import read

Browser = Callable[..., FlaskClient]

DAY = timedelta(days=1)
VISIT = Update("Home visit.", kind="visit", seen=True, seen_alone=False)


def half_a_year(cast: Cast) -> None:
    """What the network of one child wrote in six months, with a gap in the summer."""
    for days in (170, 163, 156, 149, 142, 135, 100, 93, 86, 79, 72, 65, 58):
        with clock.held(MORNING - days * DAY), db.transaction():
            posts.publish(cast.priya, cast.amara, VISIT)
    with clock.held(MORNING - 65 * DAY), db.transaction():
        posts.publish(cast.ruth, cast.amara, Update("Weighed."))
        read(cast.amara, 2, days=35)
    for days in (50, 42, 35, 28, 21, 14):
        with clock.held(MORNING - days * DAY), db.transaction():
            posts.publish(cast.dan, cast.amara, Update("In school all week."))
    with clock.held(MORNING - 4 * DAY), db.transaction():
        seen = Update("Spoke to her alone.", kind="visit", seen=True, seen_alone=True)
        posts.publish(cast.priya, cast.amara, seen)
        read(cast.amara, 6, days=0)
    with clock.held(MORNING - 3 * DAY), db.transaction():
        worry = Update("Asleep in lessons.", worry="worried", meaning="May not sleep at home")
        posts.publish(cast.dan, cast.amara, worry)
        cases.add_key_date(cast.priya, cast.amara, "Core group", MORNING + 2 * DAY)
        asked = Update("Seen since Friday?", kind="question", due_at=MORNING + DAY)
        posts.publish(cast.dan, cast.amara, asked)


def words(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def test_a_covering_social_worker_has_six_months_on_one_page(browser: Browser, cast: Cast) -> None:
    half_a_year(cast)
    with db.transaction():
        networks.add(cast.mo, cast.amara, cast.olive, role="Cover", reason="Priya is on leave")
    html = browser(cast.olive).get("/cases/1").text
    first = words(html[: html.index('id="composer"')] + "</main>")
    assert "Child protection plan Neglect · since 24 October 2026" in first
    assert "Last seen 4 days ago alone, by Priya Shah, Thu 19 Nov" in first
    assert "Safety scale 6 of 10 child, Thu 19 Nov; said 2 on Sat 15 Aug" in first
    assert "Next Wed 25 Nov Core group, 09:00" in first
    assert "Open questions 1 Answer by Tue 24 Nov, 09:00" in first
    assert "Health has not posted for 9 weeks." in first
    assert "Longest gap: 4 weeks, 14 Jul – 10 Aug." in first
    assert "Fri 20 Nov Worried , School: Asleep in lessons." in first
    assert "No update recorded for 4 weeks , 14 Jul – 10 Aug" in first


def test_she_sees_what_changed_since_the_day_she_left(browser: Browser, cast: Cast) -> None:
    half_a_year(cast)
    said = words(browser(cast.priya).get("/cases/1/changes?since=2026-11-10").text)
    assert "Safety scale: better ↑ 6 of 10 on Thu 19 Nov, was 2 of 10 on Sat 15 Aug; child" in said
    assert "Asleep in lessons." in said
    assert "Social care 1, School 2." in said


def test_a_new_member_is_led_from_the_notice_to_all_they_must_know(
    browser: Browser, cast: Cast
) -> None:
    half_a_year(cast)
    with db.transaction() as session:
        named = Update("For Dan.", audience="named", people=(cast.dan.id,), sharing_reason="Asked")
        posts.publish(cast.priya, cast.amara, named)
        networks.add(cast.priya, cast.amara, cast.olive, role="", reason="Works with the sister")
        for done in session.scalars(select(Activity).where(Activity.did == "joined")).all():
            tell.within(done)
        notice = session.scalars(select(Notice).where(Notice.person_id == cast.olive.id)).one()
    olive = browser(cast.olive)
    said = words(olive.get(f"/notices/{notice.id}", follow_redirects=True).text)
    assert "Child protection plan Neglect · since 24 October 2026" in said
    assert "1 item is not shared with your role" in said
    assert "Open questions Seen since Friday? Dan Hughes, School. Answer by" in said
    assert "Fri 20 Nov Worried , School: Asleep in lessons." in said
    assert "Safety scale: better" in said
    assert "Who is who" in said
    assert "Ring Priya Shah, 01632 960001" in said
    assert "For Dan." not in said
