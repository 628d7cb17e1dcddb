"""The first tables.

Types are plain here: a revision stays as it was when storage's column types change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_photos_and_files()
    _create_models_and_embeddings()
    _create_journal()
    settings = op.create_table(
        "settings",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.bulk_insert(settings, [{"key": "changes", "value": "0"}])


def _create_photos_and_files() -> None:
    op.create_table(
        "roots",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("path", name="uq_roots_path"),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("taken_at", sa.String()),
        sa.Column("camera", sa.String()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.UniqueConstraint("content_hash", name="uq_photos_content_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), primary_key=True),
        _reference("files", "root_id", "roots"),
        sa.Column("relative_path", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        _reference("files", "photo_id", "photos"),
        sa.Column("missing_since", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("root_id", "relative_path", name="uq_files_root_id_relative_path"),
    )
    op.create_index("ix_files_photo_id_missing_since", "files", ["photo_id", "missing_since"])


def _create_models_and_embeddings() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.UniqueConstraint("fingerprint", name="uq_models_fingerprint"),
    )
    op.create_table(
        "embeddings",
        sa.Column("id", sa.Integer(), primary_key=True),
        _reference("embeddings", "photo_id", "photos"),
        _reference("embeddings", "model_id", "models"),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("model_id", "photo_id", name="uq_embeddings_model_id_photo_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_embeddings_model_id_id", "embeddings", ["model_id", "id"])
    op.create_table(
        "index_files",
        _reference("index_files", "model_id", "models", primary_key=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_embedding_id", sa.Integer(), nullable=False),
    )


def _create_journal() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer(), primary_key=True),
        _reference("failures", "root_id", "roots"),
        sa.Column("relative_path", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("root_id", "relative_path", name="uq_failures_root_id_relative_path"),
    )


def _reference(table: str, column: str, target: str, *, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}_{target}")
    return sa.Column(column, sa.Integer(), key, primary_key=primary_key, nullable=False)
