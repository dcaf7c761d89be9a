"""The system headers of a call, as they arrive."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Literal, cast

import httpx
import pytest

from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.signature import signature

pytestmark = pytest.mark.anyio

MOMENT = datetime(2024, 5, 14, 14, 59, 37, 82_900, tzinfo=timezone(timedelta(hours=8)))


def auth(unit: Literal["ms", "s"] = "ms", random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> SignedHeaders:
    return SignedHeaders(
        "the-key", "the-secret", "the-user", unit=unit, clock=lambda: MOMENT, random_bytes=random_bytes
    )


async def arrived(signing: SignedHeaders, times: int = 1) -> list[httpx.Request]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    async with httpx.AsyncClient(auth=signing, transport=httpx.MockTransport(answer)) as http:
        for _ in range(times):
            await http.post("https://upstream.test/api", json={"quantity": 1})
    return seen


@pytest.mark.parametrize(("unit", "timestamp"), [("ms", "1715669977082"), ("s", "1715669977")])
async def test_the_timestamp_is_utc_in_the_unit_of_the_setting(unit: Literal["ms", "s"], timestamp: str) -> None:
    (request,) = await arrived(auth(unit))
    assert request.headers["timestamp"] == timestamp
    assert int(timestamp) // (1000 if unit == "ms" else 1) == int(MOMENT.astimezone(UTC).timestamp())


async def test_every_call_carries_the_five_headers_and_their_signature() -> None:
    (request,) = await arrived(auth(random_bytes=lambda count: bytes(range(count))))
    nonce = "000102030405060708090a0b0c0d0e0f"
    assert {name: request.headers[name] for name in ("access-key", "user-id", "nonce-str", "signature")} == {
        "access-key": "the-key",
        "user-id": "the-user",
        "nonce-str": nonce,
        "signature": signature("the-key", "1715669977082", nonce, "the-secret"),
    }
    assert request.headers["content-type"] == "application/json"


async def test_the_secret_itself_never_travels() -> None:
    (request,) = await arrived(auth())
    assert "the-secret" not in str(request.url) + str(request.headers.raw) + request.content.decode()


async def test_every_attempt_has_a_nonce_of_its_own() -> None:
    nonces = [request.headers["nonce-str"] for request in await arrived(auth(), 20)]
    assert len(set(nonces)) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", nonce) for nonce in nonces)


def test_no_nonce_repeats_in_a_hundred_thousand() -> None:
    signing, headers = auth(), dict[str, str]()
    request = cast("httpx.Request", SimpleNamespace(headers=headers))  # the real one takes ten times as long
    nonces: set[str] = set()
    for _ in range(100_000):
        next(signing.auth_flow(request))
        nonces.add(headers["nonce-str"])
    assert len(nonces) == 100_000
