"""What one placement costs apart from the upstream: create_order's time less the time inside the upstream.

    .venv/bin/python benchmarks/placement.py [orders]

The real ledger on this disk, the real client and the sandbox in one process; a person's yes is given at once.
"""

import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import httpx

from orders_prompts.renderer import Texts
from orders_sandbox import SandboxOptions, create_app
from orders_server.app.services import utc_now
from orders_server.ledger.ledger import SqlLedger
from orders_server.ledger.seals import Seals
from orders_server.ledger.store import Store
from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_tools.consent.answer import Answer
from orders_tools.create_order import create_order
from orders_tools.ports import Policy, Purchasing
from orders_tools.preview_order import preview_order

ADDRESS = {"full_name": "李明", "mobile": "13800001234", "province": "浙江省", "city": "杭州市", "street": "1号"}


class Timed(httpx.ASGITransport):
    """The sandbox, with the seconds that were spent in it."""

    spent = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        started = time.perf_counter()
        try:
            return await super().handle_async_request(request)
        finally:
            self.spent += time.perf_counter() - started


class Commits:
    """How many commits there were, and how long each took."""

    def __init__(self, engine: Any) -> None:
        self.seconds: list[float] = []
        self._real = engine.dialect.do_commit
        engine.dialect.do_commit = self._timed

    def _timed(self, connection: Any) -> None:
        started = time.perf_counter()
        self._real(connection)
        self.seconds.append(time.perf_counter() - started)


def _purchasing(http: httpx.AsyncClient, store: Store) -> Purchasing:
    endpoints = Endpoints("/alibaba/ka/order/list", "/alibaba/ka/order/detail", 15, 30)
    return Purchasing(
        upstream=XportcnClient(http, endpoints),
        ledger=SqlLedger(store, Seals(b"benchmark")),
        texts=Texts("en"),
        clock=utc_now,
        random_bytes=os.urandom,
        owner="benchmark",
        sandbox=True,
        policy=Policy(),
        uninterrupted=lambda: anyio.CancelScope(shield=True),
    )


async def placements(folder: Path, count: int) -> None:
    """Place `count` orders and print what each cost."""
    options, store = SandboxOptions(generation="2025"), Store(folder / "ledger.sqlite3")
    transport = Timed(app=create_app(options))
    auth = SignedHeaders(
        options.access_key,
        options.access_secret,
        options.user_id,
        unit="ms",
        clock=utc_now,
        random_bytes=os.urandom,
    )
    engine = await store.open()
    commits = Commits(engine)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api", auth=auth) as http:
        purchasing = _purchasing(http, store)
        own: list[float] = []
        per_placement = 0
        for number in range(count):
            address = {**ADDRESS, "street": f"{number}号"}
            given = {"lines": [{"offer_id": "610000000001", "quantity": 1}], "address": address}
            preview = await preview_order(purchasing, given)
            order = {"preview_token": preview.preview_token, "expected_total": preview.totals.payable}
            if number == 10:  # the first ones fill caches
                own.clear()
                commits.seconds.clear()
            inside, started = transport.spent, time.perf_counter()
            before = len(commits.seconds)
            result = await create_order(purchasing, order, Answer.YES)
            own.append(time.perf_counter() - started - (transport.spent - inside))
            assert result.outcome == "placed"
            per_placement = len(commits.seconds) - before
    await store.close()
    report(own, commits.seconds, per_placement)


def report(own: list[float], commits: list[float], per_placement: int) -> None:
    """Print the figures."""
    cuts = statistics.quantiles(own, n=100)
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {len(own)} placements")
    print(f"own overhead per placement: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms")
    print(f"commits per placement: {per_placement}, p50 {statistics.median(commits) * 1000:.2f} ms each")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        asyncio.run(placements(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else 200))
