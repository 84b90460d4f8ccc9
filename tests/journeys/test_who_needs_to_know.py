"""A new member catches up; a step-father who is a colleague learns nothing. On the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import access, push, relay
from app.casework import conflicts, emergencies, networks
from app.casework.children import Sought
from app.core import clock, db
from app.core.errors import Invalid, NotFound
from app.models import AuditEntry, BreakGlass
from feeds import comments, follows, posts
from feeds.posts import Update
from tests.cast import MORNING, Cast

Browser = Callable[..., FlaskClient]
DAY = timedelta(days=1)
WHY = "Lives with the mother"


@pytest.fixture
def told() -> Iterator[list[tuple[set[int], dict[str, Any]]]]:
    """Whose open pages were pointed to what."""
    kept: list[tuple[set[int], dict[str, Any]]] = []

    class Channel:
        def tell(self, people: set[int], pointer: dict[str, Any]) -> None:
            kept.append((set(people), pointer))

    push.use(Channel())  # type: ignore[arg-type]
    yield kept
    push.use(push.NOBODY)


def test_a_new_member_is_invited_with_a_reason_and_catches_up(browser: Browser, cast: Cast) -> None:
    with clock.held(MORNING - 300 * DAY), db.transaction():
        old = posts.publish(cast.priya, cast.tobi, Update("From last winter.")).id
    with db.transaction():
        asked = Update("Who has seen him since Friday?", kind="question", due_at=MORNING + DAY)
        question = posts.publish(cast.dan, cast.tobi, asked).id
    half_a_year_ago = (MORNING - 182 * DAY).date().isoformat()
    invited = {
        "reason": "Takes over at the health centre",
        "legal_basis": "public_task",
        "until_on": "2027-05-24",
        "history": "day",
        "history_from": half_a_year_ago,
    }
    browser(cast.priya).post(f"/cases/{cast.tobi.id}/network/new/{cast.ruth.id}", data=invited)

    ruth = browser(cast.ruth)
    case = ruth.get(f"/cases/{cast.tobi.id}").text
    network = ruth.get(f"/cases/{cast.tobi.id}/network").text
    assert "Child in need" in case
    assert "Who has seen him since Friday?" in case
    assert "From last winter." not in case
    assert "Earlier updates are not shared with you" in case
    assert "Takes over at the health centre" in network
    assert "Priya Shah" in network
    assert "Hillside Primary" in network
    assert ruth.get(f"/posts/{old}").status_code == 404
    assert ruth.get(f"/posts/{question}").status_code == 200


def test_a_step_father_at_a_partner_agency_finds_and_follows_nothing(
    browser: Browser, cast: Cast, program: Callable[..., FlaskClient]
) -> None:
    dan = browser(cast.dan)
    with db.transaction():
        post = posts.publish(cast.priya, cast.amara, Update("Seen at home."))
        comments.add(cast.dan, post, "Thank you.")
    assert "Amara" in dan.get("/cases").text
    assert "sister" in dan.get(f"/cases/{cast.tobi.id}").text
    browser(cast.priya).post(
        f"/cases/{cast.amara.id}/access/conflicts/new/{cast.dan.id}", data={"reason": WHY}
    )

    for page in ("/", "/cases", "/search?q=amara", "/memberships", f"/people/{cast.ruth.id}"):
        assert "Amara" not in dan.get(page).text, page
    for address in ("/cases/{}", "/cases/{}/network", "/cases/{}/follow", "/cases/{}/posts"):
        for send in (dan.get, dan.post):
            hidden, absent = (send(address.format(each)) for each in (cast.amara.id, 987_654))
            assert (hidden.status_code, hidden.data) == (absent.status_code, absent.data), address
    hidden, absent = (dan.get(f"/posts/{each}") for each in (post.id, 987_654))
    assert (hidden.status_code, hidden.data) == (404, absent.data)
    assert "sister" not in dan.get(f"/cases/{cast.tobi.id}").text, "nor through her brother’s case"
    listed = program(cast.dan).get("/api/v1/cases").get_data(as_text=True)
    assert "Amara" not in listed
    assert "Tobi" in listed


def test_he_receives_nothing_and_can_infer_nothing(
    cast: Cast, told: list[tuple[set[int], dict[str, Any]]]
) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.olive, WHY)
        conflicts.declare(cast.priya, cast.amara, cast.dan, WHY)
        posts.publish(cast.priya, cast.amara, Update("Seen.", worry="urgent", phoned=True))
    while relay.deliver():
        pass
    assert [pointer["did"] for people, pointer in told if cast.dan.id in people] == [
        "access_changed"
    ], "his open pages are cleared, and then he hears no more"
    assert not [pointer for people, pointer in told if cast.olive.id in people]
    with db.transaction():
        assert follows.unread(cast.dan) == {}
        with pytest.raises(Invalid):
            networks.add(cast.priya, cast.amara, cast.olive, role="", reason="Helps")


def test_an_emergency_does_not_open_it_to_him_and_his_attempts_are_on_record(
    browser: Browser, cast: Cast
) -> None:
    with db.transaction():
        conflicts.declare(cast.priya, cast.amara, cast.dan, WHY)
    with db.transaction():
        because = emergencies.why("danger_now", "He says that he has to see it now")
        emergencies.break_glass(cast.dan, Sought(case_id=cast.amara.id), because)
        glass = db.session().scalars(select(BreakGlass)).one()
        assert (glass.case_id, glass.opened_at) == (None, None)
        with pytest.raises(NotFound):
            access.case(cast.dan, cast.amara.id)
    assert browser(cast.dan).get(f"/cases/{cast.amara.id}").status_code == 404
    with db.transaction() as session:
        refused = session.scalars(
            select(AuditEntry.about).where(
                AuditEntry.person_id == cast.dan.id, AuditEntry.outcome == "refused"
            )
        )
        assert list(refused) == [f"case:{cast.amara.id}"]
