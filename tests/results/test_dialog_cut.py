"""The dialog as hosts cut it: three lines, each at the window's width, still say how much, to whom and what."""

import unicodedata

import pytest

from orders_prompts.renderer import Language, Texts
from orders_tools.purchase.model import Address, Line
from orders_tools.purchase.records import Purchase
from orders_tools.results.builders import dialog
from support.a_purchase import answer_2026, basket, line, purchase
from support.snapshots import same_as_snapshot

MUGS: dict[Language, str] = {"en": "white mug 350 ml", "zh": "白色马克杯 350 毫升"}
TRAYS: dict[Language, str] = {"en": "bamboo tray", "zh": "竹托盘"}
ADDRESS = Address(
    full_name="李明",
    mobile="13800001234",
    province="浙江省",
    city="杭州市",
    area="滨江区",
    street="江南大道100号3号仓",
    post_code="310051",
    phone="0571-88990077",
    district_code="330108",
)
LINES_SHOWN = 3
"""Claude Code 2.1.332 shows so many of a longer text; Codex 0.171.0 shows the top of it, as far as the window goes."""
MARGIN = 6
"""What Claude Code keeps free of the window's width."""


def width(text: str) -> int:
    """How many columns a terminal gives to `text`."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cut(text: str, columns: int) -> str:
    """A dialog as Claude Code shows it: its first lines, each cut at the window's width."""
    room, shown = columns - MARGIN, list[str]()
    for whole in text.splitlines()[:LINES_SHOWN]:
        kept = whole
        while width(kept) > (room if kept == whole else room - 1):
            kept = kept[:-1]
        shown.append(kept if kept == whole else f"{kept}…")
    return "\n".join(shown)


def bought(count: int, language: Language) -> Purchase:
    """So many lines of different offers for 711.35 in the sandbox, the first two with names."""
    labels = (MUGS[language], TRAYS[language], *("" for _ in range(count)))
    offers = [str(610000000001 + at) for at in range(count)]
    wanted = [Line(offer_id=offer, quantity=20 + at, label=labels[at]) for at, offer in enumerate(offers)]
    told = answer_2026(
        *(line(offer_id=offer, spec_id=None, amount=68800 // count) for offer in offers),
        goods=68800,
        carriage=600,
        sum_payment=69400,
        total_payment=71135,
    )
    return purchase(told, wanted=basket(*wanted, buyer_message="请尽快发货"), address=ADDRESS, sandbox=True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_three_lines_say_how_much_to_whom_and_what(language: Language) -> None:
    told: list[str] = []
    for count in (1, 2, 10, 50):
        text = dialog(bought(count, language), [], Texts(language))
        assert "" not in text.splitlines()
        assert not {"*", "#", "`"} & set(text)
        total, whom, goods = cut(text, 80).splitlines()
        assert "711.35 CNY" in total
        assert all(part in total for part in ("688.00", "6.00", "17.35"))
        assert {"en": "Sandbox", "zh": "沙箱"}[language] in total
        assert all(part in whom for part in ("『李明』", "13800001234", "『浙江省 杭州市 滨江区 江南大道100号3号仓』"))
        assert f"20 {'x' if language == 'en' else '×'} 610000000001 『{MUGS[language]}』" in goods
        assert ("610000000002" in goods) is (count > 1) or count > 2
        assert goods.startswith({"en": f"{count} lines: ", "zh": f"共 {count} 项商品："}[language]) is (count > 1)
        told += [f"===== {count} lines, {columns} columns =====\n{cut(text, columns)}" for columns in (80, 110)]
        told += [f"===== {count} lines, whole =====\n{text}"] if count < 3 else []
    same_as_snapshot(f"dialog.cut.{language}.txt", "\n\n".join(told))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_whatever_does_not_fit_follows_in_the_rest(language: Language) -> None:
    lines = dialog(bought(50, language), [], Texts(language)).splitlines()

    for offer in range(610000000001, 610000000051):
        assert any(str(offer) in each for each in lines[LINES_SHOWN:])
    assert {"en": "; and 47 more", "zh": "；另有 47 项"}[language] in lines[2]
    for told in ("310051", "0571-88990077", "330108"):
        assert any(told in each for each in lines[LINES_SHOWN:])
