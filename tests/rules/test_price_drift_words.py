"""What changed since the yes is told in words, one line for each way in which it got worse."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from orders_prompts.renderer import Language, Texts
from orders_tools.ports import Policy, Purchasing
from orders_tools.purchase.model import PreviewAnswer
from orders_tools.results.create_outcomes import price_changed_result
from orders_tools.rules.price_drift import differences
from support.a_purchase import OFFER, answer, answer_2026, line, order, purchase

_CALLER = {"shows_dialogs": True, "program": "xportcn-orders"}

SAID: dict[str, tuple[PreviewAnswer, PreviewAnswer, str, str]] = {
    "warning": (
        answer(),
        answer(consignment=(OFFER,)),
        f"- Warning, new since the approval: Offer {OFFER} is a consignment offer.",
        f"- 提醒，确认后新出现：商品 {OFFER} 是代销商品。",
    ),
    "note": (
        answer(order(message="包邮", status=True)),
        answer(order(message="不包邮", status=True)),
        "- Note, new or changed since the approval: 1688 notes: 「不包邮」",
        "- 备注，确认后新出现或有变：1688 提示：「不包邮」",
    ),
    "carriage": (
        answer(),
        answer(carriage_by_description=(OFFER,)),
        f"- Carriage, new since the approval: Carriage of offer {OFFER} is described by the seller, not computed: "
        "the carriage shown is not final.",
        f"- 运费，确认后新出现：商品 {OFFER} 使用运费说明：所示运费并非最终运费，以卖家确认为准。",
    ),
    "surcharge": (
        answer(),
        answer(order(surcharge=99900)),
        "- Surcharge: approved none, now 999.00",
        "- 附加费：确认时 无，现在 999.00",
    ),
    "magnitude": (
        answer(),
        answer(order(line(unit_price=29, amount=58), goods=58, carriage=6, sum_payment=64)),
        "- Amount: approved 64.00, now 0.64: under half, so more likely a mistake than a price",
        "- 金额：确认时 64.00，现在 0.64：不足一半，更可能是出错而不是降价",
    ),
    "discount": (
        answer(order(discount=500)),
        answer(order(discount=None)),
        "- Discount: approved 5.00, now none",
        "- 优惠：确认时 5.00，现在 无",
    ),
    "service_fee": (
        answer_2026(),
        answer_2026(total_payment=None),
        "- Service fee: approved 1.61, now not said",
        "- 服务费：确认时 1.61，现在未提供",
    ),
    "promotions": (
        answer(order(line(promotions=("满2送1",)))),
        answer(),
        f"- Offer {OFFER}: promotions approved 1, now 0",
        f"- 商品 {OFFER}：确认时有 1 项优惠，现在有 0 项",
    ),
    "sku": (
        answer(),
        answer(order(line(sku_id="72"))),
        f"- Offer {OFFER}: 1688's SKU number was 5736673805656, is now 72",
        f"- 商品 {OFFER}：1688 的 SKU 编号原为 5736673805656，现为 72",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("what", SAID)
def test_each_way_to_get_worse_is_told_in_words(what: str, language: Language) -> None:
    before, after, *said = SAID[what]
    approved, fresh = purchase(before), purchase(after)
    changed = differences(approved, fresh)
    purchasing = cast(Purchasing, cast(Any, SimpleNamespace(texts=Texts(language), policy=Policy(), **_CALLER)))
    summary = price_changed_result(purchasing, approved, fresh, changed, replayed=False).summary

    assert [each.what for each in changed] == [what]
    assert said[language == "zh"] in summary.splitlines()


def test_two_findings_on_one_offer_are_told_each_in_its_own_words() -> None:
    fresh = purchase(answer(order(line(message="预售")), consignment=(OFFER,)))
    approved = purchase(answer(order(line(message="现货"))))
    purchasing = cast(Purchasing, cast(Any, SimpleNamespace(texts=Texts("en"), policy=Policy(), **_CALLER)))
    changed = differences(approved, fresh)
    summary = price_changed_result(purchasing, approved, fresh, changed, replayed=False).summary

    lines = [each for each in summary.splitlines() if "since the approval" in each]
    assert len(lines) == len(changed) == 2
    assert "consignment" in lines[0]
    assert "「预售」" in lines[1]
