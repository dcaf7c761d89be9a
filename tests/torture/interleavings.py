"""Dialogs, terminals and pages, answered late and in any order: two previews of the same goods, and a second owner."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from orders_tools.consent.answer import Answer, record_no
from orders_tools.consent.question import question
from orders_tools.create_order import create_order, order_with_approval
from orders_tools.errors import ToolFault
from orders_tools.ports import Purchasing
from orders_tools.preview_order import preview_order
from orders_tools.purchase.records import Approval
from orders_tools.vocabulary import Channel
from torture.places import fast_folder
from torture.world import ADDRESS, BASKETS, Said, World

Way = Literal["dialog", "terminal", "page"]
Reply = Literal["yes", "no"]
FAULTS = ("none", "reset_after", "refused_short_stock")
ORDERS = ("show 0", "answer 0", "show 1", "answer 1")


@dataclass(frozen=True)
class Interleaving:
    """In which order two texts are shown and answered, how, what is answered, and what befalls the first send."""

    steps: tuple[str, ...]
    ways: tuple[Way, Way]
    replies: tuple[Reply, Reply]
    fault: str


def interleavings() -> Iterator[Interleaving]:
    """All of them: each text is shown before it is answered."""
    orders = [
        steps
        for steps in itertools.permutations(ORDERS)
        if all(steps.index(f"show {number}") < steps.index(f"answer {number}") for number in (0, 1))
    ]
    each: tuple[Way, ...] = ("dialog", "terminal", "page")
    ways = list(itertools.product(each, each))
    replies: list[tuple[Reply, Reply]] = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")]
    for steps, both, said, fault in itertools.product(orders, ways, replies, FAULTS):
        yield Interleaving(steps, both, said, fault)


class Play:
    """One interleaving; every step a second after the one before."""

    def __init__(self, each: Interleaving, world: World) -> None:
        self.each = each
        self.world = world
        self.tokens: list[str] = []
        self.shown: dict[int, datetime] = {}
        self.heard: dict[int, str] = {}
        self.broken: list[str] = []

    async def run(self) -> list[str]:
        """What was broken."""
        await self._somebody_else_buys_the_same()
        self.world.upstream.faults = [self.each.fault]
        self.tokens = [(await self.world.preview(BASKETS["one"])).what for _ in (0, 1)]
        for step in self.each.steps:
            self.world.clock.forward(1)
            what, number = step.split()
            await (self._show if what == "show" else self._answer)(int(number))
        self._judge()
        return self.broken

    async def _somebody_else_buys_the_same(self) -> None:
        """Another owner of the same ledger has an order in doubt: the same goods, for the same consignee."""
        other = replace(self.world.purchasing, owner="somebody else")
        self.world.upstream.faults = ["reset_after"]
        preview = await preview_order(other, {"lines": BASKETS["one"], "address": dict(ADDRESS)})
        given = {"preview_token": preview.preview_token, "expected_total": preview.totals.payable}
        made = await create_order(other, given, Answer.YES, self.world.clock())
        assert made.outcome == "unknown", made.outcome
        self.before = len(self.world.upstream.executed)
        self.world.clock.forward(60)

    def _given(self, number: int) -> dict[str, str]:
        token = self.tokens[number]
        return {"preview_token": token, "expected_total": self.world.shown[token].total}

    async def _show(self, number: int) -> None:
        asked = await question(self.world.purchasing, self._given(number))
        if asked is None:  # blocked by what is in doubt: nobody is asked
            return
        self.shown[number] = asked.shown_at
        other = self.world.shown[self.tokens[1 - number]].purchase_ref
        if self.heard.get(1 - number) == "placed" and f"Purchase {other} of the same goods" not in asked.text:
            self.broken.append(f"the text of {number} does not tell that {other} was bought")

    async def _answer(self, number: int) -> None:
        purchasing, given, reply = self.world.purchasing, self._given(number), self.each.replies[number]
        shown_at = self.shown.get(number)
        if shown_at is None:
            said = await self._create(given, Answer.NOT_ASKED, None)
        elif self.each.ways[number] == "dialog":
            said = await self._create(given, Answer.YES if reply == "yes" else Answer.NO, shown_at)
        elif self.each.ways[number] == "page":
            said = await self._on_page(purchasing, number, reply, shown_at)
        else:
            await self._in_terminal(purchasing, number, reply, shown_at)
            said = await self._create(given, Answer.NOT_ASKED, None)
        self.heard[number] = said

    async def _in_terminal(self, purchasing: Purchasing, number: int, reply: Reply, shown_at: datetime) -> None:
        purchase = await purchasing.ledger.purchase(purchasing.owner, self.tokens[number])
        assert purchase
        if reply == "no":
            await purchasing.ledger.decline(purchase, Channel.TERMINAL, self.world.clock())
        else:
            approval = Approval(channel=Channel.TERMINAL, at=self.world.clock(), shown_at=shown_at)
            await purchasing.ledger.approve(purchase, approval)

    async def _on_page(self, purchasing: Purchasing, number: int, reply: Reply, shown_at: datetime) -> str:
        purchase = await purchasing.ledger.purchase(purchasing.owner, self.tokens[number])
        assert purchase
        if reply == "no":
            await record_no(purchasing.ledger, purchase, Channel.PAGE, self.world.clock(), "王芳")
            return "declined"
        yes = Approval(channel=Channel.PAGE, at=self.world.clock(), shown_at=shown_at, by="王芳")
        try:
            return (await order_with_approval(purchasing, purchase, yes)).outcome
        except ToolFault as fault:
            return fault.code.value

    async def _create(self, given: dict[str, str], answer: Answer, shown_at: datetime | None) -> str:
        try:
            said = Said((await create_order(self.world.purchasing, given, answer, shown_at)).outcome)
        except ToolFault as fault:
            said = Said(fault.code.value)
        return said.what

    def _judge(self) -> None:
        executed = self.world.upstream.executed[self.before :]
        by_reference = {each.reference: each for each in executed}
        if len(by_reference) != len(executed):
            self.broken.append(f"one reference was executed twice: {[each.reference for each in executed]}")
        for number, token in enumerate(self.tokens):
            each = by_reference.get(self.world.shown[token].purchase_ref)
            if each is None:
                continue
            if self.each.replies[number] == "no" or number not in self.shown:
                self.broken.append(f"{number} was ordered and nobody said yes to a text")
            beside = by_reference.get(self.world.shown[self.tokens[1 - number]].purchase_ref)
            if beside and beside.at < each.at and self.shown[number] < beside.at:
                self.broken.append(f"{number} was ordered on a yes to a text from before the other one was bought")
        if self.each.fault == "refused_short_stock":
            self._proven_refusal_is_said()

    def _proven_refusal_is_said(self) -> None:
        """The first send was refused with proof: whoever made it has to hear so."""
        said_yes = [number for number in (0, 1) if self.each.replies[number] == "yes" and number in self.shown]
        if said_yes and "rejected" not in self.heard.values():
            self.broken.append(f"a proven refusal was heard as {self.heard}")


def play(each: Interleaving) -> list[str]:
    """What one interleaving broke, in a world of its own."""

    async def played() -> list[str]:
        with fast_folder() as folder:
            world = World(folder, seed=1688)
            try:
                return await Play(each, world).run()
            finally:
                await world.close()

    return [f"{each}: {why}" for why in asyncio.run(played())]
