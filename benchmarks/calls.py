"""What one preview costs: time of a call and calls a second, with one and with sixteen in flight."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from competitors import ECHO, FASTMCP_GENERATED, OPENAPI_MCP_SERVER, OURS, Competitor, Place, available
from dialects import Basket, Call, Dialect, Result
from figures import milliseconds, percentile, ratio
from plan import Plan
from report import Aim, Section
from sessions import Failed, Session, called, free_port, greeted, upstream_running

CROWD = 16
_BASKET = Basket(1)
_WARM_CALLS = 32
_TURNS = 5


@dataclass
class Timed:
    """Seconds of each call, and of all of them together."""

    seconds: list[float] = field(default_factory=list[float])
    elapsed: float = 0.0

    def add(self, other: "Timed") -> None:
        """Take up another turn."""
        self.seconds += other.seconds
        self.elapsed += other.elapsed


@dataclass
class Figures:
    """By competitor, one figure for each round."""

    p50: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    p95: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    per_second: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, name: str, calls: Timed) -> None:
        """Take up one round's calls."""
        self.p50.setdefault(name, []).append(percentile(calls.seconds, 50))
        self.p95.setdefault(name, []).append(percentile(calls.seconds, 95))
        self.per_second.setdefault(name, []).append(len(calls.seconds) / calls.elapsed)


async def timed(session: Session, dialect: Dialect, call: Call, count: int, in_flight: int = 1) -> Timed:
    """`count` equal calls, so many of them at a time; each has to succeed."""
    seconds: list[float] = []
    results: list[Result] = []
    turns = iter(range(count))

    async def caller() -> None:
        for _ in turns:
            started = time.perf_counter()
            results.append(await called(session, call))
            seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(in_flight)))
    elapsed = time.perf_counter() - started
    if not all(dialect.succeeded(result) for result in results):
        raise Failed(f"{call.tool} did not succeed each time")
    return Timed(seconds, elapsed)


async def measure_stdio(plan: Plan) -> Section:
    """Previews over stdio."""
    return await _measure(plan, "stdio")


async def measure_http(plan: Plan) -> Section:
    """Previews over HTTP."""
    return await _measure(plan, "HTTP")


async def _measure(plan: Plan, transport: str) -> Section:
    over_http = transport == "HTTP"
    found, left_out = available([ECHO, OURS, FASTMCP_GENERATED, OPENAPI_MCP_SERVER], http=over_http)
    alone, crowd = Figures(), Figures()
    step = plan.counted(f"previews over {transport}", plan.rounds * _TURNS)
    for number in range(plan.rounds):
        async with AsyncExitStack() as stack:
            base_url = await stack.enter_async_context(upstream_running())
            sessions: list[tuple[Competitor, Session]] = []
            for competitor in found:
                folder = plan.folder("calls", transport, competitor.name, number)
                place = Place(base_url, folder, free_port() if over_http else None)
                sessions.append((competitor, await stack.enter_async_context(greeted(competitor, place))))
            await _round(sessions, 6 if plan.quick else 30, alone, crowd, step)
    rows = [
        _row(f"{competitor.name}, {in_flight} in flight", competitor.name, figures)
        for in_flight, figures in ((1, alone), (CROWD, crowd))
        for competitor in found
    ]
    return Section(
        title=f"Previews over {transport}",
        note="One line, the same basket for all servers, compared with the minimum that this SDK can do: one tool, "
        "one signed httpx call, the body returned. Times are measured at the client, from request to answer.",
        columns=("server", "p50", "p95", "calls per second", "p50, ms"),
        rows=rows,
        chart=f"Time of a preview over {transport}, p50, one in flight, echo and raw call = 1",
        bars=[(competitor.name, ratio(alone.p50, competitor.name, ECHO.name).median) for competitor in found],
        aims=_aims(transport, [competitor.name for competitor in found], alone, crowd),
        left_out=left_out,
    )


async def _round(
    sessions: list[tuple[Competitor, Session]], calls: int, alone: Figures, crowd: Figures, step: Callable[[], None]
) -> None:
    """All competitors take short turns, so that whatever else the machine does befalls each of them."""
    for competitor, session in sessions:
        await _turn(competitor, session, _WARM_CALLS, 1)
        await _turn(competitor, session, _WARM_CALLS, CROWD)
    by_one, by_crowd = defaultdict[str, Timed](Timed), defaultdict[str, Timed](Timed)
    for _ in range(_TURNS):
        for competitor, session in sessions:
            by_one[competitor.name].add(await _turn(competitor, session, calls, 1))
        for competitor, session in sessions:
            by_crowd[competitor.name].add(await _turn(competitor, session, 4 * calls, CROWD))
        step()
    for figures, taken in ((alone, by_one), (crowd, by_crowd)):
        for name, timed_calls in taken.items():
            figures.add(name, timed_calls)


async def _turn(competitor: Competitor, session: Session, count: int, in_flight: int) -> Timed:
    assert competitor.dialect is not None
    return await timed(session, competitor.dialect, competitor.dialect.preview(_BASKET), count, in_flight)


def _row(label: str, name: str, figures: Figures) -> tuple[str, ...]:
    ratios = [str(ratio(samples, name, ECHO.name)) for samples in (figures.p50, figures.p95, figures.per_second)]
    return label, *ratios, milliseconds(figures.p50[name])


def _aims(transport: str, names: list[str], alone: Figures, crowd: Figures) -> list[Aim]:
    if OURS.name not in names:
        return []
    aims = [
        Aim(
            f"a preview over {transport}, relative to echo and raw call",
            ratio(alone.p50, OURS.name, ECHO.name).median,
            1.25,
        )
    ]
    if (peer := FASTMCP_GENERATED.name) in names:
        rate = ratio(crowd.per_second, OURS.name, peer).median
        aims += [
            Aim(f"a preview over {transport}, relative to {peer}", ratio(alone.p50, OURS.name, peer).median, 0.6),
            Aim(f"calls per second over {transport}, {CROWD} in flight, relative to {peer}", rate, 2, at_most=False),
        ]
    return aims
