"""What a digest binds: every leaf of what was shown and will be sent."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

import pytest

from orders_server.xportcn.create import create_reply
from orders_server.xportcn.preview import preview_answer
from orders_server.xportcn.wire import read_json
from orders_tools.purchase.likeness import repeat_digest
from orders_tools.purchase.model import Address, Line
from orders_tools.purchase.records import Approval, Purchase, Verdict, shown_digest
from orders_tools.purchase.states import TokenState
from orders_tools.rules.create_evidence import judge
from support.a_purchase import ADDRESS, NOW, OFFER, answer, answer_2026, basket, line, order, purchase

LINES = (
    Line(
        offer_id=OFFER,
        quantity=2,
        spec_id="a",
        seller_open_id="s1",
        product_no="P-1",
        container="C-1",
        label="the red one",
    ),
    Line(offer_id="2", quantity=1, seller_open_id="s2"),
)
RICH = purchase(
    answer(
        order(
            line(spec_id="a", promotions=("省1",), result_code="200", message="预售"),
            flow="general",
            discount=5,
            surcharge=6,
            status=True,
            result_code="200",
            message="满减",
        ),
        carriage_by_description=(OFFER,),
        consignment=(OFFER,),
        no_cross_border_pay=("9",),
    ),
    answer_2026(line(offer_id="2", spec_id=None)),
    wanted=basket(*LINES, flow="general", buyer_message="快", purchase_ref="PO-7"),
)
UNBOUND = {
    "state",
    "digest",
    "approval",
    "fresh_token",
    "created_at",
    "sealed",
    "dialog_closed_at",
    "dialog_unanswered_at",
}
"""Where the token stands, and the digest itself."""

Path = tuple[str | int, ...]


def leaves(content: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    inner: Iterable[tuple[str | int, Any]]
    if isinstance(content, dict):
        inner = cast("dict[str | int, Any]", content).items()
    elif isinstance(content, (list, tuple)):
        inner = enumerate(cast("list[Any]", content))
    else:
        yield path, content
        return
    for step, value in inner:
        yield from leaves(value, (*path, step))


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case Enum() | None:
            return "another"
        case int():
            return value + 1
        case datetime():
            return value + timedelta(microseconds=1)
        case _:
            return f"{value}x"


def changed(content: Any, path: Path, value: Any) -> Any:
    step, *rest = path
    if isinstance(content, dict):
        content = cast("dict[str | int, Any]", content)
        return {**content, step: changed(content[step], tuple(rest), value) if rest else value}
    items = list(content)
    items[int(step)] = changed(items[int(step)], tuple(rest), value) if rest else value
    return tuple(items)


def rebuilt(content: dict[str, Any]) -> Purchase:
    """The purchase with this content, without asking whether it is still valid."""
    return RICH.model_copy(update=content)


WALK = list(leaves(RICH.model_dump(exclude=UNBOUND)))


def test_the_walk_sees_every_kind_of_leaf() -> None:
    names = {step for path, _ in WALK for step in path if isinstance(step, str)}
    assert {"street", "offer_id", "quantity", "label", "unit_price", "sum_payment", "trade_type", "note"} <= names
    assert {"part_ref", "expires_at", "owner", "sandbox", "severity", "promotions", "total_payment", "token"} <= names
    assert len(WALK) > 120


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_changing_any_single_leaf_changes_what_was_shown() -> None:
    digests = {RICH.digest: "as it was"}
    assert shown_digest(rebuilt(RICH.model_dump())) == RICH.digest
    for path, value in WALK:
        digest = shown_digest(rebuilt(changed(RICH.model_dump(), path, other(value))))
        assert digest not in digests, f"{path} as {digests.get(digest)}"
        digests[digest] = str(path)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_taking_any_single_line_order_finding_or_part_away_changes_what_was_shown() -> None:
    content = RICH.model_dump()
    for name in ("parts", "findings"):
        assert shown_digest(rebuilt({**content, name: content[name][:-1]})) != RICH.digest
        assert shown_digest(rebuilt({**content, name: tuple(reversed(content[name]))})) != RICH.digest
    lines = {**content["basket"], "lines": content["basket"]["lines"][:-1]}
    assert shown_digest(rebuilt({**content, "basket": lines})) != RICH.digest


def test_where_the_token_stands_is_not_part_of_what_was_shown() -> None:
    moved = RICH.model_copy(
        update={
            "state": TokenState.CLAIMED,
            "approval": Approval(channel="terminal", at=NOW),
            "fresh_token": "PV-X",
            "created_at": NOW + timedelta(days=1),
        }
    )
    assert shown_digest(moved) == RICH.digest
    assert moved.intact


def test_a_purchase_is_intact_until_something_of_it_changes() -> None:
    assert RICH.intact
    assert not RICH.model_copy(update={"expires_at": RICH.expires_at + timedelta(seconds=1)}).intact
    assert not RICH.model_copy(update={"address": None}).intact


def test_a_digest_is_the_same_after_a_way_through_json() -> None:
    assert shown_digest(Purchase.model_validate_json(RICH.model_dump_json())) == RICH.digest


CUT = "省\ud83d"
"""Words cut inside an emoji: the half of a pair that is left can be read from JSON, and written nowhere."""


def test_words_of_a_preview_cut_inside_an_emoji_can_be_bound() -> None:
    cargo = {"offerId": OFFER, "amount": 58, "finalUnitPrice": 29, "cargoPromotionList": [{"text": CUT}]}
    cargo |= dict.fromkeys(("specId", "skuId", "message", "resultCode"), CUT)
    preview = {"sumPayment": 6400, "sumCarriage": 600, "sumPaymentNoCarriage": 5800, "cargoList": [cargo]}
    preview |= {"tradeModeNameList": [CUT], **dict.fromkeys(("flowFlag", "message", "resultCode"), CUT)}
    data = {"orderPreviewResuslt": [preview], "consignOfferList": [CUT]}
    told = purchase(preview_answer(read_json(json.dumps(data).encode())))
    assert told.parts[0].answer.orders[0].message == "省?"
    assert shown_digest(Purchase.model_validate_json(told.model_dump_json())) == told.digest


def test_words_of_a_create_answer_cut_inside_an_emoji_can_be_kept() -> None:
    failed = dict.fromkeys(("offerId", "specId", "errorCode", "errorMessage"), CUT)
    content = {"code": CUT, "msg": CUT, "data": {"orderId": "1", "failedOfferList": [failed]}}
    verdict = judge(create_reply(json.dumps(content).encode()))
    assert (verdict.message, verdict.failed_lines[0].message) == ("省?", "省?")
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_a_repeat_is_known_by_its_lines_and_its_consignee() -> None:
    first = repeat_digest(basket(*LINES), ADDRESS)
    assert repeat_digest(basket(*reversed(LINES)), ADDRESS) == first
    other_words = [each.model_copy(update={"label": "other", "product_no": None, "container": None}) for each in LINES]
    assert repeat_digest(basket(*other_words, purchase_ref="PO-8", buyer_message="慢"), ADDRESS) == first


@pytest.mark.parametrize("change", [{"offer_id": "3"}, {"spec_id": "b"}, {"spec_id": None}, {"quantity": 3}])
def test_another_offer_sku_or_quantity_is_no_repeat(change: dict[str, Any]) -> None:
    lines = (LINES[0].model_copy(update=change), LINES[1])
    assert repeat_digest(basket(*lines), ADDRESS) != repeat_digest(basket(*LINES), ADDRESS)


NO_PARCEL_NEEDS = {"post_code", "phone", "district_code"}


@pytest.mark.parametrize(
    "change",
    [
        {"post_code": "310099"},
        {"phone": "0571-1"},
        {"district_code": ""},
        {"mobile": f"+86 {ADDRESS.mobile}"},
        {"street": f" {ADDRESS.street.replace('1', '１')}  "},
    ],
    ids=str,
)
def test_the_same_consignee_written_otherwise_is_a_repeat(change: dict[str, str]) -> None:
    assert repeat_digest(basket(), ADDRESS.model_copy(update=change)) == repeat_digest(basket(), ADDRESS)


@pytest.mark.parametrize("name", sorted(set(Address.model_fields) - NO_PARCEL_NEEDS))
def test_another_consignee_is_no_repeat(name: str) -> None:
    elsewhere = ADDRESS.model_copy(update={name: "x"})
    assert repeat_digest(basket(), elsewhere) != repeat_digest(basket(), ADDRESS)
