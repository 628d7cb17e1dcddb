"""Alembic's entry: runs the revisions in the transaction that `storage.upgrade` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,
    # SQLite can roll back DDL; Alembic assumes it cannot because the sqlite3 module used to commit before it.
    transactional_ddl=True,
)
context.run_migrations()
