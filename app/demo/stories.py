"""The cases with a story: one escalates, one goes silent, one is only busy, one may be either."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.demo import calendar
from app.demo.networks import working_day
from app.demo.people import Worker
from app.demo.works import Due, Reply, Scored, Told, Work
from feeds.posts import Update


@dataclass(frozen=True)
class Telling:
    """Says when, by whom and about whom in one line each, so that a story can be read."""

    works: Sequence[Work]
    workers: dict[str, Worker]
    today: date

    def at(self, days: int, clock_time: str, *, school: bool = False) -> datetime:
        day = self.today - timedelta(days=days)
        day = working_day(day) if school else day
        return clock.instant(day, time.fromisoformat(clock_time))

    def post(
        self,
        days: int,
        clock_time: str,
        who: str,
        words: str,
        *,
        kind: str = "update",
        worry: str = "none",
        hours_ago: float = 0,
        about: Sequence[int] = (0,),
        due: datetime | None = None,
        meaning: str | None = None,
        seen: tuple[bool, bool | None] | None = None,
        phoned: bool | None = None,
        referral: str | None = None,
        school: bool = False,
        only: Sequence[str] = (),
        not_for: Sequence[str] = (),
        because: str | None = None,
    ) -> Told:
        at = self.at(days, clock_time, school=school)
        update = Update(
            words,
            kind=kind,
            worry=worry,
            occurred_at=at - timedelta(hours=hours_ago),
            seen=seen[0] if seen else None,
            seen_alone=seen[1] if seen else None,
            due_at=due,
            referral=referral,
            meaning=meaning,
            phoned=phoned,
            significant=kind in ("decision", "incident", "missing"),
            audience="named" if only else "network",
            sharing_reason=because,
        )
        named = [self.workers[each] for each in only]
        about_whom = [self.works[each] for each in about]
        return Told(at, self.workers[who], about_whom, update, named, list(not_for))

    def reply(
        self, post: Told, minutes: int, who: str, words: str, *, accepted: bool = False
    ) -> None:
        at = post.at + timedelta(minutes=minutes)
        post.replies.append(
            Reply(at, self.workers[who], words, at + timedelta(minutes=9) if accepted else None)
        )

    def acknowledge(self, post: Told, minutes: int, who: str) -> None:
        post.acknowledged.append((post.at + timedelta(minutes=minutes), self.workers[who]))


def of(works: Sequence[Work], workers: dict[str, Worker], today: date) -> Iterator[Told]:
    """What the family's story adds to its ordinary year."""
    story = STORIES.get(works[0].family.story)
    if story:
        yield from story(Telling(works, workers, today))
    if works[0].family.key == "X":
        _without_a_name(works[0], today)


def _escalates(tell: Telling) -> Iterator[Told]:
    """Three weeks in which one agency after another notices something round Amara."""
    tell.works[0].key_dates.append(
        Due("School nurse to see Amara about sleep", tell.at(6, "16:00"), tell.at(20, "15:30"))
    )
    yield tell.post(
        20,
        "15:00",
        "Linda Gray",
        "Review conference: plan to continue for three months. What needs to happen next: visits "
        "every week, attendance plan with Hillside, @Ruth Bell to see Amara about sleep.",
        kind="decision",
        about=(0, 1),
        school=True,
    )
    seen = tell.post(
        19,
        "11:30",
        "Priya Shah",
        "Home visit, both children seen, Amara spoken to alone. House warm, food in. Amara scored "
        "how safe home feels 6 out of 10 (4 in March). To get to 7: “no shouting when Uncle K "
        "comes round”.",
        kind="visit",
        seen=(True, True),
        hours_ago=1.5,
        about=(0, 1),
        school=True,
    )
    seen.scores.append(Scored("safety_scale", 6, "child"))
    yield seen
    working = tell.post(
        17,
        "16:05",
        "Joe Mills",
        "Mum kept all three family support sessions this month. She has set up the bedtime routine "
        "with Amara and says mornings are easier. Amara showed me the chart she made: “I did it "
        "four days!”",
        kind="working_well",
        school=True,
    )
    tell.reply(working, 35, "Dan Hughes", "She told her whole table about the chart. Good to read.")
    yield working
    yield tell.post(
        14,
        "09:40",
        "Dan Hughes",
        "Not in on Monday and no call. We rang twice; Mum answered at eleven and said a stomach "
        "bug. In again the next day, tired.",
        kind="attendance",
        worry="keep_an_eye_on",
        school=True,
    )
    yield tell.post(
        13,
        "15:10",
        "Ruth Bell",
        "Amara was not brought to the sleep appointment. Rang Mum: no answer, message not left as "
        "agreed. New appointment offered by letter.",
        kind="was_not_brought",
        worry="keep_an_eye_on",
        school=True,
    )
    yield tell.post(
        13,
        "16:20",
        "Ruth Bell",
        "Amara told me that she still wets the bed, most when it is loud at home. I have given her "
        "the diary and rung the practice. She asked me to keep it from school, and I said I would.",
        kind="health",
        school=True,
        only=("Priya Shah", "Dr Mei Lin"),
        because="Amara asked that school does not hear of it",
    )
    yield tell.post(
        11,
        "22:35",
        "PC Sam Okafor",
        "Called to the address at 21:50 by a neighbour: raised voices. Mum and her brother had "
        "argued about money; nobody hurt. Both children were up and came to the landing.",
        kind="incident",
        worry="keep_an_eye_on",
        hours_ago=0.75,
        about=(0, 1),
    )
    question = tell.post(
        10,
        "10:05",
        "Priya Shah",
        "Does anyone know whether Uncle K is staying at the house or only visiting? Mum says "
        "visiting.",
        kind="question",
        due=tell.at(8, "16:00"),
        school=True,
    )
    answer = "He gave our address for a parcel last week, and was in on both of my visits."
    tell.reply(question, 170, "Carol Beech", answer, accepted=True)
    yield question
    yield tell.post(
        9,
        "12:20",
        "Joe Mills",
        "Mum cancelled this week’s session by text, for the first time since July. She wrote that "
        "her brother is staying and the house is full.",
        worry="keep_an_eye_on",
        school=True,
    )
    yield tell.post(
        9,
        "12:40",
        "Joe Mills",
        "Mum showed me the letters: three months behind with the rent. She sees the money adviser "
        "on Friday and means to tell Carol herself after that.",
        school=True,
        not_for=("housing",),
        because="Mum wants to tell her landlord herself, and agreed to everybody else",
    )
    yield tell.post(
        8,
        "14:15",
        "Carol Beech",
        "Two complaints about noise after midnight this week, from different neighbours. I have "
        "written to Mum and will call in.",
        worry="keep_an_eye_on",
        school=True,
    )
    wondering = tell.post(
        7,
        "13:30",
        "Dan Hughes",
        "Has anyone seen Amara since Friday? She is not in, Mum is not answering, and I would like "
        "to know before the end of school.",
        kind="question",
        due=tell.at(7, "16:00", school=True),
        school=True,
    )
    tell.reply(wondering, 55, "Joe Mills", "Tobi’s teacher has seen Mum at the gate. Not Amara.")
    tell.reply(
        wondering,
        120,
        "Carol Beech",
        "I saw her at 14:40 on the stairs with an older cousin, well. She had slept there.",
        accepted=True,
    )
    yield wondering
    yield tell.post(
        6,
        "09:35",
        "Dan Hughes",
        "In today, fifty minutes late and without her coat. Fell asleep in the second lesson. She "
        "ate two breakfasts.",
        worry="keep_an_eye_on",
        school=True,
    )
    yield from _her_last_days(tell)


def _her_last_days(tell: Telling) -> Iterator[Told]:
    """Amara leaves home in the evening, and six agencies see a part of why."""
    missing = tell.post(
        5,
        "20:10",
        "PC Sam Okafor",
        "Reported missing by Mum at 19:20. Last seen leaving school. Usual places checked. Medium "
        "risk.",
        kind="missing",
        worry="worried",
        meaning="Amara, who is nine, was out in the dark and nobody knew where.",
    )
    tell.acknowledge(missing, 12, "Priya Shah")
    yield missing
    yield tell.post(
        5,
        "22:05",
        "PC Sam Okafor",
        "Found safe at her cousin’s at 21:25 and taken home. The conversation on return is due "
        "within 72 hours.",
        kind="returned",
        worry="keep_an_eye_on",
        hours_ago=0.6,
    )
    enquiry = tell.post(
        5,
        "22:30",
        "PC Sam Okafor",
        "About the uncle: he is bailed in another matter, not about children, to an address that "
        "is not this one. An officer sees him on Thursday. Please say nothing of it in the house.",
        only=("Priya Shah",),
        because="An enquiry is open, and he must not hear of it first",
    )
    tell.reply(enquiry, 40, "Priya Shah", "Understood. I visit tomorrow and raise nothing of it.")
    yield enquiry
    yield tell.post(
        5,
        "15:20",
        "Dan Hughes",
        "Amara asked her teacher whether she could stay at school until six. Club is full on "
        "Tuesdays; she cried, and then went home with a friend.",
        worry="keep_an_eye_on",
    )
    yield tell.post(
        4,
        "11:10",
        "Ruth Bell",
        "Amara came to the nursing room by herself with a headache. Slept four hours, had no "
        "breakfast. She ate, lay down for an hour and went back to class.",
        kind="health",
        worry="keep_an_eye_on",
    )
    yield tell.post(
        4,
        "16:25",
        "Carol Beech",
        "Called in as I had written. Nobody answered, and there were voices inside. A third "
        "complaint about the night before came this morning.",
        worry="keep_an_eye_on",
    )
    yield tell.post(
        4,
        "09:15",
        "PC Sam Okafor",
        "I have read last night’s report. The cousin’s address is known to us for noise and for "
        "nothing else; a colleague looks in today.",
    )
    visit = tell.post(
        4,
        "17:45",
        "Priya Shah",
        "Visit after the missing episode. Amara seen, and spoken to alone in her room. She goes to "
        "her cousin’s when it is loud. She scored how safe home feels 4 out of 10; 6 two weeks "
        "ago. Uncle K sleeps in the living room. Mum says until Christmas.",
        kind="visit",
        worry="worried",
        meaning="Amara leaves home in the evening because home does not feel safe.",
        seen=(True, True),
        hours_ago=1.75,
    )
    visit.scores.append(Scored("safety_scale", 4, "child"))
    tell.acknowledge(visit, 40, "Helen Moss")
    tell.reply(visit, 75, "Helen Moss", "Read. Let us talk tomorrow at nine, with Linda.")
    yield visit
    yield tell.post(
        4,
        "17:50",
        "Priya Shah",
        "Amara, asked what would help: “If he went back to his house. And if Tobi could sleep in "
        "my bed when they shout.”",
        kind="childs_words",
    )
    yield tell.post(
        3,
        "08:55",
        "Dr Mei Lin",
        "Mum came about her own sleep. With her consent: she is not coping with her brother in the "
        "house and did not know whom to tell. She would like Priya to ring before ten.",
        kind="health",
        worry="keep_an_eye_on",
        school=True,
    )
    absent = tell.post(
        3,
        "09:12",
        "Dan Hughes",
        "Amara not in school this morning and no call from home. Rang Mum twice, no answer. This "
        "is the third time in two weeks. Class friend says she stayed at her cousin’s again.",
        kind="attendance",
        worry="worried",
        meaning="Amara is missing school and sleeping where nobody has agreed she is safe.",
        school=True,
    )
    tell.acknowledge(absent, 30, "Priya Shah")
    tell.reply(absent, 31, "Priya Shah", "Thank you. I am ringing Mum now and going at two.")
    tell.reply(absent, 210, "Joe Mills", "I can fetch both children on Monday if that helps.")
    yield absent
    yield tell.post(
        3,
        "15:20",
        "Priya Shah",
        "Next visit, with Joe. If you want me to ask something, tell me here.",
        kind="planned_visit",
        about=(0, 1),
        due=clock.instant(_next_working_day(tell.today), time(16, 15)),
        school=True,
    )
    yield tell.post(
        3,
        "16:10",
        "Dan Hughes",
        "Which adult may fetch Amara on Monday? The list still says Uncle K, and I would like it "
        "in writing that this stands.",
        kind="question",
        due=tell.at(1, "17:00"),
        school=True,
    )
    yield tell.post(
        2,
        "12:40",
        "PC Amy Stott",
        "Conversation on return offered for Tuesday after school, at school. Amara may choose who "
        "sits with her.",
    )
    yield tell.post(
        2,
        "10:20",
        "Carol Beech",
        "Two neighbours rang the office. There was shouting on the stairs at half past one, and a "
        "child in slippers outside.",
        worry="worried",
        meaning="Amara may have been out on the stairs in the night.",
    )
    yield tell.post(
        2,
        "16:50",
        "Dr Mei Lin",
        "Amara was brought by Mum with stomach pain, the third time in five weeks. Nothing found. "
        "She asked me whether she could stay in hospital.",
        kind="health",
        worry="worried",
        meaning="Amara looks for any place to sleep that is not home.",
    )
    yield tell.post(
        2,
        "18:30",
        "Joe Mills",
        "Mum rang me in tears. She has asked her brother to leave and he has laughed. I have given "
        "her the number for the night.",
        worry="worried",
        meaning="The grown-ups who look after Amara are frightened at home as well.",
    )
    yield tell.post(
        1,
        "12:15",
        "Ruth Bell",
        "Amara’s aunt rang the nursing line: the girls have slept at hers twice this week, and she "
        "had thought we knew.",
        kind="health",
        worry="keep_an_eye_on",
    )
    yield tell.post(
        1,
        "17:05",
        "Carol Beech",
        "Mum has asked for the locks to be changed. I can do it on the next working day, if it is "
        "safe to. Priya, please tell me.",
        worry="keep_an_eye_on",
    )
    urgent = tell.post(
        1,
        "22:40",
        "PC Sam Okafor",
        "Reported missing by Mum 19:05, found safe at her cousin’s 21:50. Second time this month. "
        "The cousin’s flat was full of people we do not know. Conversation on return needed within "
        "72 hours.",
        kind="missing",
        worry="urgent",
        meaning="A nine-year-old keeps leaving home at night, to a place nobody has checked.",
        hours_ago=3.5,
        phoned=True,
        referral="Out-of-hours duty team, by phone",
    )
    tell.acknowledge(urgent, 25, "Helen Moss")
    tell.reply(urgent, 27, "Helen Moss", "I have this. Duty worker has rung Mum; we meet at 9:30.")
    yield urgent


def _goes_silent(tell: Telling) -> Iterator[Told]:
    """Steady contact round Skye, then a visit nobody reports on, and nothing more."""
    yield tell.post(
        40,
        "17:05",
        "Tom Reid",
        "Home visit. Skye seen, and spoken to alone. She cooks for both of them on most days now "
        "and does not mind, she says. Mum stayed in bed; her tablets have run out.",
        kind="visit",
        worry="keep_an_eye_on",
        seen=(True, True),
        hours_ago=2,
        school=True,
    )
    yield tell.post(
        37,
        "10:20",
        "Hannah Cho",
        "Could somebody tell me whether Skye’s appointment was kept? She was out of school for it.",
        kind="question",
        due=tell.at(33, "16:00"),
        school=True,
    )
    yield tell.post(
        35,
        "16:30",
        "Tom Reid",
        "Home visit booked. Mum has asked me to text the evening before.",
        kind="planned_visit",
        due=tell.at(27, "15:30"),
        school=True,
    )


def _is_busy(tell: Telling) -> Iterator[Told]:
    """Two people write about Mason nearly every day, as was agreed, and it means nothing new."""
    work, random = tell.works[0], tell.works[0].random
    school = (
        "Good morning for Mason: used the symbols to ask for a break, and came back by himself.",
        "Mason ate lunch in the hall with everybody, ten minutes, ear defenders on.",
        "Two seizures today, under a minute each, slept after. Mum told at pick-up.",
        "Mason joined the music group and held the big drum.",
        "Hard afternoon: the hall was noisy. Quiet room for an hour, then a calm walk.",
        "New splints fit better. No red marks today.",
        "Taxi ten minutes late; Mason managed it with the picture card.",
        "One seizure in the morning, two minutes. Plan followed, Mum rung, back in class by ten.",
        "Mason pointed to “more” three times in cooking. Mum will be pleased.",
        "Fire drill: prepared with the story, and he walked out holding hands.",
    )
    care = (
        "Rang Mum as every week. Nights: two good, five broken. Nothing new, nothing worse.",
        "Short break for the weekend is confirmed. Dad drives.",
        "Short break went well. Mason slept eight hours on Saturday.",
        "Equipment: the bath seat has a date, the ninth. I have asked for it in writing.",
        "Home visit. Mason seen with Mum and Dad. Everybody tired and in good heart.",
        "Spoke with the hospital about the medicine plan; the new one goes to Kate by secure mail.",
        "Monday call with Mum and Kate, fifteen minutes. The plan for the week stands.",
    )
    day, last = clock.local(work.opened_at).date() + timedelta(days=3), tell.today
    turn = 0
    while day < last:
        days = (tell.today - day).days
        if calendar.is_school_day(day) and random.random() < 0.88:
            at = f"{14 + turn % 2}:{random.randint(0, 59):02}"
            yield tell.post(days, at, "Kate Lowry", school[turn % len(school)], hours_ago=2)
            turn += 1
        if day.weekday() < 5 and random.random() < 0.55:
            words = care[turn % len(care)]
            at = f"{16 + turn % 2}:{random.randint(0, 59):02}"
            visit = words.startswith("Home visit")
            yield tell.post(
                days,
                at,
                "Aisha Malik",
                words,
                kind="visit" if visit else "update",
                seen=(True, False) if visit else None,
            )
            turn += 1
        day += timedelta(days=1)


def _may_be_either(tell: Telling) -> Iterator[Told]:
    """Much is written about Jayden this fortnight; a good part of it is one person catching up."""
    yield tell.post(
        11,
        "12:10",
        "PC Amy Stott",
        "Stopped in town at 23:15 with three older boys. Nothing on him. Taken home; Mum had not "
        "known he was out.",
        kind="incident",
        worry="keep_an_eye_on",
        hours_ago=13,
    )
    for minutes, days_before, words, worry in (
        (0, 5, "Late on three days that week, by twenty minutes to an hour.", "keep_an_eye_on"),
        (6, 4, "Left class twice without asking. Came back when fetched.", "keep_an_eye_on"),
        (11, 2, "Sent home for one day after a fight. He was hit first and hit back.", "none"),
        (17, 1, "Back in, on time, and apologised to the teacher without being told to.", "none"),
        (22, 0, "New friends at the gate again; form tutor will ask.", "keep_an_eye_on"),
    ):
        yield tell.post(
            4,
            f"15:{20 + minutes}",
            "Simon Webb",
            words + " (Writing up the last days together, sorry.)" * (minutes == 0),
            kind="attendance" if minutes == 0 else "incident" if minutes == 11 else "update",
            worry=worry,
            hours_ago=24.0 * days_before,
            school=True,
        )
    yield tell.post(
        3,
        "18:30",
        "Steve Kendall",
        "Jayden came to the boxing group, stayed to tidy up, and asked about the coaching course. "
        "He says school is unfair and he will go anyway.",
        kind="working_well",
    )
    yield tell.post(
        2,
        "17:10",
        "Tom Reid",
        "Saw Jayden alone at the club. New phone, says he saved for it. He scored how safe he "
        "feels in town 7 out of 10; 7 in September as well.",
        kind="visit",
        seen=(True, True),
        worry="keep_an_eye_on",
        hours_ago=1,
    )


def _is_urgent(tell: Telling) -> Iterator[Told]:
    """Within a week, three who see Noor and Ellis write; the last of it nobody has taken yet."""
    yield tell.post(
        6,
        "11:20",
        "Grace Adeyemi",
        "Noor was not brought to clinic today. Second time this month. Rang Mum: no answer. I will "
        "call at the house on Thursday.",
        kind="was_not_brought",
        worry="keep_an_eye_on",
        about=(1,),
        school=True,
    )
    nursery = tell.post(
        4,
        "10:15",
        _nursery(tell),
        "Ellis said at the water tray that Daddy came through the window. I asked nothing more and "
        "wrote it down at once. Mum looked frightened at pick-up and did not want to stay.",
        kind="concern",
        worry="worried",
        meaning="The person Ellis is kept safe from may be coming to the house.",
        about=(0,),
        school=True,
    )
    tell.acknowledge(nursery, 22, "Priya Shah")
    tell.reply(nursery, 25, "Priya Shah", "Thank you. I am ringing the police now.")
    yield nursery
    yield tell.post(
        3,
        "16:40",
        "PC Sam Okafor",
        "Officers have seen Mum. The window is mended and the order explained again. The address "
        "is marked: any call from it comes first.",
        about=(0, 1),
        school=True,
    )
    yield tell.post(
        2,
        "19:30",
        "Femi Ojo",
        "Noor brought in by Mum with a swollen wrist. Two different accounts from two adults in "
        "the waiting room. X-ray clear, kept in overnight. The duty social worker has been rung "
        "and is on the way. Please say here who takes it on from the morning.",
        kind="health",
        worry="urgent",
        meaning="Nobody can yet say how Noor was hurt, or who was at home.",
        phoned=True,
        referral="Duty social worker, by phone at 19:10",
        hours_ago=1,
        about=(1,),
    )


def _nursery(tell: Telling) -> str:
    return next(
        each.name for each in tell.works[0].members(tell.at(4, "09:00")) if each.writes == "nursery"
    )


def _without_a_name(work: Work, today: date) -> None:
    """Came from the council's own lists, which carry numbers and no names."""
    work.imported += [
        ("Contact", today - timedelta(days=60), "contact"),
        ("Referral", today - timedelta(days=57), "referral"),
        ("Assessment started", today - timedelta(days=48), "assessment"),
        ("Assessment authorised", today - timedelta(days=21), "authorised"),
    ]


def _next_working_day(today: date) -> date:
    day = today + timedelta(days=2)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


STORIES: dict[str, Callable[[Telling], Iterator[Told]]] = {
    "escalates": _escalates,
    "silent": _goes_silent,
    "busy": _is_busy,
    "ambiguous": _may_be_either,
    "urgent": _is_urgent,
}
