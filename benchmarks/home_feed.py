"""The home feed of somebody with 35 cases among 200,000 posts, beside the least it could cost.

Three answers take turns, so that whatever else the machine does falls on all of them:
the API's JSON, the same rows by `sqlite3` and `orjson` in a bare Flask view, and the page.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson
from flask import Flask, Response
from sqlalchemy import event

from app.casework import sign_ins, tokens
from app.core import clock, db
from app.factory import create_app
from app.models import Person
from benchmarks import places
from config.settings import Settings

ROUNDS, WARM_UP = 400, 40
POSTS, CASES = 200_000, 2_000
GOALS = {"JSON to bare": 2.0, "page to JSON": 4.0}

Ask = Callable[..., bytes]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as folder, clock.held(places.NOW):
        path = Path(folder) / "kith.db"
        print(f"Filling {path.name}: {POSTS:,} posts in {CASES:,} cases …", file=sys.stderr)
        places.fill(f"sqlite:///{path}", cases=CASES, posts=POSTS)
        api, page = kith(path)
        asks = {"JSON": api, "bare": bare(path), "page": page}
        check_same(asks["JSON"](), asks["bare"]())
        times = take_turns(asks)
        report(times)
        same = counted(api, page)
        return judge(times) or int(not same)


def kith(path: Path) -> tuple[Ask, Ask]:
    """The whole application, asked by a program and by a browser."""
    app = create_app(
        Settings(
            data=path.parent,
            database_url=f"sqlite:///{path}",
            secret_key="bench",
        )
    )
    app.testing = True
    with db.transaction() as session:
        viewer = session.get_one(Person, places.VIEWER)
        token = tokens.issue(viewer, "bench")
        device = sign_ins.begin(viewer, "bench", hours=12)
    program, browser = app.test_client(), app.test_client()
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = device, True

    def json(size: int = 25) -> bytes:
        answer = program.get(f"/api/v1/feed?size={size}")
        assert answer.status_code == 200, answer.status
        return answer.data

    def page() -> bytes:
        answer = browser.get("/")
        assert answer.status_code == 200, answer.status
        return answer.data

    return json, page


def bare(path: Path) -> Ask:
    """The same rows and the same rules with nothing between the request and the database.

    It knows no token, writes no audit row and opens no transaction.
    """
    app = Flask("bare")
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA cache_size=-65536")
    now = places.NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
    values = {"v": places.VIEWER, "now": now, "today": now[:10], "size": 26}

    @app.get("/feed")
    def feed() -> Response:
        posts = [_post(row) for row in connection.execute(FEED, values)]
        cases = [
            dict(zip(NEWS_FIELDS, row, strict=True)) for row in connection.execute(NEWS, values)
        ]
        following = None
        if len(posts) > 25:
            del posts[25:]
            following = f"/feed?before={posts[-1]['posted_at']}-{posts[-1]['id']}"
        numbers = orjson.dumps([post["id"] for post in posts]).decode()
        by_number = {post["id"]: post for post in posts}
        for row in connection.execute(FILES, {"posts": numbers}):
            file = dict(zip(FILE_FIELDS, row, strict=True))
            by_number[file.pop("post_id")]["attachments"] += [file]  # type: ignore[operator]
        for number, *went in connection.execute(WENT, {"posts": numbers}):
            by_number[number]["question"] = dict(zip(WENT_FIELDS, went, strict=True))
        body = orjson.dumps({"cases": cases, "posts": posts, "next": following})
        return Response(body, content_type="application/json")

    client = app.test_client()
    return lambda: client.get("/feed").data


def _post(row: tuple[object, ...]) -> dict[str, object]:
    post = dict(zip(FIELDS, row, strict=True))
    for name in INSTANTS:
        if at := post[name]:
            post[name] = f"{at[:10]}T{at[11:]}Z"  # type: ignore[index]
    for name in TRUTHS:
        if (kept := post[name]) is not None:
            post[name] = bool(kept)
    post["for"], post["not_for"], post["attachments"], post["question"] = None, [], [], None
    return post


def check_same(one: bytes, other: bytes) -> None:
    """The comparison is of nothing if the two do not answer the same."""
    ours, theirs = orjson.loads(one), orjson.loads(other)
    for post in theirs["posts"]:
        for name in INSTANTS:
            if post[name]:
                post[name] = post[name].replace(".000000Z", "Z")
    assert ours["posts"] == theirs["posts"], "the two give different posts"
    assert ours["cases"] == theirs["cases"], "the two give different news"
    assert len(ours["posts"]) == 25
    assert ours["cases"]


def take_turns(asks: dict[str, Ask]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in asks}
    for turn in range(WARM_UP + ROUNDS):
        for name, ask in asks.items():
            began = time.perf_counter()
            ask()
            if turn >= WARM_UP:
                times[name].append((time.perf_counter() - began) * 1e6)
    return times


def report(times: dict[str, list[float]]) -> None:
    print(f"{'':8}{'median µs':>12}{'p95 µs':>10}")
    for name, taken in times.items():
        p95 = sorted(taken)[int(len(taken) * 0.95)]
        print(f"{name:8}{statistics.median(taken):12.0f}{p95:10.0f}")


def judge(times: dict[str, list[float]]) -> int:
    median = {name: statistics.median(taken) for name, taken in times.items()}
    missed = 0
    for goal, most in GOALS.items():
        one, other = goal.split(" to ")
        ratio = median[one] / median[other]
        missed += ratio > most
        print(f"{goal}: {ratio:.2f} × (goal: at most {most:.0f} ×)")
    return min(missed, 1)


def counted(api: Ask, page: Ask) -> bool:
    """How many statements a request sends; the same whatever it holds."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    asked = [(f"JSON, {size} posts", partial(api, size)) for size in (5, 25, 100)]
    sent = []
    for name, ask in (*asked, ("page", page)):
        seen.clear()
        ask()
        sent.append(len(seen))
        print(f"{name}: {len(seen)} statements")
    event.remove(db.engine(), "before_cursor_execute", note)
    return len(set(sent[:3])) == 1


FIELDS = (
    "id case_id child_name position kind worry body body_html version occurred_at posted_at "
    "edited_at significant meaning seen seen_alone due_at referral phoned audience "
    "sharing_reason source source_as_at "
    "author_id author_name author_role agency_id agency_name agency_type comment_count "
    "accepted_comment_id reader_count read_count acknowledged_by acknowledged_at"
).split()
INSTANTS = ("occurred_at", "posted_at", "edited_at", "due_at", "acknowledged_at")
TRUTHS = ("significant", "seen", "seen_alone", "phoned")
FILE_FIELDS = ("id", "post_id", "name", "type", "size", "alt", "verdict")
FILES = """SELECT id, post_id, name, type, size, alt, verdict FROM attachments
    WHERE post_id IN (SELECT value FROM json_each(:posts)) ORDER BY post_id, place, id"""
WENT_FIELDS = ("replied_at", "answered_at", "lead_told_at", "manager_told_at")
WENT = """SELECT p.id,
    (SELECT min(c.posted_at) FROM comments c WHERE c.post_id = p.id AND c.withdrawn_at IS NULL
        AND c.author_id <> p.author_id),
    (SELECT max(c.accepted_at) FROM comments c WHERE c.post_id = p.id AND c.withdrawn_at IS NULL
        AND c.author_id <> p.author_id),
    (SELECT e.at FROM escalations e WHERE e.post_id = p.id AND e.step = 'lead'),
    (SELECT e.at FROM escalations e WHERE e.post_id = p.id AND e.step = 'manager')
    FROM posts p WHERE p.kind = 'question' AND p.id IN (SELECT value FROM json_each(:posts))"""
NEWS_FIELDS = ("case_id", "child_name", "status", "unread", "worry")

HERS = "m.from_at <= :now AND m.until_at > :now"
STANDS = "{0}.from_at <= :now AND ({0}.until_at IS NULL OR {0}.until_at > :now)"
WORKS = """EXISTS (SELECT 1 FROM people a WHERE a.id = {} AND a.active
           AND a.account IN ('practitioner', 'manager'))"""
CONFLICTED = f"""SELECT 1 FROM conflicts x WHERE x.case_id = {{}} AND x.person_id = {{}}
    AND {STANDS.format("x")}"""
RESTRICTED = f"SELECT 1 FROM restrictions r WHERE r.case_id = f.case_id AND {STANDS.format('r')}"
FOLLOWED = f"""followed AS MATERIALIZED (
    SELECT f.case_id, f.last_read FROM follows f
    WHERE f.person_id = :v AND f.following AND {WORKS.format(":v")}
    AND NOT EXISTS ({CONFLICTED.format("f.case_id", ":v")}) AND (
        EXISTS (SELECT 1 FROM memberships m
                WHERE m.case_id = f.case_id AND m.person_id = :v AND {HERS})
        OR EXISTS (SELECT 1 FROM break_glass b WHERE b.case_id = f.case_id AND b.person_id = :v
                   AND b.opened_at <= :now AND b.until_at > :now
                   AND (b.approved_at IS NOT NULL OR NOT EXISTS ({RESTRICTED})))
        OR (NOT EXISTS ({RESTRICTED})
            AND EXISTS (SELECT 1 FROM supervisions s JOIN memberships m ON m.person_id = s.person_id
                        WHERE s.manager_id = :v AND m.case_id = f.case_id AND {HERS}))))"""
AGENCY = "(SELECT a.agency_id FROM people a WHERE a.id = {})"
NAMED = """SELECT 1 FROM audiences u WHERE u.post_id = {0}.id
    AND (u.person_id = {1} OR u.agency_id = {2})"""
SHUT_OUT = "SELECT 1 FROM exclusions e WHERE e.post_id = {0}.id AND e.agency_id = {1}"
OPEN = f"""{{0}}.withdrawn_at IS NULL
    AND NOT EXISTS ({SHUT_OUT.format("{0}", AGENCY.format(":v"))})
    AND ({{0}}.audience = 'network' OR EXISTS (
        SELECT 1 FROM memberships m
        WHERE m.case_id = {{0}}.case_id AND m.person_id = :v AND {HERS})
        AND ({{0}}.author_id = :v
             OR EXISTS ({NAMED.format("{0}", ":v", AGENCY.format(":v"))})))
    AND ({{0}}.author_id = :v OR NOT EXISTS (
        SELECT 1 FROM memberships m WHERE m.case_id = {{0}}.case_id AND m.person_id = :v
        AND m.history_from > {{0}}.posted_at AND {HERS}))"""
SHOWN = f"""{{0}}.source IS NULL AND {OPEN} AND ({{0}}.original_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM posts o WHERE o.id < {{0}}.id
    AND (o.id = {{0}}.original_id OR o.original_id = {{0}}.original_id)
    AND o.case_id IN (SELECT case_id FROM followed) AND {OPEN.format("o")}))"""
READERS = f"""memberships m WHERE m.case_id = p.case_id AND m.person_id IS NOT p.author_id
    AND {HERS} AND {WORKS.format("m.person_id")}
    AND NOT EXISTS ({CONFLICTED.format("m.case_id", "m.person_id")})
    AND NOT EXISTS ({SHUT_OUT.format("p", AGENCY.format("m.person_id"))})
    AND (p.audience = 'network'
         OR EXISTS ({NAMED.format("p", "m.person_id", AGENCY.format("m.person_id"))}))
    AND (m.history_from IS NULL OR m.history_from <= p.posted_at)"""

FEED = f"""WITH {FOLLOWED},
mine AS MATERIALIZED (
    SELECT f.case_id, (
        SELECT n.posted_at FROM posts n WHERE n.case_id = f.case_id AND {SHOWN.format("n")}
        ORDER BY n.posted_at DESC LIMIT 1) AS newest_at
    FROM followed f),
floor AS MATERIALIZED (
    SELECT coalesce((SELECT newest_at FROM mine WHERE newest_at IS NOT NULL
                     ORDER BY newest_at DESC LIMIT 1 OFFSET :size - 1), '') AS at),
chosen AS MATERIALIZED (
    SELECT p.id FROM floor CROSS JOIN mine CROSS JOIN posts p
    WHERE p.case_id = mine.case_id AND {SHOWN.format("p")} AND p.posted_at >= coalesce((
        SELECT i.posted_at FROM posts i
        WHERE i.case_id = mine.case_id AND i.posted_at >= floor.at AND {SHOWN.format("i")}
        ORDER BY i.posted_at DESC LIMIT 1 OFFSET :size - 1), floor.at)
    ORDER BY p.posted_at DESC, p.id DESC LIMIT :size)
SELECT p.id, p.case_id, coalesce(c.name, 'Child ' || coalesce(c.council_id, c.id)), p.position,
    p.kind, p.worry, p.body, p.body_html, p.version, p.occurred_at, p.posted_at, p.edited_at,
    p.significant, p.meaning, p.seen, p.seen_alone, p.due_at, p.referral, p.phoned, p.audience,
    p.sharing_reason, p.source,
    p.source_as_at, p.author_id, w.name, p.author_role, p.agency_id, g.name, g.agency_type,
    (SELECT count(*) FROM comments k WHERE k.post_id = p.id AND k.withdrawn_at IS NULL),
    (SELECT min(k.id) FROM comments k WHERE k.post_id = p.id AND k.accepted_at IS NOT NULL),
    (SELECT count(*) FROM {READERS}),
    (SELECT count(*) FROM {READERS} AND EXISTS (
        SELECT 1 FROM follows r WHERE r.person_id = m.person_id AND r.case_id = m.case_id
        AND r.last_read >= p.position)),
    (SELECT b.name FROM people b JOIN acknowledgements a ON a.person_id = b.id
     WHERE a.post_id = p.id ORDER BY a.acknowledged_at LIMIT 1),
    (SELECT min(a.acknowledged_at) FROM acknowledgements a WHERE a.post_id = p.id)
FROM chosen CROSS JOIN posts p ON p.id = chosen.id
JOIN cases ON cases.id = p.case_id JOIN children c ON c.id = cases.child_id
LEFT JOIN people w ON w.id = p.author_id LEFT JOIN agencies g ON g.id = p.agency_id
ORDER BY p.posted_at DESC, p.id DESC"""

NEWS = f"""WITH {FOLLOWED},
unread AS MATERIALIZED (
    SELECT f.case_id, count(*) AS how_many, max(p.posted_at) AS newest_at,
        max(CASE p.worry WHEN 'urgent' THEN 3 WHEN 'worried' THEN 2
            WHEN 'keep_an_eye_on' THEN 1 ELSE 0 END) AS rank
    FROM followed f CROSS JOIN posts p ON p.case_id = f.case_id AND p.position > f.last_read
    WHERE p.source IS NULL AND p.author_id IS NOT :v AND {OPEN.format("p")}
    GROUP BY f.case_id)
SELECT u.case_id, coalesce(c.name, 'Child ' || coalesce(c.council_id, c.id)),
    (SELECT s.status FROM case_statuses s WHERE s.case_id = u.case_id AND s.since <= :today
     ORDER BY s.since DESC, s.id DESC LIMIT 1),
    u.how_many,
    CASE u.rank WHEN 3 THEN 'urgent' WHEN 2 THEN 'worried' WHEN 1 THEN 'keep_an_eye_on'
        ELSE 'none' END
FROM unread u JOIN cases ON cases.id = u.case_id JOIN children c ON c.id = cases.child_id
ORDER BY u.rank DESC, u.newest_at DESC, u.case_id"""

if __name__ == "__main__":
    raise SystemExit(main())
