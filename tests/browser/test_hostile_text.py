"""What a real browser makes of every hostile text, once cleaned."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Dialog

from app.core import text
from app.core.errors import Invalid
from app.core.markdown import SCHEMES
from tests.core.hostile import CORPUS

pytestmark = pytest.mark.browser

LOOK = """
() => [...document.querySelectorAll('main *')].flatMap(each => [
  'tag ' + each.localName,
  ...each.getAttributeNames().map(name => 'attribute ' + each.localName + ' ' + name),
  ...(each.href ? ['scheme ' + new URL(each.href, 'https://kith.example').protocol] : []),
  ...(each.namespaceURI === 'http://www.w3.org/1999/xhtml' ? [] : ['foreign ' + each.localName]),
])
"""


def test_no_hostile_text_runs_or_leaves_a_mark_in_the_page(chromium: Browser) -> None:
    html = []
    for written in CORPUS:
        try:
            html.append(text.clean(written).html)
        except Invalid:
            continue
    seen, ran = _open(chromium, f"<!doctype html><title>x</title><main>{'<hr>'.join(html)}</main>")
    assert len(html) >= 150
    assert seen.count("tag hr") == len(html) - 1
    allowed = {f"tag {tag}" for tag in (*text.TAGS, "hr")}
    allowed |= {"attribute a href", "attribute a rel"}
    allowed |= {f"scheme {scheme}:" for scheme in SCHEMES}
    assert set(seen) - allowed == set()
    assert ran == []


def _open(chromium: Browser, page_html: str) -> tuple[list[str], list[str]]:
    ran: list[str] = []

    def heard(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    with chromium.new_context() as context:
        page = context.new_page()
        page.on("dialog", heard)
        page.on("request", lambda request: ran.append(request.url))
        page.set_content(page_html)
        for link in page.locator("main a").all()[:3]:
            link.hover()
        page.wait_for_timeout(100)
        seen: list[str] = page.evaluate(LOOK)
    return seen, ran
