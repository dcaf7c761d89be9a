"""Upgrades an older ledger to this server's schema, in the caller's transaction and lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, version: int) -> None:
    """Apply every migration after `version`; 0 means an empty file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.stamp(config, str(version) if version else "base")
    command.upgrade(config, "head")
