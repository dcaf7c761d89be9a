"""People, pairing codes and paired browsers in the ledger. A row without our seal is no person and no browser.

Each write begins with a deletion, which takes the write lock, so that what it reads afterwards is still true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, func, insert, select, update

from orders_server.ledger.passkeys import remove_passkeys
from orders_server.ledger.schema import browsers, code_failures, pairing_codes, people
from orders_server.ledger.seals import Seals, is_same_seal
from orders_server.ledger.stamps import stamp

MOST_FAILURES = 10
"""After so many wrong codes since the last code was made, no code counts any more."""
IDLE = timedelta(days=7)
"""How long a paired browser may stay away."""


@dataclass(frozen=True)
class StoredPerson:
    """A person who may answer."""

    person: str
    name: str
    added_at: datetime


@dataclass(frozen=True)
class StoredBrowser:
    """A browser that a person paired, named by the digest of its cookie."""

    session: str
    person: str
    paired_at: datetime
    seen_at: datetime
    expires_at: datetime


def find_person(connection: Connection, seals: Seals, person: str) -> StoredPerson | None:
    """The person with this id; None if there is none, or not any more."""
    row = connection.execute(select(people).where(people.c.person == person)).mappings().first()
    return _person(row, seals) if row else None


def named(connection: Connection, seals: Seals, name: str) -> StoredPerson | None:
    """The person with this name; None if there is none, or not any more."""
    query = select(people).where(people.c.name == name, people.c.removed_at.is_(None))
    row = connection.execute(query).mappings().first()
    return _person(row, seals) if row else None


def name_of(connection: Connection, person: str) -> str | None:
    """The name of a person, also of one who was removed."""
    return connection.scalar(select(people.c.name).where(people.c.person == person))


def everybody(connection: Connection, seals: Seals) -> list[StoredPerson]:
    """All people who may answer, in the order in which they were added."""
    rows = connection.execute(select(people).order_by(people.c.added_at)).mappings()
    return [found for row in rows if (found := _person(row, seals))]


def add_code(
    connection: Connection, seals: Seals, new: StoredPerson, code: str, expires_at: datetime, now: datetime
) -> StoredPerson:
    """Store a code for the person named like `new`, who is added if missing; earlier codes of that person end.

    Wrong codes are counted anew.
    """
    connection.execute(delete(code_failures))
    known = named(connection, seals, new.name)
    if known is None:
        # A row with this name and without our seal is no person, and makes room.
        nobody = update(people).where(people.c.name == new.name, people.c.removed_at.is_(None))
        connection.execute(nobody.values(removed_at=stamp(now)))
        connection.execute(insert(people).values(**_person_row(new, None, seals)))
    person = known or new
    over = (pairing_codes.c.person == person.person) | (pairing_codes.c.expires_at <= stamp(now))
    connection.execute(delete(pairing_codes).where(over))
    digest = _code_digest(seals, code, person.person, stamp(expires_at))
    connection.execute(
        insert(pairing_codes).values(code_digest=digest, person=person.person, expires_at=stamp(expires_at))
    )
    return person


def use_code(
    connection: Connection, seals: Seals, code: str, session: str, now: datetime, expires_at: datetime
) -> tuple[StoredPerson | None, int]:
    """Use up `code` and store the browser with the session's digest; the person, or None and the count of failures.

    With the last failure that is allowed, every code that is open ends.
    """
    connection.execute(delete(pairing_codes).where(pairing_codes.c.expires_at <= stamp(now)))
    connection.execute(delete(browsers).where(browsers.c.expires_at <= stamp(now)))
    for row in connection.execute(select(pairing_codes).where(pairing_codes.c.used_at.is_(None))).mappings():
        if not is_same_seal(row["code_digest"], _code_digest(seals, code, row["person"], row["expires_at"])):
            continue
        person = find_person(connection, seals, row["person"])
        open_code = pairing_codes.c.code_digest == row["code_digest"], pairing_codes.c.used_at.is_(None)
        used: CursorResult[Any] = connection.execute(update(pairing_codes).where(*open_code).values(used_at=stamp(now)))
        if person and used.rowcount == 1:
            browser = StoredBrowser(session, person.person, now, now, expires_at)
            connection.execute(insert(browsers).values(**_browser_row(browser, seals)))
            return person, 0
    connection.execute(insert(code_failures).values(at=stamp(now)))
    failures = connection.scalar(select(func.count()).select_from(code_failures)) or 0
    if failures >= MOST_FAILURES:
        connection.execute(delete(pairing_codes).where(pairing_codes.c.used_at.is_(None)))
    return None, failures


def find_browser(
    connection: Connection, seals: Seals, session: str, now: datetime
) -> tuple[StoredBrowser, StoredPerson] | None:
    """The browser with this session that is still paired, and its person."""
    row = connection.execute(select(browsers).where(browsers.c.session_digest == session)).mappings().first()
    browser = _browser(row, seals) if row else None
    if browser is None or now >= min(browser.expires_at, browser.seen_at + IDLE):
        return None
    person = find_person(connection, seals, browser.person)
    return (browser, person) if person else None


def note_seen(connection: Connection, seals: Seals, browser: StoredBrowser, now: datetime) -> None:
    """Store that the browser was there at `now`; nothing if it is not paired any more."""
    seen = StoredBrowser(browser.session, browser.person, browser.paired_at, now, browser.expires_at)
    row = _browser_row(seen, seals)
    connection.execute(update(browsers).where(browsers.c.session_digest == browser.session).values(**row))


def forget_browser(connection: Connection, session: str) -> None:
    """End a session."""
    connection.execute(delete(browsers).where(browsers.c.session_digest == session))


def browsers_of(connection: Connection, seals: Seals, person: str, now: datetime) -> list[StoredBrowser]:
    """The browsers of a person that are paired."""
    rows = connection.execute(select(browsers).where(browsers.c.person == person)).mappings()
    found = [browser for row in rows if (browser := _browser(row, seals))]
    return [each for each in found if now < min(each.expires_at, each.seen_at + IDLE)]


def remove_person(connection: Connection, seals: Seals, name: str, now: datetime) -> StoredPerson | None:
    """Remove the person with this name, with sessions, codes and passkeys; None if there is none."""
    connection.execute(delete(pairing_codes).where(pairing_codes.c.expires_at <= stamp(now)))
    person = named(connection, seals, name)
    if person is None:
        return None
    connection.execute(update(people).where(people.c.person == person.person).values(**_person_row(person, now, seals)))
    for table in (browsers, pairing_codes):
        connection.execute(delete(table).where(table.c.person == person.person))
    remove_passkeys(connection, seals, person.person, now)
    return person


def _code_digest(seals: Seals, code: str, person: str, expires_at: str) -> str:
    return seals.of_row("pairing code", code, person, expires_at)


def _person_row(person: StoredPerson, removed_at: datetime | None, seals: Seals) -> dict[str, Any]:
    fields = (person.person, person.name, stamp(person.added_at), stamp(removed_at) if removed_at else None)
    names = ("person", "name", "added_at", "removed_at")
    return {**dict(zip(names, fields, strict=True)), "seal": seals.of_row("person", *fields)}


def _person(row: Mapping[Any, Any], seals: Seals) -> StoredPerson | None:
    fields = (row["person"], row["name"], row["added_at"], row["removed_at"])
    if row["removed_at"] or not is_same_seal(row["seal"], seals.of_row("person", *fields)):
        return None
    return StoredPerson(row["person"], row["name"], datetime.fromisoformat(row["added_at"]))


def _browser_row(browser: StoredBrowser, seals: Seals) -> dict[str, Any]:
    times = (stamp(browser.paired_at), stamp(browser.seen_at), stamp(browser.expires_at))
    fields = (browser.session, browser.person, *times)
    names = ("session_digest", "person", "paired_at", "seen_at", "expires_at")
    return {**dict(zip(names, fields, strict=True)), "seal": seals.of_row("browser", *fields)}


def _browser(row: Mapping[Any, Any], seals: Seals) -> StoredBrowser | None:
    times = (row["paired_at"], row["seen_at"], row["expires_at"])
    fields = (row["session_digest"], row["person"], *times)
    if not is_same_seal(row["seal"], seals.of_row("browser", *fields)):
        return None
    return StoredBrowser(fields[0], fields[1], *map(datetime.fromisoformat, times))
