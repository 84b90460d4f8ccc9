"""Who is signed in while the database is brought up to date stays signed in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from app.casework import sign_ins
from app.core import clock, db, schema
from tests.cast import MORNING

BEFORE = (
    "INSERT INTO agencies (name, agency_type) VALUES ('Hillside', '2A')",
    """INSERT INTO people (name, role, agency_id, email, account, active, created_at)
    VALUES ('Dan', 'Teacher', 1, 'dan@kith.example', 'practitioner', true, :at)""",
    """INSERT INTO sign_ins (person_id, token_hash, device, created_at, seen_at, expires_at)
    VALUES (1, :hash, 'desk', :at, :at, :until)""",
)


def test_a_session_of_before_goes_on_by_password_alone(database: str) -> None:
    until = MORNING + timedelta(hours=12)
    schema.downgrade(db.engine(), "0007_audit_chain")
    with db.engine().begin() as connection:
        for statement in BEFORE:
            asked = {"at": MORNING, "until": until, "hash": sign_ins.digest("secret")}
            used = {name: at for name, at in asked.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    schema.upgrade(db.engine())

    with clock.held(MORNING + timedelta(minutes=5)), db.transaction():
        found = sign_ins.find("secret", idle_minutes=60)
        assert found is not None
        assert (found[1].by_code, found[1].proved_at, found[1].wrong) == (False, MORNING, 0)
