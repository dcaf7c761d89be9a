"""How long a client waits for the first reply over stdio, from starting the process to the reply to initialize."""

import json
import statistics
import subprocess
import time

from competitors import (
    BARE,
    FASTMCP_GENERATED,
    OPENAPI_MCP_SERVER,
    OURS,
    Competitor,
    Place,
    available,
    environment_of,
)
from figures import milliseconds, ratio
from plan import Plan
from report import Aim, Section
from sessions import INITIALIZE, Failed

_STARTS = 3
"""Starts of each competitor in a round; their median is the round's figure."""
_NOBODY = "http://127.0.0.1:9/api"
_REQUEST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}).encode() + b"\n"


def first_reply(competitor: Competitor, place: Place) -> float:
    """Seconds until `competitor` has answered; it is stopped then."""
    command, environment = competitor.command(place), environment_of(place)
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=place.folder,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(_REQUEST)
        process.stdin.flush()
        reply = process.stdout.readline()
        took = time.perf_counter() - started
        process.kill()
    if b'"result"' not in reply:
        raise Failed(f"{competitor.name}: no reply to initialize")
    return took


async def measure(plan: Plan) -> Section:
    """All competitors against a bare server of the same SDK."""
    found, left_out = available([BARE, OURS, FASTMCP_GENERATED, OPENAPI_MCP_SERVER])
    step = plan.counted("first reply", (1 + plan.rounds * _STARTS) * len(found))
    took: dict[str, list[float]] = {competitor.name: [] for competitor in found}

    def started(name: str) -> dict[str, float]:
        folder, seconds = plan.folder("first", name), dict[str, float]()
        for competitor in found:
            seconds[competitor.name] = first_reply(competitor, Place(_NOBODY, folder))
            step()
        return seconds

    started("warm")  # fills the file cache
    for number in range(plan.rounds):
        starts = [started(f"{number}-{start}") for start in range(_STARTS)]
        for name, seconds in took.items():
            seconds.append(statistics.median(start[name] for start in starts))
    ratios = {name: ratio(took, name, BARE.name) for name in took}
    return Section(
        title="First reply over stdio",
        note="The time from starting the process to its reply to initialize, compared with a server of the same SDK "
        "without tools.",
        columns=("server", "relative to the bare server", "median, ms"),
        rows=[(name, str(found), milliseconds(took[name])) for name, found in ratios.items()],
        chart="Time to the first reply, bare server = 1",
        bars=[(name, found.median) for name, found in ratios.items()],
        aims=[Aim("first reply, relative to a bare server", ratios[OURS.name].median, 1.1)],
        left_out=left_out,
    )
