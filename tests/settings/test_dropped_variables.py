"""A host that hands on only some of the variables it was given: the person learns it from the first call."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mcp import Client, StdioServerParameters

from orders_server.app.server import build_server
from orders_server.settings import CredentialsMissing, read_settings
from support.house import ADDRESS, Buyer, House, Person, basket, text_of

pytestmark = pytest.mark.anyio
CREDENTIALS = {
    "XPORTCN_ACCESS_KEY": "sandbox-access-key",
    "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
    "XPORTCN_USER_ID": "sandbox-user",
}
SOME: list[tuple[dict[str, str], list[str]]] = [
    ({"XPORTCN_ACCESS_KEY": "k"}, ["XPORTCN_ACCESS_SECRET", "XPORTCN_USER_ID"]),
    ({"XPORTCN_USER_ID": "u", "XPORTCN_ACCESS_KEY": "k"}, ["XPORTCN_ACCESS_SECRET"]),
    ({"XPORTCN_BASE_URL": "https://www.xportcn.com/api"}, list(CREDENTIALS)),
]
CALLS = {
    "preview_order": {"lines": basket(("plain", 1)), "address": ADDRESS},
    "create_order": {"preview_token": "PV-" + "0" * 26, "expected_total": "1"},
    "list_orders": {},
    "find_offers": {"keywords": "mug"},
    "get_offer": {"offer_id": "610000000001"},
    "get_order": {"order_id": "1"},
}


@asynccontextmanager
async def started(folder: Path, given: dict[str, str]) -> AsyncGenerator[Buyer]:
    """A client of a real `serve` process with these variables."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **given}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "orders_server", "serve"], cwd=folder, env=environment
    )
    async with Client(server, elicitation_callback=Person(), read_timeout_seconds=30) as client:
        yield Buyer(client, None)


@asynccontextmanager
async def begun(folder: Path, given: dict[str, str]) -> AsyncGenerator[Buyer]:
    """The same within the tests' own process."""
    with chdir(folder), patch.dict(os.environ, {"HOME": str(folder), **given}):
        with pytest.raises(CredentialsMissing) as fault:
            read_settings()
        async with (
            build_server(fault.value.rest, missing=str(fault.value)) as server,
            Client(server, elicitation_callback=Person()) as client,
        ):
            yield Buyer(client, None)


@pytest.mark.parametrize(("serving", "given", "missing"), [(started, *SOME[0]), (begun, *SOME[1]), (begun, *SOME[2])])
async def test_every_call_of_a_server_without_all_credentials_names_the_missing(
    tmp_path: Path, serving: Any, given: dict[str, str], missing: list[str]
) -> None:
    async with serving(tmp_path, given) as buyer:
        client = buyer.client
        tools = (await client.list_tools()).tools
        refused = [await buyer.refused(tool, **arguments) for tool, arguments in CALLS.items()]

    assert {tool.name for tool in tools} == CALLS.keys()
    for each in refused:
        assert each["code"] == "INTERNAL"
        assert [name for name in CREDENTIALS if f"{name} not" in each["message"] or name in each["message"]] == missing
        assert "env" in each["next_step"]
    assert not list(tmp_path.rglob("*.sqlite3"))


async def test_over_http_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    import urllib.error
    import urllib.request

    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XPORTCN_ACCESS_KEY": "k"}
    command = [sys.executable, "-m", "orders_server", "serve", "--http", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            lines = (json.loads(line) for line in process.stderr)
            warned = next(lines)["message"]
            url = next(line["url"] for line in lines if line["message"] == "listening").removesuffix("/mcp")
            alive = urllib.request.urlopen(f"{url}/healthz", timeout=10).status
            with pytest.raises(urllib.error.HTTPError) as unready:
                urllib.request.urlopen(f"{url}/readyz", timeout=10)
            status = unready.value.code
            unready.value.close()
        finally:
            process.kill()

    assert "XPORTCN_ACCESS_SECRET, XPORTCN_USER_ID not" in warned
    assert (alive, status) == (200, 503)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_first_preview_of_a_real_server_says_where_it_buys(
    house: House, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("HOME", str(house.folder))
    for name, value in {**CREDENTIALS, "XPORTCN_BASE_URL": house.base_url, "XPORTCN_LANGUAGE": language}.items():
        monkeypatch.setenv(name, value)
    async with build_server(read_settings(), clock=house.clock) as server, Client(server) as client:
        first, second = [await client.call_tool("preview_order", CALLS["preview_order"]) for _ in range(2)]

    said = text_of(first).splitlines()[-1]
    assert house.base_url in said
    assert "~/.local/share/xportcn-orders/orders.sqlite3" in said
    assert "the environment" in said
    assert str(house.folder) not in said
    assert len(second.content) == 1
