"""Passkeys, the questions put to them, and what they signed. A passkey's row without our seal signs nothing.

A passkey that an earlier one has to vouch for waits in the same table, under another kind of seal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from orders_server.ledger.schema import challenges, passkeys, people, purchases, signatures
from orders_server.ledger.seals import Seals, is_same_seal
from orders_server.ledger.stamps import moment_of, stamp
from orders_tools.purchase.states import TokenState

WAITING_LIFE = timedelta(days=1)
"""How long a passkey waits for another one to vouch for it."""
_KEPT = timedelta(days=1)
"""How long a question is kept after its expiry, so that a late answer can be told that it is late."""
_KEY, _WAITING_KEY = "passkey", "passkey waiting"


class Purpose(StrEnum):
    """What a question to a passkey is for."""

    REGISTER = "register"
    VOUCH = "vouch"
    APPROVE = "approve"


class Added(StrEnum):
    """What became of a new passkey."""

    KEPT = "kept"
    WAITS = "waits"
    KNOWN = "known"
    """Its id is registered already."""
    TOO_LATE = "too_late"
    REMOVED = "removed"
    """Its person is not one any more."""


class Recorded(StrEnum):
    """What became of an answer."""

    KEPT = "kept"
    KEY_CHANGED = "key_changed"
    """Its passkey was removed, or gave another answer meanwhile."""
    ANSWERED = "answered"
    """Its purchase does not wait any more."""


@dataclass(frozen=True)
class StoredPasskey:
    """A key that signs approvals; `vouched_by` is the earlier key that allowed it."""

    credential_id: str
    person: str
    public_key: str
    sign_count: int
    added_at: datetime
    removed_at: datetime | None = None
    vouched_by: str | None = None


@dataclass(frozen=True)
class Challenge:
    """A question to a passkey, named by the digest of its nonce; `digest` is what it is about."""

    nonce_digest: str
    purpose: Purpose
    person: str
    token: str | None
    digest: str
    expires_at: datetime
    used: bool = False


def passkeys_of(connection: Connection, seals: Seals, person: str) -> list[StoredPasskey]:
    """The passkeys that a person can sign with, oldest first."""
    rows = _rows(connection, passkeys.c.person == person, passkeys.c.removed_at.is_(None))
    return [key for row in rows if (key := _passkey(row, seals, _KEY))]


def find_passkey(connection: Connection, seals: Seals, credential_id: str) -> StoredPasskey | None:
    """The passkey with this id, also one that was removed; None if there is none that counts."""
    rows = _rows(connection, passkeys.c.credential_id == credential_id)
    return next((key for row in rows if (key := _passkey(row, seals, _KEY))), None)


def waiting_passkeys(connection: Connection, seals: Seals, now: datetime) -> list[StoredPasskey]:
    """The passkeys that wait until another one vouches for them, oldest first."""
    rows = _rows(connection, passkeys.c.removed_at.is_(None), passkeys.c.added_at > stamp(now - WAITING_LIFE))
    return [key for row in rows if (key := _passkey(row, seals, _WAITING_KEY))]


def had_passkey(connection: Connection, seals: Seals, person: str | None = None) -> bool:
    """Whether anybody, or this person, ever had a passkey here. Removed and edited rows count; one that waits does not.

    Anything signed by a passkey counts too.
    """
    conditions = [] if person is None else [passkeys.c.person == person]
    if any(_passkey(row, seals, _WAITING_KEY) is None for row in _rows(connection, *conditions)):
        return True
    return person is None and bool(connection.scalar(select(exists().select_from(signatures))))


def add_passkey(connection: Connection, seals: Seals, key: StoredPasskey, in_time: bool) -> Added:
    """Store a new passkey. The first one of all counts at once; every other one waits for an earlier one's signature.

    `in_time` is whether its browser was paired a moment ago, which a person's first one needs.
    """
    connection.execute(delete(challenges).where(challenges.c.expires_at <= stamp(key.added_at - _KEPT)))
    # Only one waits for each person, so that the list to vouch for stays short.
    for waiting in _rows(connection, passkeys.c.person == key.person):
        if _passkey(waiting, seals, _WAITING_KEY):
            connection.execute(delete(passkeys).where(passkeys.c.credential_id == waiting["credential_id"]))
    if not _is_person(connection, key.person):
        return Added.REMOVED
    if not in_time and not passkeys_of(connection, seals, key.person):
        return Added.TOO_LATE
    kind = _WAITING_KEY if had_passkey(connection, seals) else _KEY
    try:
        with connection.begin_nested():
            connection.execute(insert(passkeys).values(**_row(key, seals, kind)))
    except IntegrityError:
        return Added.KNOWN
    return Added.KEPT if kind == _KEY else Added.WAITS


def vouch(
    connection: Connection, seals: Seals, waiting: StoredPasskey, by: StoredPasskey, sign_count: int, now: datetime
) -> bool:
    """Let a waiting passkey count, and store the counter of the one that signed for it; False if either is gone."""
    connection.execute(delete(challenges).where(challenges.c.expires_at <= stamp(now - _KEPT)))
    if waiting not in waiting_passkeys(connection, seals, now) or not _is_person(connection, waiting.person):
        return False
    if not count_use(connection, seals, by, sign_count):
        return False
    row = _row(replace(waiting, vouched_by=by.credential_id), seals, _KEY)
    return _changed(connection.execute(_update(waiting).values(**row)))


def count_use(connection: Connection, seals: Seals, key: StoredPasskey, sign_count: int) -> bool:
    """Store the counter of an answer; False if the passkey was removed or answered meanwhile."""
    used: CursorResult[Any] = connection.execute(
        _update(key)
        .where(passkeys.c.removed_at.is_(None), passkeys.c.sign_count == key.sign_count)
        .values(**_row(replace(key, sign_count=sign_count), seals, _KEY))
    )
    return _changed(used) and _is_person(connection, key.person)


def remove_passkeys(connection: Connection, seals: Seals, person: str, now: datetime) -> None:
    """End all passkeys of a person. Their rows stay, so that a ledger that had a passkey is known as such."""
    for row in list(_rows(connection, passkeys.c.person == person)):
        if key := _passkey(row, seals, _KEY):
            connection.execute(_update(key).values(**_row(replace(key, removed_at=now), seals, _KEY)))
        elif key := _passkey(row, seals, _WAITING_KEY):
            connection.execute(delete(passkeys).where(passkeys.c.credential_id == key.credential_id))


def ask(connection: Connection, question: Challenge, now: datetime) -> None:
    """Store a question, and forget those that are long over."""
    connection.execute(delete(challenges).where(challenges.c.expires_at <= stamp(now - _KEPT)))
    connection.execute(
        insert(challenges).values(
            nonce_digest=question.nonce_digest,
            purpose=question.purpose.value,
            person=question.person,
            token=question.token,
            digest=question.digest,
            expires_at=stamp(question.expires_at),
        )
    )


def take_challenge(connection: Connection, nonce_digest: str, now: datetime) -> Challenge | None:
    """The question with this nonce, which is used up by this; `used` says that it was used before. None if unknown."""
    which = challenges.c.nonce_digest == nonce_digest
    taken = connection.execute(
        update(challenges).where(which, challenges.c.used_at.is_(None)).values(used_at=stamp(now))
    )
    row = connection.execute(select(challenges).where(which)).mappings().first()
    if row is None:
        return None
    expires_at = datetime.fromisoformat(row["expires_at"])
    fields = nonce_digest, Purpose(row["purpose"]), row["person"], row["token"], row["digest"], expires_at
    return Challenge(*fields, used=not _changed(taken))


def record_signature(
    connection: Connection, seals: Seals, key: StoredPasskey, sign_count: int, token: str, digest: str, document: str
) -> Recorded:
    """Store the counter of an answer and what was signed for a purchase that still waits for it.

    What was signed for a yes that is recorded already is never replaced.
    """
    if not count_use(connection, seals, key, sign_count):
        return Recorded.KEY_CHANGED
    is_it = purchases.c.token == token, purchases.c.digest == digest
    states = connection.execute(select(purchases.c.state).where(*is_it)).scalars().all()
    if states == [TokenState.OPEN]:
        connection.execute(delete(signatures).where(signatures.c.token == token))
    elif states != [TokenState.APPROVED] or find_signature(connection, token):
        return Recorded.ANSWERED
    connection.execute(insert(signatures).values(token=token, document=document))
    return Recorded.KEPT


def find_signature(connection: Connection, token: str) -> str | None:
    """The document that a passkey signed for this purchase; None if none did."""
    return connection.scalar(select(signatures.c.document).where(signatures.c.token == token))


def find_documents(connection: Connection, ref: str) -> dict[str, str]:
    """What passkeys signed for the purchases with this reference or token, by token."""
    query = select(signatures).join(purchases, purchases.c.token == signatures.c.token)
    wanted = query.where((purchases.c.purchase_ref == ref) | (purchases.c.token == ref))
    return {row["token"]: row["document"] for row in connection.execute(wanted).mappings()}


def _rows(connection: Connection, *conditions: Any) -> list[Mapping[Any, Any]]:
    return list(connection.execute(select(passkeys).where(*conditions).order_by(passkeys.c.added_at)).mappings())


def _update(key: StoredPasskey) -> Any:
    return update(passkeys).where(passkeys.c.credential_id == key.credential_id)


def _changed(result: Any) -> bool:
    return result.rowcount == 1


def _is_person(connection: Connection, person: str) -> bool:
    """Whether the person was not removed. Whoever asks has looked at the seal before."""
    query = select(people.c.person).where(people.c.person == person, people.c.removed_at.is_(None))
    return connection.scalar(query) is not None


def _row(key: StoredPasskey, seals: Seals, kind: str) -> dict[str, Any]:
    row = {
        "credential_id": key.credential_id,
        "person": key.person,
        "public_key": key.public_key,
        "sign_count": key.sign_count,
        "added_at": stamp(key.added_at),
        "removed_at": stamp(key.removed_at) if key.removed_at else None,
        "vouched_by": key.vouched_by,
    }
    return {**row, "seal": seals.of_row(kind, *row.values())}


def _passkey(row: Mapping[Any, Any], seals: Seals, kind: str) -> StoredPasskey | None:
    """The passkey in `row` if it has the seal of this kind."""
    fields: dict[str, Any] = {column.name: row[column.name] for column in passkeys.c if column.name != "seal"}
    if not is_same_seal(row["seal"], seals.of_row(kind, *fields.values())):
        return None
    for name in ("added_at", "removed_at"):
        fields[name] = moment_of(fields[name])
    return StoredPasskey(**fields)
