"""The models of a library: which one it is searched with, which came before, and what each has not embedded.

The setting `active_models` lists fingerprints, each older than the next, and the last is the active one. A
library from before that setting is searched with the model that has embedded most of it.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from storage import embeddings
from storage.database import Database
from storage.errors import NoModelBefore
from storage.photo_pages import photo_pages
from storage.records import FileState, ModelRef, Vector
from storage.roots import Roots
from storage.schema import PRESENT, Embedding, File, Model, Setting

ACTIVE = "active_models"


class Models:
    """Every method is one transaction; paths are absolute, as `os.fsdecode` gives them."""

    def __init__(self, database: Database) -> None:
        """Work on the given catalog."""
        self._database = database

    def active(self) -> ModelRef | None:
        """The model that the library is searched and extended with; None before the first photo."""
        with self._database.reading() as connection:
            return _by_fingerprint(connection, _history(connection)[-1:])

    def before(self) -> ModelRef | None:
        """The model that was active before this one, its embeddings still there; None without a change."""
        with self._database.reading() as connection:
            return _by_fingerprint(connection, _history(connection)[-2:-1])

    def activate(self, model: ModelRef) -> None:
        """Search and extend the library with this model from now on; no embedding of another is touched."""
        with self._database.writing() as connection:
            embeddings.model_id(connection, model)
            others = [each for each in _history(connection) if each != model.fingerprint]
            _record(connection, [*others, model.fingerprint])

    def roll_back(self) -> ModelRef:
        """Make the model before the active one; that one.

        Raises:
            NoModelBefore: The model was never changed.
        """
        with self._database.writing() as connection:
            history = _history(connection)
            before = _by_fingerprint(connection, history[-2:-1])
            if before is None:
                raise NoModelBefore(
                    f"the library {self._database.path.parent} has no model before the present one to go "
                    "back to; `bridgelens reindex --model NAME` changes the model"
                )
            _record(connection, history[:-1])
            return before

    def add_embeddings(self, model: ModelRef, vectors: Mapping[int, Vector]) -> None:
        """Store a model's embeddings of photos that the library has, by photo id, and nothing else of them.

        Raises:
            VectorsInvalid: A vector is not (dim,), not finite, or not of unit norm.
        """
        with self._database.writing() as connection:
            note_first(connection, model)
            model_id = embeddings.model_id(connection, model)
            embeddings.insert_lacking(connection, model_id, model.dim, vectors)

    def lacking(self, model: ModelRef) -> dict[str, int]:
        """How many photos with a present file the model has not embedded, by the root of their first file."""
        first = select(func.min(File.id)).where(PRESENT, _lacks(model)).group_by(File.photo_id)
        count = select(File.root_id, func.count()).where(File.id.in_(first)).group_by(File.root_id)
        with self._database.reading() as connection:
            roots = Roots(connection)
            return {roots.paths[root_id]: photos for root_id, photos in connection.execute(count)}

    def files_lacking(self, model: ModelRef, page: int = 1000) -> Iterator[list[FileState]]:
        """The present files of each photo that the model has not embedded, photo by photo, `page` at a time.

        What is embedded meanwhile does not come.
        """
        for _, files in photo_pages(self._database, _lacks(model), page):
            yield files


def note_first(connection: Connection, model: ModelRef) -> None:
    """Where no model is active yet, make it the one with most embeddings, or else this one, in a write."""
    if connection.scalar(select(Setting.value).where(Setting.key == ACTIVE)) is None:
        _record(connection, _history(connection) or [model.fingerprint])


def _history(connection: Connection) -> list[str]:
    """Fingerprints of the models that were made active, the active one last."""
    value = connection.scalar(select(Setting.value).where(Setting.key == ACTIVE))
    if value:
        return value.split()
    most = (
        select(Model.fingerprint)
        .join(Embedding, Embedding.model_id == Model.id)
        .group_by(Model.id)
        .order_by(func.count().desc(), Model.id)
        .limit(1)
    )
    return list(connection.scalars(most))


def _record(connection: Connection, history: list[str]) -> None:
    connection.execute(delete(Setting).where(Setting.key == ACTIVE))
    connection.execute(insert(Setting).values(key=ACTIVE, value=" ".join(history)))


def _by_fingerprint(connection: Connection, fingerprints: list[str]) -> ModelRef | None:
    query = select(Model.fingerprint, Model.name, Model.dim).where(Model.fingerprint.in_(fingerprints))
    row = connection.execute(query).one_or_none()
    return None if row is None else ModelRef(*row)


def _lacks(model: ModelRef) -> ColumnElement[bool]:
    """The condition that the model has not embedded a file's photo."""
    model_id = select(Model.id).where(Model.fingerprint == model.fingerprint).scalar_subquery()
    embedded = select(Embedding.id).where(Embedding.model_id == model_id, Embedding.photo_id == File.photo_id)
    return ~embedded.exists()
