"""Random calls of all four tools, with a model of what may exist upstream that is compared after each step."""

import asyncio
from collections.abc import Awaitable
from contextlib import ExitStack
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from orders_tools.consent.answer import Answer
from orders_tools.errors import ToolFault
from orders_tools.get_order import get_order
from orders_tools.list_orders import list_orders
from torture.joining import violations
from torture.places import fast_folder
from torture.scripted import CREATE, FAULTS, PROFILES, Twist
from torture.world import BASKETS, Said, World

_TWISTS: tuple[Twist, ...] = ("as_first", "dearer", "cheaper", "split", "blocker", "warned", "hundredth")
_PLAIN = sorted(name for name in FAULTS if not name.startswith("answer_of"))
_ANSWERS = (Answer.YES, Answer.YES, Answer.NO, Answer.SILENT, Answer.NOT_ASKED)


class Buying(RuleBasedStateMachine):
    """A caller without sense: it previews, creates, waits, restarts and asks in any order."""

    steps = 0
    orders = 0

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._runner = self._open.enter_context(asyncio.Runner())
        self.world = World(self._open.enter_context(fast_folder()), seed=1688)
        self.tokens: list[str] = ["PV-" + "0" * 26]
        self.outcomes: dict[str, Any] = {}

    def teardown(self) -> None:
        type(self).orders += len(self.world.upstream.executed)
        self._runner.run(self.world.close())
        self._open.close()

    @rule(basket=st.sampled_from(sorted(BASKETS)), reference=st.sampled_from(["", "", "PO-1"]))
    def previews(self, basket: str, reference: str) -> None:
        said = self._runner.run(self.world.preview(BASKETS[basket], purchase_ref=reference))
        if said.what in self.world.shown:
            self.tokens.append(said.what)

    @rule(offer=st.integers(1, 9), quantity=st.integers(1, 3))
    def buys(self, offer: int, quantity: int) -> None:
        lines = [{"offer_id": f"63000000000{offer}", "quantity": quantity}]
        said = self._runner.run(self.world.preview(lines))
        if said.what in self.world.shown:
            self.tokens.append(said.what)
            self.creates(0, Answer.YES, honest=True)

    @rule(which=st.integers(0, 7), answer=st.sampled_from(_ANSWERS), honest=st.sampled_from([True, True, True, False]))
    def asks(self, which: int, answer: Answer, honest: bool) -> None:
        self.creates(which, answer, honest=honest)

    def creates(self, which: int, answer: Answer, *, honest: bool) -> None:
        """Call create_order and hold what it says against what it said before."""
        token = self.tokens[-1 - which % len(self.tokens)]
        shown = self.world.shown.get(token)
        said = self._runner.run(self.world.create(token, shown.total if shown and honest else "1.00", answer))
        self._holds(token, said)

    @rule(which=st.integers(0, 7))
    def approves_on_page(self, which: int) -> None:
        token = self.tokens[-1 - which % len(self.tokens)]
        if token in self.world.shown:
            if self.outcomes.get(token, ("",))[0] == "declined":  # in a dialog; the page is another way
                del self.outcomes[token]
            self._holds(token, self._runner.run(self.world.approve_on_page(token)))

    def _holds(self, token: str, said: Said) -> None:
        assert not said.what.startswith("STORE"), said
        if said.result and said.result.fresh_preview:
            self.tokens.append(said.result.fresh_preview.preview_token)
        if said.what in {"placed", "rejected", "declined"}:
            orders = self.outcomes.setdefault(token, (said.what, said.orders))
            assert orders == (said.what, said.orders), f"{token} was {orders} and is {said}"

    @rule(order=st.booleans(), which=st.integers(0, 7))
    def looks(self, order: bool, which: int) -> None:
        sends = self.world.upstream.calls[CREATE]
        shown = list(self.world.shown.values())
        if order and shown:
            given = {"purchase_ref": shown[-1 - which % len(shown)].purchase_ref}
            assert self._runner.run(_code(get_order(self.world.purchasing, given))) in {"", "NOT_FOUND"}
        else:
            assert self._runner.run(_code(list_orders(self.world.purchasing, {}))) == ""
        assert self.world.upstream.calls[CREATE] == sends

    @rule(seconds=st.sampled_from([1, 9, 45, 100, 901, 90_000]))
    def waits(self, seconds: int) -> None:
        self.world.clock.forward(seconds)

    @rule()
    def restarts(self) -> None:
        self._runner.run(self.world.restart())

    @rule(fault=st.sampled_from(_PLAIN), lag=st.sampled_from([0, 8, 83]), profile=st.sampled_from(PROFILES))
    def breaks(self, fault: str, lag: int, profile: Any) -> None:
        self.world.upstream.faults = [fault]
        self.world.upstream.lag, self.world.upstream.profile = lag, profile

    @rule(twist=st.sampled_from(_TWISTS))
    def changes_its_offer(self, twist: Twist) -> None:
        self.world.upstream.twist = twist

    @invariant()
    def holds(self) -> None:
        type(self).steps += 1
        assert [str(each) for each in violations(self.world)] == []
        for executed in self.world.upstream.executed:
            assert self.world.state_of(executed.reference) in {"dispatched", "unknown", "placed"}


async def _code(call: Awaitable[object]) -> str:
    """The code of the refusal that a call came to; empty where it was answered."""
    try:
        await call
    except ToolFault as fault:
        return fault.code.value
    return ""


def run(examples: int, steps: int) -> tuple[int, int]:
    """How many steps `examples` random buyers took and how many orders they made; raises where a promise broke."""
    Buying.steps = Buying.orders = 0
    run_state_machine_as_test(
        Buying,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
    return Buying.steps, Buying.orders
