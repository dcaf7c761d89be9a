"""Many orders in one process: memory, file descriptors, our own share of the time, and what commits take."""

import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
from sqlalchemy import event

from torture.joining import violations
from torture.places import TESTS, environment
from torture.world import World

_WARM = 0.25
"""The share of the orders after which memory is looked at."""


@dataclass(frozen=True)
class Soaked:
    """What many orders cost. Times in milliseconds, memory in bytes."""

    orders: int
    bytes_an_order: float
    descriptors_before: int
    descriptors_after: int
    own_p50: float
    own_p99: float
    commits_a_placement: float
    commit_p50: float
    commit_p99: float
    broken: Sequence[str]


class _Timed(httpx.AsyncBaseTransport):
    """A transport that keeps the time spent inside it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.seconds = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        begun = time.perf_counter()
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self.seconds += time.perf_counter() - begun


class _Soak:
    def __init__(self, folder: Path, seed: int) -> None:
        self.world = World(folder, seed)
        assert self.world.transport
        self.transport = _Timed(self.world.transport)
        self.world.transport = self.transport
        self.world.upstream.on_create = None
        self.own = array("d")
        self.commits = array("d")
        self.counted = self.placing_commits = 0
        self.memory: list[tuple[int, int]] = []
        self.broken: list[str] = []

    async def watch_commits(self) -> None:
        engine = await self.world.store.open()

        def count(_: Any) -> None:
            self.counted += 1

        event.listen(engine, "commit", count)
        commit = engine.dialect.do_commit

        def timed(dbapi_connection: Any) -> None:
            begun = time.perf_counter()
            commit(dbapi_connection)
            self.commits.append((time.perf_counter() - begun) * 1000)

        engine.dialect.do_commit = timed

    async def one(self, number: int) -> None:
        token = (await self.world.preview([{"offer_id": str(620_000_000_001 + 10 * number), "quantity": 1}])).what
        begun, inside, counted = time.perf_counter(), self.transport.seconds, self.counted
        said = await self.world.create(token)
        self.own.append((time.perf_counter() - begun - (self.transport.seconds - inside)) * 1000)
        self.placing_commits += self.counted - counted
        if said.what != "placed":
            self.broken.append(f"order {number} was {said.what}")

    def look(self, number: int) -> None:
        """Judge what was made, forget it, and see how much memory is left in use."""
        self.broken += [str(each) for each in violations(self.world)]
        if len(self.world.upstream.executed) != len(self.world.shown):
            self.broken.append("not every order was executed")
        self._forget()
        gc.collect()
        self.memory.append((number, _resident()))

    def _forget(self) -> None:
        upstream = self.world.upstream
        for kept in (upstream.executed, upstream.orders, self.world.trace, self.world.points.passed):
            kept.clear()
        for counted in (upstream.sends, upstream.nonces, self.world.shown, self.world.yeses):
            counted.clear()
        self.world.rows("SELECT 1")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def _slope(points: list[tuple[int, int]]) -> float:
    """Bytes an order, by least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


async def _soaked(soak: _Soak, orders: int, every: int, progress: Callable[[int], None]) -> Soaked:
    await soak.watch_commits()
    descriptors: list[int] = []
    for number in range(1, orders + 1):
        await soak.one(number)
        if number % every == 0:
            soak.look(number)
            descriptors.append(_descriptors())
            progress(every)
    await soak.world.close()
    warm = [point for point in soak.memory if point[0] >= orders * _WARM]
    own, commits = quantiles(soak.own[every:], n=100), quantiles(soak.commits[every:], n=100)
    return Soaked(
        orders=orders,
        bytes_an_order=_slope(warm),
        descriptors_before=descriptors[0],
        descriptors_after=descriptors[-1],
        own_p50=own[49],
        own_p99=own[98],
        commits_a_placement=soak.placing_commits / orders,
        commit_p50=commits[49],
        commit_p99=commits[98],
        broken=tuple(soak.broken),
    )


def run(seed: int, orders: int, progress: Callable[[int], None] = lambda _: None) -> Soaked:
    """`orders` purchases in this process, on a real disk."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_soaked(_Soak(Path(folder), seed), orders, max(orders // 40, 5), progress))


def in_a_process_of_its_own(seed: int, orders: int, progress: Callable[[int], None]) -> Soaked:
    """`run` where nothing has used memory before."""
    command = [sys.executable, "-m", "torture.soak", str(seed), str(orders)]
    with subprocess.Popen(command, cwd=TESTS, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if not line.startswith("{"):
                progress(int(line))
                continue
            return Soaked(**json.loads(line))
    raise RuntimeError("the process ended before its orders did")


def main(arguments: Sequence[str]) -> None:
    """Print how many orders were made, now and then, and at last what they cost."""
    logging.disable(logging.CRITICAL)
    seed, orders = map(int, arguments)
    print(json.dumps(asdict(run(seed, orders, lambda made: print(made, flush=True)))))


if __name__ == "__main__":
    main(sys.argv[1:])
