"""Words for photos, proposed by a model or given by a user, and which model proposed last.

Two new tables: every row stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "tags",
        _photo("tags"),
        sa.Column("word", sa.String(), primary_key=True),
        sa.Column("model", sa.String()),
        sa.Column("score", sa.Double()),
        sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_tags_word_photo_id", "tags", ["word", "photo_id"])
    op.create_table("taggings", _photo("taggings"), sa.Column("model", sa.String(), nullable=False))


def _photo(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("photos.id", name=f"fk_{table}_photo_id_photos")
    return sa.Column("photo_id", sa.Integer(), key, primary_key=True)
