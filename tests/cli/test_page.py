"""The command `page`: the approval page as a process of its own, on the ledger of a server in another."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from mcp import Client

from orders_server.app.server import build_server
from orders_server.settings import Settings
from support.commands import told
from support.house import Buyer
from support.pages import Browser

pytestmark = pytest.mark.anyio
SECONDS = 15


def environment(folder: Path) -> dict[str, str]:
    return {"XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3", "XPORTCN_KEY_FILE": str(folder / "key/ledger.key")}


@contextmanager
def running(folder: Path, *arguments: str) -> Generator[str]:
    """The page's process; its address."""
    command = [sys.executable, "-m", "orders_server", "page", "--port", "0", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment(folder)}, stderr=subprocess.PIPE, text=True
    )
    killer = threading.Timer(SECONDS * 2, process.kill)
    killer.start()
    assert process.stderr
    try:
        lines = iter(process.stderr.readline, "")
        found = next(match for line in lines if (match := re.search(r"links name (\S+)/approvals", line)))
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        killer.cancel()


async def test_a_person_at_the_page_process_orders_what_a_server_previewed(tmp_path: Path) -> None:
    own = {"store": f"sqlite:///{tmp_path}/ledger.sqlite3", "key_file": tmp_path / "key/ledger.key"}
    settings = Settings.model_validate(own)
    async with build_server(settings) as server, Client(server) as client:
        buyer = Buyer(client, None)
        previewed = await buyer.preview(("plain", 3))
        parts = await server.page_parts("http://localhost:8766")
        code = await parts.people.add("Li Wei")
        with running(tmp_path) as origin:
            async with httpx.AsyncClient(base_url=origin, trust_env=False, timeout=SECONDS) as http:
                browser = Browser(http)
                await browser.send((await browser.open("/approvals/pair")).form("/pair"), code=code.code)
                shown = await browser.open(f"/approvals/{previewed['purchase_ref']}")
                picture = next(each for each in shown.addresses if "/picture/" in each)
                assert (await browser.open(picture)).response.headers["content-type"] == "image/png"
                done = await browser.send(shown.form("/approve"))
        assert done.text.startswith("Ordered")
        placed = await buyer.create(previewed)
        assert placed["outcome"] == "placed"
        assert placed["approval"]["by"] == "Li Wei"
        assert placed["orders"][0]["order_id"] in done.text


def test_it_does_not_listen_in_clear_where_other_machines_can_connect(tmp_path: Path) -> None:
    said = told(tmp_path, "page", "--host", "0.0.0.0", **environment(tmp_path))
    assert said.returncode == 2
    assert "XPORTCN_PAGE_URL names no https address" in said.stderr
