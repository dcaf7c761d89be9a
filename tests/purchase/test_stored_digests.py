"""Digests that ledgers hold: an older version's are found again, so what they are made of may not change."""

from orders_tools.purchase.likeness import made_digest, made_digests, repeat_digest
from orders_tools.purchase.model import Address, Line
from support.a_purchase import basket

LINES = (
    Line(offer_id="610000000002", quantity=3, spec_id="530ad00177264564503ec3b848650652"),
    Line(offer_id="610000000001", quantity=2),
)
CONSIGNEE = Address(
    full_name="欧阳 测试 先生",
    mobile="+86 139-1234-5678",
    province="浙江省",
    city="杭州市",
    street="秘密路 7-3 号",
    area="滨江区",
)
ORDERED = "4aaba2ec63a4180fdbea3f5468b3a2e9f3b1d73212a1f2c70d859224053b931f"
MADE = "9dede4f79629d513691a81336b95700ef3b1d73212a1f2c70d859224053b931f"


def test_the_digest_of_what_is_ordered_is_the_one_that_ledgers_hold() -> None:
    assert repeat_digest(basket(*LINES), CONSIGNEE) == ORDERED


def test_the_digest_of_what_was_made_is_the_one_that_ledgers_hold() -> None:
    assert made_digest(LINES, CONSIGNEE) == MADE
    assert made_digests(basket(*LINES), CONSIGNEE) == [MADE]
