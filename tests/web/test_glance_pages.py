"""The case at a glance, what changed since, since you were away, and catching up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import networks
from app.core import clock, db
from app.models import Activity, AuditEntry, Case, Notice, Person
from app.notices import tell
from feeds import follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast
from tests.insight.test_moves import read
from tests.monitor.pointing import busy
from tests.monitor.words_said import look

Browser = Callable[..., FlaskClient]

DAY = timedelta(days=1)
WORRY = Update("Asleep in lessons.", worry="worried", meaning="May not sleep at home")


def posted(author: Person, case: Case, update: Update, *, days: int = 0) -> None:
    with clock.held(MORNING - days * DAY), db.transaction():
        posts.publish(author, case, update)


def words(html: str) -> str:
    """What a page says, without the tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_case_page_shows_a_year_in_weeks(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY, days=9)
    page = browser(cast.priya).get("/cases/1").text
    assert "1 update; somebody was worried in 1 week, the latest beginning 10 Nov." in page
    assert page.index("At a glance") < page.index('id="strip"') < page.index('id="composer"')


def test_a_month_leads_to_its_updates(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, Update("In October."), days=26)
    posted(cast.dan, cast.amara, Update("In November."), days=2)
    priya = browser(cast.priya)
    month = re.search(r'href="(/cases/1\?from=2026-10-01[^"#]*)', priya.get("/cases/1").text)
    assert month
    page = priya.get(unescape(month[1])).text
    assert "In October." in page
    assert "In November." not in page
    assert 'value="2026-10-31"' in page, "the form shows what was chosen"


def test_a_day_that_is_none_shows_everything(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, Update("In November."))
    for asked in ("?from=soon", "?from=2026-99-01&until=", "?until=9999-12-31"):
        assert "In November." in browser(cast.priya).get(f"/cases/1{asked}").text


def test_the_facts_say_how_safe_it_is_and_was(browser: Browser, cast: Cast) -> None:
    assert "Not asked yet" in browser(cast.priya).get("/cases/1").text
    with db.transaction():
        read(cast.amara, 4, days=100)
        read(cast.amara, 6, days=4)
    said = words(browser(cast.priya).get("/cases/1").text)
    assert "Safety scale 6 of 10 child, Thu 19 Nov; said 4 on Sat 15 Aug" in said


def test_open_questions_are_a_fact_also_when_there_are_none(browser: Browser, cast: Cast) -> None:
    assert "Open questions None" in words(browser(cast.priya).get("/cases/1").text)
    posted(cast.dan, cast.amara, Update("Seen?", kind="question", due_at=MORNING + DAY))
    assert "Open questions 1" in words(browser(cast.priya).get("/cases/1").text)


def test_a_week_as_usual_is_said_where_nothing_is_unusual(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY)
    look(cast.amara)
    said = "This week: 1, each agency once a day (usual 0)."
    assert said in words(browser(cast.priya).get("/cases/1").text)
    busy(cast.amara, cast.priya, cast.dan, cast.ruth)
    assert said not in words(browser(cast.priya).get("/cases/1").text)


def test_significant_events_stand_in_a_line_each(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY, days=9)
    posted(cast.ruth, cast.amara, Update("Weighed."), days=2)
    page = words(browser(cast.priya).get("/cases/1").text)
    assert "Sat 14 Nov Worried , School: Asleep in lessons." in page
    assert "Health visitor: Weighed." not in page


def test_who_has_never_read_the_case_is_offered_to_catch_up(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY)
    priya = browser(cast.priya)
    assert "You have not read this case before" in priya.get("/cases/1").text
    assert "You have not read this case before" not in priya.get("/cases/1").text


def test_what_changed_is_told_since_she_last_read(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY, days=9)
    with clock.held(MORNING - 5 * DAY):
        browser(cast.priya).get("/cases/1")
    posted(cast.ruth, cast.amara, Update("Not brought.", worry="worried", meaning="x"), days=2)
    priya = browser(cast.priya)
    page = priya.get("/cases/1/changes").text
    assert "Since you last read this case, Wed 18 Nov, 09:00" in page
    assert "Not brought." in page
    assert "Asleep in lessons." not in page
    assert "What changed since Wed 18 Nov" in priya.get("/cases/1").text


def test_another_day_can_be_chosen(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY, days=9)
    priya = browser(cast.priya)
    assert "Asleep" in priya.get("/cases/1/changes?since=2026-11-01").text
    nothing = priya.get("/cases/1/changes?since=2026-11-20").text
    assert "Nothing has changed" in nothing


def test_a_wrong_day_is_answered_with_a_sentence(browser: Browser, cast: Cast) -> None:
    priya = browser(cast.priya)
    for path in ("/cases/1/changes", "/away"):
        wrong = priya.get(f"{path}?since=yesterday").text
        assert "Write a day, such as 2026-03-31." in wrong
        assert 'value="yesterday"' in wrong
        assert "That day has not come yet." in priya.get(f"{path}?since=2027-01-01").text
        assert "That day is too long ago." in priya.get(f"{path}?since=0001-01-01").text


def test_reading_it_in_one_go_marks_nothing_as_read(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY)
    priya = browser(cast.priya)
    page = priya.get("/cases/1/catch-up").text
    assert "Nothing on this page is marked as read." in page
    with db.transaction():
        assert follows.last_read(cast.priya, cast.amara) == 0
    position = re.search(r'name="position" value="(\d+)"', page)
    assert position
    priya.post("/cases/1/read", data={"position": position[1]})
    with db.transaction():
        assert follows.unread(cast.priya) == {}


def test_catching_up_says_who_is_who_and_what_is_not_shared(browser: Browser, cast: Cast) -> None:
    named = Update("For Dan.", audience="named", people=(cast.dan.id,), sharing_reason="Asked")
    posted(cast.priya, cast.amara, named)
    page = words(browser(cast.ruth).get("/cases/1/catch-up").text)
    assert "1 item is not shared with your role" in page
    assert "Dan Hughes Safeguarding lead, Hillside Primary Ring Dan Hughes, 01632 960001" in page
    assert "For Dan." not in page


def test_a_notice_of_joining_leads_to_catching_up(browser: Browser, cast: Cast) -> None:
    with db.transaction() as session:
        networks.add(cast.priya, cast.amara, cast.olive, role="", reason="The sister's worker")
        for done in session.scalars(select(Activity).where(Activity.did == "joined")).all():
            tell.within(done)
        notice = session.scalars(select(Notice).where(Notice.person_id == cast.olive.id)).one()
    answer = browser(cast.olive).get(f"/notices/{notice.id}")
    assert answer.location == "/cases/1/catch-up"


def test_after_days_away_the_feed_offers_to_catch_up(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY, days=9)
    with clock.held(MORNING - 4 * DAY):
        browser(cast.priya).get("/cases/1")
        assert "Since you were away" not in browser(cast.priya).get("/").text
    page = browser(cast.priya).get("/").text
    assert "You last read a case on Thu 19 Nov." in page
    assert 'href="/away"' in page


def test_since_she_was_away_tells_of_each_case_what_waits_first(
    browser: Browser, cast: Cast
) -> None:
    posted(cast.dan, cast.amara, WORRY, days=1)
    posted(cast.dan, cast.tobi, Update("Ring me.", worry="urgent", phoned=True), days=1)
    page = browser(cast.priya).get("/away").text
    assert page.index("Tobi O") < page.index("Amara O")
    assert "1 urgent update that nobody has taken on." in page
    assert "Nothing happened while you were away" in browser(cast.mo).get("/away").text


def test_what_is_read_in_one_go_is_on_record(browser: Browser, cast: Cast) -> None:
    posted(cast.dan, cast.amara, WORRY)
    priya = browser(cast.priya)
    for path in ("/cases/1/changes?since=2026-11-01", "/cases/1/catch-up", "/away"):
        priya.get(path)
    with db.transaction() as session:
        rows = session.execute(
            select(AuditEntry.did, AuditEntry.ranges).where(AuditEntry.person_id == cast.priya.id)
        ).all()
    noted = {row.did: row.ranges for row in rows}
    assert {"read what changed", "caught up", "read what happened while away"} <= set(noted)
    assert all(noted[did] for did in ("read what changed", "caught up"))


def test_a_stranger_is_told_what_somebody_asking_for_no_case_is_told(
    browser: Browser, cast: Cast
) -> None:
    olive = browser(cast.olive)
    for page in ("changes", "catch-up"):
        assert olive.get(f"/cases/3/{page}").status_code == 200, "her own"
        hidden, absent = (olive.get(f"/cases/{each}/{page}") for each in (1, 987654321))
        assert hidden.status_code == absent.status_code == 404
        assert hidden.data == absent.data
