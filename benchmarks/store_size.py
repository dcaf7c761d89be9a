"""What grows with a purchase and what with the ledger: the cost of more lines, and of purchases already stored."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

from calls import timed
from competitors import OURS, Place
from dialects import Basket, Ours
from figures import Samples, milliseconds, percentile, ratio
from plan import Plan
from report import Section
from sessions import Failed, Session, called, greeted, upstream_running

_LINES = (1, 10, 50)
_WARM_PURCHASES = 5
_TABLES = ("purchases", "consignees", "placements", "events")
_OF_EACH_COPY = {
    "token": "'copy-' || number",
    "purchase_ref": "'copy-' || number",
    "part_ref": "'copy-' || number",
    "basket_digest": "lower(hex(randomblob(32)))",
    "made_digest": "lower(hex(randomblob(32)))",
    "id": "NULL",
    **dict.fromkeys(
        ("created_at", "expires_at", "approved_at", "previewed_at", "deadline", "dispatched_at", "settled_at", "at"),
        "strftime('%Y-%m-%dT%H:%M:%f000+00:00', {column}, '-' || (5 * number) || ' minutes')",
    ),
}
"""What differs from copy to copy: each is a purchase of its own, five minutes before the one it follows."""


async def measure_lines(plan: Plan) -> Section:
    """Previews of more and more lines, ours over stdio, against one line."""
    dialect, took = Ours(), {str(lines): list[float]() for lines in _LINES}
    step = plan.counted("lines", plan.rounds)
    async with upstream_running() as base_url:
        for number in range(plan.rounds):
            async with greeted(OURS, Place(base_url, plan.folder("lines", number))) as session:
                calls = {str(lines): dialect.preview(Basket(lines)) for lines in _LINES}
                one_round = {name: list[float]() for name in calls}
                for call in calls.values():
                    await timed(session, dialect, call, 20)
                for _ in range(5):
                    for name, call in calls.items():
                        one_round[name] += (await timed(session, dialect, call, 4 if plan.quick else 20)).seconds
            for name, seconds in one_round.items():
                took[name].append(percentile(seconds, 50))
            step()
    ratios = {name: ratio(took, name, str(_LINES[0])) for name in took}
    return Section(
        title="More lines",
        note="Our preview over stdio, including the upstream's own time.",
        columns=("lines", "relative to one line's p50", "p50, ms"),
        rows=[(name, str(found), milliseconds(took[name])) for name, found in ratios.items()],
        chart="Time of a preview by lines, one line = 1",
        bars=[(f"{name} lines", found.median) for name, found in ratios.items()],
    )


async def measure_store(plan: Plan) -> Section:
    """Previews and placed orders of ours over stdio, with more and more purchases in the ledger."""
    sizes = (0, 1_000) if plan.quick else (0, 1_000, 100_000)
    names = [f"{size:,}" for size in sizes]
    previews, creates = {name: list[float]() for name in names}, {name: list[float]() for name in names}
    step = plan.counted("purchases in the store", len(sizes) + plan.rounds)
    async with upstream_running() as base_url:
        places = {name: Place(base_url, plan.folder("store", size)) for name, size in zip(names, sizes, strict=True)}
        for place, size in zip(places.values(), sizes, strict=True):
            await _fill(place, size)
            step()
        for number in range(plan.rounds):
            streets = [f"{number}幢{unit}号" for unit in range(_WARM_PURCHASES + (8 if plan.quick else 40))]
            for name, purchases in (await _round(places, streets)).items():
                previews[name].append(percentile([preview for preview, _ in purchases], 50))
                creates[name].append(percentile([create for _, create in purchases], 50))
            step()
    return Section(
        title="Purchases in the store",
        note="Our preview and placed order over stdio, with one line and a new consignee each time, in ledgers that "
        "already contain this many placed purchases, five minutes apart.",
        columns=(
            "purchases",
            "preview, relative to an empty store",
            "create, relative to an empty store",
            "preview, ms",
            "create, ms",
        ),
        rows=[_row(name, names[0], previews, creates) for name in names],
        chart="Time of a create by purchases in the store, empty = 1",
        bars=[(f"{name} purchases", ratio(creates, name, names[0]).median) for name in names],
    )


def _row(name: str, empty: str, previews: Samples, creates: Samples) -> tuple[str, ...]:
    ratios = [str(ratio(samples, name, empty)) for samples in (previews, creates)]
    return name, *ratios, milliseconds(previews[name]), milliseconds(creates[name])


async def _round(places: Mapping[str, Place], streets: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """By ledger, the seconds of previews and of creates; the ledgers take turns, purchase by purchase."""
    took = {name: list[tuple[float, float]]() for name in places}
    async with AsyncExitStack() as stack:
        sessions = {name: await stack.enter_async_context(greeted(OURS, place)) for name, place in places.items()}
        for street in streets:
            for name, session in sessions.items():
                took[name].append(await _purchase(session, Basket(1, street)))
    return {name: purchases[_WARM_PURCHASES:] for name, purchases in took.items()}


async def _purchase(session: Session, basket: Basket) -> tuple[float, float]:
    """Seconds of the preview and of the create of one purchase."""
    dialect = Ours()
    started = time.perf_counter()
    previewed = await called(session, dialect.preview(basket))
    between = time.perf_counter()
    created = await called(session, dialect.create(basket, previewed))
    ended = time.perf_counter()
    if not dialect.succeeded(previewed) or not dialect.succeeded(created):
        raise Failed("a purchase did not succeed")
    return between - started, ended - between


async def _fill(place: Place, size: int) -> None:
    """A ledger with `size` purchases: one that was really made, and copies of its rows."""
    async with greeted(OURS, place) as session:
        if size:
            await _purchase(session, Basket(1))
    if size:
        _copy(place.folder / "ledger.sqlite3", size)


def _copy(path: Path, size: int) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        (token,) = database.execute("SELECT token FROM purchases ORDER BY created_at LIMIT 1").fetchone()
        for table in _TABLES:
            columns: list[str] = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(_OF_EACH_COPY.get(column, "{column}").format(column=column) for column in columns)
            database.execute(
                "WITH RECURSIVE copies(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < ?)"
                f" INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM copies, {table} WHERE token = ?",
                (size, token),
            )
