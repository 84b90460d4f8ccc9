"""People talking by API: whom they talk with, what was said, and who has read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import audit
from app.casework import networks
from app.core import clock, db
from app.jobs import keeping
from app.models import Person
from tests.api.test_door import lines
from tests.cast import MORNING, Cast

Program = Callable[..., Any]
Conforms = Callable[[Any, str], None]
TALKS = "/api/v1/conversations"


def start(client: Any, *people: Person, **more: Any) -> str:
    """The address of the conversation."""
    answer = client.post(TALKS, json={"people": [each.id for each in people], **more})
    assert answer.status_code == 201, answer.json
    return f"{TALKS}/{answer.json['id']}"


def say(client: Any, talk: str, body: str, **more: Any) -> Any:
    answer = client.post(f"{talk}/messages", json={"body": body, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def said(client: Any, talk: str, asked: str = "") -> list[str]:
    found = client.get(f"{talk}/messages{asked}").json["messages"]
    return [each["body"] for each in found if each["kind"] == "said"]


def test_two_people_talk_and_have_one_conversation(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan)
    assert start(dan, cast.priya) == talk
    assert start(dan, cast.priya, case_id=cast.amara.id) != talk
    made = say(priya, talk, "Shall we **meet**?")
    conforms(made, "MessagePlace")
    read = dan.get(f"/api/v1/messages/{made['id']}").json
    conforms(read, "Message")
    assert (read["author_name"], read["position"]) == ("Priya Shah", 1)
    assert read["body_html"] == "<p>Shall we <strong>meet</strong>?</p>"
    assert said(dan, talk) == ["Shall we **meet**?"]


def test_the_list_holds_her_own_and_none_of_their_words(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    say(priya, start(priya, cast.dan), "Secret")
    with clock.held(MORNING + timedelta(hours=1)):
        talk = start(priya, cast.dan, cast.mo, case_id=cast.amara.id, name="Plan")
        say(priya, talk, "Secret")
        answer = dan.get(TALKS)
        of_case = dan.get(f"{TALKS}?case={cast.amara.id}").json["conversations"]
    conforms(answer.json, "Conversations")
    assert "Secret" not in answer.text
    first, second = answer.json["conversations"]
    conforms(first, "ConversationLine")
    assert (first["name"], first["child_name"]) == ("Plan", "Amara O")
    assert first["names"] == ["Mo Akram", "Priya Shah"]
    assert (second["kind"], second["child_name"], second["unread"]) == ("direct", None, 1)
    assert [each["id"] for each in of_case] == [first["id"]]
    assert program(cast.ruth).get(TALKS).json["conversations"] == []


def test_the_list_is_read_page_by_page(cast: Cast, program: Program) -> None:
    priya, ids = program(cast.priya), []
    for other in (cast.dan, cast.ruth, cast.olive):  # all in the same instant
        say(priya, start(priya, other), "Hello")
    path = f"{TALKS}?size=1"
    while path:
        page = priya.get(path).json
        ids += [each["id"] for each in page["conversations"]]
        path = page["next"]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    assert priya.get(f"{TALKS}?before=mine").status_code == 422


def test_a_conversation_says_whom_it_is_between_and_is_named(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan, cast.ruth, case_id=cast.amara.id, name="Plan")
    assert dan.patch(talk, json={"name": "The plan"}).status_code == 204
    assert dan.patch(talk, json={"name": " "}).status_code == 422
    found = program(cast.ruth).get(talk).json
    conforms(found, "Conversation")
    conforms(found["people"][0], "InConversation")
    assert (found["name"], found["child_name"]) == ("The plan", "Amara O")
    assert [each["name"] for each in found["people"]] == ["Dan Hughes", "Priya Shah", "Ruth Bell"]
    assert found["may_write"]
    assert dan.patch(start(dan, cast.priya), json={"name": "Us"}).status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_is_talked_to_who_must_not_know_what_it_is_about(
    cast: Cast, program: Program
) -> None:
    priya = program(cast.priya)
    for who in ([], [cast.olive], [cast.lee], [cast.ada], [cast.zed], [cast.dan, cast.olive]):
        sent = {"people": [each.id for each in who], "case_id": cast.amara.id}
        answer = priya.post(TALKS, json=sent)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["people"])
    assert priya.get(TALKS).json["conversations"] == []


def test_the_network_talks_in_a_conversation_of_its_own(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    path, dan, mo = f"/api/v1/cases/{cast.amara.id}/conversation", program(cast.dan), cast.mo
    before = dan.get(path).json
    conforms(before, "CaseConversation")
    assert before == {"id": None, "may_write": True}
    made = say(dan, path, "He was late again.")
    talk = f"{TALKS}/{made['conversation_id']}"
    assert dan.get(path).json == {"id": made["conversation_id"], "may_write": True}
    assert program(mo).get(path).json["may_write"], "who supervises a member may lead"
    assert said(program(cast.ruth), talk) == said(program(mo), talk) == ["He was late again."]
    for outsider in (cast.olive, cast.lee):
        client = program(outsider)
        assert client.post(f"{path}/messages", json={"body": "x"}).status_code == 404
        assert {client.get(each).status_code for each in (path, talk)} == {404}
    assert dan.delete(f"{talk}/people/{cast.dan.id}").status_code == 403


def test_a_conversation_is_read_both_ways_from_a_place_and_from_a_day(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan)
    for number in range(1, 8):
        with clock.held(MORNING + timedelta(days=number // 5, minutes=number)):
            say(priya, talk, f"{number}")
    newest = dan.get(f"{talk}/messages?size=3").json
    conforms(newest, "Messages")
    assert newest["next"] == f"{talk}/messages?size=3&before=5"
    assert said(dan, talk, "?size=3") == ["5", "6", "7"]
    assert said(dan, talk, "?before=3") == ["1", "2"]
    assert said(dan, talk, "?after=2&size=2") == ["3", "4"]
    assert said(dan, talk, "?around=5&size=4") == ["2", "3", "4", "5"]
    assert said(dan, talk, "?around=5&size=1") == ["5"]
    assert said(dan, talk, "?on=2026-11-24") == ["5", "6", "7"]
    assert said(dan, talk, "?on=2026-11-25") == []
    assert said(dan, talk, "?on=0001-01-01") == said(dan, talk)
    on = dan.get(f"{talk}/messages?on=2026-11-24&size=2").json
    assert (on["older"], on["newer"]) == (5, 6)
    assert on["next"] == f"{talk}/messages?size=2&after=6"
    twice = dan.get(f"{talk}/messages?after=1&around=3")
    assert (twice.status_code, list(twice.json["errors"])) == (422, ["around"])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_program_that_follows_misses_nothing(cast: Cast, program: Program) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan)
    for number in range(1, 6):
        say(priya, talk, f"{number}")
    path, read = f"{talk}/messages?after=0&size=2", []
    while path:
        page = dan.get(path).json
        read += [each["position"] for each in page["messages"]]
        path = page["next"]
    assert read == [1, 2, 3, 4, 5]
    assert dan.get(f"{talk}/messages?after=5").json["messages"] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_message_answers_another_of_the_same_conversation(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk, other = start(priya, cast.dan), start(priya, cast.ruth)
    asked = say(priya, talk, "Who goes, @Dan Hughes?")
    made = say(dan, talk, "I do", reply_to=asked["id"])
    read = priya.get(f"/api/v1/messages/{made['id']}").json
    conforms(read["reply_to"], "ReplyTo")
    assert read["reply_to"]["author_name"] == "Priya Shah"
    assert dan.get(f"/api/v1/messages/{asked['id']}").json["names_me"]
    elsewhere = say(priya, other, "Hello")
    hidden, absent = (
        dan.post(f"{talk}/messages", json={"body": "x", "reply_to": number})
        for number in (elsewhere["id"], 987_654)
    )
    assert (hidden.status_code, hidden.data) == (404, absent.data)
    refused = {each.about for each in lines(cast.dan) if each.outcome == "refused"}
    assert refused == {f"message:{elsewhere['id']}", "message:987654"}
    wrong = priya.post(f"{talk}/messages", json={"body": "x", "reply_to": elsewhere["id"]})
    assert list(wrong.json["errors"]) == ["reply_to"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_link_is_given_to_those_who_may_see_where_it_leads(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya = program(cast.priya)
    talk = start(priya, cast.dan, cast.olive, name="Duty")
    say(priya, talk, f"Look: /cases/{cast.tobi.id}")
    for person, count in ((cast.dan, 1), (cast.olive, 0)):
        (*_, read) = program(person).get(f"{talk}/messages").json["messages"]
        assert len(read["links"]) == count
        for link in read["links"]:
            conforms(link, "Link")
            assert link["child_name"] == "Tobi O"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_its_author_edits_a_message_and_every_version_is_kept(
    cast: Cast, program: Program
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    path = f"/api/v1/messages/{say(priya, start(priya, cast.dan), 'First')['id']}"
    assert dan.patch(path, json={"body": "Mine"}).status_code == 403
    assert priya.patch(path, json={"body": "Better", "version": 1}).status_code == 204
    assert priya.patch(path, json={"body": "Other", "version": 1}).status_code == 409
    read = dan.get(path).json
    assert (read["body"], read["version"]) == ("Better", 2)
    versions = dan.get(f"{path}/versions").json["versions"]
    assert [each["body"] for each in versions] == ["First"]


def test_a_withdrawn_message_is_gone_for_everybody(cast: Cast, program: Program) -> None:
    priya, dan, ruth = (program(each) for each in (cast.priya, cast.dan, cast.ruth))
    talk = start(dan, cast.priya, cast.ruth, case_id=cast.amara.id, name="Plan")
    made = say(dan, talk, "Wrong child")
    path = f"/api/v1/messages/{made['id']}"
    assert ruth.delete(path).status_code == 403
    assert priya.delete(path).status_code == 204, "whoever leads the case may"
    absent = dan.get("/api/v1/messages/987654")
    for address in (path, f"{path}/versions", f"{path}/readers"):
        assert dan.get(address).data == absent.data
    assert said(ruth, talk) == []
    assert ruth.get("/api/v1/unread").json["total"] == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_short_answer_stands_once_and_is_taken_back(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    path = f"/api/v1/messages/{say(priya, start(priya, cast.dan), 'Who goes?')['id']}"
    for _ in range(2):
        assert dan.put(f"{path}/reactions", json={"reaction": "on_it"}).status_code == 204
    (reaction,) = priya.get(path).json["reactions"]
    conforms(reaction, "ShortAnswer")
    assert (reaction["reaction"], reaction["name"]) == ("on_it", "Dan Hughes")
    assert dan.put(f"{path}/reactions", json={"reaction": "haha"}).status_code == 422
    assert dan.delete(f"{path}/reactions", json={"reaction": "on_it"}).status_code == 204
    assert priya.get(path).json["reactions"] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_messages_are_kept_as_an_update_when_their_author_agrees(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan, ruth = (program(each) for each in (cast.priya, cast.dan, cast.ruth))
    talk = start(priya, cast.dan, case_id=cast.amara.id)
    first, second = (say(dan, talk, words)["id"] for words in ("He was late", "And tired"))
    assert ruth.post(f"{talk}/keeps", json={"messages": [first]}).status_code == 404
    assert priya.post(f"{talk}/keeps", json={}).status_code == 422
    keep = f"/api/v1/keeps/{priya.post(f'{talk}/keeps', json={'messages': [first]}).json['id']}"
    assert priya.post(f"{talk}/keeps", json={"messages": [first]}).status_code == 409
    other = f"/api/v1/keeps/{priya.post(f'{talk}/keeps', json={'messages': [second]}).json['id']}"
    assert priya.put(f"{keep}/agreement").status_code == 403
    absent = ruth.put("/api/v1/keeps/987654/agreement")
    for method, path in (("PUT", f"{keep}/agreement"), ("DELETE", keep)):
        answer = ruth.open(path, method=method)
        assert (answer.status_code, answer.data) == (404, absent.data)
    assert dan.delete(other).status_code == 204
    assert dan.delete(other).status_code == 409
    assert dan.get(f"/api/v1/messages/{second}").json["keep"] is None
    waits = dan.get(f"/api/v1/messages/{first}").json["keep"]
    conforms(waits, "Keep")
    assert (waits["keeper_name"], waits["is_kept"]) == ("Priya Shah", False)
    assert dan.put(f"{keep}/agreement").status_code == 204
    assert keeping.run() == 1
    post_id = dan.get(f"/api/v1/messages/{first}").json["keep"]["post_id"]
    assert "> He was late" in ruth.get(f"/api/v1/posts/{post_id}").json["body"]


def test_what_is_new_is_counted_until_it_is_read(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan)
    place = say(priya, talk, "Hello")
    conforms(dan.get("/api/v1/unread").json, "Unread")
    assert dan.get("/api/v1/unread").json["total"] == 1
    assert dan.put(f"{talk}/mute").status_code == 204
    muted = dan.get("/api/v1/unread").json
    assert muted["total"] == 0
    assert muted["conversations"] == [{"id": place["conversation_id"], "unread": 1}]
    assert dan.get(talk).json["muted"]
    assert dan.delete(f"{talk}/mute").status_code == 204
    assert [each["has_read"] for each in readers(priya, place)] == [False]
    assert dan.put(f"{talk}/read", json={"position": 10**9}).status_code == 204
    (reader,) = readers(priya, place)
    conforms(reader, "Reader")
    assert (reader["name"], reader["has_read"]) == ("Dan Hughes", True)
    assert dan.get("/api/v1/unread").json == {"total": 0, "conversations": []}
    assert dan.get(talk).json["last_read"] == place["position"]


def test_somebody_is_brought_in_from_an_instant_on_and_leaves(cast: Cast, program: Program) -> None:
    priya, mo = program(cast.priya), program(cast.mo)
    talk = start(priya, cast.dan, cast.ruth, name="Heads")
    say(priya, talk, "Old")
    with clock.held(MORNING + timedelta(hours=1)):
        assert mo.get(talk).status_code == 404
        new = {"person_id": cast.mo.id, "history_from": "2026-11-23T10:00:00Z"}
        assert program(cast.olive).post(f"{talk}/people", json=new).status_code == 404
        assert priya.post(f"{talk}/people", json=new).status_code == 201
        assert priya.post(f"{talk}/people", json=new).status_code == 409
        whole = {"person_id": cast.olive.id}
        assert priya.post(f"{talk}/people", json=whole).status_code == 201
        say(priya, talk, "New")
        assert said(mo, talk) == ["New"]
        assert said(program(cast.olive), talk) == ["Old", "New"]
        assert mo.delete(f"{talk}/people/{cast.dan.id}").status_code == 403
        assert mo.delete(f"{talk}/people/{cast.mo.id}").status_code == 204
        assert mo.get(f"{talk}/messages").status_code == 404


def test_a_program_is_pointed_to_what_was_said_to_it(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    at = dan.get("/api/v1/changes").json["at"]
    place = say(priya, start(priya, cast.dan), "Secret")
    answer = dan.get(f"/api/v1/changes?after={at}")
    assert "Secret" not in answer.text
    (pointer,) = answer.json["changes"]
    conforms(pointer, "Change")
    assert pointer == {
        "at": pointer["at"],
        "did": "said",
        "case": None,
        "post": None,
        "conversation": place["conversation_id"],
        "message": place["id"],
        "position": place["position"],
        "by": cast.priya.id,
    }
    assert program(cast.ruth).get(f"/api/v1/changes?after={at}").json["changes"] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_conversation_of_others_is_as_one_that_is_not_there(cast: Cast, program: Program) -> None:
    priya, ruth = program(cast.priya), program(cast.ruth)
    talk = start(priya, cast.dan, case_id=cast.amara.id)
    place = say(priya, talk, "For Dan")
    message, body = f"/api/v1/messages/{place['id']}", {"body": "x"}
    reaction, person = {"reaction": "seen"}, {"person_id": cast.mo.id}
    for method, address, sent in (
        ("GET", talk, None),
        ("PATCH", talk, {"name": "x"}),
        ("GET", f"{talk}/messages", None),
        ("POST", f"{talk}/messages", body),
        ("POST", f"{talk}/people", person),
        ("DELETE", f"{talk}/people/{cast.ruth.id}", None),
        ("PUT", f"{talk}/read", {"position": 1}),
        ("PUT", f"{talk}/mute", None),
        ("DELETE", f"{talk}/mute", None),
        ("GET", message, None),
        ("PATCH", message, body),
        ("DELETE", message, None),
        ("GET", f"{message}/versions", None),
        ("GET", f"{message}/readers", None),
        ("PUT", f"{message}/reactions", reaction),
        ("DELETE", f"{message}/reactions", reaction),
    ):
        hidden = ruth.open(address, method=method, json=sent)
        gone = address.replace(talk, f"{TALKS}/987654").replace(message, "/api/v1/messages/987654")
        absent = ruth.open(gone, method=method, json=sent)
        assert (hidden.status_code, hidden.data) == (404, absent.data), (method, address)
        assert dict(hidden.headers) == dict(absent.headers), (method, address)
        assert lines(cast.ruth)[-1].outcome == "refused"


def test_whoever_reads_is_on_record_with_what_they_read(cast: Cast, program: Program) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan, case_id=cast.amara.id)
    for word in ("One", "Two", "Three"):
        say(priya, talk, word)
    number = talk.rsplit("/", 1)[1]
    assert lines(cast.priya)[-1].about == f"conversation:{number}"
    assert {line.case_id for line in lines(cast.priya)} == {cast.amara.id}
    message = f"/api/v1/messages/{dan.get(f'{talk}/messages').json['messages'][0]['id']}"
    for path, about in (
        (talk, f"conversation:{number}"),
        (f"{talk}/messages?size=2", f"conversation:{number} 2-3"),
        (f"{talk}/messages?after=3", f"conversation:{number} 0-0"),
        (message, f"conversation:{number} 1-1"),
        (f"{message}/versions", message.removeprefix("/api/v1/").replace("s/", ":")),
        (f"{message}/readers", message.removeprefix("/api/v1/").replace("s/", ":")),
        (TALKS, None),
        ("/api/v1/unread", None),
    ):
        before = lines(cast.dan)
        assert dan.get(path).status_code == 200
        (line,) = lines(cast.dan)[len(before) :]
        assert (line.how, line.outcome, line.about) == ("api", "shown", about)
        assert line.case_id == (cast.amara.id if about else None)
    say(priya, start(priya, cast.dan), "About no case")
    assert lines(cast.priya)[-1].case_id is None


def test_who_asks_for_what_is_said_about_a_child_stands_in_the_audit_of_the_case(
    cast: Cast, program: Program
) -> None:
    priya, ruth = program(cast.priya), program(cast.ruth)
    talk, other = start(priya, cast.dan, case_id=cast.amara.id), start(priya, cast.dan)
    message = f"/api/v1/messages/{say(priya, talk, 'For Dan')['id']}"
    for path in (talk, message, other):
        assert ruth.get(path).status_code == 404
    with db.transaction():
        found = audit.entries(cast.audrey, case_id=cast.amara.id, outcome="refused")
        assert [entry.about for entry, _ in found] == [
            path.removeprefix("/api/v1/").replace("s/", ":") for path in (message, talk)
        ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_message_sent_again_with_its_key_is_said_once(cast: Cast, program: Program) -> None:
    priya = program(cast.priya)
    talk, key = start(priya, cast.dan), {"Idempotency-Key": "one"}
    first, again = (
        priya.post(f"{talk}/messages", json={"body": "Once"}, headers=key) for _ in range(2)
    )
    assert first.data == again.data
    assert said(priya, talk) == ["Once"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_talks_too_fast_is_told_when_to_come_back(
    guarded_app: Flask, cast: Cast, program: Program
) -> None:
    talk = start(program(cast.priya), cast.dan)
    client = guarded_app.test_client()
    client.environ_base = program(cast.priya).environ_base
    for _ in range(60):
        assert client.post(f"{talk}/messages", json={"body": "Again"}).status_code == 201
    answer = client.post(f"{talk}/messages", json={"body": "Again"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def readers(client: Any, place: Any) -> Any:
    return client.get(f"/api/v1/messages/{place['id']}/readers").json["readers"]


def test_what_is_withdrawn_already_is_said_to_its_author_alone(
    cast: Cast, program: Program
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    path = f"/api/v1/messages/{say(priya, start(priya, cast.dan), 'Wrong child')['id']}"
    assert priya.delete(path).status_code == 204
    again = priya.delete(path)
    assert (again.status_code, again.json["detail"]) == (409, "This message is withdrawn already.")
    assert dan.delete(path).data == dan.delete("/api/v1/messages/987654").data


def test_a_program_learns_that_nobody_else_reads_it_any_more(cast: Cast, program: Program) -> None:
    priya = program(cast.priya)
    talk = start(priya, cast.ruth, case_id=cast.amara.id)
    with db.transaction():
        networks.remove(cast.priya, cast.amara, cast.ruth, "Moved away")
    assert not priya.get(talk).json["may_write"]
    refused = priya.post(f"{talk}/messages", json={"body": "Are you there?"})
    assert refused.status_code == 409
    assert "Nobody else reads this conversation" in refused.json["detail"]


def test_a_draft_in_a_conversation_is_ones_own(
    cast: Cast, program: Program, conforms: Conforms
) -> None:
    priya, dan = program(cast.priya), program(cast.dan)
    talk = start(priya, cast.dan, case_id=cast.amara.id)
    path = f"{talk}/draft"
    assert priya.get(path).status_code == 404
    assert priya.put(path, json={"body": "Can we"}).status_code == 204
    kept = priya.get(path).json
    conforms(kept, "MessageDraft")
    assert (kept["body"], kept["reply_to"]) == ("Can we", None)
    assert dan.get(path).status_code == 404
    said = dan.post(f"{talk}/messages", json={"body": "When?"}).json["id"]
    assert priya.put(path, json={"body": "", "reply_to": said}).status_code == 204
    assert priya.get(path).json["reply_to"] == said
    assert program(cast.ruth).put(path, json={"body": "x"}).status_code == 404
    assert priya.put(path, json={"body": "x" * 8001}).status_code == 422
    assert priya.delete(path).status_code == 204
    assert priya.get(path).status_code == 404
