"""What photos say of themselves and their sidecars of them: caption, keywords, rating, place, fingerprint.

Columns only: every row stays, and has no such facts until its file is read again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; SQLite adds each without rewriting the table."""
    for column in (
        sa.Column("place", sa.String()),
        sa.Column("country_code", sa.String()),
        sa.Column("caption", sa.String()),
        sa.Column("keywords", sa.JSON()),
        sa.Column("rating", sa.Integer()),
        sa.Column("duration_s", sa.Double()),
        sa.Column("phash", sa.BigInteger()),
    ):
        op.add_column("photos", column)
    for column in (
        # 0 is "no sidecar", so a file that has one counts as changed at the next run, and it is read.
        sa.Column("sidecar_ns", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("sidecar_caption", sa.String()),
        sa.Column("sidecar_keywords", sa.JSON()),
        sa.Column("sidecar_rating", sa.Integer()),
    ):
        op.add_column("files", column)
