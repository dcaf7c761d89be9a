"""Named values that the ledger keeps about itself."""

from sqlalchemy import Connection, insert, select, update

from orders_server.ledger.schema import settings


def setting(connection: Connection, name: str, first: str) -> str:
    """The stored value of `name`. If there is none, returns `first`, and stores it unless it is empty."""
    value = connection.scalar(select(settings.c.value).where(settings.c.name == name))
    if value is not None:
        return str(value)
    if first:
        connection.execute(insert(settings).values(name=name, value=first))
    return first


def store_setting(connection: Connection, name: str, value: str) -> None:
    """Store `value` under `name`."""
    if setting(connection, name, value) != value:
        connection.execute(update(settings).where(settings.c.name == name).values(value=value))
