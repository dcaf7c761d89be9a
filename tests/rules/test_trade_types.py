"""Which trade type is sent (decision 9): escrow before all, credit only by the operator's setting."""

import itertools

import pytest

from orders_tools.rules.preview_rules import ESCROW_TYPES, choose_trade_type
from support.a_purchase import answer, basket, findings, order, part

CREDIT = ("period", "creditBuy", "assure", "alipay", "bank", "631staged")


def chosen(*lists: tuple[str, ...] | None, setting: str | None = None) -> str | None:
    return choose_trade_type(answer(*(order(trade_types=types) for types in lists)), setting)


@pytest.mark.parametrize(
    ("allowed", "setting", "expected"),
    [
        (("assureTrade",), None, "assureTrade"),
        (("nzassure", "fxassure", "assureTrade"), None, "assureTrade"),
        (("nzassure", "fxassure"), None, "fxassure"),
        (("period", "nzassure"), None, "nzassure"),
        (("period",), None, None),
        (("period",), "period", "period"),
        (("period", "assureTrade"), "period", "period"),
        (("assureTrade",), "period", "assureTrade"),
        (("creditBuy",), "period", None),
        ((), None, None),
        ((), "period", None),
        (None, None, None),
        (None, "assureTrade", "assureTrade"),
        (None, "period", "period"),
        (("AssureTrade",), None, None),
        (("assureTrade ",), None, None),
    ],
    ids=str,
)
def test_the_choice_of_a_trade_type(allowed: tuple[str, ...] | None, setting: str | None, expected: str | None) -> None:
    assert chosen(allowed, setting=setting) == expected


def test_escrow_is_preferred_in_its_fixed_order_whatever_the_upstreams_order() -> None:
    for types in itertools.permutations((*ESCROW_TYPES, *CREDIT[:2])):
        assert chosen(types) == "assureTrade"
    for types in itertools.permutations((*ESCROW_TYPES[1:], *CREDIT[:2])):
        assert chosen(types) == "fxassure"


def test_credit_is_never_chosen_without_the_setting() -> None:
    for count in range(1, len(CREDIT) + 1):
        for types in itertools.combinations(CREDIT, count):
            assert chosen(types) is None


def test_every_order_of_a_split_has_to_allow_it() -> None:
    assert chosen(("assureTrade", "fxassure"), ("fxassure", "period")) == "fxassure"
    assert chosen(("assureTrade",), ("fxassure",)) is None
    assert chosen(("assureTrade",), None) == "assureTrade"


def test_types_that_are_all_credit_block_and_are_named() -> None:
    (found,) = findings(answer(order(trade_types=("period", "creditBuy"))))
    assert (found.severity, found.code) == ("blocks", "TRADE_TYPE_NOT_ALLOWED")
    assert found.details == {"trade_types": ["creditBuy", "period"]}


def test_an_absent_list_warns_of_credit_unless_the_setting_names_a_type() -> None:
    absent = answer(order(trade_types=None))
    (found,) = findings(absent)
    assert (found.severity, found.code) == ("warns", "CREDIT_MAY_BE_CHARGED")
    assert findings(absent, None, "assureTrade") == []


@pytest.mark.parametrize(
    ("flows", "wanted", "sent"),
    [
        (("general",), None, "general"),
        (("general",), "fenxiaonew", "general"),
        ((None,), "fenxiaonew", "fenxiaonew"),
        ((None,), None, None),
        (("general", "general"), None, "general"),
        (("general", "fenxiao"), "fenxiaonew", "fenxiaonew"),
        (("general", None), None, "general"),
    ],
    ids=str,
)
def test_the_flow_that_the_preview_used_is_what_create_sends(
    flows: tuple[str | None, ...], wanted: str | None, sent: str | None
) -> None:
    told = answer(*(order(flow=flow) for flow in flows))
    assert part(told, basket(flow=wanted)).flow == sent
