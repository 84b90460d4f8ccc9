"""What the style sheet leaves out of the design system, and that no page misses it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = set((ROOT / "app/web/assets/left-out.txt").read_text().split())


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    pytest.importorskip("hatchling")
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "build_hook.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_uses_what_is_left_out() -> None:
    files = [*(ROOT / "app").rglob("*.html"), *(ROOT / "app/web/assets/js").glob("*.js")]
    used = set(re.findall(r"govuk-[\w-]+", "".join(file.read_text() for file in files)))
    assert "govuk-button" in used
    assert used & LEFT_OUT == set(), "take it out of app/web/assets/left-out.txt"


def test_a_rule_goes_with_the_last_of_its_classes(hook: ModuleType) -> None:
    css = ".a{color:red}.b,.a b{margin:0}@media print{.a{top:0}}@media print{.b{top:0}}"
    kept = hook.without(css, {"a"})
    assert kept == ".b{margin:0}@media print{.b{top:0}}"


def test_a_name_that_only_begins_alike_stays(hook: ModuleType) -> None:
    css = ".a-b{color:red}.b:not(.a){top:0}@keyframes x{0%{top:0}}:root{--y: 1px}"
    assert hook.without(css, {"a"}) == css
