"""Signatures of the Xportcn API (CONTRACT 2.3: inferred from public client code, never printed by the vendor)."""

import hashlib


def signature(access_key: str, timestamp: str, nonce: str, access_secret: str) -> str:
    """Upper-case hex MD5 of the four values, concatenated; body, path and user id are not part of it."""
    signed = access_key + timestamp + nonce + access_secret
    return hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()
