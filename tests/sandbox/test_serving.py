"""The sandbox as a guest: it shares no code with its callers and leaves the process as it was."""

from __future__ import annotations

import ast
import asyncio
import logging
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import orders_sandbox
from orders_sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from .conftest import OpenSandbox

pytestmark = pytest.mark.anyio

HOUSE = Path(orders_sandbox.__file__).parent


async def test_a_port_in_use_is_an_os_error() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, pytest.raises(OSError, match="in use"):
        async with running(SandboxOptions(), port=taken.getsockname()[1]):
            pytest.fail("it must not start")


async def test_it_stops_in_time_and_leaves_signals_and_logs_alone() -> None:
    before = (signal.getsignal(signal.SIGINT), logging.getLogger("uvicorn.error").level)
    loop = asyncio.get_running_loop()
    async with running(SandboxOptions()) as url:
        host, port = url.removeprefix("http://").removesuffix("/api").split(":")
        assert (signal.getsignal(signal.SIGINT), logging.getLogger("uvicorn.error").level) == before
        _, writer = await asyncio.open_connection(host, int(port))
        leaving = loop.time()
    assert loop.time() - leaving < 1.5
    writer.close()
    with closing(socket.create_server((host, int(port)))):
        pass


def test_importing_it_loads_no_server() -> None:
    check = "import sys, orders_sandbox; sys.exit('uvicorn' in sys.modules or 'starlette' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], env={"PYTHONPATH": str(HOUSE.parents[1])}).returncode == 0


def test_it_imports_nothing_of_the_project_but_itself() -> None:
    imported: set[str] = set()
    for room in HOUSE.glob("*.py"):
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module or "")
    ours = {name for name in imported if name.startswith(("orders_", "mcp", "httpx"))}
    assert ours
    assert all(name.startswith("orders_sandbox") for name in ours)


async def test_it_waits_for_another_writer_of_the_shared_file(sandbox_with: OpenSandbox, tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE ledger (note TEXT)")
        async with sandbox_with(SandboxOptions(store=path)) as caller:
            other.execute("BEGIN IMMEDIATE")
            asking = asyncio.create_task(caller.create(caller.line("plain")))
            done, _ = await asyncio.wait({asking}, timeout=0.1)
            assert not done
            other.execute("COMMIT")
            assert (await asking)["code"] == 200
        tables = {name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {"ledger", "sandbox_orders", "sandbox_preview_counts"}
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)
