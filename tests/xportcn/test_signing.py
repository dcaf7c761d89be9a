"""The signature against values that were computed elsewhere (md5sum, and the vector of examples.json)."""

import hashlib
from typing import Any

import pytest

from orders_server.xportcn.signature import signature


@pytest.mark.parametrize(
    ("access_key", "timestamp", "nonce", "secret", "signed"),
    [
        (
            "58c0201dfdf148eca63cbf6bb5e7cf03",
            "1715669977082",
            "0123456789abcdef0123456789abcdef",
            "synthetic-secret",
            "0C75E3EB82CCD143524F3B0FB2BD7B98",
        ),
        # printf '%s' 'key-11716200000abcdefghijklmnopqrstuvwxyz012345s3cr3t' | md5sum
        (
            "key-1",
            "1716200000",
            "abcdefghijklmnopqrstuvwxyz012345",
            "s3cr3t",
            "89300224533C7AA977F10F994E0AB257",
        ),
        # printf '%s' '密钥1779263269913ffffffffffffffffffffffffffffffff盐' | md5sum, in UTF-8
        ("密钥", "1779263269913", "f" * 32, "盐", "B21FCA63CEF37447DFC89653BD334A93"),
    ],
    ids=["examples.json", "seconds", "not-ascii"],
)
def test_the_signature_is_what_others_compute(
    access_key: str, timestamp: str, nonce: str, secret: str, signed: str
) -> None:
    assert signature(access_key, timestamp, nonce, secret) == signed


def test_every_signed_value_counts() -> None:
    whole = signature("key", "1", "nonce", "secret")
    others = [
        signature("kez", "1", "nonce", "secret"),
        signature("key", "2", "nonce", "secret"),
        signature("key", "1", "noncf", "secret"),
        signature("key", "1", "nonce", "secreu"),
    ]
    assert len({whole, *others}) == 5


def test_a_python_that_has_no_md5_for_security_signs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real, signed = hashlib.md5, signature("key", "1", "nonce", "secret")

    def of_fips(content: bytes, *, usedforsecurity: bool = True) -> Any:
        if usedforsecurity:
            raise ValueError("disabled for FIPS")
        return real(content)

    monkeypatch.setattr(hashlib, "md5", of_fips)

    assert signature("key", "1", "nonce", "secret") == signed
