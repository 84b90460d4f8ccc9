"""Cases, networks, follows and drafts by API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.casework import networks
from app.core import clock, db
from tests.api.test_posts import publish
from tests.cast import MORNING, Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]


def test_a_case_is_opened_described_and_read(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    client = program(cast.priya)
    new = {
        "child": {"name": "Kit W", "born_on": "2021-03-04", "other_names": ["Kitty"]},
        "status": "assessment",
        "since": "2026-11-20",
        "reason": "Referred by the school.",
    }
    made = client.post("/api/v1/cases", json=new).json
    case = client.get(f"/api/v1/cases/{made['id']}").json
    conforms(case, "Case")
    assert (case["child"]["name"], case["child"]["other_names"]) == ("Kit W", ["Kitty"])
    assert (case["status"], case["since"]) == ("assessment", "2026-11-20")
    assert case["lead"]["name"] == "Priya Shah"
    assert case["may_lead"]
    assert case["following"]


def test_the_list_holds_only_her_cases(cast: Cast, program: Program, conforms: Conforms) -> None:
    listed = program(cast.priya).get("/api/v1/cases").json["cases"]
    for line in listed:
        conforms(line, "CaseLine")
    assert {line["child_name"] for line in listed} == {"Amara O", "Tobi O"}
    assert {line["status"] for line in listed} == {"child_protection_plan", "child_in_need"}


def test_what_is_known_of_the_child_is_corrected_by_the_lead(cast: Cast, program: Program) -> None:
    path = f"/api/v1/cases/{cast.amara.id}"
    known = {"name": "Amara Obi", "nhs_number": "943 476 5919"}
    assert program(cast.dan).put(f"{path}/child", json=known).status_code == 403
    assert program(cast.priya).put(f"{path}/child", json=known).status_code == 204
    note = {"words": "A dog is in the garden."}
    assert program(cast.priya).put(f"{path}/before-visit", json=note).status_code == 204
    case = program(cast.dan).get(path).json
    assert case["child"]["nhs_number"] == "9434765919"
    assert case["before_visit"] == "A dog is in the garden."


def test_the_top_of_a_case_tells_what_waits(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    client, later = program(cast.priya), "2026-11-25T10:00:00Z"
    publish(client, cast.amara.id, "Seen.", kind="visit", seen=True, seen_alone=True)
    publish(client, cast.amara.id, "Next.", kind="planned_visit", due_at=later)
    publish(client, cast.amara.id, "Who has the key?", kind="question", due_at=later)
    case = program(cast.dan).get(f"/api/v1/cases/{cast.amara.id}").json
    conforms(case, "Case")
    assert (case["last_seen"]["by"], case["last_seen"]["alone"]) == ("Priya Shah", True)
    assert case["coming"]["at"] == later
    assert [question["body"] for question in case["questions"]] == ["Who has the key?"]


def test_a_case_is_closed_and_opened_again_and_its_history_stays(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    client, path = program(cast.priya), f"/api/v1/cases/{cast.tobi.id}/status"
    for status in ("closed", "early_help"):
        new = {"status": status, "since": "2026-11-23", "reason": "Agreed at the review."}
        assert client.post(path, json=new).status_code == 204
    statuses = client.get(path).json["statuses"]
    conforms(statuses[0], "Status")
    assert [each["status"] for each in statuses] == ["early_help", "closed", "child_in_need"]


def test_who_joins_for_what_comes_reads_how_it_stood_and_not_why(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    path = f"/api/v1/cases/{cast.tobi.id}/status"
    new = {"status": "early_help", "since": "2026-11-23", "reason": "Grandfather’s drinking."}
    assert program(cast.priya).post(path, json=new).status_code == 204
    with clock.held(MORNING + timedelta(hours=1)):
        with db.transaction():
            networks.add(
                cast.priya, cast.tobi, cast.ruth, role="", reason="Helps", history_from=clock.now()
            )
        told = program(cast.ruth).get(path).json["statuses"][0]
        page = program(cast.ruth).get("/api/v1/changes?after=0").json["changes"]
    conforms(told, "Status")
    assert (told["status"], told["since"]) == ("early_help", "2026-11-23")
    assert (told["reason"], told["recorded_by_id"]) == (None, None)
    assert "status_changed" not in [each["did"] for each in page if each["case"] == cast.tobi.id]
    assert program(cast.dan).get(path).json["statuses"][0]["reason"] == new["reason"]


def test_key_dates_are_set_and_finished(cast: Cast, program: Program, conforms: Conforms) -> None:
    client, path = program(cast.priya), f"/api/v1/cases/{cast.amara.id}/key-dates"
    due = {"what": "Review conference", "due_at": "2026-12-01T10:00:00Z"}
    made = client.post(path, json=due).json
    assert client.put(f"{path}/{made['id']}/done").status_code == 204
    (date,) = client.get(path).json["key_dates"]
    conforms(date, "KeyDate")
    assert date["done_at"] == "2026-11-23T09:00:00Z"


def test_a_sibling_is_shown_only_to_who_sees_the_siblings_case(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    path = f"/api/v1/cases/{cast.amara.id}/family"
    adult = {"relation": "mother", "name": "Ada O"}
    assert program(cast.priya).post(path, json=adult).status_code == 204
    sibling, mother = program(cast.priya).get(path).json["family"]
    conforms(sibling, "Relative")
    assert (sibling["name"], sibling["case_id"]) == ("Tobi O", cast.tobi.id)
    assert [each["name"] for each in program(cast.ruth).get(path).json["family"]] == ["Ada O"]
    assert program(cast.priya).delete(f"{path}/{mother['link_id']}").status_code == 204


def test_a_network_grows_changes_its_lead_and_shrinks(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    client, path = program(cast.priya), f"/api/v1/cases/{cast.amara.id}"
    why = {"reason": "Offers support at home."}
    ground = {"legal_basis": "consent", "until_on": "2027-03-01"}
    joined = client.post(f"{path}/network", json={"person_id": cast.olive.id, **why, **ground})
    assert joined.status_code == 201
    assert client.put(f"{path}/lead", json={"person_id": cast.ruth.id, **why}).status_code == 204
    left = client.delete(f"{path}/network/{cast.priya.id}", json={"reason": "New job."})
    assert left.status_code == 204
    network = program(cast.ruth).get(f"{path}/network").json["network"]
    conforms(network[0], "Member")
    names = [member["name"] for member in network]
    assert names[0] == "Ruth Bell"
    assert set(names) == {"Ruth Bell", "Dan Hughes", "Olive Reed", "Zed Cole"}
    out = program(cast.ruth).delete(f"{path}/network/{cast.olive.id}", json={"reason": "Done."})
    assert out.status_code == 204
    assert program(cast.olive).get(path).status_code == 404


def test_following_brings_a_case_into_the_feed_and_unfollowing_takes_it_out(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    publish(
        program(cast.priya), cast.amara.id, "Worrying.", kind="concern", worry="urgent", phoned=True
    )
    feed = program(cast.dan).get("/api/v1/feed").json
    conforms(feed, "Feed")
    (news,) = feed["cases"]
    conforms(news, "News")
    assert (news["case_id"], news["unread"], news["worry"]) == (cast.amara.id, 1, "urgent")
    assert [post["body"] for post in feed["posts"]] == ["Worrying."]
    assert program(cast.dan).delete(f"/api/v1/cases/{cast.amara.id}/follow").status_code == 204
    assert program(cast.dan).get("/api/v1/feed").json["posts"] == []
    assert program(cast.mo).put(f"/api/v1/cases/{cast.amara.id}/follow").status_code == 204
    assert len(program(cast.mo).get("/api/v1/feed").json["posts"]) == 1


def test_the_feed_is_read_page_by_page_over_all_cases(cast: Cast, program: Program) -> None:
    client = program(cast.priya)
    for number in range(7):
        publish(client, (cast.amara, cast.tobi)[number % 2].id, f"Number {number}.")
    path, read = "/api/v1/feed?size=3", []
    while path:
        page = client.get(path).json
        read += [post["body"] for post in page["posts"]]
        path = page["next"]
    assert read == [f"Number {number}." for number in reversed(range(7))]


def test_a_marker_of_somebody_elses_making_is_refused(cast: Cast, program: Program) -> None:
    assert program(cast.priya).get("/api/v1/feed?before=yesterday").status_code == 422


def test_changes_tell_where_to_look_in_her_cases(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    begin = program(cast.dan).get("/api/v1/changes").json
    assert begin["changes"] == []
    made = publish(program(cast.priya), cast.amara.id)
    (change,) = program(cast.dan).get(f"/api/v1/changes?after={begin['at']}").json["changes"]
    conforms(change, "Change")
    assert (change["did"], change["post"]) == ("published", made["id"])
    assert program(cast.olive).get(f"/api/v1/changes?after={begin['at']}").json["changes"] == []


def test_a_draft_is_its_authors_own(cast: Cast, program: Program, conforms: Conforms) -> None:
    path = f"/api/v1/cases/{cast.amara.id}/draft"
    typed = {"fields": {"body": "I saw", "kind": "visit"}}
    assert program(cast.priya).put(path, json=typed).status_code == 204
    draft = program(cast.priya).get(path).json
    conforms(draft, "Draft")
    assert draft["fields"] == typed["fields"]
    assert program(cast.dan).get(path).status_code == 404
    assert program(cast.priya).delete(path).status_code == 204
    assert program(cast.priya).get(path).status_code == 404


def test_colleagues_and_agencies_are_known_to_every_account(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    for person in (cast.priya, cast.ada):
        client = program(person)
        found = client.get("/api/v1/people?words=hillside").json["people"]
        assert [each["name"] for each in found] == ["Dan Hughes"]
        conforms(client.get(f"/api/v1/people/{cast.dan.id}").json, "Person")
        conforms(client.get("/api/v1/agencies").json["agencies"][0], "Agency")


def test_a_person_says_that_they_are_away(cast: Cast, program: Program, conforms: Conforms) -> None:
    away = {"out_of_office": "Back on Monday."}
    assert program(cast.priya).patch("/api/v1/me", json=away).status_code == 204
    me = program(cast.priya, "read").get("/api/v1/me").json
    conforms(me, "Me")
    assert (me["out_of_office"], me["scope"]) == ("Back on Monday.", "read")
