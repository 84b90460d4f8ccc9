"""An SSDA903 return is read child by child from its files, and every row is accounted for."""

from datetime import date
from io import BytesIO

import pytest

from app.casework.returns import ssda903, statuses
from app.casework.returns.facts import TooLarge
from app.core import clock
from app.core.errors import Invalid
from tests.cast import MORNING
from tests.returns import archive, looked_after, stay, table


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MORNING)


def read(*tables):
    return ssda903.read(looked_after(*tables))


def told(*tables):
    [batch] = read(*tables).batches()
    return batch


def history(*stays):
    batch = told(table("episodes", *stays))
    return [(each.on, each.status) for each in statuses.statuses(batch.events, batch.as_at)]


def scores(*rows):
    return told(table("episodes", stay("01/03/2026")), table("oc2", *rows)).scores


def test_who_the_child_is_stands_in_the_header():
    row = {"CHILD": 101, "SEX": 2, "DOB": "27/03/2008", "ETHNIC": "WROM", "UPN": "D051910639385"}
    facts = told(table("header", row)).child

    assert (facts.gender, facts.date_of_birth) == ("female", date(2008, 3, 27))
    assert (facts.ethnicity, facts.upn) == ("WROM", "D051910639385")


def test_what_the_files_say_of_one_child_comes_together():
    tables = [table("header", {"CHILD": 101, "ETHNIC": "WBRI"}), table("episodes", stay())]

    assert len(told(*tables).rows) == 2


def test_a_child_is_looked_after_from_the_first_episode_until_care_ends():
    moved = stay("01/03/2026", RNE="P", DEC="01/04/2026", REC="E11")

    assert history(stay(DEC="01/03/2026", REC="X1"), moved) == [
        (date(2026, 2, 1), "looked_after"),
        (date(2026, 4, 1), "closed"),
    ]


def test_a_move_within_care_is_an_event_and_changes_no_status():
    batch = told(table("episodes", stay(DEC="01/03/2026", REC="X1"), stay("01/03/2026", RNE="P")))

    assert [event.what for event in batch.events] == ["looked_after_started", "placement_episode"]
    assert batch.events[1].detail.startswith("Moved to another placement and carer.")


@pytest.mark.parametrize("ending", ["E4A", "E4B", "E13"])
def test_who_goes_home_after_care_is_a_child_in_need(ending):
    assert history(stay(DEC="01/04/2026", REC=ending))[-1] == (date(2026, 4, 1), "child_in_need")


def test_care_that_began_again_is_two_stays():
    again = stay("01/06/2026")

    assert [status for _, status in history(stay(DEC="01/04/2026", REC="E11"), again)] == [
        "looked_after",
        "closed",
        "looked_after",
    ]


@pytest.mark.parametrize("legal", ["V3", "V4"])
def test_short_breaks_are_not_being_looked_after(legal):
    assert history(stay(LS=legal, DEC="03/02/2026", REC="E8")) == []


def test_where_the_child_lives_now_is_not_kept():
    batch = told(table("episodes", stay(HOME_POST="LS1 4AP", PL_POST="LS9 9ZZ")))

    assert batch.child.home_postcode == "LS1 4AP"
    assert batch.not_kept == {"PL_POST": 1}
    assert "LS9 9ZZ" not in repr(batch)


def test_the_return_is_as_at_its_newest_day():
    assert read(table("episodes", stay(), stay("05/06/2026", 102))).as_at == date(2026, 6, 5)


def test_a_review_says_how_the_child_took_part():
    row = {"CHILD": 101, "REVIEW": "01/02/2026", "REVIEW_CODE": "PN1"}
    batch = told(table("episodes", stay()), table("reviews", row))

    assert batch.events[-1].detail == "Looked-after review. The child spoke for themselves."


def test_a_review_after_the_day_of_the_file_is_due():
    batch = told(
        table("episodes", stay()), table("reviews", {"CHILD": 101, "REVIEW": "01/02/2027"})
    )

    [due] = batch.due
    assert (due.what, due.on) == ("Looked-after review", date(2027, 2, 1))


def test_a_review_many_years_ahead_is_refused():
    [batch] = read(table("reviews", {"CHILD": 101, "REVIEW": "18/11/2036"})).batches()

    assert "nobody books a review that far ahead" in str(batch.refusals[0])


def test_a_score_is_a_reading_by_the_carer_at_the_end_of_the_year():
    [score] = scores({"CHILD": 101, "SDQ_SCORE": "17"})

    assert (score.measure, score.value, score.rater) == ("sdq_total", 17.0, "carer")
    assert (score.read_on, score.natural_key) == (date(2026, 3, 1), "ssda903:101:sdq:2026-03-31")


@pytest.mark.parametrize("wrong", ["41", "-1", "12.5", "high"])
def test_a_score_that_cannot_be_is_refused(wrong):
    batch = told(table("oc2", {"CHILD": 101, "SDQ_SCORE": wrong}))

    assert [row.refused for row in batch.rows] == [True]
    assert batch.scores == ()


def test_a_row_without_a_score_is_not_kept_and_counted():
    batch = told(table("oc2", {"CHILD": 101, "SDQ_REASON": "SDQ2", "CONVICTED": "0"}))

    assert [(row.kept, row.refused) for row in batch.rows] == [(False, False)]
    assert batch.not_kept == {"CONVICTED": 1}


def test_times_missing_become_what_people_would_have_told():
    went = {"CHILD": 101, "MISSING": "M", "MIS_START": "04/01/2026", "MIS_END": "06/01/2026"}
    batch = told(table("missing", went))

    assert [(event.kind, event.occurred_on) for event in batch.events] == [
        ("missing", date(2026, 1, 4)),
        ("returned", date(2026, 1, 6)),
    ]


def test_away_without_leave_is_not_missing():
    away = {"CHILD": 101, "MISSING": "A", "MIS_START": "04/01/2026"}

    assert [event.kind for event in told(table("missing", away)).events] == ["imported"]


def test_a_file_kith_keeps_nothing_of_is_accounted_for():
    batch = told(table("uasc", {"CHILD": 101, "DUC": "01/02/2026"}))

    assert [(row.sheet, row.kept) for row in batch.rows] == [("uasc", False)]


def test_a_row_that_has_slipped_is_refused():
    slipped = table("missing") + "101,01/02/2010,M,04/01/2026,06/01/2026,extra\r\n"
    [batch] = read(slipped).batches()

    assert "more cells than there are headings" in str(batch.refusals[0])


def test_rows_without_a_child_are_refused_with_their_cell():
    found = read(table("missing", {"MIS_START": "04/01/2026"}, stay_missing()))

    assert found.refused == {ssda903.MISSING: 1}
    assert str(found.refusals[0]).startswith("missing, A2 “CHILD”: the child's identifier")


def stay_missing():
    return {"CHILD": 101, "MISSING": "M", "MIS_START": "04/01/2026"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_tables_are_read_as_programs_write_them(encoding, mark):
    row = {"CHILD": 101, "MIS_START": "04/01/2026", "MISSING": "é" if encoding != "utf-8" else "M"}
    file = BytesIO(table("missing", row, mark=mark).encode(encoding))

    [batch] = ssda903.read([file]).batches()

    assert len(batch.events) == 1


def test_headings_are_known_by_their_letters():
    file = table("missing", stay_missing()).replace("CHILD", " Child ").replace("MIS_", "Mis ")

    assert len(told(file).events) == 1


def test_an_archive_a_folder_and_files_say_the_same(tmp_path):
    tables = [table("episodes", stay()), table("missing", stay_missing())]
    for number, each in enumerate(tables):
        (tmp_path / f"{number}.csv").write_text(each)

    ways = [archive(tables), tmp_path, sorted(tmp_path.iterdir()), looked_after(*tables)]

    assert len({repr(list(ssda903.read(way).batches())) for way in ways}) == 1


def test_a_file_of_something_else_is_not_read_and_is_counted():
    found = read(table("episodes", stay()), "name,colour\r\nx,y\r\n")

    assert found.remarks == ["1 file is none of the return and not read"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\r\n1,2\r\n",
        b"CHILD\r\n101\r\n",
        b"DECOM,RNE\r\n01/02/2026,S\r\n",
        b"CHILD,DECOM\r\n" + b"x" * 30_000,
        b"CHILD,DECOM\r\n\0\0\r\n",
        b"PK\x03\x04" + b"x" * 60,
    ],
)
def test_what_is_no_return_is_refused_in_a_sentence(content):
    with pytest.raises(Invalid):
        ssda903.read([BytesIO(content)])


def test_a_broken_archive_is_refused_in_a_sentence():
    whole = archive([table("episodes", *(stay(child=each) for each in range(100, 400)))])
    spoilt = bytearray(whole.getvalue())
    spoilt[200:260] = b"\0" * 60

    with pytest.raises(Invalid):
        list(ssda903.read([BytesIO(bytes(spoilt))]).batches())


def test_an_archive_that_unpacks_to_more_than_allowed_is_refused():
    with pytest.raises(TooLarge):
        ssda903.read(archive([table("episodes", stay())]), largest=50)


def test_more_rows_than_allowed_are_too_many():
    with pytest.raises(TooLarge):
        ssda903.read(looked_after(table("episodes", stay(), stay(child=102))), most_rows=1)
