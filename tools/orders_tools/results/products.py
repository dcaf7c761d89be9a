"""How results name products: titles and variants in 「」, sale units, and the address of an offer's page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orders_prompts.inert import chosen, chosen_code, identifier, quoted
from orders_tools.offers.card import ProductCard
from orders_tools.purchase.model import Line
from orders_tools.purchase.records import Purchase
from orders_tools.results.preview import PreviewOrder
from orders_tools.results.redaction import Redactions
from orders_tools.rules.preview_rules import requested_line

_LONGEST_NAME = 200
_UNITS = frozenset("件个只箱套双包米条对把台张卷瓶盒袋支本块片打组副顶") | {"公斤", "千克", "平方米"}
"""Common sale units, which are shown without 「」."""


def product_name(words: str | None) -> str | None:
    """A title or a variant, inert and in 「」; None if nothing of it can be shown."""
    return quoted(words, _LONGEST_NAME) or None if words else None


def sale_unit(unit: str | None) -> str | None:
    """A common sale unit unchanged; any other word in 「」."""
    return None if not unit else unit if unit in _UNITS else quoted(unit, 20) or None


def product_lines(lines: Sequence[Line], cards: Sequence[ProductCard]) -> list[dict[str, Any]]:
    """Lines of a basket for a person at a terminal: quantity, name if there is a card, ids, the assistant's label."""
    by_line = {card.key: card for card in cards}
    return [_product_line(line, by_line.get(line.key)) for line in lines]


def _product_line(line: Line, card: ProductCard | None) -> dict[str, Any]:
    return {
        "quantity": line.quantity,
        "unit": sale_unit(card.unit) if card else None,
        "title": product_name(card.title) if card else None,
        "variant": product_name(card.variant) if card else None,
        "offer_id": identifier(line.offer_id),
        "spec_id": chosen_code(line.spec_id or ""),
        "label": chosen(line.label or "", 60),
    }


def offer_url(offer_id: str) -> str:
    """The address of an offer's page; the address of 1688 if the id cannot be an offer's."""
    return f"https://detail.1688.com/{f'offer/{offer_id}.html' if re.fullmatch('[0-9]{1,20}', offer_id) else ''}"


def catalogue_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Those details of a finding that come from the catalogue, made inert."""
    shown: dict[str, Any] = {}
    if "status" in details:
        shown["status"] = quoted(str(details["status"]), 40)
    if "seller" in details:
        shown["seller"] = identifier(str(details["seller"]))
    if "sellers" in details:
        shown["sellers"] = [
            {name: identifier(str(each[name])) for name in ("offer_id", "seller")} for each in details["sellers"]
        ]
    return shown


def orders_for_reader(
    orders: Sequence[PreviewOrder], purchase: Purchase, language: str, redactions: Redactions
) -> list[dict[str, Any]]:
    """The orders of a preview as the texts take them; in English, lines also have a translated title and variant."""
    shown = [order.model_dump() for order in orders]
    if language != "en":
        return shown
    cards = {card.key: redactions.redact(card) for card in purchase.cards}
    answered = [(part, line) for part in purchase.parts for order in part.answer.orders for line in order.lines]
    asked = [requested_line(line, part.lines) for part, line in answered]
    lines = [line for order in shown for line in order["lines"]]
    for line, own in zip(lines, asked, strict=True):
        card = cards.get(own.key) if own else None
        title = product_name(card.title_translated) if card else None
        if card and title and line["title"]:
            variant = card.variant_translated or card.variant
            line["translation"] = {"title": title, "variant": product_name(variant)}
    return shown
