"""Files by API: sent to a case, named in a post, saved by whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import scan
from app.core import db
from app.core.clamd import Clamd
from app.models import Attachment
from tests import files
from tests.cast import Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]


def send(
    client: Any, case_id: int, name: str = "letter.pdf", data: bytes = files.PDF, **how: Any
) -> Any:
    sent = {"files": (BytesIO(data), name), **how.pop("words", {})}
    return client.post(f"/api/v1/cases/{case_id}/attachments", data=sent, **how)


def test_a_file_is_sent_first_and_named_in_the_post(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    dan, case = program(cast.dan), cast.amara.id
    sent = send(dan, case, "photo.jpg", files.photo(), words={"alt": "The hall"})
    assert sent.status_code == 201, sent.json
    conforms(sent.json, "Attachment")
    body = {"body": "See below.", "attachments": [sent.json["id"]]}
    made = dan.post(f"/api/v1/cases/{case}/posts", json=body)
    assert made.status_code == 201, made.json
    read = program(cast.ruth).get(f"/api/v1/posts/{made.json['id']}").json
    conforms(read, "Post")
    assert read["attachments"] == [sent.json]
    assert (sent.json["name"], sent.json["alt"]) == ("photo.jpg", "The hall")
    (post,) = program(cast.ruth).get(f"/api/v1/cases/{case}/posts").json["posts"]
    assert post["attachments"] == [sent.json]


def test_it_is_saved_by_whoever_reads_the_post(cast: Cast, program: Program) -> None:
    dan = program(cast.dan)
    number = send(dan, cast.amara.id).json["id"]
    path = f"/api/v1/attachments/{number}"
    assert program(cast.ruth).get(path).status_code == 404
    body = {"body": "x", "attachments": [number]}
    dan.post(f"/api/v1/cases/{cast.amara.id}/posts", json=body)
    answer = program(cast.ruth).get(path)
    assert (answer.status_code, answer.data) == (200, files.PDF)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert program(cast.olive).get(path).status_code == 404


def test_what_is_wrong_with_a_file_is_said_at_its_field(cast: Cast, program: Program) -> None:
    dan = program(cast.dan)
    answer = send(dan, cast.amara.id, "map.svg", files.SVG)
    assert answer.status_code == 422
    assert answer.json["errors"]["files"].startswith("map.svg: this kind of file is not taken.")
    none = dan.post(f"/api/v1/cases/{cast.amara.id}/attachments", data={"alt": "x"})
    assert (none.status_code, list(none.json["errors"])) == (422, ["files"])


def test_the_same_key_and_file_are_kept_once(cast: Cast, program: Program, tmp_path: Path) -> None:
    dan = program(cast.dan)
    key: dict[str, Any] = {"headers": {"Idempotency-Key": "k"}}
    first, again = (send(dan, cast.amara.id, **key) for _ in range(2))
    other = send(dan, cast.amara.id, data=files.PDF + b"\n", **key)
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert other.status_code == 422
    assert len(list((tmp_path / "files").glob("*/*"))) == 1
    with db.transaction() as session:
        assert len(session.scalars(select(Attachment)).all()) == 1


def test_a_token_that_reads_only_or_sees_no_case_sends_nothing(
    cast: Cast, program: Program, tmp_path: Path
) -> None:
    assert send(program(cast.dan, "read"), cast.amara.id).status_code == 403
    assert send(program(cast.ada), cast.amara.id).status_code == 403
    assert send(program(cast.olive), cast.amara.id).status_code == 404
    assert not (tmp_path / "files").exists()


def test_a_number_that_is_not_hers_is_refused_at_its_field(cast: Cast, program: Program) -> None:
    number = send(program(cast.dan), cast.amara.id).json["id"]
    body = {"body": "x", "attachments": [number]}
    answer = program(cast.ruth).post(f"/api/v1/cases/{cast.amara.id}/posts", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["attachments"])


def test_a_file_that_waits_for_its_check_says_so(
    cast: Cast, program: Program, tmp_path: Path
) -> None:
    scan.use(Clamd(f"unix://{tmp_path}/nowhere.ctl"))
    sent = send(program(cast.dan), cast.amara.id).json
    assert sent["verdict"] == "waiting"
    answer = program(cast.dan).get(f"/api/v1/attachments/{sent['id']}")
    assert answer.status_code == 409
    assert "waits for its virus check" in answer.json["detail"]
