"""Words for photos: what a model proposed, and what users said, which no model overrules.

A photo has the proposals of one model, the last that looked at it. What a user gave or took away stays.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, Connection, delete, exists, func, select
from sqlalchemy.dialects.sqlite import insert

from storage.database import Database, chunks
from storage.errors import TagInvalid
from storage.photo_pages import files_of, photo_pages
from storage.records import FileState, Ids
from storage.schema import PRESENT, File, Photo, Tag, Tagging

LONGEST = 64


@dataclass(frozen=True, slots=True)
class PhotoTag:
    """A word for one photo.

    Attributes:
        word: As `normalised` gives it.
        model: Fingerprint of the model that proposed it; None for a user's own.
        score: How likely the model finds it, 0 to 1; None for a user's own.
    """

    word: str
    model: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class TagCount:
    """How many photos with a present file have a word, and how many of them from a user."""

    word: str
    photos: int
    by_user: int


def normalised(word: str) -> str:
    """A word as it is stored and compared: Unicode NFC, small letters, single spaces.

    Raises:
        TagInvalid: Nothing is left, it is too long, or it holds what cannot be printed.
    """
    plain = " ".join(unicodedata.normalize("NFC", word).casefold().split())
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise TagInvalid(f"{word!r}: expected a word of 1 to {LONGEST} printable characters, such as beach")
    return plain


def has_tag(word: str) -> ColumnElement[bool]:
    """The condition that a row of `Photo` has this word, for a filter of photos.

    Raises:
        TagInvalid: As `normalised`.
    """
    # A list of ids that the index of words gives at once, rather than a look at each photo.
    return Photo.id.in_(select(Tag.photo_id).where(Tag.word == normalised(word), ~Tag.refused))


class Tags:
    """Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def of(self, photo_ids: Iterable[int]) -> dict[int, tuple[PhotoTag, ...]]:
        """The tags of photos that have some: users' own first, then the model's, the likeliest first."""
        query = select(Tag.photo_id, Tag.word, Tag.model, Tag.score).where(~Tag.refused)
        found: dict[int, list[PhotoTag]] = {}
        with self._database.reading() as connection:
            for part in chunks([int(photo_id) for photo_id in photo_ids]):
                for photo_id, word, model, score in connection.execute(query.where(Tag.photo_id.in_(part))):
                    found.setdefault(photo_id, []).append(PhotoTag(word, model, score))
        return {photo_id: tuple(sorted(tags, key=_order)) for photo_id, tags in found.items()}

    def counts(self) -> list[TagCount]:
        """Every word that a photo with a present file has, the most frequent first, then by the alphabet."""
        photos = func.count()
        query = (
            select(Tag.word, photos, photos - func.count(Tag.model))
            .where(~Tag.refused, exists().where(File.photo_id == Tag.photo_id, PRESENT))
            .group_by(Tag.word)
            .order_by(photos.desc(), Tag.word)
        )
        with self._database.reading() as connection:
            return [TagCount(*row) for row in connection.execute(query)]

    def tagged(self, words: Sequence[str]) -> Ids:
        """Photos with a present file that have all of the words: int64, (n,), ascending.

        Raises:
            TagInvalid: As `normalised`.
        """
        query = (
            select(Photo.id)
            .where(exists().where(File.photo_id == Photo.id, PRESENT), *map(has_tag, words))
            .order_by(Photo.id)
        )
        with self._database.reading() as connection:
            return np.fromiter(connection.scalars(query), dtype=np.int64)

    def give(self, photo_ids: Sequence[int], word: str) -> int:
        """Note a word that a user gives to photos; a model's same word becomes the user's.

        A photo that was forgotten meanwhile is let be.

        Returns:
            How many photos have the word now.

        Raises:
            TagInvalid: As `normalised`.
        """
        return self._say(photo_ids, normalised(word), refused=False)

    def take(self, photo_ids: Sequence[int], word: str) -> int:
        """Take a word from photos; it stays away from them, whichever model proposes it.

        A photo that was forgotten meanwhile is let be.

        Returns:
            How many photos are without the word now.

        Raises:
            TagInvalid: As `normalised`.
        """
        return self._say(photo_ids, normalised(word), refused=True)

    def propose(self, model: str, proposals: Mapping[int, Mapping[str, float]]) -> None:
        """Replace what models proposed for photos by what this one does, and note that it has.

        `model` is a fingerprint; `proposals` are probabilities by word by photo id, none for a photo without
        words. A word on which a user has spoken is let be, as is a photo that was forgotten meanwhile.

        Raises:
            TagInvalid: As `normalised`.
        """
        with self._database.writing() as connection:
            here = _known(connection, list(proposals))
            for part in chunks(list(proposals)):
                connection.execute(delete(Tag).where(Tag.photo_id.in_(part), Tag.model.is_not(None)))
            tags = [
                {"photo_id": photo_id, "word": normalised(word), "model": model, "score": score}
                for photo_id in here
                for word, score in proposals[photo_id].items()
            ]
            done = insert(Tagging)
            done = done.on_conflict_do_update(
                index_elements=["photo_id"], set_={"model": done.excluded.model}
            )
            if tags:
                connection.execute(insert(Tag).on_conflict_do_nothing(), tags)
            if here:
                connection.execute(done, [{"photo_id": photo_id, "model": model} for photo_id in here])

    def count_untagged(self, model: str) -> int:
        """How many photos with a present file this model, by its fingerprint, was not the last to tag."""
        query = select(func.count(File.photo_id.distinct())).where(PRESENT, ~_tagged_by(model))
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def untagged(self, model: str, page: int = 1000) -> Iterator[tuple[int, list[FileState]]]:
        """Those photos with their present files, in the order of their ids, read `page` at a time."""
        return photo_pages(self._database, ~_tagged_by(model), page)

    def files(self, photo_ids: Sequence[int]) -> list[tuple[int, list[FileState]]]:
        """The present files of photos that have some, in the order of their ids."""
        there: set[int] = set()
        with self._database.reading() as connection:
            for part in chunks(photo_ids):
                here = select(File.photo_id).where(File.photo_id.in_(part), PRESENT).distinct()
                there.update(connection.scalars(here))
            return [
                each
                for part in chunks(sorted(there))
                for each in zip(part, files_of(connection, list(part)), strict=True)
            ]

    def _say(self, photo_ids: Sequence[int], word: str, *, refused: bool) -> int:
        new = insert(Tag)
        said = {name: new.excluded[name] for name in ("model", "score", "refused")}
        new = new.on_conflict_do_update(index_elements=["photo_id", "word"], set_=said)
        if not photo_ids:
            return 0
        with self._database.writing() as connection:
            rows = [
                {"photo_id": photo_id, "word": word, "model": None, "score": None, "refused": refused}
                for photo_id in sorted(_known(connection, photo_ids))
            ]
            if rows:
                connection.execute(new, rows)
        return len(rows)


def _known(connection: Connection, photo_ids: Sequence[int]) -> set[int]:
    """Those photos that have not been forgotten."""
    known: set[int] = set()
    for part in chunks(photo_ids):
        known.update(connection.scalars(select(Photo.id).where(Photo.id.in_(part))))
    return known


def _order(tag: PhotoTag) -> tuple[float, str]:
    return (float("-inf") if tag.score is None else -tag.score, tag.word)


def _tagged_by(model: str) -> ColumnElement[bool]:
    return exists().where(Tagging.photo_id == File.photo_id, Tagging.model == model)
