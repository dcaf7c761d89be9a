"""The sandbox as its own process is told what to be on the command line."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from click.testing import CliRunner

from orders_sandbox.options import utc_now
from orders_server.cli.main import main
from orders_server.cli.sandbox import run_sandbox

from .conftest import Caller, Clock

pytestmark = pytest.mark.anyio


def test_unknown_faults_and_switches_are_told_in_one_message() -> None:
    wrong = ["--fault", "no-such", "--fault", "nor-such", "--switch", "colour=red", "--switch", "ids=roman"]
    result = CliRunner().invoke(main, ["sandbox", "--port", "1", *wrong])
    assert result.exit_code == 2
    for told in ("no-such, nor-such; known: lost-answer", "unknown switch colour; known:", "switch ids is one of"):
        assert told in result.stderr


async def test_switches_and_history_reach_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = asyncio.create_task(
        run_sandbox(port, "2026", ["part-fails"], ["list_answer=bare", "error_http=400"], 7, 30, False)
    )
    printed = ""
    while not (printed := printed + capsys.readouterr().out):
        await asyncio.sleep(0)
        assert not running.done()

    async with httpx.AsyncClient(trust_env=False) as client:
        caller = Caller(client, f"http://127.0.0.1:{port}/api", Clock(utc_now()))
        assert len((await caller.ask("list", {"pageSize": 50}))["data"]) == 30
        assert (await caller.send("detail", {"webSite": "1688", "orderId": "1"})).status_code == 400
    assert f"XPORTCN_BASE_URL=http://127.0.0.1:{port}/api" in printed
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
