"""Real processes in surroundings that nobody planned: nothing outside stops the start, the loop or an answer."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from orders_server.app.server import build_server
from orders_server.settings import Settings
from support.commands import told
from support.house import Buyer, Person, text_of

pytestmark = pytest.mark.anyio
COMMAND = [sys.executable, "-m", "orders_server"]
SECONDS = 60


def own(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a process whose ledger and key are in `folder`."""
    return {
        "PATH": os.environ["PATH"],
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger/l.sqlite3",
        "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
        **settings,
    }


def run(
    folder: Path, *arguments: str, before: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*before, *COMMAND, *arguments],
        cwd=folder,
        env=environment or own(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )


@asynccontextmanager
async def a_client(folder: Path, **settings: str) -> AsyncGenerator[Buyer]:
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "orders_server", "serve"], cwd=folder, env=own(folder, **settings)
    )
    async with Client(server, elicitation_callback=Person(), read_timeout_seconds=30) as client:
        yield Buyer(client, None)


def without_a_user() -> list[str]:
    """What starts a command as a user without an entry; the test is left out where that cannot be."""
    before = ["unshare", "--user", "--map-user=54321"]
    if shutil.which("unshare") is None or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("this system gives no user without an entry")
    return before


def without_rights() -> list[str]:
    """What starts a command that may not read what its user may not; root reads everything otherwise."""
    if os.geteuid():
        return []
    before = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("this user may read everything")
    return before


async def test_a_log_that_nobody_reads_loses_lines_and_no_answer_over_http(tmp_path: Path) -> None:
    process = subprocess.Popen([*COMMAND, "serve", "--http", "--port", "0"], env=own(tmp_path), stderr=subprocess.PIPE)
    try:
        assert process.stderr
        url = next(json.loads(line)["url"] for line in process.stderr if b'"listening"' in line)
        port = int(url.rpartition(":")[2].partition("/")[0])
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as http:
            for _ in range(800):
                http.request("GET", "/healthz")
                answer = http.getresponse()
                assert (answer.status, bool(answer.read())) == (200, True)
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()


async def test_a_log_that_nobody_reads_keeps_no_purchase_over_stdio(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * 4096)
    os.set_blocking(write, True)
    # The pipe is full before the first line; a .env full of misspelt names has things to say, and so has each refusal.
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "orders_server", "serve"],
        cwd=tmp_path,
        env=own(tmp_path, XPORTCN_STORE=f"sqlite:///{tmp_path}/file/l.sqlite3", XPORTCN_LANGAUGE="zh"),
    )
    (tmp_path / "file").write_text("no folder")
    try:
        with anyio.fail_after(SECONDS), os.fdopen(os.dup(write), "w") as full:
            async with Client(stdio_client(server, errlog=full), read_timeout_seconds=30) as client:
                refused = [await client.call_tool("list_orders", {}) for _ in range(20)]
    finally:
        os.close(read)
        os.close(write)

    assert [text_of(each).partition(":")[0] for each in refused] == ["INTERNAL"] * 20


QUICK_COMMANDS = ("doctor", "pending", "--help")
IN_CHINESE = {"XPORTCN_LANGUAGE": "zh", "LANG": "C"}
"""Most of those encodings lack something of it. The demo, in test_commands.py, has more."""


@pytest.mark.parametrize(("encoding", "command"), [("cp1252", "pending"), ("latin-1", "--help")])
def test_a_console_of_another_encoding_ends_no_command(tmp_path: Path, encoding: str, command: str) -> None:
    result = run(tmp_path, command, environment=own(tmp_path, PYTHONIOENCODING=encoding, **IN_CHINESE))

    assert result.returncode == 0, result.stderr
    assert b"Traceback" not in result.stdout + result.stderr
    assert result.stdout


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252", "latin-1"])
@pytest.mark.parametrize("command", QUICK_COMMANDS)
def test_an_output_of_another_encoding_ends_no_command(tmp_path: Path, encoding: str, command: str) -> None:
    result = told(tmp_path, command, encoding=encoding, **own(tmp_path, **IN_CHINESE))

    assert (result.returncode, bool(result.stdout)) == (0, True)


def test_a_reader_that_goes_away_ends_a_command_without_a_traceback(tmp_path: Path) -> None:
    # The person's dialog of the demo is printed inside a task of its own.
    for arguments, lines in (("demo --yes", 70), ("doctor", 1), ("--help", 1)):
        command = f'"{sys.executable}" -m orders_server {arguments} | head -n {lines}'
        result = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=own(tmp_path), capture_output=True, timeout=SECONDS, check=False
        )
        assert result.stdout.count(b"\n") == lines
        assert result.stderr == b""


async def test_what_models_and_people_read_does_not_depend_on_docstrings(tmp_path: Path) -> None:
    async def shown(buyer: Buyer) -> dict[str, Any]:
        tools = (await buyer.client.list_tools()).model_dump()
        prompts = (await buyer.client.list_prompts()).model_dump()
        preview = await buyer.preview(("plain", 1))
        made = await buyer.create(preview)
        return {"tools": tools, "prompts": prompts, "outcome": made["outcome"]}

    helps = [
        run(tmp_path, *command, "--help", environment=own(tmp_path, PYTHONOPTIMIZE=level)).stdout
        for level in ("0", "2")
        for command in ([], ["settle"])
    ]
    places: dict[str, Any] = {"store": f"sqlite:///{tmp_path}/own.sqlite3", "key_file": tmp_path / "key" / "own.key"}
    async with (
        a_client(tmp_path, PYTHONOPTIMIZE="2") as without,
        build_server(Settings(**places)) as server,
        Client(server, elicitation_callback=Person()) as client,
    ):
        assert await shown(without) == await shown(Buyer(client, None))
    assert helps[:2] == helps[2:]


async def test_an_env_file_in_the_folder_that_cannot_be_read_keeps_nothing_from_starting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("XPORTCN_MAX_READS=3\n")
    (tmp_path / ".env").chmod(0)
    result = run(tmp_path, "serve", before=without_rights())

    assert (result.returncode, result.stdout) == (0, b"")
    [line] = result.stderr.decode().splitlines()
    assert line.endswith(".env cannot be read (Permission denied) and is ignored")


def test_a_named_file_that_may_not_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "operator.env"
    file.write_text("XPORTCN_FLOW=general\n")
    file.chmod(0)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XPORTCN_ENV_FILE": str(file)}
    result = run(tmp_path, "serve", before=without_rights(), environment=environment)

    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == f"XPORTCN_ENV_FILE: {file} cannot be read (Permission denied)\n"


def test_without_a_home_or_an_entry_the_two_places_are_asked_for(tmp_path: Path) -> None:
    before = without_a_user()
    result = run(tmp_path, "serve", before=before, environment={"PATH": os.environ["PATH"]})

    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().splitlines() == [
        f"{name} has to be set, because there is no home directory" for name in ("XPORTCN_STORE", "XPORTCN_KEY_FILE")
    ]
    named = run(tmp_path, "pending", before=before)
    assert (named.returncode, named.stdout) == (0, b"Nothing waits for a person.\n")
