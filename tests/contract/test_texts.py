"""The texts of whole purchases, rendered, as snapshots in both languages."""

from pathlib import Path
from typing import Any

import pytest

from orders_server.cli.demo.steps import BLOCKED
from support.house import ADDRESS, Buyer, House, Reader, basket, content_of, opened_house, order_of, text_of
from support.snapshots import Predictable, same_as_snapshot

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")


async def everything(buyer: Buyer, house: House) -> list[tuple[str, str]]:
    """Each text that a purchaser can meet, with the name of what led to it."""
    told: list[tuple[str, str]] = []

    async def call(name: str, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await buyer.call(tool, **arguments)
        told.append((name, text_of(result)))
        return result.structured_content or {}

    async def preview(name: str, *lines: tuple[str, int], **named: Any) -> dict[str, Any]:
        return await call(name, "preview_order", **{"lines": basket(*lines), "address": ADDRESS, **named})

    plain = await preview("preview", ("plain", 2), ("promotion", 1), buyer_message="请尽快发货", purchase_ref="PO-1")
    await call("placed", "create_order", **order_of(plain))
    await call("detail", "get_order", purchase_ref="PO-1")
    await call("list", "list_orders", page_size=1)
    blocked = await preview(
        "preview that is blocked",
        ("no-cross-border-pay", 1),
        ("minimum-quantity", 1),
        ("short-stock", 6),
        ("carriage-by-description", 1),
        purchase_ref="PO-2",
    )
    await call("not orderable", "create_order", **order_of(blocked))
    lost = await preview("preview of what gets lost", ("lost-answer", 1), purchase_ref="PO-3")
    await call("unknown", "create_order", **order_of(lost))
    again = await preview("preview of a possible duplicate", ("lost-answer", 1), purchase_ref="PO-4")
    await call("possible duplicate", "create_order", **order_of(again))
    risen = await preview("preview before a rise", ("price-rise", 1), purchase_ref="PO-5")
    await call("price changed", "create_order", **order_of(risen))
    open_one = await preview("preview of words", ("seller-texts", 1), purchase_ref="PO-6")
    await call("wrong total", "create_order", **order_of(open_one, "1"))
    await call("wrong token", "create_order", preview_token="PV-0", expected_total="1")
    await call("wrong arguments", "preview_order", lines=[{"offer_id": 2**60, "quantity": 0}], adress="x")
    await call("not found", "get_order", order_id="1")
    assert buyer.person
    buyer.person.answer = buyer.person.answer.model_copy(update={"action": "decline"})
    await call("declined", "create_order", **order_of(open_one))
    buyer.person.answer = buyer.person.answer.model_copy(update={"action": "cancel"})
    waiting = await preview("preview that waits", ("free-carriage", 3), purchase_ref="PO-7")
    await call("awaiting approval", "create_order", **order_of(waiting))
    house.clock.forward(901)
    await call("expired", "create_order", **order_of(waiting))
    told += [(f"dialog {number}", text) for number, text in enumerate(buyer.person.shown, 1)]
    return told


@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_texts_are_the_committed_ones(tmp_path: Path, language: str, generation: str) -> None:
    async with (
        opened_house(tmp_path, generation=generation) as house,
        house.buyer(person=Reader(clock=house.clock), language=language, random_bytes=Predictable()) as buyer,
    ):
        told = await everything(buyer, house)

    same_as_snapshot(
        f"texts.{language}.{generation}.md", "\n\n".join(f"===== {name} =====\n{text}" for name, text in told)
    )


@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_five_blockers_of_the_demo_are_explained_as_committed(
    tmp_path: Path, language: str, generation: str
) -> None:
    labels = {name: label for name, _, label in BLOCKED}
    lines = basket(("plain", 1), *((name, quantity) for name, quantity, _ in BLOCKED))
    labelled = [{**line, "label": label} for line, label in zip(lines, ("", *labels.values()), strict=True)]
    async with (
        opened_house(tmp_path, generation=generation) as house,
        house.buyer(language=language, random_bytes=Predictable()) as buyer,
    ):
        preview = await buyer.call("preview_order", lines=labelled, address=ADDRESS)
        refused = await buyer.call("create_order", **order_of(content_of(preview)))

    same_as_snapshot(f"demo.blockers.{language}.{generation}.md", f"{text_of(preview)}\n\n{text_of(refused)}")
