"""The log: what was done, and never what was said."""

from __future__ import annotations

import json

import pytest
import structlog

from app import push, relay
from app.core import db, log
from app.core.errors import Invalid
from feeds import comments, posts
from feeds.posts import Update
from tests.cast import Cast


def test_a_line_of_the_log_is_json_with_its_level_and_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure()
    structlog.get_logger().info("delivered", rows=3)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["rows"], line["level"]) == ("delivered", 3, "info")
    assert line["timestamp"].endswith("Z")


def test_nothing_anybody_wrote_and_nobodys_name_reaches_the_log(
    cast: Cast, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def tell(self, person_ids: object, pointer: object) -> None:
            raise RuntimeError(f"could not tell {cast.priya.name} of a bruise")

    log.configure()
    push.use(Broken())
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("A canary bruise."))
        comments.add(cast.dan, post, "A canary answer.")
    relay.deliver()
    with pytest.raises(Invalid), db.transaction():
        posts.publish(cast.priya, cast.amara, Update("A canary visit.", kind="visit"))
    out, err = capfd.readouterr()
    said = (out + err + caplog.text).lower()
    assert "delivery failed" in said
    for word in ("canary", "bruise", "priya", "dan", "amara"):
        assert word not in said
