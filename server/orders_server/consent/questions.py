"""Questions to passkeys: put once, answered once, and who may answer them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from webauthn import generate_authentication_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from orders_server.consent.assertions import Assertion, PasskeyFault, Step, decode, encode, verify_assertion
from orders_server.consent.people import Visitor
from orders_server.ledger import passkeys as rows
from orders_server.ledger.people import find_person
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store

CHALLENGE_LIFE = timedelta(minutes=5)
MILLISECONDS = int(CHALLENGE_LIFE.total_seconds() * 1000)


class Questions:
    """Puts questions to the passkeys in `store`, and judges the answers."""

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
        self._random_bytes = random_bytes
        self._rp_id = rp_id
        self._origin = origin

    async def ask(self, purpose: rows.Purpose, person: str, token: str | None, digest: str) -> tuple[str, datetime]:
        """The nonce of a new question, of which only a digest is stored, and when it was put."""
        nonce, now = encode(self._random_bytes(32)), self._clock()
        expires_at = now + CHALLENGE_LIFE
        question = rows.Challenge(self._digest(nonce), purpose, person, token, digest, expires_at)
        await self._store.writing(rows.ask, question, now)
        return nonce, now

    async def take(
        self, purpose: rows.Purpose, person: str, nonce: str, token: str | None, digest: str
    ) -> rows.Challenge:
        """The question with this nonce, used up by this answer, whatever becomes of it.

        Raises:
            PasskeyFault: it was put to another person, about something else, or cannot be answered any more.
        """
        now = self._clock()
        asked = await self._store.writing(rows.take_challenge, self._digest(nonce), now)
        if asked is None or (asked.purpose, asked.person, asked.token) != (purpose, person, token):
            raise PasskeyFault(Step.CHALLENGE)
        if asked.used:
            raise PasskeyFault(Step.USED)
        if now >= asked.expires_at:
            raise PasskeyFault(Step.EXPIRED)
        if asked.digest != digest:
            raise PasskeyFault(Step.CHANGED)
        return asked

    async def options(self, visitor: Visitor, nonce: str, challenge: bytes) -> dict[str, Any]:
        """The question as the browser gets it, for any of the visitor's passkeys.

        Raises:
            PasskeyFault: the visitor has no passkey.
        """
        held = await self._store.reading(rows.passkeys_of, self._seals, visitor.person)
        if not held:
            raise PasskeyFault(Step.UNKNOWN_KEY)
        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=MILLISECONDS,
            allow_credentials=descriptors(held),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return {"nonce": nonce, "publicKey": options_to_json_dict(options)}

    async def verify(self, visitor: Visitor, answer: Assertion, challenge: bytes) -> tuple[rows.StoredPasskey, int]:
        """The visitor's passkey that gave the answer, and its new counter.

        Raises:
            PasskeyFault: naming the first step that failed.
        """
        key = await self.key(visitor, answer.credential_id)
        sign_count = verify_assertion(answer, decode(key.public_key), challenge, self._rp_id, self._origin)
        if (sign_count or key.sign_count) and sign_count <= key.sign_count:
            raise PasskeyFault(Step.COUNTER)
        return key, sign_count

    async def key(self, visitor: Visitor, credential_id: str) -> rows.StoredPasskey:
        """The visitor's passkey with this id.

        Raises:
            PasskeyFault: it is not his, or he or it was removed.
        """
        key = await self._store.reading(rows.find_passkey, self._seals, credential_id)
        if key is None or key.person != visitor.person:
            raise PasskeyFault(Step.UNKNOWN_KEY)
        person = await self._store.reading(find_person, self._seals, visitor.person)
        if person is None or key.removed_at is not None:
            raise PasskeyFault(Step.REMOVED)
        return key

    def _digest(self, nonce: str) -> str:
        return self._seals.of_row("nonce", nonce)


def descriptors(held: list[rows.StoredPasskey]) -> list[PublicKeyCredentialDescriptor]:
    """The passkeys as WebAuthn names them."""
    return [PublicKeyCredentialDescriptor(id=decode(key.credential_id)) for key in held]
