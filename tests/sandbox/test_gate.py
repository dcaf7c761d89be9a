"""Who is let in, and with which code the others are told why not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from orders_sandbox import SandboxOptions, create_app

if TYPE_CHECKING:
    from .conftest import Caller, OpenSandbox

pytestmark = pytest.mark.anyio


async def code_for(caller: Caller, headers: dict[str, str], path: str = "list") -> int:
    response = await caller.send(path, {}, headers)
    assert response.status_code == 200
    envelope = json.loads(response.text)
    assert set(envelope) == {"requestId", "code", "developId", "msg", "data"}
    assert (envelope["data"] is None) == (envelope["code"] != 200)
    return envelope["code"]


@pytest.mark.parametrize("path", ["create/preview", "create", "list", "detail"])
async def test_every_endpoint_checks_the_signature(shared_2026: Caller, path: str) -> None:
    assert await code_for(shared_2026, shared_2026.headers(signature="0" * 32), path) == 610


async def test_a_signed_request_is_let_in(shared_2026: Caller) -> None:
    assert await code_for(shared_2026, shared_2026.headers()) == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"access_key": "someone-else"}, 621),
        ({"user_id": "someone-else"}, 622),
        ({"timestamp": "1"}, 623),
        ({"timestamp": "yesterday"}, 623),
        ({"nonce_str": "a" * 31}, 624),
        ({"nonce_str": "a" * 33}, 624),
        ({"signature": "0" * 32}, 610),
    ],
)
async def test_a_wrong_header_has_a_code_of_its_own(shared_2026: Caller, changed: dict[str, str], code: int) -> None:
    assert await code_for(shared_2026, shared_2026.headers(**changed)) == code


@pytest.mark.parametrize(
    ("missing", "code"),
    [("access-key", 621), ("user-id", 622), ("timestamp", 623), ("nonce-str", 624), ("signature", 610)],
)
async def test_a_missing_header_has_the_code_of_a_wrong_one(shared_2026: Caller, missing: str, code: int) -> None:
    headers = shared_2026.headers()
    del headers[missing]
    assert await code_for(shared_2026, headers) == code


async def test_the_signature_must_be_upper_case(shared_2026: Caller) -> None:
    headers = shared_2026.headers()
    headers["signature"] = headers["signature"].lower()
    assert await code_for(shared_2026, headers) == 610


async def test_of_several_faults_the_first_header_in_order_is_named(shared_2026: Caller) -> None:
    wrong = {"access-key": "x", "user-id": "x", "timestamp": "x", "nonce-str": "x", "signature": "x"}
    right = shared_2026.headers()
    codes = [await code_for(shared_2026, wrong)]
    for name in ("access-key", "user-id", "timestamp", "nonce-str"):
        wrong[name] = right[name]
        codes.append(await code_for(shared_2026, wrong))
    assert codes == [621, 622, 623, 624, 610]


async def test_a_nonce_is_taken_once(shared_2026: Caller) -> None:
    headers = shared_2026.headers()
    assert await code_for(shared_2026, headers) == 200
    assert await code_for(shared_2026, headers) == 611


async def test_a_nonce_is_still_known_after_twenty_minutes(sandbox_with: OpenSandbox) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        nonce = "n" * 32
        caller.clock.forward(-600)
        early = str(int(caller.clock.now.timestamp()) + 600)
        assert await code_for(caller, caller.headers(nonce_str=nonce, timestamp=early)) == 200
        caller.clock.forward(1200)
        assert await code_for(caller, caller.headers(nonce_str=nonce)) == 611
        caller.clock.forward(61)
        assert await code_for(caller, caller.headers(nonce_str=nonce)) == 200


async def test_a_nonce_is_taken_again_after_its_time_though_the_clock_went_back_between(
    sandbox_with: OpenSandbox,
) -> None:
    async with sandbox_with(SandboxOptions()) as caller:
        assert await code_for(caller, caller.headers(nonce_str="n" * 32)) == 200
        caller.clock.forward(-600)
        assert await code_for(caller, caller.headers(nonce_str="m" * 32)) == 200
        caller.clock.forward(1262)
        assert await code_for(caller, caller.headers(nonce_str="n" * 32)) == 611
        assert await code_for(caller, caller.headers(nonce_str="m" * 32)) == 200
        assert await code_for(caller, caller.headers(nonce_str="m" * 32)) == 611


async def test_every_answer_carries_the_date_of_the_sandboxs_own_clock(sandbox_with: OpenSandbox) -> None:
    options = SandboxOptions(generation="2025", faults=frozenset({"bad-gateway"}))
    async with sandbox_with(options) as caller:
        body = {"flow": "general", "addressParam": caller.address(), "cargoParamList": [caller.line("plain")]}
        answers = [await caller.send("create", body), await caller.send("list", {}), await caller.send("list", {}, {})]
        caller.clock.forward(3_661)
        answers.append(await caller.send("list", {}))

    assert [answer.status_code for answer in answers] == [502, 200, 200, 200]
    assert [answer.headers.get_list("date") for answer in answers] == [
        *([["Wed, 20 May 2026 07:40:00 GMT"]] * 3),
        ["Wed, 20 May 2026 08:41:01 GMT"],
    ]


@pytest.mark.parametrize("unit", [1, 1000])
@pytest.mark.parametrize(("offset", "code"), [(0, 200), (-599, 200), (599, 200), (-602, 623), (602, 623)])
async def test_seconds_and_milliseconds_count_for_ten_minutes_each_way(
    shared_2026: Caller, unit: int, offset: int, code: int
) -> None:
    timestamp = str((int(shared_2026.clock.now.timestamp()) + offset) * unit)
    assert await code_for(shared_2026, shared_2026.headers(timestamp=timestamp)) == code


async def test_only_calls_that_pass_the_gate_are_counted(shared_2026: Caller) -> None:
    app = create_app(SandboxOptions(clock=shared_2026.clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        for path in ("create/preview", "create", "create"):
            await client.post(f"/api/alibaba/ka/order/{path}", content=b"{}", headers=shared_2026.headers())
        wrong = shared_2026.headers(signature="0" * 32)
        await client.post("/api/alibaba/ka/order/create", content=b"{}", headers=wrong)
    assert (app.state.sandbox.preview_calls, app.state.sandbox.create_calls) == (1, 2)
    assert app.state.sandbox.orders() == []
