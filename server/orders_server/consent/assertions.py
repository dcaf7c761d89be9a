"""Verifies the answers of passkeys, and names the step that failed."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_attestation_object, parse_authenticator_data
from webauthn.helpers.structs import AuthenticatorData

_LONGEST = 65_536
"""More characters than any field of an answer has."""


class Step(StrEnum):
    """What can be wrong with the answer of a passkey."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    """The question is older than five minutes."""
    USED = "used"
    """The question was answered before."""
    CHANGED = "changed"
    """The purchase is not what it was when the question was put."""
    ANSWERED = "answered"
    """The purchase does not wait for an answer any more."""
    ORIGIN = "origin"
    RELYING_PARTY = "relying_party"
    CHALLENGE = "challenge"
    """It answers another question."""
    SIGNATURE = "signature"
    USER_VERIFICATION = "user_verification"
    COUNTER = "counter"
    """The passkey's counter went back, as that of a copy would."""
    UNKNOWN_KEY = "unknown_key"
    """No passkey that may answer this has the id."""
    REMOVED = "removed"
    """The person or the passkey was removed."""
    TOO_LATE = "too_late"
    """A person's first passkey has to be added within ten minutes of pairing the browser."""
    KNOWN = "known"
    """The passkey is registered already."""


class PasskeyFault(Exception):
    """The answer of a passkey does not count; `step` says what failed."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.value)
        self.step = step


@dataclass(frozen=True)
class Assertion:
    """The answer of a passkey: what it signed, and the signature."""

    credential_id: str
    client_data_json: bytes
    authenticator_data: bytes
    signature: bytes


def encode(content: bytes) -> str:
    """`content` in base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: Any) -> bytes:
    """The bytes of `text` in base64url without padding.

    Raises:
        PasskeyFault: it is something else, or not in its only spelling.
    """
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii():
        raise PasskeyFault(Step.MALFORMED)
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise PasskeyFault(Step.MALFORMED) from None
    if encode(content) != text:
        raise PasskeyFault(Step.MALFORMED)
    return content


def json_object(content: Any) -> Mapping[str, Any]:
    """`content` as an object of JSON.

    Raises:
        PasskeyFault: it is something else.
    """
    if not isinstance(content, dict):
        raise PasskeyFault(Step.MALFORMED)
    return cast("dict[str, Any]", content)


def challenge_of(*content: str) -> bytes:
    """The question about `content`: SHA-256 of it as a JSON list, in ASCII and without blanks."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).digest()


def read_assertion(credential: Any) -> Assertion:
    """The answer of `navigator.credentials.get()`, as `toJSON()` gives it.

    Raises:
        PasskeyFault: it is something else.
    """
    outer = json_object(credential)
    inner = json_object(outer.get("response"))
    names = ("clientDataJSON", "authenticatorData", "signature")
    return Assertion(encode(decode(outer.get("id"))), *(decode(inner.get(name)) for name in names))


def verify_assertion(answer: Assertion, public_key: bytes, challenge: bytes, rp_id: str, origin: str) -> int:
    """Verify everything but the counter, which is returned.

    Raises:
        PasskeyFault: naming the first step that failed.
    """
    _check_client_data(answer.client_data_json, "webauthn.get", challenge, origin)
    try:
        data = parse_authenticator_data(answer.authenticator_data)
    except Exception:  # the library's parsers fail with errors of many kinds
        raise PasskeyFault(Step.MALFORMED) from None
    _check_authenticator(data, rp_id)
    try:
        verify_authentication_response(
            credential=_assertion_json(answer),
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:
        raise PasskeyFault(Step.SIGNATURE) from None
    return data.sign_count


def verify_registration(credential: Any, challenge: bytes, rp_id: str, origin: str) -> tuple[str, bytes, int]:
    """Verify the answer of `navigator.credentials.create()`; the new passkey's id, public key and counter.

    Raises:
        PasskeyFault: naming the first step that failed.
    """
    outer = json_object(credential)
    inner = json_object(outer.get("response"))
    client_data, attestation = decode(inner.get("clientDataJSON")), decode(inner.get("attestationObject"))
    _check_client_data(client_data, "webauthn.create", challenge, origin)
    try:
        data = parse_attestation_object(attestation).auth_data
    except Exception:
        raise PasskeyFault(Step.MALFORMED) from None
    _check_authenticator(data, rp_id)
    try:
        verified = verify_registration_response(
            credential={**outer, "response": {**inner, "transports": None}},
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except Exception:
        raise PasskeyFault(Step.SIGNATURE) from None
    return encode(verified.credential_id), verified.credential_public_key, verified.sign_count


def _check_client_data(content: bytes, kind: str, challenge: bytes, origin: str) -> None:
    try:
        data = json_object(json.loads(content))
    except (ValueError, RecursionError):
        raise PasskeyFault(Step.MALFORMED) from None
    if data.get("type") != kind:
        raise PasskeyFault(Step.MALFORMED)
    # A page inside another one may be covered by it.
    if data.get("origin") != origin or data.get("crossOrigin", False) is not False:
        raise PasskeyFault(Step.ORIGIN)
    if data.get("challenge") != encode(challenge):
        raise PasskeyFault(Step.CHALLENGE)


def _check_authenticator(data: AuthenticatorData, rp_id: str) -> None:
    if data.rp_id_hash != hashlib.sha256(rp_id.encode()).digest():
        raise PasskeyFault(Step.RELYING_PARTY)
    if not (data.flags.up and data.flags.uv):
        raise PasskeyFault(Step.USER_VERIFICATION)


def _assertion_json(answer: Assertion) -> dict[str, Any]:
    return {
        "id": answer.credential_id,
        "rawId": answer.credential_id,
        "type": "public-key",
        "response": {
            "clientDataJSON": encode(answer.client_data_json),
            "authenticatorData": encode(answer.authenticator_data),
            "signature": encode(answer.signature),
        },
    }
