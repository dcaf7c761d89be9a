"""Hostile bytes over a real connection: a typed error in time, no second create call, and little memory."""

import asyncio
import gc
import gzip
import json
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orders_server.xportcn.pieces import MOST_TOO_LARGE
from orders_server.xportcn.transport import MOST_BYTES
from orders_tools.ports import UpstreamUnavailable
from orders_tools.purchase.states import PlacementState
from orders_tools.rules.create_evidence import judge
from support.hostile import (
    ADDRESS,
    EVERY,
    EXPANDING,
    PART,
    SLOW,
    WEIGHED,
    Answer,
    asked,
    chunked,
    client,
    envelope,
    head,
    hostile,
    whole,
)

from .documented_answers import CREATED_FLAT, wrapped

pytestmark = pytest.mark.anyio

PATIENT, SECONDS = 20, 0.1
"""Where the answer itself ends the call, however busy the machine is; and where the deadline does."""
CREATE = "/api/alibaba/ka/order/create"
MOST_GROWTH_KIB = 32 * 1024
READABLE = ("as many values as are read", "small objects", "orders")
"""What is JSON in the end, and only then no answer."""


async def refused_and_sent_once(answer: Answer, seconds: float = PATIENT) -> list[str]:
    """Check that nothing comes of `answer`; the reasons that were told for each of the reads."""
    async with hostile(answer) as seen, client(seen.port, seconds) as upstream:
        reasons, reply = await asked(upstream)
    assert (reply.connected, reply.orders) == (True, ())
    assert judge(reply).state is PlacementState.UNKNOWN
    assert seen.paths.count(CREATE) <= 1
    assert max(seen.paths.count(path) for path in seen.paths if "list" not in path) <= 3
    assert max(seen.paths.count(path) for path in seen.paths) <= 2 + MOST_TOO_LARGE
    assert len(set(seen.paths)) == 4 or seconds < PATIENT
    assert not {"", "refused"} & set(reasons)
    return reasons


@pytest.mark.parametrize("name", [name for name in EVERY if name not in READABLE])
async def test_hostile_bytes_are_a_typed_error_and_no_second_create(name: str) -> None:
    await refused_and_sent_once(EVERY[name])


@pytest.mark.parametrize("name", READABLE)
async def test_senseless_json_orders_nothing_and_is_sent_once(name: str) -> None:
    async with hostile(EXPANDING[name]) as seen, client(seen.port, PATIENT) as upstream:
        _, reply = await asked(upstream)
    assert judge(reply).state is PlacementState.UNKNOWN
    assert seen.paths.count(CREATE) == 1


@pytest.mark.parametrize("name", SLOW)
async def test_bytes_without_end_end_at_the_deadline(name: str) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    reasons = await refused_and_sent_once(SLOW[name], SECONDS)
    assert loop.time() - began < PATIENT / 2
    assert set(reasons) == {f"it did not answer within {SECONDS:g} s"}


@pytest.mark.parametrize("encoding", ["plain", "gzip", "chunked"])
async def test_an_answer_cut_at_any_byte_is_no_answer(encoding: str) -> None:
    body = wrapped(CREATED_FLAT)
    complete = {
        "plain": head(f"Content-Length: {len(body)}") + body,
        "gzip": head("Content-Encoding: gzip", "Connection: close") + gzip.compress(body),
        "chunked": head("Transfer-Encoding: chunked") + chunked(body[:30]) + chunked(body[30:]) + b"0\r\n\r\n",
    }[encoding]
    sent = complete

    async def answer() -> AsyncIterator[bytes]:
        yield sent

    async with hostile(answer) as seen, client(seen.port, PATIENT) as upstream:
        cuts = range(0, len(complete), 1 if encoding == "plain" else 5)
        for length in cuts:
            sent = complete[:length]
            reply = await upstream.create(PART, ADDRESS)
            assert (reply.connected, judge(reply).state) == (True, PlacementState.UNKNOWN)
        assert len(seen.paths) == len(cuts)
        for length in range(0, len(complete), 21):
            sent = complete[:length]
            with pytest.raises(UpstreamUnavailable):
                await upstream.order("1")
        sent = complete
        assert (await upstream.create(PART, ADDRESS)).orders


@pytest.mark.parametrize(
    "location", ["/api/alibaba/ka/order/list", "http://127.0.0.1:1/admin", "//169.254.169.254/", "file:///etc/passwd"]
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed(status: str, location: str) -> None:
    reasons = await refused_and_sent_once(whole(b"", f"Location: {location}", status=status))
    assert set(reasons) == {f"HTTP status {status[:3]}, a redirect, which is not followed"}


async def test_an_answer_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    empty = envelope("[]")
    for size, told in ((MOST_BYTES, "its preview could not be read"), (MOST_BYTES + 1, "a body of more than 1 MiB")):
        async with hostile(whole(empty + b" " * (size - len(empty)))) as seen, client(seen.port, PATIENT) as upstream:
            (reason, *_), _ = await asked(upstream)
        assert told in reason


def test_hostile_bytes_take_little_memory() -> None:
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "support.hostile"],
        env={**os.environ, "PYTHONPATH": str(tests)},
        capture_output=True,
        text=True,
        check=True,
    )
    grown: dict[str, int] = json.loads(done.stdout)
    assert grown.keys() == WEIGHED.keys() >= {"gzip bomb", "depth 1,000,000"}
    assert max(grown.values()) <= MOST_GROWTH_KIB, grown


def test_a_connection_that_arrives_while_the_server_leaves_is_closed_with_it() -> None:
    async def arrive_late(steps: int) -> None:
        async with hostile(whole(b"")) as seen:
            with socket.create_connection(("127.0.0.1", seen.port)):
                for _ in range(steps):
                    await asyncio.sleep(0)

    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always", ResourceWarning)
        for steps in range(8):
            asyncio.run(arrive_late(steps))
        gc.collect()

    assert [str(warning.message) for warning in left_open] == []
