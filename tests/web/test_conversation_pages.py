"""The pages of messages, as a browser without script uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.casework import networks, restrictions
from app.core import db
from app.jobs import keeping
from app.models import AuditEntry, Message
from app.notices import choices
from messaging import conversations, keeps, messages, unread
from tests.cast import Cast

Browser = Callable[..., FlaskClient]


def test_two_people_talk_without_script(cast: Cast, browser: Browser) -> None:
    priya, dan = browser(cast.priya), browser(cast.dan)
    assert "No messages yet" in priya.get("/conversations").text
    made = priya.post("/conversations", data={"people": [cast.dan.id], "key": "a"})
    place = made.location
    assert made.status_code == 303
    said = {"body": "Can we meet at **three**?", "key": "b"}
    for _ in range(2):  # pressed twice, it is said once
        assert priya.post(f"{place}/messages", data=said).status_code == 303
    assert 'data-count="messages">1' in dan.get("/people").text
    page = dan.get(place).text
    assert page.count("<strong>three</strong>") == 1
    assert "Read by 1 of 1" in page, "he has it before him"
    assert 'data-count="messages" hidden>0' in page
    assert "Unread below this line" in page
    assert "Send to 1 person" in page
    assert "Unread below this line" not in dan.get(place).text
    dan.post(f"{place}/messages", data={"body": "Yes", "key": "c"})
    assert "Read by 1 of 1" in priya.get(place).text
    for other in (cast.ruth, cast.mo):
        assert browser(other).get(place).status_code == 404


def test_the_network_talks_about_its_child(cast: Cast, browser: Browser) -> None:
    path = f"/cases/{cast.amara.id}/conversation"
    dan = browser(cast.dan)
    page = dan.get(path).text
    assert "Nothing said yet" in page
    assert "Send to 3 people" in page
    sent = dan.post(f"{path}/messages", data={"body": "He was late.", "key": "a"})
    assert sent.location.startswith("/conversations/")
    assert "2 in the network, and 1 who supervises somebody in it." in (
        dan.get(path, follow_redirects=True).text
    )
    assert "Network of Amara O" in browser(cast.ruth).get(path, follow_redirects=True).text
    reader = browser(cast.mo).get(path, follow_redirects=True).text
    assert "He was late." in reader
    for each in ("", "/details", "/network", "/access"):
        assert f'href="/cases/{cast.amara.id}{each}"' in reader, "the pages of the case stay"
    assert "Write a message" in reader, "who supervises the lead may write"
    for stranger in (cast.olive, cast.lee):
        assert browser(stranger).get(path).status_code == 404
        assert browser(stranger).get(sent.location.partition("#")[0]).status_code == 404


def test_what_cannot_be_sent_comes_back_with_its_words(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    dan, place = browser(cast.dan), f"/conversations/{talk.id}"
    assert dan.post(f"{place}/messages", data={"body": " "}).status_code == 422
    long = dan.post(f"{place}/messages", data={"body": "word " * 2000})
    assert long.status_code == 422
    assert "Write at most 8,000 characters." in long.text
    assert "word word" in long.text
    wrong = dan.post("/conversations", data={"name": "Duty"})
    assert wrong.status_code == 422
    assert "Choose at least one person" in wrong.text
    assert 'value="Duty"' in wrong.text
    about = {"case_id": cast.amara.id, "people": [cast.olive.id], "name": ""}
    assert "cannot be in a conversation about this child" in (
        dan.post("/conversations", data=about).text
    )


def test_a_message_is_answered_changed_and_taken_back(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        said = messages.say(cast.priya, talk, "Who goes?")
    priya, dan = browser(cast.priya), browser(cast.dan)
    place = f"/conversations/{talk.id}"
    assert "In answer to Priya Shah" in dan.get(f"{place}?reply={said.id}").text
    dan.post(f"{place}/messages", data={"body": "I do", "reply_to": said.id, "key": "a"})
    dan.post(f"/messages/{said.id}/reactions", data={"add": "on_it"})
    page = priya.get(place).text
    assert "Priya Shah: Who goes?" in page
    assert "On it <span" in page
    dan.post(f"/messages/{said.id}/reactions", data={"remove": "on_it"})
    assert "On it <span" not in priya.get(place).text
    assert dan.get(f"/messages/{said.id}/edit").status_code == 403
    changed = {"body": "Who goes on Friday?", "version": 1, "key": "b"}
    assert priya.post(f"/messages/{said.id}/edit", data=changed).status_code == 303
    stale = priya.post(f"/messages/{said.id}/edit", data={"body": "Who?", "version": 1})
    assert stale.status_code == 409
    assert "Who goes?" in dan.get(f"/messages/{said.id}").text, "what it said before"
    unversioned = priya.post(f"/messages/{said.id}/edit", data={"body": "Who?", "version": "x"})
    assert unversioned.status_code == 422
    assert "Withdraw it" in priya.get(f"/messages/{said.id}/withdrawal").text
    priya.post(f"/messages/{said.id}/withdrawal")
    assert "Who goes" not in dan.get(place).text
    assert dan.get(f"/messages/{said.id}").status_code == 404
    late = dan.post(f"{place}/messages", data={"body": "Too late", "reply_to": said.id})
    assert late.status_code == 404
    assert "is not here any more" in late.text
    assert "Too late" in late.text
    with db.transaction() as session:
        on_record = select(AuditEntry.about).where(AuditEntry.outcome == "refused")
        assert f"message:{said.id}" in session.scalars(on_record).all()


def test_a_group_is_named_grows_and_is_left(cast: Cast, browser: Browser) -> None:
    priya = browser(cast.priya)
    found = priya.post("/conversations", data={"find": "find", "words": "reed", "name": "Duty"})
    assert "Olive Reed" in found.text
    assert "Ruth Bell" not in found.text
    assert 'value="Duty"' in found.text
    made = priya.post(
        "/conversations", data={"people": [cast.dan.id, cast.olive.id], "name": "Duty"}
    )
    place = made.location
    people = priya.get(f"{place}/people").text
    assert "Olive Reed" in people
    added = {"people": cast.ruth.id, "history": "now"}
    assert priya.post(f"{place}/people", data=added).status_code == 303
    assert priya.post(f"{place}/people", data=added).status_code == 409
    priya.post(f"{place}/name", data={"name": "Duty team"})
    assert "Duty team" in browser(cast.ruth).get(place).text
    olive = browser(cast.olive)
    olive.post(f"{place}/mute")
    assert "You have muted this conversation." in olive.get(f"{place}/people").text
    assert olive.post(f"{place}/leaving").location == "/conversations"
    assert olive.get(place).status_code == 404
    assert "Olive Reed left." in priya.get(place).text


def test_whom_one_may_choose_is_narrowed_by_a_name_however_it_is_spelt(
    cast: Cast, browser: Browser
) -> None:
    priya = browser(cast.priya)
    found = priya.post("/conversations", data={"find": "find", "words": "Reed, Olyve"})
    typed = priya.get(f"/conversations/choices?words=olyve&people={cast.dan.id}").text

    for page in (found.text, typed):
        assert "Olive Reed" in page
        assert "Ruth Bell" not in page
    assert f'value="{cast.dan.id}" checked' in typed, "whom she has chosen stays"
    assert "Nobody here fits" in priya.get("/conversations/choices?words=nosuch").text
    assert 'data-narrows="/conversations/choices?"' in found.text
    for closed in ("zed", "ada"):
        assert "checkboxes__item" not in priya.get(f"/conversations/choices?words={closed}").text


def test_every_colleague_can_be_chosen_without_script(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "OFFERED", 2)
    priya = browser(cast.priya)
    sent = {"words": "e", "name": "Duty", "people": [cast.olive.id]}
    page = priya.post("/conversations", data=sent | {"find": "find"}).text
    assert "Ruth Bell" not in page

    while more := re.search(r'name="more" value="(\d+)"', page):
        page = priya.post("/conversations", data=sent | {"more": more[1]}).text

    assert "Ruth Bell" in page
    assert f'value="{cast.olive.id}" checked' in page
    assert 'value="Duty"' in page


def test_who_is_chosen_stays_while_more_people_are_asked_for_in_a_group(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan, cast.mo], name="Duty")
    sent = {"find": "find", "words": "ruth", "people": cast.olive.id, "history": "all"}

    page = browser(cast.priya).post(f"/conversations/{talk.id}/people", data=sent).text

    assert f'value="{cast.olive.id}" checked' in page
    assert "Ruth Bell" in page


def test_of_a_case_only_who_works_on_it_is_offered_and_that_is_on_record_once(
    cast: Cast, browser: Browser
) -> None:
    priya, address = browser(cast.priya), f"/conversations/choices?case={cast.amara.id}&words="
    for typed in ("r", "ru", "ruth", "olive"):
        page = priya.get(f"{address}{typed}").text
        assert "Olive Reed" not in page
        assert ("Ruth Bell" in page) == (typed != "olive")
    assert browser(cast.olive).get(f"{address}r").status_code == 404
    with db.transaction() as session:
        (row,) = session.scalars(select(AuditEntry).where(AuditEntry.did == "begin to talk"))
    assert (row.person_id, row.ranges) == (cast.priya.id, [[cast.amara.id, 0, 0]])


def test_who_is_in_a_group_is_not_offered_to_it_again(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan, cast.olive], name="Duty")
    page = browser(cast.priya).get(f"/conversations/choices?conversation={talk.id}&words=e").text
    assert "Ruth Bell" in page
    assert "Olive Reed" not in page
    assert 'type="radio"' in page
    asked = f"/conversations/choices?conversation={talk.id}&words=e"
    assert browser(cast.ruth).get(asked).status_code == 404


def test_it_is_on_record_who_read_what_without_a_word(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.of_case(cast.dan, cast.amara)
        messages.say(cast.dan, talk, "He was late.")
    browser(cast.ruth).get(f"/conversations/{talk.id}")
    with db.transaction() as session:
        (row,) = session.scalars(
            select(AuditEntry).where(
                AuditEntry.person_id == cast.ruth.id, AuditEntry.did == "read messages"
            )
        )
        assert (row.case_id, row.about, row.why) == (
            cast.amara.id,
            f"conversation:{talk.id} 1-1",
            "member",
        )


def test_a_day_leads_into_the_conversation(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        messages.say(cast.priya, talk, "Hello")
    dan, place = browser(cast.dan), f"/conversations/{talk.id}"
    assert dan.get(f"{place}?day=2026-11-23").location == f"{place}?around=1#message-1"
    assert dan.get(f"{place}?day=2026-12-01").location == place
    assert dan.get(f"{place}?day=nonsense").status_code == 303


def test_an_open_page_fetches_what_is_new_and_what_changed(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        first = messages.say(cast.priya, talk, "One")
        messages.say(cast.priya, talk, "Two")
    dan, place = browser(cast.dan), f"/conversations/{talk.id}"
    assert dan.get("/conversations/unread").json == {
        "total": 2,
        "conversations": {str(talk.id): 2},
    }
    piece = dan.get(f"{place}/fragments?after=1").text
    assert "Two" in piece
    assert "One" not in piece
    assert "One" in dan.get(f"{place}/fragments?ids={first.id},999").text
    dan.post(f"{place}/read", data={"position": 2}, headers={"X-CSRFToken": "x"})
    assert dan.get("/conversations/unread").json == {"total": 0, "conversations": {}}
    with db.transaction() as session:
        assert unread.last_read(cast.dan, talk) == 2
        assert session.scalars(select(Message.position)).all()


def test_what_was_said_is_kept_once_its_author_agrees(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan], case=cast.amara)
        said = messages.say(cast.dan, talk, "He was late.")
    priya, dan, place = browser(cast.priya), browser(cast.dan), f"/conversations/{talk.id}"
    assert "He was late." in priya.get(f"/messages/{said.id}/keep").text
    nothing = priya.post(f"/messages/{said.id}/keep", data={"key": "a"})
    assert (nothing.status_code, "Choose from 1 to 20 messages." in nothing.text) == (422, True)
    asked = {"messages": [said.id], "key": "b"}
    assert priya.post(f"/messages/{said.id}/keep", data=asked).status_code == 303
    assert "Priya Shah is keeping this as an update" in dan.get(place).text
    assert dan.post("/keeps/1/agreement").status_code == 303
    assert browser(cast.ruth).post("/keeps/1/refusal").status_code == 404
    keeping.run()
    assert "Kept as an update" in dan.get(place).text
    assert "He was late." in browser(cast.ruth).get(f"/cases/{cast.amara.id}").text


def test_whom_nobody_else_reads_any_more_is_told_so_and_keeps_her_words(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.ruth], case=cast.amara)
        group = conversations.start(cast.priya, [cast.ruth], case=cast.amara, name="Plan")
        messages.say(cast.priya, talk, "Are you there?")
        networks.remove(cast.priya, cast.amara, cast.ruth, "Moved away")
    priya, place = browser(cast.priya), f"/conversations/{talk.id}"
    page = priya.get(place).text
    assert "Ruth Bell no longer reads this conversation: they have left this case" in page
    assert "Are you there?" in page
    assert 'name="body"' not in page
    assert "Ruth Bell" in priya.get("/conversations").text
    late = priya.post(f"{place}/messages", data={"body": "Then I will phone."})
    assert late.status_code == 409
    assert "nothing was sent" in late.text
    assert "readonly>Then I will phone.</textarea>" in late.text
    assert "Nobody else is in this group now" in priya.get(f"/conversations/{group.id}").text


def test_the_first_of_a_network_writes_for_those_who_join_later(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        networks.leave(cast.dan, cast.tobi, "Another school")
        restrictions.restrict(cast.priya, cast.tobi, "A relative works here")
    page = browser(cast.priya).get(f"/cases/{cast.tobi.id}/conversation").text
    assert "who joins later can read it" in page
    assert "Send to 0 people" not in page


def test_who_is_away_between_two_days_is_shown_among_the_people(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan, cast.ruth], name="Duty")
        choices.set_absence(cast.dan, date(2026, 11, 20), date(2026, 11, 30), None)
    page = browser(cast.priya).get(f"/conversations/{talk.id}/people").text
    assert "Away Fri 20 Nov to Mon 30 Nov" in page


def test_who_keeps_her_own_words_can_stop_it_and_is_not_asked_to_agree(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan, cast.ruth], case=cast.amara, name="Plan")
        said = [messages.say(each, talk, "Seen") for each in (cast.priya, cast.dan, cast.ruth)]
        keep = keeps.ask(cast.priya, talk, [each.id for each in said])
    place = f"/conversations/{talk.id}"
    own = browser(cast.priya).get(place).text
    assert own.count("You are keeping this as an update") == 3
    assert "Keep it now" not in own
    assert "Do not keep it" not in own
    assert own.count(">Stop</button>") == 3
    dan = browser(cast.dan)
    asked = dan.get(place).text
    assert asked.count("Keep it now") == asked.count("Do not keep it") == 1
    dan.post(f"/keeps/{keep.id}/agreement")
    agreed = dan.get(place).text
    assert "and you agreed" in agreed
    assert "Keep it now" not in agreed


def test_who_withdraws_twice_reads_that_it_is_done_and_others_nothing(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        said = messages.say(cast.priya, talk, "Wrong child")
        messages.withdraw(cast.priya, said)
    priya, path = browser(cast.priya), f"/messages/{said.id}/withdrawal"
    for ask in (priya.post, priya.get):
        again = ask(path)
        assert again.status_code == 303
        page = priya.get(again.location).text
        assert "This message is withdrawn already." in page
        assert "Wrong child" not in page
    absent = "/messages/987654/withdrawal"
    for other in (cast.dan, cast.olive):
        client = browser(other)
        assert client.post(path).data == client.post(absent).data
        assert client.post(path).status_code == client.get(path).status_code == 404


def test_an_edit_over_a_newer_one_shows_both_and_can_be_saved(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        said = messages.say(cast.priya, talk, "On Friday")
    priya, place = browser(cast.priya), f"/messages/{said.id}/edit"
    first = {"body": "On **Monday**", "version": _version(priya.get(place).text)}
    assert priya.post(place, data=first).status_code == 303
    late = priya.post(place, data=first | {"body": "On Tuesday"})
    assert late.status_code == 409
    assert "<strong>Monday</strong>" in late.text.partition("What it says now")[2]
    assert ">On Tuesday</textarea>" in late.text
    again = {"body": "On Tuesday", "version": _version(late.text)}
    assert priya.post(place, data=again).status_code == 303
    assert "What it says now" not in priya.get(place).text


def _version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_what_is_answered_is_quoted_as_it_reads(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan], case=cast.amara)
        said = messages.say(cast.dan, talk, "**Not** before <3:\n\n- a [plan](https://a.example)")
        messages.say(cast.priya, talk, "Right", reply_to_id=said.id)
    priya = browser(cast.priya)
    quoted = "Dan Hughes: Not before &lt;3: a plan"
    assert f"</span>{quoted}</a>" in priya.get(f"/conversations/{talk.id}").text
    assert (
        f"In answer to {quoted} <a" in priya.get(f"/conversations/{talk.id}?reply={said.id}").text
    )
    assert "Not before &lt;3: a plan</label>" in priya.get(f"/messages/{said.id}/keep").text


def test_what_is_no_day_is_said_so(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    page = browser(cast.priya).get(f"/conversations/{talk.id}?day=31/3", follow_redirects=True)
    assert "Write a day, such as 2026-03-31." in page.text


def test_what_is_typed_is_kept_as_a_draft_until_it_is_sent(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    priya, place = browser(cast.priya), f"/conversations/{talk.id}"
    saved = priya.put(f"{place}/draft", json={"body": "Can we meet?", "key": "x"})
    assert saved.json == {"saved": "Draft saved 09:00"}
    page = priya.get(place).text
    assert ">Can we meet?</textarea>" in page
    assert "Draft saved 09:00" in page
    assert "Can we meet?" not in browser(cast.dan).get(place).text
    assert browser(cast.ruth).put(f"{place}/draft", json={"body": "x"}).status_code == 404
    priya.post(f"{place}/messages", data={"body": "Can we meet at three?"})
    assert ">Can we meet?</textarea>" not in priya.get(place).text


def test_what_is_about_to_be_answered_comes_back_with_the_draft(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        first, second = (messages.say(cast.dan, talk, each) for each in ("Where?", "When?"))
    priya, place = browser(cast.priya), f"/conversations/{talk.id}"
    priya.put(f"{place}/draft", json={"body": "At three", "reply_to": str(second.id)})
    page = priya.get(place).text
    assert _answers(page) == [str(second.id)]
    assert "In answer to Dan Hughes: When?" in page
    assert _answers(priya.get(f"{place}?reply={first.id}").text) == [str(first.id)]
    nothing = re.search(r'href="([^"]*)#body" data-no-reply', page)
    assert nothing
    assert _answers(priya.get(nothing[1]).text) == [], "also without script"
    priya.post(f"{place}/messages", data={"body": "At three"})
    assert _answers(priya.get(place).text) == []


def test_a_draft_that_answers_what_was_withdrawn_keeps_its_words(
    cast: Cast, browser: Browser
) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
        asked = messages.say(cast.dan, talk, "Wrong child")
    priya, place = browser(cast.priya), f"/conversations/{talk.id}"
    priya.put(f"{place}/draft", json={"body": "Who?", "reply_to": asked.id})
    with db.transaction() as session:
        messages.withdraw(cast.dan, session.merge(asked))
    page = priya.get(place).text
    assert ">Who?</textarea>" in page
    assert _answers(page) == []
    assert "Wrong child" not in page


def test_a_draft_says_which_files_are_not_in_it(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        talk = conversations.start(cast.priya, [cast.dan])
    priya, place = browser(cast.priya), f"/conversations/{talk.id}"
    for sent, said in (
        ({"chosen": 1}, "without the file you had chosen: choose it again."),
        ({"chosen": 10**14}, "without the files you had chosen: choose them again."),
        ({"chosen": "x", "reply_to": ["x"]}, "Draft saved 09:00</p>"),
    ):
        assert priya.put(f"{place}/draft", json={"body": "See this", **sent}).status_code == 200
        assert said in priya.get(place).text


def _answers(page: str) -> list[str]:
    return re.findall(r'name="reply_to" value="(\d+)"', page)


def test_the_first_words_to_a_network_are_kept_and_counted_by_nobody(
    cast: Cast, browser: Browser
) -> None:
    path, dan = f"/cases/{cast.amara.id}/conversation", browser(cast.dan)
    assert f'data-draft-src="{path}/draft"' in dan.get(path).text
    dan.put(f"{path}/draft", json={"body": "He was late."})
    page = dan.get(path, follow_redirects=True).text
    assert ">He was late.</textarea>" in page
    assert "Nothing said yet" in page
    ruth = browser(cast.ruth)
    assert "No messages yet" in ruth.get("/conversations").text
    assert "He was late." not in ruth.get(path, follow_redirects=True).text


def test_who_started_a_group_takes_somebody_out_of_it(cast: Cast, browser: Browser) -> None:
    with db.transaction():
        group = conversations.start(cast.priya, [cast.dan, cast.ruth], name="Duty")
    priya, dan, place = browser(cast.priya), browser(cast.dan), f"/conversations/{group.id}"
    removal = f"{place}/people/{cast.ruth.id}/removal"
    assert removal not in dan.get(f"{place}/people").text
    assert dan.post(removal).status_code == 403
    assert removal in priya.get(f"{place}/people").text
    assert (
        "Ruth Bell is out of this conversation" in priya.post(removal, follow_redirects=True).text
    )
    assert browser(cast.ruth).get(place).status_code == 404
    assert "Priya Shah took Ruth Bell out of this group." in dan.get(place).text
