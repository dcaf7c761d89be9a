"""A ledger that is put back: a copy taken at each point of a purchase replaces the file once the purchase is made."""

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torture.joining import twice_executed
from torture.places import fast_folder
from torture.scripted import Profile
from torture.world import BASKETS, POINTS, World

_ON_THE_WAY = ("save_preview", "approve", "preview", "orders", "claim", "create", "record", "order", "enrich")
_LISTED: tuple[Profile, ...] = ("echoed", "note")


@dataclass(frozen=True)
class PutBack:
    """When the copy is taken, what befalls the send, where the reference comes back, and how the copy comes."""

    point: str
    fault: str
    profile: Profile
    basket: str
    marked: bool
    """Whether the mark beside the file stays, so that the next start can notice the copy."""


def put_backs() -> Iterator[PutBack]:
    """Every point that a purchase passes, with an answer that arrives and one that is lost."""
    points = [point for point in POINTS if point.split()[1] in _ON_THE_WAY]
    kinds = itertools.product(points, ("none", "reset_after"), _LISTED, ("one", "two_sellers"), (True, False))
    for point, fault, profile, basket, marked in kinds:
        yield PutBack(point, fault, profile, basket, marked)


class Play:
    """One copy that is put back."""

    def __init__(self, each: PutBack, world: World) -> None:
        self.each = each
        self.world = world
        world.upstream.profile = each.profile
        self.copy = world.folder / "copy"

    async def run(self) -> list[str]:
        """What was broken."""
        world, lines = self.world, BASKETS[self.each.basket]
        self._neighbours_buy()
        world.points.acts[self.each.point] = self._take_copy
        world.upstream.faults = [self.each.fault]
        token = (await world.preview(lines, purchase_ref="PO-1")).what
        first = await world.create(token)
        sends = dict(world.upstream.sends)
        await world.close()
        world.points.acts.clear()
        if not self.copy.exists():
            return []
        self._put_back()
        world.clock.forward(1)
        again = await world.create(token)
        fresh = await world.preview(lines, purchase_ref="PO-1")
        if fresh.what in world.shown:
            await world.create(fresh.what)
        return self._broken(sends, {first.what, again.what}, again.orders)

    def _neighbours_buy(self) -> None:
        lines = tuple((line["offer_id"], None, line["quantity"]) for line in BASKETS[self.each.basket])
        for reference in (None, "PO-10", "PO-1-9", "PO-2"):
            self.world.upstream.foreign_order(lines, reference)

    def _take_copy(self) -> None:
        if self.world.file.exists():
            shutil.copy(self.world.file, self.copy)

    def _put_back(self) -> None:
        shutil.copy(self.copy, self.world.file)
        if not self.each.marked:
            Path(f"{self.world.file}.seen").unlink(missing_ok=True)

    def _broken(self, sends: dict[str, int], heard: set[str], orders: frozenset[str]) -> list[str]:
        upstream = self.world.upstream
        broken = [str(each) for each in twice_executed(self.world)]
        made = {order_id for each in upstream.executed for order_id in each.order_ids}
        if dict(upstream.sends) != sends:
            broken.append(f"sent again: {sends} became {dict(upstream.sends)}")
        if orders - made:
            broken.append(f"orders of neighbours are taken for ours: {sorted(orders - made)}")
        if "rejected" in heard:
            broken.append(f"heard {heard} and {len(upstream.executed)} were executed")
        return broken


def play(each: PutBack) -> list[str]:
    """What one copy that was put back broke, in a world of its own."""

    async def played() -> list[str]:
        with fast_folder() as folder:
            world = World(folder, seed=1688)
            try:
                return await Play(each, world).run()
            finally:
                await world.close()

    return [f"{each}: {why}" for why in asyncio.run(played())]
