"""One MCP client for all competitors, over pipes or HTTP, which costs as little as it can and everyone the same.

It speaks protocol 2025-11-25, the newest that all competitors share.
"""

import asyncio
import json
import socket
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
from competitors import Competitor, Place, environment_of, upstream_command
from dialects import Call, Result

PROTOCOL = "2025-11-25"
INITIALIZE: Mapping[str, Any] = {
    "protocolVersion": PROTOCOL,
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}
_LONGEST_LINE = 2**24
_ANSWER_SECONDS = 60
_LEAVE_SECONDS = 5
_START_SECONDS = 30


class Failed(Exception):
    """A competitor did not answer as it should."""


class Session(Protocol):
    """A server that was greeted."""

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The result of one request; raises Failed where there is none."""
        ...


async def called(session: Session, call: Call) -> Result:
    """The result of one call of a tool."""
    return await session.ask("tools/call", {"name": call.tool, "arguments": call.arguments})


@asynccontextmanager
async def upstream_running() -> AsyncGenerator[str]:
    """The upstream in a process of its own; yields its base URL."""
    process = await asyncio.create_subprocess_exec(*upstream_command(), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_START_SECONDS):
            base_url = (await process.stdout.readline()).decode().strip()
        if not base_url:
            raise Failed("the upstream did not start")
        yield base_url
    finally:
        await _stopped(process)


@asynccontextmanager
async def greeted(competitor: Competitor, place: Place) -> AsyncGenerator[Session]:
    """`competitor` running at `place`, initialized; it is stopped at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        *competitor.command(place),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if place.port is None else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=place.folder,
        env=environment_of(place),
        limit=_LONGEST_LINE,
    )
    try:
        async with _over_pipes(process) if place.port is None else _over_http(process, place.port) as session:
            yield session
    finally:
        await _stopped(process)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
    await process.wait()


def _result(answer: Mapping[str, Any]) -> dict[str, Any]:
    if "result" not in answer:
        raise Failed(f"refused: {answer.get('error')}")
    return answer["result"]


class _Pipes:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._last = 0

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._last = number = self._last + 1
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self.tell({"id": number, "method": method, "params": params})
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return _result(await answer)
        except TimeoutError:
            raise Failed(f"no answer to {method} within {_ANSWER_SECONDS} seconds") from None

    def tell(self, message: Mapping[str, Any]) -> None:
        self._to.write(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode() + b"\n")

    async def read(self) -> None:
        while line := await self._from.readline():
            message = json.loads(line)
            if "method" not in message and (answer := self._waiting.pop(message.get("id"), None)) is not None:
                answer.set_result(message)
        for answer in self._waiting.values():
            answer.set_exception(Failed("it ended without an answer"))


@asynccontextmanager
async def _over_pipes(process: asyncio.subprocess.Process) -> AsyncGenerator[Session]:
    pipes = _Pipes(process)
    reading = asyncio.create_task(pipes.read())
    try:
        await pipes.ask("initialize", INITIALIZE)
        pipes.tell({"method": "notifications/initialized"})
        yield pipes
    finally:
        reading.cancel()


class _Http:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        self._last = 0

    async def initialize(self) -> None:
        response = await self.send({"id": 0, "method": "initialize", "params": INITIALIZE})
        _result(_answer(response))
        self._headers["MCP-Protocol-Version"] = PROTOCOL
        if session := response.headers.get("mcp-session-id"):
            self._headers["Mcp-Session-Id"] = session
        await self.send({"method": "notifications/initialized"})

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._last += 1
        return _result(_answer(await self.send({"id": self._last, "method": method, "params": params})))

    async def send(self, message: Mapping[str, Any]) -> httpx.Response:
        content = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
        try:
            response = await self._http.post("/mcp", content=content, headers=self._headers)
        except httpx.ConnectError:
            raise
        except httpx.HTTPError as error:
            raise Failed(f"no answer over HTTP: {type(error).__name__}") from error
        if response.is_error:
            raise Failed(f"HTTP {response.status_code}")
        return response


def _answer(response: httpx.Response) -> Mapping[str, Any]:
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        return response.json()
    for line in response.text.split("\n"):
        message: dict[str, Any] = json.loads(line.removeprefix("data:")) if line.startswith("data: {") else {}
        if "result" in message or "error" in message:
            return message
    raise Failed("a stream without an answer")


@asynccontextmanager
async def _over_http(process: asyncio.subprocess.Process, port: int) -> AsyncGenerator[Session]:
    # Servers hang up on a connection that is idle for 5 seconds: it is given up before, while others take their turn.
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=2)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=_ANSWER_SECONDS, trust_env=False
    ) as http:
        client = _Http(http)
        async with asyncio.timeout(_START_SECONDS):
            while True:
                if process.returncode is not None:
                    raise Failed("it ended before it listened")
                try:
                    await client.initialize()
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
        yield client
