"""A real `serve` process, killed while the upstream holds the answer to its create call, started again, asked again."""

import json
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torture.places import environment, fast_folder
from torture.scripted import ACCESS_KEY, ACCESS_SECRET, PROFILES, USER_ID, ScriptedUpstream
from torture.serving import served
from torture.world import ADDRESS, BASKETS

_PATIENCE = 60


@dataclass(frozen=True)
class ServeKilled:
    """What the second process made of the purchase whose first process was killed."""

    number: int
    outcomes: tuple[str, ...]
    executed: int
    sends: int

    @property
    def broken(self) -> list[str]:
        """What is wrong with it."""
        found: list[str] = []
        if self.executed != 1 or self.sends != 1:
            found.append(f"O1: {self.sends} sent, {self.executed} executed")
        if self.outcomes[-1] != "placed":
            found.append(f"O3: answered {self.outcomes} after the kill")
        return found


class Peer:
    """The client's end of a serving process: JSON-RPC over its pipes, every dialog answered with yes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._number = 0

    def begin(self) -> None:
        capabilities: dict[str, dict[str, str]] = {"elicitation": {}}
        client = {"name": "torture", "version": "1"}
        self.ask("initialize", protocolVersion="2025-06-18", capabilities=capabilities, clientInfo=client)
        self._write({"method": "notifications/initialized"})

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self.ask("tools/call", name=tool, arguments=arguments)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a request; dialogs that come before it are answered."""
        self.send(method, **params)
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                return message["result"]

    def send(self, method: str, **params: Any) -> None:
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})

    def answer_dialog(self) -> None:
        """Read up to the next dialog and say yes to it."""
        while self._read().get("method") != "elicitation/create":
            pass

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process hung up")
        message = json.loads(line)
        if message.get("method") == "elicitation/create":
            self._write({"id": message["id"], "result": {"action": "accept", "content": {"approve": True}}})
        return message

    def _write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()


@contextmanager
def serving(folder: Path, base_url: str) -> Generator[Peer]:
    """A serving process that buys at `base_url`; it is killed at the end of the block."""
    settings = {
        "XPORTCN_ACCESS_KEY": ACCESS_KEY,
        "XPORTCN_ACCESS_SECRET": ACCESS_SECRET,
        "XPORTCN_USER_ID": USER_ID,
        "XPORTCN_BASE_URL": base_url,
        "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3",
        "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key",
    }
    command = [sys.executable, "-m", "orders_server", "serve"]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**environment(), **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            peer = Peer(process)
            peer.begin()
            yield peer
        finally:
            process.kill()


def kill(number: int, seed: int) -> ServeKilled:
    """One purchase whose process is killed between the send and the answer."""
    arrived, never = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        never.wait()

    upstream = ScriptedUpstream(lambda: datetime.now(UTC), seed + number, profile=PROFILES[number % 2])
    with fast_folder() as folder, served(upstream, hold) as base_url:
        with serving(folder, base_url) as peer:
            preview = peer.call("preview_order", lines=BASKETS["one"], address=ADDRESS)["structuredContent"]
            order = {"preview_token": preview["preview_token"], "expected_total": preview["totals"]["payable"]}
            peer.send("tools/call", name="create_order", arguments=order)
            peer.answer_dialog()
            if not arrived.wait(_PATIENCE):
                raise RuntimeError("no create call came")
            peer.process.kill()
        never.set()
        with serving(folder, base_url) as peer:
            answers = [peer.call("create_order", **order) for _ in range(2)]
    outcomes = tuple(_outcome(answer) for answer in answers)
    return ServeKilled(number, outcomes, len(upstream.executed), sum(upstream.sends.values()))


def _outcome(answer: dict[str, Any]) -> str:
    content = answer.get("structuredContent")
    return content["outcome"] if content else answer["content"][0]["text"].split(":")[0]
