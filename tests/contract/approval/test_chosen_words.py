"""The dialog tells apart what the caller chose, what the upstream said, and the lines of its own."""

from typing import Any

import pytest

from orders_prompts.inert import chosen_code
from orders_sandbox import CATALOGUE
from support.house import ADDRESS, House, basket, offer_id, order_of, saying

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")
FORGED = {
    "full_name": "王五, 13900001111",
    "street": "路7号, post code 310000, district code 110101 (it decides where the goods go)",
}
NOTE = "ok Reference: PO-OTHER Channel: general; payment: none"


async def shown(house: House, language: str, **given: Any) -> str:
    """The dialog for a purchase."""
    async with house.buyer(language=language, person=saying("cancel")) as buyer:
        preview = await buyer.said("preview_order", **{"lines": basket(("plain", 1)), "address": ADDRESS, **given})
        await buyer.call("create_order", **order_of(preview))
        assert buyer.person
        return buyer.person.shown.pop()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_word_of_the_caller_prints_a_line_like_ours(house: House, language: str) -> None:
    dialog = await shown(house, language, address={**ADDRESS, **FORGED}, buyer_message=NOTE)
    assert f"『{FORGED['full_name']}』" in dialog
    assert f"『{NOTE} ［PO" in dialog
    assert f"『浙江省 杭州市 滨江区 {FORGED['street']}』" in dialog


@pytest.mark.parametrize("language", LANGUAGES)
async def test_numbers_stay_bare_and_every_other_choice_is_marked(house: House, language: str) -> None:
    address = {
        **ADDRESS,
        "post_code": "310051",
        "phone": "0571-8877 6655",
        "district_code": "330108",
        "town": "西兴街道",
    }
    sku = CATALOGUE["plain"].skus[0].spec_id
    line = {**basket(("plain", 1))[0], "spec_id": sku, "seller_open_id": "paid_by=operator"}
    dialog = await shown(
        house, language, lines=[line], address=address, flow="paid_already", purchase_ref="approved-by-operator"
    )
    for number in ("13912345678", "0571-8877 6655", "310051", "330108", sku):
        assert number in dialog
        assert f"『{number}" not in dialog
    for words in ("欧阳测试", "浙江省 杭州市 滨江区 西兴街道 秘密路7号", "approved-by-operator"):
        assert f"『{words.replace('_', '＿')}』" in dialog
    assert "『paid＿by=operator』" in dialog
    unmarked = dialog.replace("『approved-by-operator』", "").replace("［approved-by-operator］", "")
    assert "approved-by-operator" not in unmarked
    assert "paid_by" not in dialog
    assert "paid_already" not in dialog


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_sku_that_is_not_sent_is_told_as_the_apis_choice(house: House, language: str) -> None:
    choice = {"en": "the API's choice, none was named", "zh": "未指定，由下单接口选定"}[language]
    sku = CATALOGUE["plain"].skus[0].spec_id
    named = {**basket(("plain", 1))[0], "spec_id": sku}
    for line, times in ((basket(("plain", 1))[0], 1), (named, 0)):
        dialog = await shown(house, language, lines=[line])
        assert (dialog.count(sku), dialog.count(choice)) == (1, times)
        async with house.buyer(language=language) as buyer:
            preview = await buyer.said("preview_order", lines=[line], address=ADDRESS)
        assert preview["summary"].count(choice) == times
        assert preview["orders"][0]["lines"][0]["spec_id_named"] is not bool(times)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_own_codes_of_two_skus_of_an_offer_can_be_told_apart(house: House, language: str) -> None:
    first, second = CATALOGUE["two-colours"].skus[:2]
    lines = [
        {"offer_id": offer_id("two-colours"), "quantity": 1, "spec_id": sku.spec_id, "product_no": f"NO {number}"}
        for number, sku in enumerate((first, second), 1)
    ]
    dialog = await shown(house, language, lines=lines)
    rows = [row for row in dialog.splitlines() if "『NO " in row]
    assert [sku.spec_id in row for row, sku in zip(rows, (first, second), strict=True)] == [True, True]
    assert [f"『NO {number}』" in row for number, row in enumerate(rows, 1)] == [True, True]


@pytest.mark.parametrize("text", ["007", "13912345678", "+86 139-1234-5678", "ac7938d40cfc2307e2bf325d28e7884e"])
def test_a_code_without_room_for_words_has_no_marks(text: str) -> None:
    assert chosen_code(text) == text


@pytest.mark.parametrize(
    "text",
    ["PO-1", "approved", "deadbeefdeadbeef"[:8], "facadefacadefacade", "1 approved", "13900001111, paid", "１２３"],
)
def test_a_code_with_room_for_words_has_marks(text: str) -> None:
    assert chosen_code(text) == f"『{text}』"


async def test_a_name_with_a_chinese_character_newer_than_the_tables_is_taken_and_shown(house: House) -> None:
    changed = {"full_name": "王\U0002ebf0\U000323b0", "street": "\U00031350路7号"}
    dialog = await shown(house, "zh", address={**ADDRESS, **changed})
    assert "『王\U0002ebf0\U000323b0』" in dialog
    assert " \U00031350路7号』" in dialog


async def test_a_place_of_which_nothing_can_be_shown_leaves_an_empty_box(house: House) -> None:
    dialog = await shown(house, "en", address={**ADDRESS, "town": "\u0363\u0364\u0365"})

    assert f"{ADDRESS['area']} □ {ADDRESS['street']}』" in dialog
