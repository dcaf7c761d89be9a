"""The `serve --http` process: where it refuses to start, how it stops, what it logs, where its spans go."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from pydantic import SecretStr

from orders_server.http.auth import is_easy_to_guess, refuse_without_token
from orders_server.http.listener import CannotServe, listen, place
from orders_server.http.tracing import export_spans
from orders_server.settings import SettingsFault, read_settings
from support.house import ADDRESS, House, Person
from support.web import HEADERS, INITIALIZE, TOKEN, caller

pytestmark = pytest.mark.anyio
COMMAND = [sys.executable, "-m", "orders_server", "serve", "--http"]
SECONDS = 15


class Served:
    """A running process, where it listens, and the lines of its log."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log: list[str] = []
        self.url = ""
        self._listening = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._listening.wait(SECONDS), self.log
        assert self.url, self.log

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.log.append(line)
            if '"listening"' in line:
                self.url = json.loads(line)["url"].removesuffix("/mcp")
                self._listening.set()
        self._listening.set()


@contextmanager
def served(folder: Path, **settings: str) -> Generator[Served]:
    own = {
        "PATH": os.environ["PATH"],
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
    }
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], cwd=folder, env={**own, **settings}, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process)
        finally:
            process.kill()


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={
            "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3",
            "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_a_port_in_use_is_one_line_and_status_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(tmp_path, "--port", port)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"cannot listen on 127.0.0.1, port {port}: address already in use\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("no such host", 0, "no such host"),
        ("", 0, "no address"),
        ("x" * 300, 0, "no address"),
        ("256.1.1.1", 0, "no address"),
        ("127.0.0.1", 65536, "from 0 to 65535"),
        ("127.0.0.1", -1, "from 0 to 65535"),
        ("127.0.0.1", "http", "from 0 to 65535"),
    ],
)
def test_an_address_that_does_not_exist_is_told_in_one_line(host: str, port: int | str, why: str) -> None:
    with pytest.raises(CannotServe, match=why) as refused:
        place(host, port)

    assert "\n" not in str(refused.value)


def test_an_address_of_another_machine_cannot_be_listened_at() -> None:
    with pytest.raises(CannotServe, match=r"192\.0\.2\.7, port 8765: cannot assign"):
        listen(place("192.0.2.7", 8765))


def test_a_token_and_names_in_a_file_that_lies_about_open_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"XPORTCN_HTTP_TOKEN={TOKEN}\nXPORTCN_HTTP_HOSTS=evil.example.com\n")
    result = run(tmp_path, "--host", "0.0.0.0")

    assert result.returncode == 2
    assert "XPORTCN_HTTP_TOKEN in .env is ignored" in result.stderr
    # The lines of the log are written by a thread, and come before or after.
    assert any(line.endswith("XPORTCN_HTTP_TOKEN is not set") for line in result.stderr.splitlines())


async def test_a_short_token_is_taken_and_said_to_be_easy_to_guess(house: House) -> None:
    token = "s3cr3t~"
    with served(house.folder, XPORTCN_HTTP_TOKEN=token) as server:
        answers = [
            httpx.post(f"{server.url}/mcp", json=INITIALIZE, headers={**HEADERS, **given}, trust_env=False)
            for given in ({"Authorization": f"Bearer {token}"}, {})
        ]
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0
    lines = [json.loads(line) for line in server.log]

    assert [answer.status_code for answer in answers] == [200, 401]
    assert all(f'"{token}"' not in line and f" {token}" not in line for line in server.log)
    assert [line["message"] for line in lines if line["level"] == "warning"] == [
        "XPORTCN_HTTP_TOKEN is easy to guess: it has fewer than 32 characters"
    ]
    for easy, each in ((True, "x" * 31), (False, "x" * 32)):
        assert is_easy_to_guess(house.settings(http_token=SecretStr(each))) is easy


def test_settings_that_would_open_the_server_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XPORTCN_HTTP_TOKEN", "too short")
    monkeypatch.setenv("XPORTCN_HTTP_HOSTS", "https://orders.example.com")
    monkeypatch.setenv("XPORTCN_HTTP_ORIGINS", "https://chat.example.com, *")
    with pytest.raises(SettingsFault) as fault:
        read_settings()

    for name in ("XPORTCN_HTTP_TOKEN", "XPORTCN_HTTP_HOSTS", "XPORTCN_HTTP_ORIGINS"):
        assert f"{name}: has to " in str(fault.value)
    assert "too short" not in str(fault.value)


async def test_only_a_token_opens_an_address_that_others_can_reach(house: House) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.7"):
        with pytest.raises(CannotServe, match="XPORTCN_HTTP_TOKEN is not set"):
            refuse_without_token(house.settings(), place(host, 0))
        refuse_without_token(house.settings(http_token=SecretStr(TOKEN)), place(host, 0))
    for host in ("127.0.0.1", "127.8.9.10", "localhost", "::1"):
        refuse_without_token(house.settings(), place(host, 0))


@contextmanager
def collector() -> Generator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector of spans on loopback; its address, and what it was sent."""
    got: list[tuple[str, bytes]] = []

    class Collecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Collecting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()
            thread.join()


async def test_a_process_that_is_asked_to_stop_answers_and_records_the_orders_and_sends_its_spans(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, opened, real = threading.Semaphore(0), threading.Event(), house.upstream.answer

    def held(path: str, headers: Any, content: bytes) -> Any:
        if path.endswith("/order/create"):
            arrived.release()
            opened.wait(SECONDS)
        return real(path, headers, content)

    monkeypatch.setattr(house.upstream, "answer", held)
    house.clock.now = datetime.now(UTC)
    live = {
        "XPORTCN_ACCESS_KEY": "sandbox-access-key",
        "XPORTCN_ACCESS_SECRET": "sandbox-access-secret",
        "XPORTCN_USER_ID": "sandbox-user",
        "XPORTCN_BASE_URL": house.base_url,
    }
    with collector() as (endpoint, spans), served(house.folder, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **live) as server:
        # The client of 2025 also keeps a stream open, which must not hold up the stop.
        async with (
            caller(server.url, "legacy", Person()) as one,
            caller(server.url, "2026-07-28", Person()) as other,
        ):
            previews = [await one.preview(("plain", 1)), await other.preview(("free-carriage", 1))]
            calls = [asyncio.create_task(one.create(previews[0])), asyncio.create_task(other.create(previews[1]))]
            for _ in calls:
                assert await asyncio.to_thread(arrived.acquire, timeout=SECONDS)
            server.process.send_signal(signal.SIGTERM)
            with anyio.fail_after(3):
                await _until_nobody_is_let_in(server.url)
            opened.set()
            made = await asyncio.gather(*calls)
            assert await asyncio.to_thread(server.process.wait, SECONDS) == 0
    with sqlite3.connect(house.folder / "ledger.sqlite3") as connection:
        states = [row[0] for row in connection.execute("SELECT state FROM placements")]

    assert [outcome["outcome"] for outcome in made] == states == ["placed", "placed"]
    assert house.upstream.create_calls == 2
    sent = b"".join(body for path, body in spans if path == "/v1/traces")
    for name in (b"tools/call preview_order", b"tools/call create_order", b"xportcn-orders"):
        assert name in sent
    log = [json.loads(line) for line in server.log]
    [loud] = [line for line in log if line["level"] != "info"]
    assert "a new ledger was made" in loud["message"]
    for unwanted in (*ADDRESS.values(), previews[0]["preview_token"], "sandbox-access", str(house.folder)):
        assert unwanted not in str(log)
        assert unwanted.encode() not in sent


def test_a_body_that_never_arrives_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with (
        served(tmp_path) as server,
        socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as slow,
    ):
        slow.sendall(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        slow.settimeout(SECONDS)
        assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(5) == 0


def test_the_process_leaves_in_time_whatever_keeps_it_busy(tmp_path: Path) -> None:
    busy = """
import asyncio, os, signal, time
from orders_server.http import app as serving

async def stuck():
    stopping = asyncio.Event()
    serving._stop_on_signals(stopping)
    os.kill(os.getpid(), signal.SIGTERM)
    await stopping.wait()
    time.sleep(60)

serving.STOP_SECONDS = 0.1
asyncio.run(stuck())
"""
    result = subprocess.run([sys.executable, "-c", busy], cwd=tmp_path, timeout=SECONDS, check=False)

    assert result.returncode == 0


async def _until_nobody_is_let_in(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(f"{url}/healthz", headers={"Connection": "close"})
            except httpx.ConnectError:
                return
            except (httpx.ReadError, httpx.RemoteProtocolError):
                continue  # it waited to be taken when the listener was closed


async def test_spans_that_cannot_be_exported_are_said_and_the_server_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    named = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    for environment in ({}, {**named, "OTEL_TRACES_EXPORTER": "none"}):
        with export_spans(environment):
            assert caplog.messages == []
    with export_spans(named), export_spans({**named, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}):
        pass

    assert [message.split("exported: ")[1] for message in caplog.messages] == [
        "install xportcn-orders[otel]",
        "the protocol has to be http/protobuf",
    ]
