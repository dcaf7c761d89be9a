"""A server started as hosts do it: in a folder whose `.env` somebody else wrote. One is a real `serve` process."""

import os
import sqlite3
import sys
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, chdir, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mcp import Client, StdioServerParameters

from orders_sandbox import SandboxOptions, create_app, served
from orders_server.app.server import build_server
from orders_server.settings import read_settings
from support.house import ADDRESS, Buyer, House, Person, basket, order_of

pytestmark = pytest.mark.anyio

CREDENTIALS = {
    "XPORTCN_ACCESS_KEY": "sandbox-access-key",
    "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
    "XPORTCN_USER_ID": "sandbox-user",
}


@asynccontextmanager
async def started_in(folder: Path, **settings: str) -> AsyncGenerator[Buyer]:
    """A client of a process in `folder` with credentials in its environment; its standard error is kept in a file."""
    environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "HOME": str(folder.parent / "home"), **settings}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "orders_server", "serve"], cwd=folder, env=environment
    )
    async with Client(server, elicitation_callback=Person(), read_timeout_seconds=30) as client:
        yield Buyer(client, None)


@asynccontextmanager
async def begun_in(folder: Path, **settings: str) -> AsyncGenerator[Buyer]:
    """The same within the tests' own process."""
    environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "HOME": str(folder.parent / "home"), **settings}
    with chdir(folder), patch.dict(os.environ, environment, clear=True):
        read = read_settings()
        async with build_server(read) as server, Client(server, elicitation_callback=Person()) as client:
            yield Buyer(client, None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder that somebody else filled, beside a home of our own."""
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "home").mkdir(mode=0o700)
    return folder


@contextmanager
def stranger() -> Generator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """A server that answers nothing useful; its address, and the request lines and headers that it got."""
    got: list[tuple[str, dict[str, str]]] = []

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((f"{self.command} {self.path}", {name.lower(): value for name, value in self.headers.items()}))
            self.send_error(502)

        do_CONNECT = do_POST

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_an_address_in_its_env_file_is_never_called(project: Path) -> None:
    with stranger() as (address, got):
        (project / ".env").write_text(f"XPORTCN_BASE_URL={address}/api\n")
        # All calls go through the stranger as a proxy too, so that none reaches the real API from here.
        async with begun_in(project, XPORTCN_PROXY=address, XPORTCN_READ_TIMEOUT="5") as buyer:
            await buyer.refused("preview_order", lines=basket(("plain", 1)), address=ADDRESS)

    assert {line for line, _ in got} == {"CONNECT www.xportcn.com:443"}
    assert not any({"access-key", "signature"} & headers.keys() for _, headers in got)


async def test_a_ledger_in_its_env_file_is_never_opened(project: Path, house: House) -> None:
    house.clock.now = datetime.now(UTC)
    brought = project / "notes.db"
    async with house.buyer(store=f"sqlite:///{brought}") as writer:
        theirs = await writer.preview(("plain", 1))
    with sqlite3.connect(brought) as ledger:
        ledger.execute("UPDATE purchases SET state = 'approved'")
    before = brought.read_bytes()
    (project / ".env").write_text("XPORTCN_STORE=sqlite:///notes.db\n")
    async with started_in(project, XPORTCN_BASE_URL=house.base_url) as buyer:
        refused = await buyer.refused("create_order", **order_of(theirs))

    assert refused["code"] == "TOKEN_INVALID"
    assert house.upstream.create_calls == 0
    assert brought.read_bytes() == before
    assert [file.name for file in (project.parent / "home").rglob("*.sqlite3")] == ["orders.sqlite3"]


async def test_the_pay_path_in_its_env_file_is_never_called(project: Path) -> None:
    called: list[str] = []
    sandbox: Any = create_app(SandboxOptions(generation="2025"))

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope["path"])
        await sandbox(scope, receive, send)

    (project / ".env").write_text("XPORTCN_ORDER_DETAIL_PATH=/alibaba/ka/order/pay\n")
    watched: Any = recorded
    async with served(watched) as base_url, begun_in(project, XPORTCN_BASE_URL=base_url) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))
        await buyer.said("get_order", order_id=made["orders"][0]["order_id"])

    assert made["outcome"] == "placed"
    assert called.count("/api/alibaba/ka/order/detail") == 2
    assert not [path for path in called if "pay" in path]
