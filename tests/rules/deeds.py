"""What people do in a town that lives, by the real verbs; and whether the policy lets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from app import access
from app.casework import (
    children,
    conflicts,
    emergencies,
    look_ups,
    networks,
    people,
    restrictions,
)
from app.casework.children import Sought
from app.core import clock, db
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooFast
from app.models import BreakGlass, Case, Person, Post
from feeds import comments, follows, posts
from feeds.posts import Update
from tests.rules import talks
from tests.rules.deed import Deed, Refused, first
from tests.rules.life import (
    BORN,
    CHILDREN,
    DAY,
    HOUR,
    INSTANT,
    POSTCODE,
    WHY,
    YEAR,
    Asked,
    Followed,
    Joined,
    Life,
    Said,
    Written,
)
from tests.rules.policy import Account, Span

A_DAY = 10  # emergencies, and look-ups
NO_CASE = 999_999
MINUTE = timedelta(minutes=1)
PAUSES = [MINUTE, 20 * MINUTE, 61 * MINUTE, DAY, 9 * DAY, 9 * DAY, 40 * DAY, 150 * DAY]


def step(life: Life) -> str | None:
    """Do one thing; answers what was let through, or refused, against the policy."""
    deed = life.chance.choices(DEEDS, WEIGHTS)[0](life)
    life.steps.append(deed.words + (f": {deed.refused.__name__}" if deed.refused else ""))
    found, answer = _done(deed.act, life.world.now)
    if found is not deed.refused:
        return f"{_name(found)} is not {_name(deed.refused)}"
    if found is None:
        deed.effect(answer)
    else:
        life.refused += 1
    return None


def _done(act: Callable[[], Any], now: datetime) -> tuple[Refused, Any]:
    try:
        with clock.held(now), db.transaction(durable=False):
            return None, act()
    except Refusal as refusal:
        return type(refusal), None


def _name(refused: Refused) -> str:
    return refused.__name__ if refused else "allowed"


def not_lead(life: Life, actor: int, case: int) -> tuple[tuple[bool, type[Refusal]], ...]:
    return (
        (not life.world.sees_case(actor, case), NotFound),
        (not life.world.leads(actor, case), NotAllowed),
    )


# The network.


def add(life: Life) -> Deed:
    case = life.case()
    actor, person = life.leader(case), life.chance.choice(life.people)
    last = life.today() + life.chance.choice([0, 1, 30, 182, 365]) * DAY
    now = life.world.now
    history = life.chance.choice([None, None, now, now - HOUR, now - 20 * DAY])
    refused = first(
        *not_lead(life, actor, case),
        (not life.is_able(person, case), Invalid),
        (bool(life.world.memberships(person, case)), Conflict),
    )

    def act() -> object:
        return networks.add(
            life.row(Person, actor),
            life.row(Case, case),
            life.row(Person, person),
            role="Worker",
            reason=WHY,
            until_on=last,
            history_from=history,
        )

    def effect(_: object) -> None:
        life.join(person, case, life.end_of(last), history=history)
        life.note(actor, case)

    words = f"{actor} adds {person} to {case} until {last}, history from {history}"
    return Deed(words, refused, act, effect)


def renew(life: Life) -> Deed:
    case = life.case()
    actor, person = life.leader(case), life.colleague(case)
    last = life.today() + life.chance.choice([0, 7, 365]) * DAY
    is_member = bool(life.world.memberships(person, case))
    refused = first(
        *not_lead(life, actor, case),
        (not is_member and bool(life.world.members.get((person, case))), Conflict),
        (not is_member, NotFound),
    )

    def act() -> None:
        who = life.row(Person, actor), life.row(Case, case), life.row(Person, person)
        networks.renew(*who, until_on=last, reason=WHY)

    def effect(_: object) -> None:
        life.member(person, case, until_at=life.end_of(last))

    return Deed(f"{actor} renews {person} in {case} until {last}", refused, act, effect)


def remove(life: Life) -> Deed:
    case = life.case()
    actor, person = life.leader(case), life.colleague(case)
    refused = first(
        *not_lead(life, actor, case),
        (not life.world.memberships(person, case), NotFound),
        (life.leads_it(person, case), Conflict),
        (actor == person, NotAllowed),
    )

    def act() -> None:
        networks.remove(
            life.row(Person, actor), life.row(Case, case), life.row(Person, person), WHY
        )

    def effect(_: object) -> None:
        life.leave(person, case)
        life.note(actor, case)

    return Deed(f"{actor} removes {person} from {case}", refused, act, effect)


def leave(life: Life) -> Deed:
    case = life.case()
    person = life.viewer(case)
    refused = first(
        (not life.world.sees_case(person, case), NotFound),
        (not life.world.memberships(person, case), NotFound),
        (life.leads_it(person, case), Conflict),
    )

    def act() -> None:
        who = life.row(Person, person)
        networks.leave(who, access.case(who, case), WHY)

    def effect(_: object) -> None:
        life.leave(person, case)
        life.note(person, case)

    return Deed(f"{person} leaves {case}", refused, act, effect)


def hand_over(life: Life) -> Deed:
    case = life.case()
    actor, person = life.leader(case), life.colleague(case)
    refused = first(
        *not_lead(life, actor, case),
        (not life.world.memberships(person, case), NotFound),
        (not life.is_able(person, case), Invalid),
        (life.leads_it(person, case), Conflict),
    )

    def act() -> None:
        networks.hand_over(
            life.row(Person, actor), life.row(Case, case), life.row(Person, person), WHY
        )

    def effect(_: object) -> None:
        life.lead(person, case)
        life.note(actor, case)

    return Deed(f"{actor} hands {case} over to {person}", refused, act, effect)


def appoint(life: Life) -> Deed:
    """An administrator gives a case that nobody leads to a colleague of its last lead."""
    orphans = [each for each in life.cases if not life.is_led(each)]
    case = life.one(orphans, life.cases)
    led = [
        each
        for (_, of), found in life.world.members.items()
        for each in found
        if of == case and each.is_lead and isinstance(each, Joined)
    ]
    agency = max(led, key=lambda each: (each.until_at, each.order)).agency
    colleagues = [
        each
        for each in life.people
        if life.is_able(each, case) and life.world.accounts[each].agency == agency
    ]
    actor, person = life.officer(), life.one(colleagues if life.maybe(0.8) else [], life.people)
    refused = first(
        (life.world.accounts[actor].kind != "administrator", NotAllowed),
        (case not in orphans, NotFound),
        (person not in colleagues, Invalid),
    )

    def act() -> None:
        networks.appoint_lead(life.row(Person, actor), case, life.row(Person, person), WHY)

    def effect(_: object) -> None:
        if not life.world.memberships(person, case):
            life.join(person, case, life.world.now + YEAR)
        life.lead(person, case)
        life.note(actor, case)

    return Deed(f"{actor} appoints {person} to lead {case}", refused, act, effect)


# Apart.


def restrict(life: Life) -> Deed:
    case = life.case()
    actor = life.leader(case)
    refused = first(
        *not_lead(life, actor, case),
        (life.world.is_restricted(case), Conflict),
        (not life.is_led(case), Conflict),
    )

    def act() -> None:
        restrictions.restrict(life.row(Person, actor), life.row(Case, case), WHY)

    def effect(_: object) -> None:
        life.world.restrictions[case].append(Span(life.world.now))
        life.note(actor, case)

    return Deed(f"{actor} restricts {case}", refused, act, effect)


def open_again(life: Life) -> Deed:
    restricted = [each for each in life.cases if life.world.is_restricted(each)]
    case = life.one(restricted, life.cases)
    actor = life.leader(case)
    refused = first(*not_lead(life, actor, case), (case not in restricted, Conflict))

    def act() -> None:
        restrictions.lift(life.row(Person, actor), life.row(Case, case), WHY)

    def effect(_: object) -> None:
        life.end_span(life.world.restrictions[case], -1)
        life.note(actor, case)

    return Deed(f"{actor} lifts the restriction of {case}", refused, act, effect)


def declare(life: Life) -> Deed:
    case = life.case()
    itself = life.maybe(0.4)
    actor = life.viewer(case) if itself else life.leader(case)
    person = actor if itself else life.colleague(case)
    not_hers = ((not life.world.sees_case(actor, case), NotFound),)
    refused = first(
        *(not_hers if actor == person else not_lead(life, actor, case)),
        (life.world.is_conflicted(person, case), Conflict),
    )

    def act() -> int:
        who = life.row(Person, actor), life.row(Case, case), life.row(Person, person)
        return conflicts.declare(*who, WHY).id

    def effect(number: int) -> None:
        life.world.conflicts[person, case].append(Span(life.world.now))
        life.kept_apart.setdefault((person, case), []).append(number)

    return Deed(f"{actor} keeps {person} apart from {case}", refused, act, effect)


def reconcile(life: Life) -> Deed:
    if not life.kept_apart:
        return declare(life)
    person, place = life.chance.choice(sorted(life.kept_apart))
    which = life.chance.randrange(len(life.kept_apart[person, place]))
    number = life.kept_apart[person, place][which]
    case = place if life.maybe(0.9) else life.case()
    actor = life.leader(case)
    refused = first(
        *not_lead(life, actor, case),
        (case != place, NotFound),
        (life.world.conflicts[person, place][which].until_at is not None, Conflict),
    )

    def act() -> None:
        conflicts.lift(life.row(Person, actor), life.row(Case, case), number, WHY)

    def effect(_: object) -> None:
        life.end_span(life.world.conflicts[person, case], which)

    return Deed(f"{actor} lifts conflict {number} with {case}", refused, act, effect)


# Emergencies.


def break_glass(life: Life) -> Deed:
    world = life.world
    sought, case = _sought(life)
    actor = life.actor(
        lambda each: world.works_with_content(each) and not world.sees_case(each, case)
    )
    meant = _meant(life, actor, sought, case)
    knew_it = sought.case_id in life.cases and world.sees_case(actor, case)
    today = life.todays(each.asked_at for each in life.asked.values() if each.person == actor)
    refused = first(
        (not world.works_with_content(actor), NotAllowed),
        (today >= A_DAY, TooFast),
    )

    def act() -> BreakGlass:
        because = emergencies.why("danger_now", "The child is not at home")
        return emergencies.break_glass(life.row(Person, actor), sought, because)

    def effect(answer: BreakGlass) -> None:
        over = world.now if knew_it else None
        asked = Asked(None, over, False, answer.id, actor, meant, world.now)
        if meant is not None and not world.is_restricted(meant):
            asked = replace(asked, opened_at=world.now, until_at=world.now + HOUR)
            life.note(actor, meant)
        life.keep(asked)

    return Deed(f"{actor} breaks the glass of {case}, meaning {meant}", refused, act, effect)


def _sought(life: Life) -> tuple[Sought, int]:
    restricted = [each for each in life.cases if life.world.is_restricted(each)]
    case = life.one(restricted if life.maybe(0.5) else [], life.cases)
    case = case if life.maybe(0.95) else NO_CASE
    if case == NO_CASE or life.maybe(0.6):
        return children.of_case(f"/cases/{case}"), case
    name = CHILDREN[life.cases.index(case)]
    return Sought(name.upper(), BORN, postcode=POSTCODE), case


def _meant(life: Life, actor: int, sought: Sought, case: int) -> int | None:
    """Of the cases they neither see nor are kept from, the one with a lead."""
    described = [case] if case in life.cases else []
    if sought.case_id is None:
        called = CHILDREN[life.cases.index(case)]
        described = [
            each for each, name in zip(life.cases, CHILDREN, strict=True) if name == called
        ]
    world = life.world
    described = [
        each
        for each in described
        if not world.sees_case(actor, each) and not world.is_conflicted(actor, each)
    ]
    return min(described, key=lambda each: (not life.led_by(each), each), default=None)


def approve(life: Life) -> Deed:
    waiting = [each.id for each in life.asked.values() if _is_waiting(life, each)]
    if not life.asked or (not waiting and life.maybe(0.7)):
        return break_glass(life)
    asked = life.asked[life.one(waiting if life.maybe(0.8) else [], life.asked)]
    world = life.world
    may = partial(_may_be_second, life, asked)
    second = asked.person if life.maybe(0.1) else life.actor(may)
    opens = asked.case is not None and not world.is_conflicted(asked.person, asked.case)
    refused = first((not may(second), NotFound))

    def act() -> None:
        emergencies.approve(life.row(Person, second), asked.id)

    def effect(_: object) -> None:
        known = replace(asked, approved=True)
        if opens and asked.case is not None:
            known = replace(known, opened_at=world.now, until_at=world.now + HOUR)
            life.note(asked.person, asked.case)
        life.keep(known)

    return Deed(f"{second} approves emergency {asked.id}", refused, act, effect)


def _may_be_second(life: Life, asked: Asked, person: int) -> bool:
    """Another manager, or who leads the case, while it waits."""
    world, case = life.world, asked.case
    if person == asked.person or not world.works_with_content(person):
        return False
    if not _is_waiting(life, asked):
        return False
    is_manager = world.accounts[person].kind == "manager"
    if case is None:
        return is_manager
    return not world.is_conflicted(person, case) and (is_manager or life.leads_it(person, case))


def _is_waiting(life: Life, asked: Asked) -> bool:
    is_new = asked.asked_at + HOUR > life.world.now
    return is_new and asked.until_at is None and not asked.approved


def end(life: Life) -> Deed:
    if not life.asked:
        return break_glass(life)
    now = life.world.now
    is_open = [each.id for each in life.asked.values() if each.until_at and each.until_at > now]
    asked = life.asked[life.one(is_open if life.maybe(0.8) else [], life.asked)]
    actor = asked.person if life.maybe(0.8) else life.one(life.signed_in())
    refused = first((actor != asked.person, NotFound))

    def act() -> None:
        emergencies.end(life.row(Person, actor), asked.id)

    def effect(_: object) -> None:
        if asked.id in is_open:
            life.keep(replace(asked, until_at=now))

    return Deed(f"{actor} ends emergency {asked.id}", refused, act, effect)


def look_up(life: Life) -> Deed:
    """Asking about a child opens nothing, whatever is found."""
    sought, case = _sought(life)
    actor = life.actor(life.world.works_with_content)
    mine = life.looked_up.setdefault(actor, [])
    refused = first(
        (not life.world.works_with_content(actor), NotAllowed),
        (life.todays(mine) >= A_DAY, TooFast),
    )
    return Deed(
        f"{actor} asks about {case}",
        refused,
        lambda: look_ups.ask(life.row(Person, actor), sought, WHY),
        lambda _: mine.append(life.world.now),
    )


# Posts.


def publish(life: Life) -> Deed:
    case = life.case()
    author = life.viewer(case)
    also = [each for each in life.cases if each != case and life.world.sees_case(author, each)]
    places = sorted({case, *(also[:1] if life.maybe(0.3) else [])})
    there = {each: life.able_members(each) for each in places}
    update = _update(life, author, there[case])
    refused = first(
        (not all(life.world.sees_case(author, each) for each in places), NotFound),
        (not _holds(life, author, update, there), Invalid),
    )

    def act() -> None:
        who = life.row(Person, author)
        granted = [access.case(who, each) for each in places]
        posts.publish(who, granted[0], update, granted[1:])

    def named(place: int) -> dict[str, Any]:
        return {
            "people": frozenset(update.people) & there[place].keys(),
            "agencies": frozenset(update.agencies) & set(there[place].values()),
        }

    def effect(_: object) -> None:
        life.write(
            author,
            places,
            named,
            named=update.audience == "named",
            shut_out=frozenset(update.excluded),
            known=update.is_known,
            urgent=update.worry == "urgent",
        )

    words = f"{author} posts in {places} for {update.audience} {update.people} {update.agencies}"
    return Deed(f"{words}, not {update.excluded}", refused, act, effect)


def _update(life: Life, author: int, members: dict[int, int]) -> Update:
    is_named = life.maybe(0.5)
    meant = life.some(members if life.maybe(0.9) else life.people, 3) if is_named else ()
    agencies = life.some(set(members.values()), 1) if is_named else ()
    others = set(life.agencies) - {life.world.accounts[author].agency} - set(agencies)
    if life.maybe(0.05):
        others = set(life.agencies)
    excluded = life.some(others, 2) if life.maybe(0.4) else ()
    urgent = life.maybe(0.3)
    return Update(
        "Words for those who need them",
        worry="urgent" if urgent else "none",
        phoned=True if urgent else None,
        audience="named" if is_named else "network",
        people=meant,
        agencies=agencies,
        excluded=excluded,
        sharing_reason=WHY if is_named or excluded else None,
        is_known=not is_named or life.maybe(0.7),
    )


def _holds(life: Life, author: int, update: Update, there: dict[int, dict[int, int]]) -> bool:
    """Whether the audience can be: members named, none of them kept out, somebody else reached."""
    is_named, out = update.audience == "named", set(update.excluded)
    if not is_named and not out:
        return True
    meant, agencies = set(update.people), set(update.agencies)
    if is_named and not (meant or agencies):
        return False
    if out & (agencies | {life.world.accounts[author].agency}):
        return False
    everybody = {each: agency for members in there.values() for each, agency in members.items()}
    if not (meant <= everybody.keys() and agencies <= set(everybody.values())):
        return False
    if any(everybody[each] in out for each in meant):
        return False
    return not (is_named or update.worry == "urgent") or all(
        any(
            each != author
            and agency not in out
            and (not is_named or each in meant or agency in agencies)
            for each, agency in members.items()
        )
        for members in there.values()
    )


def withdraw(life: Life) -> Deed:
    number = life.one(
        [each.id for each in life.posts() if each.by_hand and not each.withdrawn]
        if life.maybe(0.8)
        else [],
        life.world.posts,
    )
    told = life.post(number)

    def may(each: int) -> bool:
        return told.author == each or life.world.leads(each, told.case)

    actor = life.actor(lambda each: may(each) and life.world.reads_post(each, number))
    refused = first(
        (not life.world.reads_post(actor, number), NotFound),
        (not may(actor), NotAllowed),
        (not told.by_hand, Conflict),
    )

    def act() -> None:
        who = life.row(Person, actor)
        posts.withdraw(who, access.post(who, row_of(told)), WHY)

    def goes(each: Written) -> bool:
        takes = each.author == actor or life.world.leads(actor, each.case)
        return each.id == number or (takes and life.world.reads_post(actor, each.id))

    def effect(_: object) -> None:
        for each in life.copies(number):
            if goes(each):
                life.world.posts[each.id] = replace(each, withdrawn=True)

    return Deed(f"{actor} withdraws {number}", refused, act, effect)


def edit(life: Life) -> Deed:
    """An edit changes words, and nothing of who reads them."""
    told = life.post(life.one(life.world.posts))
    mine = told.author in life.signed_in() and life.maybe(0.6)
    actor = told.author if mine and told.author else life.viewer(told.case)
    refused = first(
        (not life.world.reads_post(actor, told.id), NotFound),
        (told.author != actor or not told.by_hand, NotAllowed),
    )
    body = f"Words said better, {len(life.steps)}"

    def act() -> None:
        who = life.row(Person, actor)
        posts.edit(who, access.post(who, row_of(told)), body)

    return Deed(f"{actor} edits {told.id}", refused, act, lambda _: None)


def comment(life: Life) -> Deed:
    number = life.one(life.world.posts)
    author = life.actor(lambda each: life.world.reads_post(each, number))
    refused = first((not life.world.reads_post(author, number), NotFound))

    def act() -> int:
        who = life.row(Person, author)
        return comments.add(who, access.post(who, row_of(life.post(number))), "An answer").id

    def effect(said: int) -> None:
        life.said[said] = Said(said, number, author)

    return Deed(f"{author} comments on {number}", refused, act, effect)


def take_back(life: Life) -> Deed:
    if not life.said:
        return comment(life)
    said = life.said[life.one(life.said)]
    actor = life.actor(lambda each: life.world.reads_post(each, said.post))
    may = said.author == actor or life.world.leads(actor, life.post(said.post).case)
    refused = first(
        (said.withdrawn or not life.world.reads_post(actor, said.post), NotFound),
        (not may, NotAllowed),
    )

    def act() -> None:
        who = life.row(Person, actor)
        comments.withdraw(who, access.comment(who, said.id), WHY)

    def effect(_: object) -> None:
        life.said[said.id] = replace(said, withdrawn=True)

    return Deed(f"{actor} withdraws comment {said.id}", refused, act, effect)


def row_of(told: Written) -> int:
    """The number a post has in the database, from its place in its stream."""
    query = select(Post.id).where(Post.case_id == told.case, Post.position == told.position)
    return db.session().scalars(query).one()


def follow(life: Life) -> Deed:
    case = life.case()
    person, following = life.viewer(case), life.maybe(0.6)
    refused = first((not life.world.sees_case(person, case), NotFound))

    def act() -> None:
        who = life.row(Person, person)
        (follows.follow if following else follows.unfollow)(who, access.case(who, case))

    def effect(_: object) -> None:
        read = life.follows.get((person, case), Followed(following))
        life.follows[person, case] = replace(read, following=following)

    return Deed(f"{person} {'' if following else 'un'}follows {case}", refused, act, effect)


def mark_read(life: Life) -> Deed:
    case = life.case()
    person, up_to = life.viewer(case), life.chance.randint(0, life.positions[case] + 2)
    refused = first((not life.world.sees_case(person, case), NotFound))

    def act() -> None:
        who = life.row(Person, person)
        follows.mark_read(who, access.case(who, case), up_to)

    words = f"{person} has read {case} up to {up_to}"
    return Deed(words, refused, act, lambda _: life.read(person, case, up_to))


# Accounts.


def close_account(life: Life) -> Deed:
    actor, person = life.officer(), life.one(life.people[1:])
    refused = first(
        (life.world.accounts[actor].kind != "administrator", NotAllowed),
        (actor == person, Conflict),
    )

    def act() -> None:
        people.deactivate(life.row(Person, actor), life.row(Person, person))

    def effect(_: object) -> None:
        life.world.accounts[person] = replace(life.world.accounts[person], active=False)

    return Deed(f"{actor} closes the account of {person}", refused, act, effect)


def reopen_account(life: Life) -> Deed:
    closed = [each for each in life.people if not life.world.accounts[each].active]
    actor, person = life.officer(), life.one(closed, life.people)
    refused = first((life.world.accounts[actor].kind != "administrator", NotAllowed))

    def act() -> None:
        people.reactivate(life.row(Person, actor), life.row(Person, person))

    def effect(_: object) -> None:
        life.world.accounts[person] = replace(life.world.accounts[person], active=True)

    return Deed(f"{actor} opens the account of {person}", refused, act, effect)


def change_account(life: Life) -> Deed:
    """Another agency, or another kind of account; who manages no more supervises nobody."""
    actor, person = life.officer(), life.one(life.people[1:])
    agency, kind = life.chance.choice(life.agencies), life.world.accounts[person].kind
    if life.maybe(0.4):
        kind = life.chance.choice(["practitioner", "practitioner", "manager", "auditor"])
    refused = first(
        (life.world.accounts[actor].kind != "administrator", NotAllowed),
        (actor == person and kind != "administrator", Conflict),
    )

    def act() -> None:
        people.change(
            life.row(Person, actor),
            life.row(Person, person),
            name=f"Person {person}",
            role="Worker",
            agency_id=agency,
            phone=None,
            account=kind,
        )

    def effect(_: object) -> None:
        active = life.world.accounts[person].active
        life.world.accounts[person] = Account(kind, active, agency)
        if kind != "manager":
            life.world.supervises[person] = set()

    return Deed(f"{actor} makes {person} {kind} of {agency}", refused, act, effect)


def supervise(life: Life) -> Deed:
    actor = life.officer()
    manager = life.one(life.of_kind("manager") if life.maybe(0.9) else [], life.people)
    line = life.some(life.people, 4)
    refused = first(
        (life.world.accounts[actor].kind != "administrator", NotAllowed),
        (life.world.accounts[manager].kind != "manager" and bool(line), Invalid),
    )

    def act() -> None:
        people.supervise(life.row(Person, actor), life.row(Person, manager), line)

    def effect(_: object) -> None:
        life.world.supervises[manager] = set(line) - {manager}

    return Deed(f"{actor} lets {manager} supervise {line}", refused, act, effect)


# Time.


def wait(life: Life) -> Deed:
    """Minutes to months, or just to where something ends by itself, and to either side of it."""
    until = life.world.now + life.chance.choice(PAUSES)
    if (ends := life.ends()) and life.maybe(0.4):
        near = life.chance.choice([-INSTANT, timedelta(), INSTANT])
        until = max(life.chance.choice(ends[:2]) + near, life.world.now)

    def effect(_: object) -> None:
        life.world.now = until

    return Deed(f"it is {until}", None, lambda: None, effect)


CHANCES: dict[Callable[[Life], Deed], int] = {
    add: 16,
    renew: 3,
    remove: 4,
    leave: 3,
    hand_over: 4,
    appoint: 3,
    restrict: 5,
    open_again: 3,
    declare: 4,
    reconcile: 3,
    break_glass: 10,
    approve: 6,
    end: 2,
    look_up: 1,
    publish: 20,
    withdraw: 3,
    edit: 1,
    comment: 3,
    take_back: 1,
    follow: 2,
    mark_read: 4,
    close_account: 2,
    reopen_account: 3,
    change_account: 4,
    supervise: 4,
    wait: 12,
} | talks.CHANCES
DEEDS, WEIGHTS = list(CHANCES), list(CHANCES.values())
