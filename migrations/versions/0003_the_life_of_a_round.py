"""Rounds get a state, a sealed secret, a key that signs their list, and what they publish."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATES = ("planned", "announced", "open", "closed", "drawn", "published", "cancelled")
NEW = (
    "state",
    "list_key",
    "secret_box",
    "list_key_box",
    "public_number_source",
    "public_number_on",
    "policy_file",
    "entries",
    "published_list",
    "version",
    "row_key",
)


def upgrade() -> None:
    """Add the columns; a round whose secret is public has been drawn, any other is taken to be open."""
    state = sa.Enum(*STATES, name="round_state", native_enum=False, create_constraint=True, length=32)
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("state", state, nullable=False, server_default="open"))
        batch.add_column(sa.Column("list_key", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("secret_box", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("list_key_box", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("public_number_source", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("public_number_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("policy_file", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("entries", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("published_list", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("row_key", sa.String(length=16), nullable=False, server_default=""))
    rounds = sa.table(
        "round",
        sa.column("id", sa.BigInteger()),
        sa.column("state", sa.String()),
        sa.column("secret", sa.String()),
        sa.column("row_key", sa.String()),
    )
    connection = op.get_bind()
    connection.execute(sa.update(rounds).where(rounds.c.secret.is_not(None)).values(state="published"))
    for (id_,) in connection.execute(sa.select(rounds.c.id)).all():
        connection.execute(sa.update(rounds).where(rounds.c.id == id_).values(row_key=secrets.token_hex(8)))
    with op.batch_alter_table("round") as batch:
        for name in ("state", "version", "row_key"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    """Take the columns away again."""
    with op.batch_alter_table("round") as batch:
        batch.drop_constraint(op.f("ck_round_round_state"), type_="check")
        for name in NEW:
            batch.drop_column(name)
