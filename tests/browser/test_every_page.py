"""Every page there is, in Chromium: no barrier, nothing too wide, nothing too heavy."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response

from app import attachments
from app.casework import measures
from app.core import clock, db
from app.models import Agency, Person
from feeds import comments, posts
from feeds.posts import Update
from messaging import conversations, messages
from search import asked as asked_for
from search import engines, indexing, saved
from tests import elsewhere, readings
from tests.alerts import from_agency, point_out
from tests.cast import Cast
from tests.files import photo
from tests.insight.test_moves import read
from tests.monitor import pointing
from tests.rules.test_doors import address as filled
from tests.rules.test_doors import policy, rules

Seat = Callable[..., BrowserContext]
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
NARROW = 320
# It describes a hundred questions and then as many shapes, one as the other: a dozen of each do.
REFERENCE, SHORTER = (
    "/api/v1/",
    """() => ['h3:nth-of-type(n+12) ~ :not(#shapes, #shapes ~ *)', 'h3:nth-of-type(n+24) ~ *']
    .forEach(rest => document.querySelectorAll(rest).forEach(each => each.remove()))""",
)
HEAVIEST = 45 * 1024
# Answers for programs and for open pages: nobody looks at them.
NOT_PAGES = {
    "/livez",
    "/readyz",
    "/sync",
    "/needs-a-look",
    "/hotspots/evaluation/table",
    "/cases/<int:case_id>/needs-a-look",
    "/cases/<int:case_id>/fragments",
    "/conversations/choices",
    "/conversations/unread",
    "/conversations/<int:conversation_id>/fragments",
    "/search/suggestions",
    "/hotspots/fragments",
    "/hotspots.csv",
    "/team.csv",
    "/cases/<int:case_id>/compare.csv",
    "/attachments/<int:attachment_id>",
    "/attachments/<int:attachment_id>/preview",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def site(cast: Cast, address: str) -> str:
    with clock.held(clock.now() - timedelta(days=150)), db.transaction():
        # Long ago, so that a year in weeks has a gap.
        posts.publish(cast.dan, cast.amara, Update("Tired.", worry="worried", meaning="Less sleep"))
        posts.publish(cast.ruth, cast.amara, Update("Weighed."))
        read(cast.amara, 4, days=30)
    with db.transaction():
        read(cast.amara, 7, days=2)
        soon = clock.now() + timedelta(hours=6)
        wide = "A long day. " * 20 + "https://kith.example/" + "x" * 90
        posts.publish(cast.dan, cast.amara, Update(wide, worry="worried", meaning="Less sleep"))
        posts.publish(cast.ruth, cast.amara, Update("Not brought.", kind="was_not_brought"))
        asked = posts.publish(
            cast.priya, cast.amara, Update("Seen since Friday?", kind="question", due_at=soon)
        )
        comments.add(cast.dan, asked, "Yes, at school today.")
        posts.publish(cast.ruth, cast.amara, Update("Ring me.", worry="urgent", phoned=True))
        sent = [("A hall.jpg", photo(size=(400, 300))), ("A letter.txt", b"Dear all")]
        files = [
            attachments.keep(cast.priya, cast.amara, attachments.take(*each)).id for each in sent
        ]
        seen = Update("Seen.", kind="visit", seen=False, attachments=tuple(files))
        told = posts.publish(cast.priya, cast.amara, seen)
        safety = measures.Score(measures.offered()[0].id, 6, "child", clock.today())
        measures.record(cast.priya, cast.amara, [safety], told)
        talk = conversations.start(cast.priya, [cast.dan], case=cast.amara)
        said = messages.say(cast.priya, talk, f"{wide} /posts/{asked.id}")
        messages.say(cast.dan, talk, "I go on Friday.", reply_to_id=said.id)
        messages.react(cast.dan, said, "on_it")
        conversations.start(cast.priya, [cast.dan, cast.olive], name="x" * 100)
        saved.save(cast.priya, wide, "x" * saved.LONGEST_NAME)
        saved.save(cast.priya, "school OR nursery", alerts=False)
        asked_for.note(cast.priya, wide, [], how="page")
        busy = point_out(cast.amara)
        from_agency(busy, db.session().get_one(Agency, cast.dan.agency_id), is_new=True)
        for kind in ("no_lead", "not_seen"):
            point_out(cast.tobi, kind)
        readings.a_year(cast)
        elsewhere.told(cast)
    pointing.quiet(cast.amara)
    kept = engines.kept()
    assert kept is not None
    indexing.rebuild(kept)
    return address


@pytest.mark.parametrize(
    ("who", "part", "parts"),
    [
        (None, 0, 1),
        ("priya", 0, 3),
        ("priya", 1, 3),
        ("priya", 2, 3),
        ("ada", 0, 1),
        ("audrey", 0, 1),
    ],
)
def test_no_page_has_a_barrier_or_is_too_wide(
    who: str | None,
    part: int,
    parts: int,
    app: Flask,
    cast: Cast,
    site: str,
    chromium: Browser,
    seat: Seat,
) -> None:
    person = getattr(cast, who) if who else None
    context = seat(person) if person else chromium.new_context()
    page, axe, wrong = context.new_page(), Axe(), []
    paths = list(pages_of(app, person))[part::parts]
    assert paths, "there are pages to look at"
    for path in paths:
        answer = page.goto(site + path)
        assert answer
        assert answer.status < 500, path
        wrong += too_wide(page, path)
        if path == REFERENCE:
            page.evaluate(SHORTER)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            wrong += [(path, size, found["id"]) for found in axe.run(page).response["violations"]]
    assert wrong == []


def test_what_came_back_wrong_has_no_barrier_either(cast: Cast, site: str, seat: Seat) -> None:
    page = seat(cast.priya).new_page()
    page.goto(f"{site}/cases/1")
    page.locator("#composer textarea").first.click()
    page.get_by_text("Add a score").click()
    page.locator("#score_0").fill("many")
    page.get_by_role("button", name="Post to").click()
    page.wait_for_selector(".govuk-error-summary")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found] == []


def test_a_first_view_is_light(cast: Cast, site: str, seat: Seat) -> None:
    heavy = []
    for path in (
        "/",
        "/cases",
        "/cases/1",
        "/cases/1/catch-up",
        "/cases/1/changes",
        "/away",
        "/posts/1",
        "/quick",
        "/cases/1/network",
        "/conversations",
        "/conversations/new",
        "/conversations/1",
        "/conversations/2/people",
        "/cases/2/conversation",
        "/notices",
        "/search?q=day",
        "/hotspots",
        "/hotspots/3",
        "/cases/1/compare?way=siblings",
        "/cases/1/chronology",
        "/cases/1/family-map",
    ):
        page = seat(cast.priya).new_page()
        answers = answers_to(page)
        with page.expect_websocket():  # the last that is fetched is the script that opens it
            page.goto(site + path)
        weight = sum(len(gzip.compress(each.body())) for each in answers if each.status == 200)
        page.close()
        if weight > HEAVIEST:
            heavy.append((path, weight))
    assert heavy == []


def answers_to(page: Page) -> list[Response]:
    """A list that every answer to the page is added to as it comes."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    return answers


def pages_of(app: Flask, who: Person | None) -> Iterator[str]:
    """The pages a person of this account opens, found from the routes so that none is left out."""
    policies = {
        None: {"everyone"},
        "practitioner": {"content", "signed in"},
        "administrator": {"administrator"},
        "auditor": {"auditor"},
    }[who.account if who else None]
    for rule in rules(app):
        if policy(app, rule) in policies and "GET" in (rule.methods or set()):
            is_page = rule.endpoint.startswith("web.") and rule.rule not in NOT_PAGES
            # The page that describes the API is the same for everybody.
            if is_page or (rule.rule == REFERENCE and who is None):
                yield filled(rule)
    if who and who.account == "practitioner":
        yield from (
            "/cases/2",
            "/cases/1?from=2026-11-01&until=2026-11-30",
            "/cases/1/changes?since=2026-01-01",
            "/cases/1/changes?since=soon",
            "/away?since=2026-01-01",
            "/cases/2/details",
            "/search?q=amara",
            "/search?q=day+in:posts",
            "/search?q=day+kind:viist&order=best",
            "/nowhere",
            "/quick?case=1",
            "/cases/2/conversation",
            "/conversations/2",
            "/conversations/2/people",
            "/conversations/new?case=1",
            "/hotspots?as=table",
            "/team?worry=urgent",
            "/hotspots?team=4",
            "/hotspots/3",
            "/hotspots/3/disposition",
            "/cases/1/compare?way=siblings",
            "/cases/1/compare?way=raters",
            "/cases/1/compare?way=periods&from_1=yesterday",
        )


def too_wide(page: Page, path: str) -> list[tuple[str, str, int]]:
    page.set_viewport_size({"width": NARROW, "height": 700})
    width = page.evaluate("document.documentElement.scrollWidth")
    return [(path, "too wide at 320", width)] if width > NARROW else []
