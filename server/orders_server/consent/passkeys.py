"""Passkeys: added by a person at a paired browser, vouched for by an earlier one, and asked to sign one purchase."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from webauthn import generate_registration_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from orders_server.consent.assertions import (
    PasskeyFault,
    Step,
    challenge_of,
    encode,
    json_object,
    read_assertion,
    verify_registration,
)
from orders_server.consent.people import Visitor
from orders_server.consent.questions import CHALLENGE_LIFE, MILLISECONDS, Questions, descriptors
from orders_server.consent.signatures import KIND, SignedDocument
from orders_server.ledger import passkeys as rows
from orders_server.ledger.people import find_person
from orders_server.ledger.seals import Seals
from orders_server.ledger.stamps import stamp
from orders_server.ledger.store import Store
from orders_tools.purchase.records import Purchase

FIRST_AFTER_PAIRING = timedelta(minutes=10)
"""How long after the pairing of a browser a person's first passkey can be added there."""
_RP_NAME = "xportcn-orders"
_LONGEST_ID = 400
_ADDED = {
    rows.Added.KNOWN: Step.KNOWN,
    rows.Added.TOO_LATE: Step.TOO_LATE,
    rows.Added.REMOVED: Step.REMOVED,
}


@dataclass(frozen=True)
class Registered:
    """A new passkey. If it `waits`, it signs nothing before an earlier passkey vouches for it."""

    credential_id: str
    waits: bool


@dataclass(frozen=True)
class WaitingPasskey:
    """A passkey that waits until another one vouches for it. `own` is whether it is the visitor's."""

    credential_id: str
    name: str
    added_at: datetime
    own: bool


@dataclass(frozen=True)
class SignedApproval:
    """A yes that a passkey signed: whose, when, and the document, which is stored already."""

    person: str
    name: str
    credential_id: str
    at: datetime
    document: str


class Passkeys:
    """The passkeys in `store` of the page at `origin`, whose relying party is `rp_id`.

    Every method may raise StoreUnavailable. Questions are dictionaries `{"nonce", "publicKey"}`: the browser passes
    `publicKey` to WebAuthn, and sends back `{"nonce", "credential"}`.
    """

    def __init__(
        self,
        store: Store,
        seals: Seals,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        rp_id: str,
        origin: str,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._rp_id = rp_id
        self._origin = origin
        self._questions = Questions(store, seals, clock, random_bytes, rp_id, origin)

    async def registration_options(self, visitor: Visitor) -> dict[str, Any]:
        """The question that makes a passkey for this visitor.

        Raises:
            PasskeyFault: `too_late` for a first one, or the visitor is `removed`.
        """
        held = await self._store.reading(rows.passkeys_of, self._seals, visitor.person)
        if not held and not self._in_time(visitor):
            raise PasskeyFault(Step.TOO_LATE)
        nonce, _ = await self._questions.ask(rows.Purpose.REGISTER, visitor.person, None, visitor.session)
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=_RP_NAME,
            user_name=visitor.name,
            user_id=visitor.person.encode(),
            challenge=self._registration_challenge(visitor, nonce),
            timeout=MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=descriptors(held),
        )
        return {"nonce": nonce, "publicKey": options_to_json_dict(options)}

    async def register(self, visitor: Visitor, response: Any) -> Registered:
        """Add the passkey that the browser made. The first one in a ledger counts at once; every other one waits.

        Raises:
            PasskeyFault: naming the step that failed.
        """
        nonce, credential = _answer(response)
        await self._questions.take(rows.Purpose.REGISTER, visitor.person, nonce, None, visitor.session)
        challenge = self._registration_challenge(visitor, nonce)
        made, public_key, sign_count = verify_registration(credential, challenge, self._rp_id, self._origin)
        if len(made) > _LONGEST_ID:
            raise PasskeyFault(Step.MALFORMED)
        key = rows.StoredPasskey(made, visitor.person, encode(public_key), sign_count, self._clock())
        added = await self._store.writing(rows.add_passkey, self._seals, key, self._in_time(visitor))
        if added in _ADDED:
            raise PasskeyFault(_ADDED[added])
        return Registered(made, added is rows.Added.WAITS)

    async def waiting(self, visitor: Visitor) -> list[WaitingPasskey]:
        """The passkeys that this visitor can vouch for: further ones of his own, and first ones of other people."""
        return await self._store.reading(_vouchable, self._seals, visitor, self._clock())

    async def vouch_options(self, visitor: Visitor, credential_id: str) -> dict[str, Any]:
        """The question by which one of the visitor's passkeys vouches for exactly this waiting one.

        Raises:
            PasskeyFault: `unknown_key`, if it does not wait for him.
        """
        waiting = await self._waiting(visitor, credential_id)
        nonce, _ = await self._questions.ask(rows.Purpose.VOUCH, visitor.person, None, _about(waiting))
        challenge = self._vouching_challenge(visitor, waiting, nonce)
        return await self._questions.options(visitor, nonce, challenge)

    async def vouch(self, visitor: Visitor, credential_id: str, response: Any) -> None:
        """Let a waiting passkey count, by the signature of one of the visitor's.

        Raises:
            PasskeyFault: naming the step that failed; the passkey still waits.
        """
        nonce, credential = _answer(response)
        answer = read_assertion(credential)
        waiting = await self._waiting(visitor, credential_id)
        await self._questions.take(rows.Purpose.VOUCH, visitor.person, nonce, None, _about(waiting))
        challenge = self._vouching_challenge(visitor, waiting, nonce)
        key, sign_count = await self._questions.verify(visitor, answer, challenge)
        given = self._seals, waiting, key, sign_count, self._clock()
        if not await self._store.writing(rows.vouch, *given):
            raise PasskeyFault(Step.REMOVED)

    async def approval_options(self, visitor: Visitor, purchase: Purchase) -> dict[str, Any]:
        """The question by which one of the visitor's passkeys says yes to exactly this purchase.

        Raises:
            PasskeyFault: `unknown_key`, if the visitor has no passkey; `changed`, if the row was edited.
        """
        if not (purchase.intact and purchase.sealed):
            raise PasskeyFault(Step.CHANGED)
        nonce, asked_at = await self._questions.ask(
            rows.Purpose.APPROVE, visitor.person, purchase.token, purchase.digest
        )
        document = self._document(visitor, purchase, nonce, asked_at)
        return await self._questions.options(visitor, nonce, document.challenge)

    async def verify_approval(self, visitor: Visitor, purchase: Purchase, response: Any) -> SignedApproval:
        """The signed yes to `purchase`, which has to be as it is stored now. What was signed is stored.

        It is no yes yet: the caller records it.

        Raises:
            PasskeyFault: naming the step that failed; the purchase still waits.
        """
        nonce, credential = _answer(response)
        answer = read_assertion(credential)
        asked = await self._questions.take(rows.Purpose.APPROVE, visitor.person, nonce, purchase.token, purchase.digest)
        if not (purchase.intact and purchase.sealed):
            raise PasskeyFault(Step.CHANGED)
        document = self._document(visitor, purchase, nonce, asked.expires_at - CHALLENGE_LIFE)
        key, sign_count = await self._questions.verify(visitor, answer, document.challenge)
        signed = document.answered(answer, key.public_key)
        given = self._seals, key, sign_count, purchase.token, purchase.digest, signed.text
        recorded = await self._store.writing(rows.record_signature, *given)
        if recorded is rows.Recorded.ANSWERED:
            raise PasskeyFault(Step.ANSWERED)
        if recorded is rows.Recorded.KEY_CHANGED:
            await self._questions.key(visitor, answer.credential_id)  # tells `removed` from another answer meanwhile
            raise PasskeyFault(Step.COUNTER)
        return SignedApproval(visitor.person, visitor.name, key.credential_id, self._clock(), signed.text)

    async def document(self, token: str) -> str | None:
        """The document that a passkey signed for the purchase with this token; None if none did."""
        return await self._store.reading(rows.find_signature, token)

    def _in_time(self, visitor: Visitor) -> bool:
        return self._clock() - visitor.paired_at < FIRST_AFTER_PAIRING

    def _document(self, visitor: Visitor, purchase: Purchase, nonce: str, asked_at: datetime) -> SignedDocument:
        of_purchase = purchase.digest, purchase.token, purchase.basket.purchase_ref
        where = self._rp_id, self._origin
        return SignedDocument(KIND, *of_purchase, visitor.person, visitor.name, *where, stamp(asked_at), nonce)

    def _registration_challenge(self, visitor: Visitor, nonce: str) -> bytes:
        where = self._rp_id, self._origin
        return challenge_of("xportcn-orders registration 1", visitor.person, visitor.session, *where, nonce)

    def _vouching_challenge(self, visitor: Visitor, waiting: rows.StoredPasskey, nonce: str) -> bytes:
        where = self._rp_id, self._origin
        return challenge_of("xportcn-orders vouching 1", _about(waiting), visitor.person, *where, nonce)

    async def _waiting(self, visitor: Visitor, credential_id: str) -> rows.StoredPasskey:
        found = await self._store.reading(_vouchable_rows, self._seals, visitor, self._clock())
        for key, _ in found:
            if key.credential_id == credential_id:
                return key
        raise PasskeyFault(Step.UNKNOWN_KEY)


def _answer(response: Any) -> tuple[str, Any]:
    """The nonce and the credential that the browser sent."""
    given = json_object(response)
    nonce = given.get("nonce")
    if not isinstance(nonce, str):
        raise PasskeyFault(Step.MALFORMED)
    return nonce, given.get("credential")


def _about(waiting: rows.StoredPasskey) -> str:
    """What a signature that vouches for a passkey is about."""
    return challenge_of(waiting.credential_id, waiting.public_key, waiting.person).hex()


def _vouchable(connection: Connection, seals: Seals, visitor: Visitor, now: datetime) -> list[WaitingPasskey]:
    return [
        WaitingPasskey(key.credential_id, name, key.added_at, key.person == visitor.person)
        for key, name in _vouchable_rows(connection, seals, visitor, now)
    ]


def _vouchable_rows(
    connection: Connection, seals: Seals, visitor: Visitor, now: datetime
) -> list[tuple[rows.StoredPasskey, str]]:
    """The passkeys that the visitor can vouch for, with the names of their people.

    A person who has a passkey vouches for the further ones himself.
    """
    found: list[tuple[rows.StoredPasskey, str]] = []
    if not rows.passkeys_of(connection, seals, visitor.person):
        return found
    for key in rows.waiting_passkeys(connection, seals, now):
        person = find_person(connection, seals, key.person)
        own = key.person == visitor.person
        if person and (own or not rows.passkeys_of(connection, seals, key.person)):
            found.append((key, person.name))
    return found
