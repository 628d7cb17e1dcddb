"""The catalog's tables. A photo is a content; files point at it, so two copies are two files of one photo."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.column_types import CameraTime, PathBytes, PlainText, UtcTime


class Base(DeclarativeBase):
    """Root of the mappings; constraints get predictable names so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Root(Base):
    """A folder that was indexed. A file belongs to the deepest root above it."""

    __tablename__ = "roots"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(PathBytes, unique=True)


class Photo(Base):
    """One content. Deleted only by a pruning, and its id never given again, as FAISS knows it by that id.

    `place` is NULL until its coordinates were looked up, and empty when no place is near them.
    """

    __tablename__ = "photos"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(PlainText, unique=True)
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(PlainText)
    taken_at: Mapped[datetime | None] = mapped_column(CameraTime)
    camera: Mapped[str | None] = mapped_column(PlainText)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    place: Mapped[str | None] = mapped_column(PlainText)
    country_code: Mapped[str | None] = mapped_column(PlainText)
    caption: Mapped[str | None] = mapped_column(PlainText)
    keywords: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    rating: Mapped[int | None]
    duration_s: Mapped[float | None] = mapped_column(Double)
    phash: Mapped[int | None] = mapped_column(BigInteger)


class File(Base):
    """A place where a content lies, or lay: `missing_since` is set while the file is gone.

    What a sidecar says belongs to the file beside it, and not to the content: docs/decisions/0011.
    """

    __tablename__ = "files"
    __table_args__ = (UniqueConstraint("root_id", "relative_path"), Index(None, "photo_id", "missing_since"))

    id: Mapped[int] = mapped_column(primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey(Root.id))
    relative_path: Mapped[str] = mapped_column(PathBytes)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    photo_id: Mapped[int] = mapped_column(ForeignKey(Photo.id))
    missing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    sidecar_ns: Mapped[int] = mapped_column(BigInteger, server_default="0")
    sidecar_caption: Mapped[str | None] = mapped_column(PlainText)
    sidecar_keywords: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    sidecar_rating: Mapped[int | None]


PRESENT = File.missing_since.is_(None)
"""The condition that a file is there."""


class Model(Base):
    """A model that embedded some of the photos."""

    __tablename__ = "models"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(PlainText, unique=True)
    name: Mapped[str] = mapped_column(PlainText)
    dim: Mapped[int]


class Embedding(Base):
    """One photo seen by one model: little-endian float16, (dim,), unit L2 norm.

    Ids only grow, so "what the FAISS file lacks" is "every id after the last it holds".
    """

    __tablename__ = "embeddings"
    __table_args__ = (
        UniqueConstraint("model_id", "photo_id"),
        Index(None, "model_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey(Photo.id))
    model_id: Mapped[int] = mapped_column(ForeignKey(Model.id))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class IndexFile(Base):
    """What a model's FAISS file should be: its checksum, its length and the last embedding in it."""

    __tablename__ = "index_files"

    model_id: Mapped[int] = mapped_column(ForeignKey(Model.id), primary_key=True)
    generation: Mapped[int]
    checksum: Mapped[str] = mapped_column(PlainText)
    count: Mapped[int]
    last_embedding_id: Mapped[int]


class Run(Base):
    """One indexing run."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    status: Mapped[str] = mapped_column(PlainText)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class FailedFile(Base):
    """A file that could not be indexed, as it was then, so that it is not tried again unchanged."""

    __tablename__ = "failures"
    __table_args__ = (UniqueConstraint("root_id", "relative_path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    root_id: Mapped[int] = mapped_column(ForeignKey(Root.id))
    relative_path: Mapped[str] = mapped_column(PathBytes)
    reason: Mapped[str] = mapped_column(PlainText)
    failed_at: Mapped[datetime] = mapped_column(UtcTime)
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)


class Tag(Base):
    """A word for a photo: a model's proposal with its probability, or a user's own, which has no model.

    A word that a user took away stays as a refused row of theirs, or the next model would bring it back.
    """

    __tablename__ = "tags"
    __table_args__ = (Index(None, "word", "photo_id"),)

    photo_id: Mapped[int] = mapped_column(ForeignKey(Photo.id), primary_key=True)
    word: Mapped[str] = mapped_column(PlainText, primary_key=True)
    model: Mapped[str | None] = mapped_column(PlainText)
    score: Mapped[float | None] = mapped_column(Double)
    refused: Mapped[bool] = mapped_column(server_default=false())


class Tagging(Base):
    """Which model, by its fingerprint, proposed a photo's tags last, even if it found none."""

    __tablename__ = "taggings"

    photo_id: Mapped[int] = mapped_column(ForeignKey(Photo.id), primary_key=True)
    model: Mapped[str] = mapped_column(PlainText)


class Setting(Base):
    """A value of the whole library: `changes` counts its write transactions, `prunings` its prunings."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(PlainText, primary_key=True)
    value: Mapped[str] = mapped_column(PlainText)
