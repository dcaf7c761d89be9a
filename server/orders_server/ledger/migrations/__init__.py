"""Migrations of the ledger's schema, by Alembic; loaded only where a ledger is older than this server."""
