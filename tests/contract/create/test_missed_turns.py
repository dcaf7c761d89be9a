"""A part whose turn to be sent is over before it comes: nothing is sent for it, and that is the reason that is told."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from mcp.types import CallToolResult

from support.house import Buyer, House, Person, content_of, opened_house, order_of, text_of
from support.offer_table import Asked
from support.snapshots import Predictable, same_as_snapshot

pytestmark = pytest.mark.anyio
REASONS = {
    "en": "The time to send it was over before its turn came, so no order was sent for it.",
    "zh": "轮到下单之前，提交时限已过，因此未为其提交订单。",
}


async def overtaken(buyer: Buyer, house: House, monkeypatch: pytest.MonkeyPatch) -> list[CallToolResult]:
    """A purchase of two sellers whose first part takes two hours: what is told meanwhile, at its end and later."""
    arrived, opened, real = threading.Event(), threading.Event(), house.upstream.answer

    def held(path: str, headers: Any, content: bytes) -> Any:
        answer = real(path, headers, content)
        if path.endswith("/order/create"):
            arrived.set()
            assert opened.wait(20)
        return answer

    monkeypatch.setattr(house.upstream, "answer", held)
    lines = [Asked("plain", own_seller=True).argument(), Asked("other-seller", 2, own_seller=True).argument()]
    preview = await buyer.preview(lines=lines, purchase_ref="PO-1")
    call = asyncio.create_task(buyer.call("create_order", **order_of(preview)))
    assert await asyncio.to_thread(arrived.wait, 20)
    house.clock.forward(7200)
    meanwhile = await buyer.call("create_order", **order_of(preview))
    opened.set()
    return [meanwhile, await call, await buyer.call("create_order", **order_of(preview))]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_part_whose_turn_never_came_says_so(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        opened_house(tmp_path, generation="2025") as house,
        house.buyer(person=Person(), language=language, random_bytes=Predictable()) as buyer,
    ):
        told = await overtaken(buyer, house, monkeypatch)

    for result in map(content_of, told):
        assert result["outcome"] == "partly_placed"
        (failed,) = result["failed_lines"]
        assert failed["reason"] == REASONS[language]
        assert failed["code"] is None
    assert house.upstream.create_calls == 1
    same_as_snapshot(f"texts.turn-missed.{language}.md", text_of(told[-1]))
