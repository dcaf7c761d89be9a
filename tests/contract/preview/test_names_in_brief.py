"""A preview's text names products in brief, for the reader's language; the dialog has every name whole."""

from pathlib import Path
from typing import Any

import pytest

from orders_prompts.inert import quoted
from orders_sandbox import CATALOGUE
from support.house import ADDRESS, House, Person, offer_id, opened_house
from support.products import telling

pytestmark = pytest.mark.anyio

USUAL = {
    "plain": (
        "加厚款家用陶瓷马克杯大容量带盖勺办公室咖啡杯情侣礼品可定制",
        "Thickened household ceramic mug large capacity with lid and spoon office coffee cup couple gift",
    ),
    "promotion": (
        "跨境新款夏季女装V领短袖碎花连衣裙欧美大码宽松沙滩度假长裙",
        "Cross-border new summer women's V-neck short-sleeved floral dress plus size loose beach long skirt",
    ),
    "free-carriage": (
        "304不锈钢保温杯男女士便携大容量车载水杯礼品定制印LOGO保温壶",
        "304 stainless steel thermos cup men and women portable large-capacity car water cup customized LOGO",
    ),
    "carriage-by-description": (
        "厨房置物架落地多层微波炉烤箱收纳架子家用储物架锅架省空间免打孔",
        "Kitchen shelf floor multi-layer microwave oven storage rack household pot rack space-saving",
    ),
    "minimum-quantity": (
        "儿童玩具批发遥控车四驱越野漂移充电电动赛车男孩生日礼物地摊热卖",
        "Children's toy wholesale remote control car four-wheel drive off-road drift electric racing boy gift",
    ),
    "tiered-price": (
        "无线蓝牙耳机入耳式降噪超长续航运动跑步适用苹果华为安卓通用型",
        "Wireless bluetooth headset in-ear noise reduction long battery life sports suitable for Apple Huawei",
    ),
    "carriage-by-weight": (
        "亚马逊爆款宠物用品猫抓板瓦楞纸磨爪器耐磨不掉屑猫窝一体猫咪玩具",
        "Amazon hot-selling pet supplies cat scratching board corrugated paper claw sharpener cat litter toy",
    ),
    "lot-multiple": (
        "一次性餐盒长方形外卖打包盒加厚塑料透明带盖快餐便当饭盒商用整箱",
        "Disposable lunch box rectangular takeaway packaging box thickened plastic transparent with lid",
    ),
    "wholesale-minimum": (
        "户外露营折叠桌椅便携式铝合金蛋卷桌野餐桌子套装野营用品装备批发",
        "Outdoor camping folding table and chair portable aluminum alloy egg roll table picnic table set",
    ),
    "maximum-quantity": (
        "纯棉毛巾洗脸家用吸水不掉毛成人洗澡面巾酒店美容院劳保福利礼品巾",
        "Pure cotton towel face wash household absorbent lint-free adult bath towel hotel beauty salon",
    ),
}
"""Titles as sellers write them, up to the thirty characters that 1688 allows, and as a machine translates them."""
ATTRIBUTES = (("颜色", "Colour", "白色", "White"), ("规格", "Size", "500ml", "500 ml"))


def usual(name: str) -> dict[str, Any]:
    """What the catalogue says of an offer with a usual title and a variant of two attributes."""
    own, translated = USUAL[name]
    [sku] = CATALOGUE[name].skus
    attributes = [
        dict(zip(("attributeName", "attributeNameTrans", "value", "valueTrans"), words, strict=True))
        for words in ATTRIBUTES
    ]
    told = {"skuId": sku.sku_id, "specId": sku.spec_id, "skuAttributes": attributes}
    return {"subject": own, "subjectTrans": translated, "productSkuInfos": [told]}


def line(name: str, place: int = 0) -> dict[str, Any]:
    return {"offer_id": offer_id(name), "spec_id": CATALOGUE[name].skus[place].spec_id, "quantity": 12}


def rows(preview: dict[str, Any]) -> list[str]:
    """The two rows of each line in the text of a preview, as one."""
    text: list[str] = preview["summary"].split("\n")
    return [f"{row}\n{text[number + 1]}" for number, row in enumerate(text) if row.startswith("- 12 ")]


@pytest.mark.parametrize("lines", [[line(name) for name in USUAL], [line("many-variants", n * 7) for n in range(10)]])
@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_usual_names_add_at_most_three_tenths_to_the_text_of_ten_lines(
    tmp_path: Path, generation: Any, language: str, lines: list[dict[str, Any]]
) -> None:
    sizes: list[int] = []
    without: dict[str, Any] = {"product_path": ""}
    for settings in (without, dict[str, Any]()):
        async with (
            opened_house(tmp_path / str(len(sizes)), generation=generation) as house,
            house.buyer(language=language, **settings) as buyer,
        ):
            with telling() as told:
                told.update({name: usual(name) for name in USUAL})
                preview = await buyer.said("preview_order", lines=lines, address=ADDRESS, purchase_ref="PO-1")
        assert preview["orderable"]
        notes = [each["message"] for each in preview["issues"] if each["code"] == "PRODUCT_UNKNOWN"]
        assert len(notes) == bool(settings)
        sizes.append(len(preview["summary"].replace("".join(notes), "").encode()))
    assert sizes[1] / sizes[0] <= 1.3


async def test_an_english_reader_has_the_translation_first_and_the_sellers_words_beside_the_offer(
    house: House,
) -> None:
    lines = [line("plain"), line("promotion")]
    async with house.buyer(person=Person()) as buyer:
        with telling(plain=usual("plain"), promotion=usual("promotion")):
            preview = await buyer.said("preview_order", lines=lines, address=ADDRESS)
        made = await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    first, second = rows(preview)
    assert first == (
        "- 12 件 「Thickened household ceramic mug la…」 「Colour: White; Size: 500 ml」, 29.00 each, 348.00\n"
        f"  https://detail.1688.com/offer/610000000001.html 「加厚款家用陶瓷…」 (SKU {lines[0]['spec_id']})"
    )
    assert second.startswith(
        "- 12 件 「Cross-border new summer women's V-…」 「Colour: White; Size: 500 ml」, 13.90 each"
    )
    assert second.endswith(f"\n  offer 610000000002 「跨境新款夏季女…」 (SKU {lines[1]['spec_id']})")
    shown = preview["orders"][0]["lines"][0]
    assert (shown["title"], shown["variant"]) == (quoted(USUAL["plain"][0]), "「颜色: 白色; 规格: 500ml」")
    for name in ("plain", "promotion"):
        assert all(quoted(words) in dialog for words in USUAL[name])
    assert "12 件 「Thickened household…」 「Colour: White; Size: 500 ml」 (610000000001)" in made["summary"]


async def test_a_chinese_reader_has_the_sellers_words_alone(house: House) -> None:
    async with house.buyer(language="zh") as buyer:
        with telling(plain=usual("plain"), promotion=usual("promotion")):
            preview = await buyer.said("preview_order", lines=[line("plain"), line("promotion")], address=ADDRESS)
    first, second = rows(preview)
    assert first.startswith(
        "- 12 件 「加厚款家用陶瓷马克杯大容量带盖勺办公室咖啡杯情侣…」 「颜色: 白色; 规格: 500ml」，单价 29.00，"
    )
    assert "\n  https://detail.1688.com/offer/610000000001.html （SKU" in first
    assert "\n  商品 610000000002 （SKU" in second
    assert "Colour" not in preview["summary"]


@pytest.mark.parametrize(("language", "words"), [("en", "as above"), ("zh", "同上")])
async def test_an_offer_is_named_once_where_its_skus_follow_each_other(house: House, language: str, words: str) -> None:
    lines = [line("many-variants", 0), line("many-variants", 1), line("plain"), line("many-variants", 2)]
    async with house.buyer(language=language, person=Person()) as buyer:
        preview = await buyer.said("preview_order", lines=lines, address=ADDRESS)
        await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    told = rows(preview)
    title = {"en": "Cotton crew-neck T-shirt", "zh": "纯棉圆领短袖"}[language]
    assert [title in row.split("\n")[0] for row in told] == [True, False, False, True]
    assert [words in row for row in told] == [False, True, False, False]
    assert all(lines[n]["spec_id"] in row and lines[n]["offer_id"] in row for n, row in enumerate(told))
    assert len({row.split("\n")[0] for row in told}) == 4
    assert words not in dialog


async def test_a_line_without_a_name_has_the_link_of_its_page(house: House) -> None:
    async with house.buyer() as buyer:
        with telling(promotion=None):
            preview = await buyer.said("preview_order", lines=[line("plain"), line("promotion")], address=ADDRESS)
    assert "\n  https://detail.1688.com/offer/610000000002.html (SKU" in rows(preview)[1]


async def test_a_translation_hides_the_consignee_from_the_model_and_not_from_the_person(house: House) -> None:
    hostile = {"subjectTrans": "Mug for 欧阳测试 at 秘密路7号"}
    async with house.buyer(person=Person()) as buyer:
        with telling(plain=hostile):
            preview = await buyer.said("preview_order", lines=[line("plain")], address=ADDRESS)
        made = await buyer.create(preview)
        assert buyer.person
        [dialog] = buyer.person.shown
    for text in (preview["summary"], made["summary"]):
        assert "Mug for ＊＊＊ at" in text
        assert "欧阳测试" not in text
    assert "「Mug for 欧阳测试 at 秘密路7号」" in dialog
