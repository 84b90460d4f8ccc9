"""The first accounts of an installation come from its command line."""

from sqlalchemy import select

from app.casework import second_factors, sign_ins
from app.core import clock, db
from app.models import AuditEntry, Person, SecondFactor

ADD = "person add --name Bo --email bo@north.example --role Nurse".split()


def test_the_first_administrator_can_sign_in(office):
    with db.transaction():
        ann = sign_ins.check("ann@north.example", "a long enough password")

    assert (ann.name, ann.account) == ("Ann", "administrator")


def test_what_the_command_line_does_to_accounts_is_on_record(office):
    with db.transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()

    assert [each.did for each in entries] == ["agency added", "person added"]
    assert {each.how for each in entries} == {"command"}


def test_the_password_never_stands_on_the_command_line(office):
    refused = office(*ADD, "--agency", "North team", "--password", "a long enough password")

    assert refused.exit_code == 2
    assert "No such option" in refused.output


def test_a_short_password_is_refused_in_a_sentence(office):
    refused = office(*ADD, "--agency", "North team", typed="short\n")

    assert (refused.exit_code, refused.output) == (2, "Use at least 12 characters.\n")
    with db.transaction() as session:
        assert session.scalars(select(Person.name)).all() == ["Ann"]


def test_an_agency_nobody_added_is_named(office):
    refused = office(*ADD, "--agency", "South team", typed="a long enough password\n")

    assert refused.exit_code == 2
    assert "There is no agency named “South team”" in refused.output


def test_who_has_lost_the_phone_signs_in_by_password_again(office):
    with db.transaction() as session:
        ann = session.scalars(select(Person)).one()
        token = sign_ins.begin(ann, "desk", hours=12)
        session.add(SecondFactor(person_id=ann.id, sealed="x", confirmed_at=clock.now()))

    reset = office("person", "reset-second-factor", "Ann@north.example")

    assert reset.output == "Ann signs in by password, and can set up a new second factor.\n"
    with db.transaction() as session:
        assert not second_factors.is_on(ann)
        assert sign_ins.find(token, idle_minutes=60) is None
        *_, newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        assert (newest.did, newest.about) == ("reset second factor", f"person:{ann.id}")
    unknown = office("person", "reset-second-factor", "bo@north.example")
    assert (unknown.exit_code, unknown.output) == (2, "Nobody signs in as bo@north.example.\n")


def test_an_email_address_is_for_one_person(office):
    again = [word.replace("bo@", "Ann@") for word in ADD]
    refused = office(*again, "--agency", "North team", typed="a long enough password\n")

    assert (refused.exit_code, refused.output) == (
        2,
        "Somebody has this email address already.\n",
    )


def test_a_type_of_agency_that_is_none_is_refused(kith):
    refused = kith("agency", "add", "North team", "9Z")

    assert refused.exit_code == 2
    assert "9Z is no type of agency" in refused.output
