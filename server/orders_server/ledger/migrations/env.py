"""Runs the migrations on the connection that `upgrades` hands over, in the transaction that it holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
