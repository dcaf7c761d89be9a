"""A caller who knows the API from its documents alone, and sandboxes for it to call over real HTTP."""

import hashlib
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest

from orders_sandbox import CATALOGUE, SandboxOptions, running
from support.scene import Clock

ADDRESS = {
    "fullName": "测试收货人",
    "mobile": "13500000000",
    "phone": "",
    "postCode": "532600",
    "provinceText": "广西壮族自治区",
    "cityText": "崇左市",
    "areaText": "凭祥市",
    "townText": "",
    "address": "测试路1号",
    "districtCode": "451481",
}
START = datetime(2026, 5, 20, 15, 40, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


@dataclass
class Caller:
    """Signs and sends; answers are read with fractions as Decimal."""

    client: httpx.AsyncClient
    url: str
    clock: Clock

    @staticmethod
    def line(name: str, quantity: object = 1, **changed: object) -> dict[str, object]:
        """A line of that offer, as the documents print it."""
        offer = CATALOGUE[name]
        return {"offerId": offer.offer_id, "specId": offer.spec_id, "quantity": quantity, **changed}

    @staticmethod
    def address(*left_out: str, **changed: object) -> dict[str, object]:
        """A complete address, less the fields left out."""
        return {name: value for name, value in ADDRESS.items() if name not in left_out} | changed

    def headers(self, **changed: str) -> dict[str, str]:
        """Headers that the sandbox accepts, with changes given as access_key=…; the signature is made last."""
        sent = {
            "access-key": "sandbox-access-key",
            "user-id": "sandbox-user",
            "timestamp": str(int(self.clock.now.timestamp() * 1000)),
            "nonce-str": secrets.token_hex(16),
        }
        sent |= {name.replace("_", "-"): value for name, value in changed.items()}
        signed = sent["access-key"] + sent["timestamp"] + sent["nonce-str"] + "sandbox-access-secret"
        digest = hashlib.md5(signed.encode()).hexdigest().upper()
        return {"signature": digest, **sent}

    async def send(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json"} | dict(self.headers() if headers is None else headers)
        return await self.client.post(f"{self.url}/alibaba/ka/order/{path}", content=content, headers=headers)

    async def ask(self, path: str, body: object) -> Any:
        response = await self.send(path, body)
        assert response.status_code == 200
        return json.loads(response.text, parse_float=Decimal)

    async def preview(self, *lines: Mapping[str, object], **changed: object) -> Any:
        return await self.ask("create/preview", {"addressParam": ADDRESS, "cargoParamList": lines, **changed})

    async def create(self, *lines: Mapping[str, object], **changed: object) -> Any:
        return await self.ask(
            "create", {"flow": "fenxiaonew", "addressParam": ADDRESS, "cargoParamList": lines, **changed}
        )

    async def listed(self, **filters: object) -> Any:
        answer = await self.ask("list", filters)
        assert answer["code"] == 200
        return answer["data"]

    async def detail(self, **which: object) -> Any:
        return await self.ask("detail", {"webSite": "1688", **which})


@asynccontextmanager
async def open_sandbox(options: SandboxOptions | None = None) -> AsyncGenerator[Caller, None]:
    clock = Clock(START)
    options = replace(options or SandboxOptions(), clock=clock)
    async with running(options) as url, httpx.AsyncClient(trust_env=False) as client:
        yield Caller(client, url, clock)


OpenSandbox = Callable[[SandboxOptions], AbstractAsyncContextManager[Caller]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def shared_2025(anyio_backend: str) -> AsyncGenerator[Caller, None]:
    async with open_sandbox(SandboxOptions(generation="2025")) as caller:
        yield caller


@pytest.fixture(scope="session")
async def shared_2026(anyio_backend: str) -> AsyncGenerator[Caller, None]:
    async with open_sandbox(SandboxOptions(generation="2026")) as caller:
        yield caller


@pytest.fixture
def sandbox_with() -> OpenSandbox:
    return open_sandbox
