"""The people who may answer on the approval page: added by a command, each browser paired by a code once."""

import asyncio
import base64
import logging
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orders_prompts.inert import inert
from orders_server.ledger import passkeys as keys
from orders_server.ledger import people as rows
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store

CODE_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(days=30)
"""How long a pairing holds at the most; a browser that stays away for a week has to be paired anew before that."""
LONGEST_NAME = 60
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters that nobody confuses: five random bits each."""
_CODE_LENGTH = 8
_SLOWED = 1.0
"""Seconds that the answer to a wrong code takes."""
_SEEN_EVERY = timedelta(hours=1)
_log = logging.getLogger(__name__)


class BadName(ValueError):
    """A name that cannot be shown as it was given."""


@dataclass(frozen=True)
class PairingCode:
    """A code that pairs one browser with a person, until it expires."""

    person: str
    name: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A browser that was paired just now: its secret cookie, and its person."""

    cookie: str
    person: str
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class Visitor:
    """The person of a paired browser. `session` is the digest of its cookie, which may be stored and shown."""

    person: str
    name: str
    has_passkey: bool
    paired_at: datetime
    session: str


@dataclass(frozen=True)
class ListedKey:
    """A passkey that signs. `vouched_by` is the person whose passkey allowed it; None for the first one of all."""

    public_key: str
    added_at: datetime
    vouched_by: str | None


@dataclass(frozen=True)
class Listed:
    """A person, and what he can answer with. `seen_at` is when one of his browsers was last there, within an hour."""

    name: str
    browsers: int
    keys: tuple[ListedKey, ...]
    added_at: datetime
    seen_at: datetime | None

    @property
    def passkeys(self) -> int:
        """How many passkeys sign for him."""
        return len(self.keys)


class People:
    """Who may answer, in `store`. Every method may raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        seals: Seals,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._random_bytes = random_bytes
        self._sleep = sleep

    async def add(self, name: str) -> PairingCode:
        """A new code for the person with this name, who is added if missing. An earlier code of his ends.

        Raises:
            BadName: the name is empty, too long, or holds characters that cannot be shown.
        """
        now = self._clock()
        person = f"P-{base64.b32encode(self._random_bytes(15)).decode()}"
        new = rows.StoredPerson(person, checked_name(name), now)
        code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in self._random_bytes(_CODE_LENGTH))
        expires_at = now + CODE_LIFE
        added = await self._store.writing(rows.add_code, self._seals, new, code, expires_at, now)
        half = _CODE_LENGTH // 2
        return PairingCode(added.person, added.name, f"{code[:half]}-{code[half:]}", expires_at)

    async def pair(self, code: str) -> Session | None:
        """A session for the browser that gave this code; None, after a moment, if the code is wrong, used or expired.

        Wrong codes are counted. After ten of them no code counts any more until a new one is made.
        """
        cookie = base64.urlsafe_b64encode(self._random_bytes(32)).decode().rstrip("=")
        now = self._clock()
        expires_at = now + SESSION_LIFE
        given = self._seals, _plain(code), self._digest(cookie), now, expires_at
        person, failures = await self._store.writing(rows.use_code, *given)
        if person:
            return Session(cookie, person.person, person.name, expires_at)
        if failures == rows.MOST_FAILURES:
            _log.warning("%s wrong pairing codes: no open code counts any more; `people add` makes a new one", failures)
        await self._sleep(_SLOWED)
        return None

    async def who(self, cookie: str) -> Visitor | None:
        """The person of the browser with this cookie; None if it is not paired, or not any more."""
        session, now = self._digest(cookie), self._clock()
        found = await self._store.reading(_visitor, self._seals, session, now)
        if found is None:
            return None
        browser, visitor = found
        if now - browser.seen_at >= _SEEN_EVERY:
            await self._store.writing(rows.note_seen, self._seals, browser, now)
        return visitor

    async def sign_out(self, cookie: str) -> None:
        """End the session of this browser."""
        await self._store.writing(rows.forget_browser, self._digest(cookie))

    async def remove(self, name: str) -> bool:
        """Remove a person: sessions and passkeys end at once. False if nobody has this name."""
        given = self._seals, _normal(name), self._clock()
        return await self._store.writing(rows.remove_person, *given) is not None

    async def everybody(self) -> list[Listed]:
        """All people who may answer, in the order in which they were added."""
        return await self._store.reading(_listed, self._seals, self._clock())

    def _digest(self, cookie: str) -> str:
        return self._seals.of_row("session", cookie)


def checked_name(name: str) -> str:
    """The name as it is stored.

    Raises:
        BadName: it is empty, too long, or holds characters that cannot be shown.
    """
    normal = _normal(name)
    if not normal or len(normal) > LONGEST_NAME or inert(normal) != normal:
        raise BadName(name)
    return normal


def _normal(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _plain(code: str) -> str:
    """A code as it is compared: capitals without blanks and dashes, also where it was typed in full width."""
    return "".join(each for each in unicodedata.normalize("NFKC", code).upper() if each.isalnum())[:64]


def _visitor(
    connection: Connection, seals: Seals, session: str, now: datetime
) -> tuple[rows.StoredBrowser, Visitor] | None:
    found = rows.find_browser(connection, seals, session, now)
    if found is None:
        return None
    browser, person = found
    has_passkey = bool(keys.passkeys_of(connection, seals, person.person))
    return browser, Visitor(person.person, person.name, has_passkey, browser.paired_at, session)


def _listed(connection: Connection, seals: Seals, now: datetime) -> list[Listed]:
    listed: list[Listed] = []
    for person in rows.everybody(connection, seals):
        paired = rows.browsers_of(connection, seals, person.person, now)
        held = keys.passkeys_of(connection, seals, person.person)
        shown = tuple(ListedKey(key.public_key, key.added_at, _voucher(connection, seals, key)) for key in held)
        seen_at = max((each.seen_at for each in paired), default=None)
        listed.append(Listed(person.name, len(paired), shown, person.added_at, seen_at))
    return listed


def _voucher(connection: Connection, seals: Seals, key: keys.StoredPasskey) -> str | None:
    """The name of the person whose passkey vouched for this one, also if that person was removed."""
    earlier = keys.find_passkey(connection, seals, key.vouched_by) if key.vouched_by else None
    return rows.name_of(connection, earlier.person) if earlier else key.vouched_by
