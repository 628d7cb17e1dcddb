"""What the API answers, as documented at /docs; the tools of the MCP server answer the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field

from ui.photo_facts import exposure_fields, photo_fields

if TYPE_CHECKING:
    from indexer.exposure import Exposure
    from search.evidence import Evidence
    from search.query import Match, Results
    from storage.records import PhotoRecord
    from storage.tags import PhotoTag


def encodable(text: Any) -> Any:
    r"""A text that JSON can carry: bytes of a file name that are no UTF-8 are spelled out, as `\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode() if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(encodable)]


class Tag(BaseModel):
    """A word for a photo."""

    word: str
    source: Literal["user", "model"] = Field(description="Who gave it: a user, or a model that proposed it.")
    score: float | None = Field(description="How likely the model finds it, 0 to 1; null for a user's own.")

    @classmethod
    def of(cls, tag: PhotoTag) -> Tag:
        """The word as it is stored."""
        return cls(word=tag.word, source="user" if tag.model is None else "model", score=tag.score)


class Photo(BaseModel):
    """What the library knows of a photo. Null is "not said"."""

    id: int = Field(description="Its number in this library, as in /photos/{id}.")
    path: Text | None = Field(description="Its first file; null when all are missing.")
    copies: list[Text] = Field(description="Further files with the same content.")
    content_hash: str
    width: int = Field(description="Pixels, upright.")
    height: int = Field(description="Pixels, upright.")
    size: int = Field(description="Bytes of its file.")
    taken_at: datetime | None = Field(description="The camera's clock; no offset where the file gives none.")
    format: str
    camera: Text | None
    place: Text | None
    country_code: str | None
    latitude: float | None
    longitude: float | None
    caption: Text | None = Field(description="What people wrote about it.")
    keywords: list[Text]
    rating: int | None = Field(description="0 to 5 stars; -1 is rejected.")
    duration_s: float | None = Field(description="Seconds of a video; null for a photo.")
    tags: list[Tag] = Field(description="Users' own first, then those a model proposed, the likeliest first.")

    @classmethod
    def of(cls, record: PhotoRecord, tags: Iterable[PhotoTag], **more: Any) -> Self:
        """The photo of a record and its tags, with what a subclass has besides."""
        return cls(
            id=record.photo_id,
            path=record.paths[0] if record.paths else None,
            copies=list(record.paths[1:]),
            content_hash=record.content_hash,
            width=record.width,
            height=record.height,
            size=record.size,
            taken_at=record.taken_at,
            tags=[Tag.of(tag) for tag in tags],
            **photo_fields(record),
            **more,
        )


class OnePhoto(Photo):
    """What is known of one photo alone: what its file says of how it was taken, besides."""

    exposure_s: float | None = Field(description="Seconds.")
    f_number: float | None = Field(description="The focal length divided by the aperture.")
    iso: int | None
    lens: Text | None
    focal_length_mm: float | None
    focal_length_35mm: int | None = Field(description="Of a lens that sees as much on 35 mm film.")

    @classmethod
    def taken(cls, record: PhotoRecord, tags: Iterable[PhotoTag], exposure: Exposure) -> OnePhoto:
        """The photo of a record, its tags and how it was taken."""
        return cls.of(record, tags, **exposure_fields(exposure))


class FoundPhoto(Photo):
    """A photo that a search found."""

    rank: int = Field(description="1 is the best.")
    similarity: float = Field(description="Cosine of the embeddings, -1 to 1.")
    match_probability: float | None = Field(
        description="0 to 1: calibrated where `calibrated` is true, else the model's own; null: not judged."
    )
    versions: list[int] = Field(description="Ids of versions of the same photo that rank below it.")

    @classmethod
    def found(cls, match: Match, tags: Iterable[PhotoTag]) -> FoundPhoto:
        """The photo of a match and its tags."""
        assert match.record is not None  # the engine always says what it found
        return cls.of(
            match.record, tags, rank=match.rank, similarity=match.similarity,
            match_probability=match.probability, versions=[each.photo_id for each in match.folded],
        )  # fmt: skip


class Answer(BaseModel):
    """What a search found, best first."""

    matches: list[FoundPhoto]
    nothing_matches: bool = Field(
        description="Even the best is too unlikely to be what was asked for; the matches are the nearest."
    )
    calibrated: bool = Field(description="Whether the probabilities are calibrated.")
    truncated_caption: bool = Field(description="The caption is longer than the model reads.")
    judged: int = Field(description="Photos judged so far by the cross-modal model ...")
    to_judge: int = Field(description="... of so many.")
    model: str
    seconds: dict[str, float] = Field(description="Where the time went.")

    @classmethod
    def of(cls, results: Results, tags: Mapping[int, Iterable[PhotoTag]]) -> Answer:
        """The answer of a search's results, and the tags of those photos that have some, by id."""
        return cls(
            matches=[FoundPhoto.found(match, tags.get(match.photo_id, ())) for match in results.matches],
            nothing_matches=results.nothing_matches,
            calibrated=results.calibrated,
            truncated_caption=results.truncated_caption,
            judged=results.judged,
            to_judge=results.to_judge,
            model=results.model_name,
            seconds=results.seconds,
        )


class Word(BaseModel):
    """What one word of a caption adds to the match."""

    word: str
    start: int = Field(description="Place of its first character in `caption`, from 0.")
    probability_without: float = Field(description="The match without the word, 0 to 1.")
    log_odds_change: float = Field(description="Above 0 speaks for the match, below 0 against it.")


class Explanation(BaseModel):
    """Why a photo matches a caption, or does not."""

    caption: str
    match_probability: float = Field(description="The model's own, 0 to 1, as for no calibration.")
    words: list[Word] = Field(description="In the order of the caption; none where it has one word.")

    @classmethod
    def of(cls, evidence: Evidence, **more: Any) -> Self:
        """The explanation of what the model says, with what a subclass has besides."""
        return cls(
            caption=evidence.caption,
            match_probability=evidence.probability,
            words=[
                Word(
                    word=each.word,
                    start=each.start,
                    probability_without=each.without,
                    log_odds_change=each.log_odds_change,
                )
                for each in evidence.words
            ],
            **more,
        )


class HeatMap(BaseModel):
    """Where in the photo its match with the caption comes from, as a picture."""

    url: str = Field(description="Its address on this server.")
    illustrative: bool = Field(
        description="Nobody has measured that maps of this model point at what a caption means."
    )


class MappedExplanation(Explanation):
    """Why a photo matches a caption, or does not, and where in the photo."""

    heat_map: HeatMap


class EmbeddingModel(BaseModel):
    """A model, and how many photos it has embedded."""

    name: Text
    fingerprint: str
    embedded: int


class Status(BaseModel):
    """What the library holds, and which bridgelens answers."""

    version: str = Field(description="Of bridgelens, as `bridgelens --version` says.")
    library: Text
    photos: int
    files: int
    missing_files: int
    failures: int
    roots: list[Text] = Field(description="Folders that were indexed.")
    models: list[EmbeddingModel]
    active_model: str | None = Field(description="Fingerprint of the model that searches use.")
    size_bytes: int
    last_run_ended_at: datetime | None


class Health(BaseModel):
    """The server answers."""

    status: str = "ok"


class Refusal(BaseModel):
    """Why a request was not carried out."""

    error: Text = Field(description="What was expected and what was found.")
    next: Text = Field(description="What to do about it.")
