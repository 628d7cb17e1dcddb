import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.schema import Base, File, Root


def test_the_migrations_make_exactly_the_mapped_tables(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_make_the_same_names_of_constraints(database: Database) -> None:
    with database.reading() as connection:
        inspector = inspect(connection)
        for table in Base.metadata.tables.values():
            found = {key["name"] for key in inspector.get_foreign_keys(table.name)}
            assert found == {key.name for key in table.foreign_key_constraints}


def test_a_file_needs_its_photo(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(Root).values(path="/photos"))
    orphan = insert(File).values(root_id=1, relative_path="a.jpg", size=1, mtime_ns=1, photo_id=99)
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.writing() as connection:
        connection.execute(orphan)
