"""A passkey in software, as an assistant with a shell could have one: it signs whatever it is asked to."""

import hashlib
import json
import struct
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from orders_server.consent.assertions import decode, encode

ORIGIN = "http://localhost:8766"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey at one origin. `skips` is by how much its counter rises with each use; 0 as synced ones have it."""

    def __init__(self, name: str = "key", *, origin: str = ORIGIN, verifies: bool = True, skips: int = 1) -> None:
        self.credential_id = encode(hashlib.sha256(name.encode()).digest())
        self.origin = origin
        self.verifies = verifies
        self.skips = skips
        self.counter = 0
        self.rp_id: str | None = None
        """What it takes for the relying party in spite of the question; None for what is asked."""
        self.cross_origin = False
        self._key = ec.generate_private_key(ec.SECP256R1())

    def makes(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What the browser sends back after `navigator.credentials.create()`."""
        options = asked["publicKey"]
        numbers = self._key.public_key().public_numbers()
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
        raw = decode(self.credential_id)
        attested = bytes(16) + struct.pack(">H", len(raw)) + raw + cose
        data = self._data(options["rp"]["id"], _ATTESTED) + attested
        response = {
            "clientDataJSON": encode(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": encode(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(asked, response)

    def signs(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What the browser sends back after `navigator.credentials.get()`."""
        options = asked["publicKey"]
        self.counter += self.skips
        data = self._data(options["rpId"])
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": None,
        }
        return self._answer(asked, response)

    def _answer(self, asked: Mapping[str, Any], response: dict[str, Any]) -> dict[str, Any]:
        of_key = {"id": self.credential_id, "rawId": self.credential_id, "type": "public-key"}
        return {"nonce": asked["nonce"], "credential": {**of_key, "response": response}}

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        rp_id_hash = hashlib.sha256((self.rp_id or rp_id).encode()).digest()
        return rp_id_hash + struct.pack(">BI", flags, self.counter)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        content = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(content, separators=(",", ":")).encode()
