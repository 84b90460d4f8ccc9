"""A second proof of who signs in, and the devices a person is known by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_second_factors"
down_revision = "0007_audit_chain"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("people", sa.Column("home_address", sa.String(), nullable=True))
    op.add_column("people", sa.Column("home_postcode", sa.String(), nullable=True))
    op.create_table(
        "known_devices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_known_devices_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
    )
    op.create_index(op.f("ix_known_devices_person_id"), "known_devices", ["person_id"])
    op.create_index(op.f("ix_known_devices_token_hash"), "known_devices", ["token_hash"])
    op.create_table(
        "half_sign_ins",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("known_device_id", KEY, nullable=True),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("wrong", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_half_sign_ins_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["known_device_id"],
            ["known_devices.id"],
            name=op.f("fk_half_sign_ins_known_device_id_known_devices"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_half_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_half_sign_ins_person_id"), "half_sign_ins", ["person_id"])
    op.create_table(
        "second_factors",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("pending", sa.String(), nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"])
    with op.batch_alter_table("sign_ins") as table:
        table.add_column(sa.Column("proved_at", INSTANT, nullable=True))
        table.add_column(sa.Column("by_code", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("wrong", KEY, nullable=True))
        table.add_column(sa.Column("known_device_id", KEY, nullable=True))
        table.create_foreign_key(
            op.f("fk_sign_ins_known_device_id_known_devices"),
            "known_devices",
            ["known_device_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index(op.f("ix_sign_ins_known_device_id"), "sign_ins", ["known_device_id"])
    signed_in = sa.table(
        "sign_ins",
        sa.column("created_at"),
        sa.column("proved_at"),
        sa.column("by_code"),
        sa.column("wrong"),
    )
    op.execute(
        signed_in.update().values(proved_at=signed_in.c.created_at, by_code=sa.false(), wrong=0)
    )
    with op.batch_alter_table("sign_ins") as table:
        table.alter_column("proved_at", existing_type=INSTANT, nullable=False)
        table.alter_column("by_code", existing_type=sa.Boolean(), nullable=False)
        table.alter_column("wrong", existing_type=KEY, nullable=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_ins_known_device_id"), "sign_ins")
    with op.batch_alter_table("sign_ins") as table:
        table.drop_constraint(op.f("fk_sign_ins_known_device_id_known_devices"), type_="foreignkey")
        table.drop_column("known_device_id")
        table.drop_column("wrong")
        table.drop_column("by_code")
        table.drop_column("proved_at")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
    op.drop_table("half_sign_ins")
    op.drop_table("known_devices")
    op.drop_column("people", "home_postcode")
    op.drop_column("people", "home_address")
