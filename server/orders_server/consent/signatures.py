"""What a passkey signed for a purchase, as a document that anybody can verify with the public key alone."""

import json
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from webauthn.helpers import encode_cbor, parse_cbor
from webauthn.helpers.exceptions import WebAuthnException

from orders_server.consent.assertions import (
    Assertion,
    PasskeyFault,
    Step,
    challenge_of,
    decode,
    encode,
    verify_assertion,
)

KIND = "xportcn-orders approval 1"
_NO_ID = encode(b"none")
"""Stands in for the credential's id, which no signature covers and the document therefore leaves out."""


@dataclass(frozen=True)
class SignedDocument:
    """A yes to one purchase. The signature covers every field before `nonce` and itself, by way of the challenge.

    `digest` is that of everything that was shown and is ordered. Bytes are in base64url.
    """

    kind: str
    digest: str
    token: str
    purchase_ref: str
    person: str
    name: str
    rp_id: str
    origin: str
    asked_at: str
    nonce: str
    public_key: str = ""
    client_data_json: str = ""
    authenticator_data: str = ""
    signature: str = ""

    @property
    def challenge(self) -> bytes:
        """The question that the passkey has to have answered."""
        asked = [getattr(self, each.name) for each in fields(self)[:10]]
        return challenge_of(*asked)

    @property
    def text(self) -> str:
        """The document as it is stored, shown and verified."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)}, indent=2, ensure_ascii=False)

    def answered(self, answer: Assertion, public_key: str) -> "SignedDocument":
        """The same with the answer to its question."""
        return replace(
            self,
            public_key=public_key,
            client_data_json=encode(answer.client_data_json),
            authenticator_data=encode(answer.authenticator_data),
            signature=encode(answer.signature),
        )


def read_document(text: str) -> SignedDocument:
    """The document in `text`, which has to be exactly as it was written.

    Raises:
        PasskeyFault: it is something else.
    """
    names = [each.name for each in fields(SignedDocument)]
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise PasskeyFault(Step.MALFORMED) from None
    if not isinstance(content, dict) or [*cast("dict[str, Any]", content)] != names:
        raise PasskeyFault(Step.MALFORMED)
    values = cast("dict[str, Any]", content)
    if not all(isinstance(value, str) for value in values.values()):
        raise PasskeyFault(Step.MALFORMED)
    document = SignedDocument(**values)
    if document.kind != KIND or document.text != text.strip("\r\n"):
        raise PasskeyFault(Step.MALFORMED)
    return document


def verify_document(text: str, public_key: str | None = None) -> Step | None:
    """Verify a document without a ledger: None, or the step that failed.

    Without `public_key`, this only proves that the key named in the document signed it.
    """
    try:
        document = read_document(text)
        if public_key is not None and document.public_key != public_key.strip():
            return Step.UNKNOWN_KEY
        parts = document.client_data_json, document.authenticator_data, document.signature
        answer = Assertion(_NO_ID, *map(decode, parts))
        key = decode(document.public_key)
        if len(encode_cbor(parse_cbor(key))) != len(key):  # something follows it
            return Step.MALFORMED
        verify_assertion(answer, key, document.challenge, document.rp_id, document.origin)
    except PasskeyFault as fault:
        return fault.step
    except WebAuthnException:
        return Step.MALFORMED
    return None
