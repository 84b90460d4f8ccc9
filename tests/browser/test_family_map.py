"""The family map in Chromium, where somebody has chosen the colours themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.casework import cases, families
from app.core import db
from tests.cast import Cast

At = Callable[..., Page]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
DIED = families.Tie(None, False, "none", "She threatened.", "A court", True)
COLOUR = "(node, name) => getComputedStyle(node)[name]"


def test_forced_colours_reach_what_is_red_otherwise(cast: Cast, at: At) -> None:
    with db.transaction():
        families.link_adult(cast.priya, cast.amara, "Grace O", "mother", False)
        db.session().flush()
        link = cases.family(cast.priya, cast.amara)[-1].link_id
        families.describe_tie(cast.priya, cast.amara, link, DIED)
    page = at(cast.priya, "/cases/1/family-map")
    red = _colour(page, ".kith-node__note", "fill")
    assert red != _colour(page, ".kith-node__name", "fill"), "it is red where nobody chose"
    page.emulate_media(forced_colors="active", color_scheme="dark")
    named = page.locator(".kith-node", has_text="Grace O")
    name = named.locator(".kith-node__name").evaluate(COLOUR, "fill")
    assert named.locator(".kith-node__note").evaluate(COLOUR, "fill") == name
    child = page.locator(".kith-node--child circle").last
    mark = named.locator(".kith-node__mark").evaluate(COLOUR, "stroke")
    assert named.locator(".kith-node__no").evaluate(COLOUR, "stroke") == mark
    assert child.evaluate(COLOUR, "stroke") == mark


def _colour(page: Page, which: str, name: str) -> str:
    found: str = page.locator(which).first.evaluate(COLOUR, name)
    return found
