"""What the approval page shows of a purchase: everything from its stored row, made inert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders_prompts.inert import chosen, chosen_code, identifier
from orders_prompts.renderer import Texts
from orders_server.consent.page_paths import path_of, picture_path
from orders_tools.money import CURRENCY, yuan_or_none
from orders_tools.purchase.model import Line
from orders_tools.purchase.records import Finding, Purchase
from orders_tools.purchase.states import TokenState
from orders_tools.results.builders import dialog_preview, identifier_or_none
from orders_tools.results.consignee import visible_address
from orders_tools.results.products import product_lines, product_name
from orders_tools.rules.preview_rules import requested_line
from orders_tools.vocabulary import IssueCode

_SHORT_LINES = 3
_MARKS = "「」『』"


@dataclass(frozen=True)
class Form:
    """What the forms of an order carry: when it was shown, and the proof that it was shown in this browser."""

    shown_at: str
    proof: str
    needs_passkey: bool = False
    has_passkey: bool = False


def order_view(
    purchase: Purchase, texts: Texts, repeated: Sequence[Finding], now: datetime, form: Form
) -> dict[str, Any]:
    """A purchase that waits, as the templates show it."""
    preview = dialog_preview(purchase, repeated, texts)
    seconds = max(int((purchase.expires_at - now).total_seconds()), 0)
    codes = {issue["code"] for issue in preview["issues"]}
    ref = purchase.basket.purchase_ref
    return {
        **preview,
        "key": purchase.digest[:8],
        "ref": identifier(ref),
        "link": ref,
        "path": path_of(ref),
        "digest": purchase.digest,
        "seconds_left": seconds,
        "minutes_left": seconds // 60,
        "approved": purchase.state is TokenState.APPROVED,
        "blocked": any(issue["severity"] == "blocks" for issue in preview["issues"]),
        "warnings": [issue for issue in preview["issues"] if issue["severity"] != "notes"],
        "hints": [issue for issue in preview["issues"] if issue["severity"] == "notes"],
        "carriage_open": IssueCode.CARRIAGE_NOT_QUALIFIED in codes,
        "orders": _orders(purchase, preview["orders"]),
        "address": {name: _own_place(text) for name, text in visible_address(purchase).items()},
        "notes": [_own_place(chosen(part.note, 500)) for part in purchase.parts if part.note],
        "account": identifier_or_none(purchase.basket.ali_id),
        "shown_at": form.shown_at,
        "proof": form.proof,
        "needs_passkey": form.needs_passkey,
        "has_passkey": form.has_passkey,
    }


def row_view(purchase: Purchase, texts: Texts, now: datetime, **more: Any) -> dict[str, Any]:
    """A purchase in a list: total, goods in short, reference."""
    ref = purchase.basket.purchase_ref
    return {
        "path": path_of(ref),
        "ref": identifier(ref),
        "payable": yuan_or_none(purchase.payable),
        "currency": CURRENCY,
        "goods": goods_in_short(purchase, texts),
        "minutes_left": max(int((purchase.expires_at - now).total_seconds()) // 60, 0),
        "sandbox": purchase.sandbox,
        **more,
    }


def goods_in_short(purchase: Purchase, texts: Texts) -> str:
    """The first goods of a purchase by quantity and name, and how many lines more there are."""
    lines = product_lines(purchase.basket.lines, purchase.cards)
    cards = {card.key: card for card in purchase.cards}
    named: list[str] = []
    for line, own in zip(lines[:_SHORT_LINES], purchase.basket.lines, strict=False):
        card = cards.get(own.key)
        translated = product_name(card.title_translated) if card and texts.language == "en" else None
        title = _own_place(translated or line["title"] or "") or line["offer_id"]
        named.append(f"{line['quantity']} {line['unit'] or '×'} {title}")
    more = [f"+{len(lines) - _SHORT_LINES}"] if len(lines) > _SHORT_LINES else []
    return " · ".join([*named, *more])


def _own_place(text: str) -> str:
    """Inert words without the marks of their source, for a place on the page that shows nothing else."""
    inside = text[1:-1]
    marked = text[:1] in "「『" and text[-1:] in "」』" and not any(mark in inside for mark in _MARKS)
    return inside if text and marked else text


def _orders(purchase: Purchase, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The orders of a preview with pictures, translations in the title's place, and the caller's own codes."""
    answered = [(part, line) for part in purchase.parts for order in part.answer.orders for line in order.lines]
    asked = iter([requested_line(line, part.lines) for part, line in answered])
    ref = purchase.basket.purchase_ref
    pictures = {card.key: picture_path(ref, number) for number, card in enumerate(purchase.cards) if card.picture}
    return [{**order, "lines": [_line(line, next(asked), pictures) for line in order["lines"]]} for order in shown]


def _line(shown: dict[str, Any], own: Line | None, pictures: Mapping[tuple[str, str | None], str]) -> dict[str, Any]:
    translation: dict[str, str | None] = shown.get("translation") or {}
    title: str | None = translation.get("title") or shown["title"]
    variant: str | None = translation.get("variant") or shown["variant"]
    original = " ".join(filter(None, (shown["title"], shown["variant"]))) if translation else ""
    return {
        **shown,
        "title": _own_place(title or ""),
        "variant": _own_place(variant or ""),
        "original": original,
        "spec_id": chosen_code(shown["spec_id"]) if shown["spec_id_named"] and shown["spec_id"] else shown["spec_id"],
        "picture": pictures.get(own.key) if own else None,
        "label": f"『{shown['label']}』" if shown["label"] else "",
        "product_no": chosen(own.product_no or "", 64) if own else "",
        "container": chosen(own.container or "", 64) if own else "",
    }
