"""A valid purchase of each preview form, and the shortest ways to change one thing about it."""

from datetime import timedelta
from typing import Any

from orders_tools.purchase.likeness import repeat_digest
from orders_tools.purchase.model import (
    Address,
    AnsweredLine,
    AnsweredOrder,
    Basket,
    Generation,
    Line,
    Part,
    PreviewAnswer,
)
from orders_tools.purchase.records import Finding, Purchase, shown_digest
from orders_tools.purchase.states import TokenState
from orders_tools.rules.preview_rules import findings_of, part_of
from support.scene import NOW

OFFER, OTHER = "889512351602", "610000000001"
SKU = "530ad00177264564503ec3b848650652"
ADDRESS = Address(
    full_name="张三",
    mobile="15251667788",
    province="浙江省",
    city="杭州市",
    street="网商路699号",
    area="滨江区",
    town="长河街道",
    post_code="310051",
    phone="0571-88990077",
    district_code="330108",
)


def basket(*lines: Line, **changed: Any) -> Basket:
    """Two of one offer, or `lines`."""
    fields: dict[str, Any] = {"flow": None, "buyer_message": "", "purchase_ref": "PO1"}
    wanted = lines or (Line(offer_id=OFFER, quantity=2, spec_id=SKU),)
    return Basket(**{**fields, **changed}, lines=wanted)


def line(**changed: Any) -> AnsweredLine:
    """The answered line of the basket: two at 29.00."""
    fields: dict[str, Any] = {
        "offer_id": OFFER,
        "spec_id": SKU,
        "sku_id": "5736673805656",
        "unit_price": 2900,
        "amount": 5800,
    }
    return AnsweredLine(**{**fields, **changed})


def order(*lines: AnsweredLine, **changed: Any) -> AnsweredOrder:
    """The order that `line()` makes: 58.00 and 6.00 carriage."""
    fields: dict[str, Any] = {"goods": 5800, "carriage": 600, "sum_payment": 6400, "trade_types": ("assureTrade",)}
    return AnsweredOrder(**{**fields, **changed}, lines=lines or (line(),))


def answer(*orders: AnsweredOrder, generation: Generation = "2025", **changed: Any) -> PreviewAnswer:
    """A preview with one valid order, or `orders`."""
    return PreviewAnswer(generation=generation, orders=orders or (order(),), **changed)


def answer_2026(*lines: AnsweredLine, **changed: Any) -> PreviewAnswer:
    """The documented preview of 2026: no trade types, and a total with a fee."""
    fields: dict[str, Any] = {"trade_types": None, "total_payment": 6561}
    return answer(order(*lines, **{**fields, **changed}), generation="2026")


def part(told: PreviewAnswer, wanted: Basket | None = None, trade_type: str | None = None) -> Part:
    """What the rules make of a preview of the whole basket."""
    wanted = wanted or basket()
    return part_of(wanted.purchase_ref, wanted.lines, told, wanted, trade_type, "")


def findings(told: PreviewAnswer, wanted: Basket | None = None, trade_type: str | None = None) -> list[Finding]:
    """What the rules find in a preview of the basket."""
    return findings_of(part(told, wanted, trade_type))


def blockers(told: PreviewAnswer, wanted: Basket | None = None, trade_type: str | None = None) -> set[str]:
    """The codes of what blocks it."""
    return {found.code for found in findings(told, wanted, trade_type) if found.severity == "blocks"}


def purchase(*told: PreviewAnswer, wanted: Basket | None = None, **changed: Any) -> Purchase:
    """A purchase as it is stored: one part for each preview."""
    wanted = wanted or basket()
    parts = tuple(part(each, wanted) for each in told or (answer(),))
    fields: dict[str, Any] = {
        "token": "PV-" + "0" * 26,
        "owner": "https://www.xportcn.com/api user",
        "sandbox": False,
        "state": TokenState.OPEN,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
        "basket": wanted,
        "address": ADDRESS,
        "parts": parts,
        "findings": tuple(found for each in parts for found in findings_of(each)),
        "basket_digest": repeat_digest(wanted, ADDRESS),
        "digest": "",
    }
    made = Purchase(**{**fields, **changed})
    return made.model_copy(update={"digest": shown_digest(made)})
