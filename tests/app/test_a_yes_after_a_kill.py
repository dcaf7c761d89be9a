"""A real `serve` process is killed while a person thinks; the answer is the first thing that the next process hears."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from support.house import ADDRESS, basket

SECONDS = 30
VERSION = "2026-07-28"
_ABOUT = "io.modelcontextprotocol/"
META: dict[str, Any] = {
    f"{_ABOUT}protocolVersion": VERSION,
    f"{_ABOUT}clientInfo": {"name": "t", "version": "1"},
    f"{_ABOUT}clientCapabilities": {"elicitation": {"form": {}}},
}
Ask = Callable[..., dict[str, Any]]


@contextmanager
def process(folder: Path, *arguments: str, **pipes: int) -> Generator["subprocess.Popen[str]"]:
    """A serving process on the embedded sandbox and the ledger of `folder`, killed at the end."""
    own = {"PATH": os.environ["PATH"], "XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3"}
    command = [sys.executable, "-m", "orders_server", "serve", *arguments]
    with subprocess.Popen(command, cwd=folder, env=own, text=True, **pipes) as running:  # pyright: ignore[reportArgumentType, reportCallIssue]
        try:
            yield running
        finally:
            running.kill()


@contextmanager
def over_stdio(folder: Path) -> Generator[Ask]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with process(folder, **pipes) as running:
        stdin, stdout = running.stdin, running.stdout
        assert stdin
        assert stdout

        def ask(request: dict[str, Any]) -> dict[str, Any]:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield ask


@contextmanager
def over_http(folder: Path) -> Generator[Ask]:
    with process(folder, "--http", "--port", "0", stderr=subprocess.PIPE) as running:
        assert running.stderr
        url = next(json.loads(line)["url"] for line in running.stderr if '"listening"' in line)
        port = int(url.rpartition(":")[2].partition("/")[0])
        headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "MCP-Protocol-Version": VERSION,
            "Mcp-Method": "tools/call",
        }

        def ask(request: dict[str, Any]) -> dict[str, Any]:
            with closing(HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as http:
                http.request("POST", "/mcp", json.dumps(request), {**headers, "Mcp-Name": request["params"]["name"]})
                body = http.getresponse().read().decode()
            return json.loads(body.partition("data: ")[2] or body)

        yield ask


def called(ask: Ask, tool: str, arguments: dict[str, Any], **later: Any) -> dict[str, Any]:
    """The result of one round of a call."""
    params = {"name": tool, "arguments": arguments, "_meta": META, **later}
    answer = ask({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    assert "result" in answer, answer
    return answer["result"]


def asked(ask: Ask, offer: str, answer: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A purchase whose question is open: its reference, the call and what `answer` hands in with the next round."""
    preview = called(ask, "preview_order", {"lines": basket((offer, 1)), "address": ADDRESS})["structuredContent"]
    order = {"preview_token": preview["preview_token"], "expected_total": preview["totals"]["payable"]}
    question = called(ask, "create_order", order)
    assert question["resultType"] == "input_required"
    answers = dict.fromkeys(question["inputRequests"], answer)
    return preview["purchase_ref"], order, {"requestState": question["requestState"], "inputResponses": answers}


def test_a_yes_and_a_no_survive_the_kill_of_the_process_that_asked(tmp_path: Path) -> None:
    with over_http(tmp_path) as ask:
        wanted, order, yes = asked(ask, "plain", {"action": "accept", "content": {"approve": True}})
        _, unwanted, no = asked(ask, "promotion", {"action": "decline"})
    with over_stdio(tmp_path) as ask:
        placed = [called(ask, "create_order", order, **yes)["structuredContent"] for _ in range(2)]
        declined = [called(ask, "create_order", unwanted, **no)["structuredContent"] for _ in range(2)]
        listed = called(ask, "list_orders", {})["structuredContent"]

    assert [each["outcome"] for each in placed + declined] == ["placed", "placed", "declined", "declined"]
    assert placed[1]["replayed"]
    assert [row["purchase_ref"] for row in listed["orders"]] == [wanted]
