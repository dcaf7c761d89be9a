"""A basket refused whole: each line is asked for by itself as the basket was, and what is known by then is told."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response

from support.house import ADDRESS, House, basket, offer_id

pytestmark = pytest.mark.anyio
TWO = basket(("plain", 1), ("promotion", 1))
FIRST, SECOND = offer_id("plain"), offer_id("promotion")
Body = dict[str, Any]


def refused(code: int | str, message: str) -> Response:
    content = {"requestId": "0", "code": code, "msg": message, "data": None}
    return Response(json.dumps(content), media_type="application/json")


def scripted(house: House, *answers: Response | None, meanwhile: Callable[[], None] = lambda: None) -> list[Body]:
    """The previews that were asked for; the next of `answers` is given to each, None is the sandbox's own."""
    asked: list[Body] = []
    real = house.upstream.answer

    def answer(path: str, headers: Any, content: bytes) -> Response:
        if path.endswith("/product/detail/get"):
            return real(path, headers, content)
        asked.append(json.loads(content))
        scripted = answers[len(asked) - 1] if len(asked) <= len(answers) else None
        if len(asked) > 1:
            meanwhile()
        return scripted or real(path, headers, content)

    house.upstream.answer = answer
    return asked


async def told(house: House, lines: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    async with house.buyer(**settings) as buyer:
        return await buyer.refused("preview_order", lines=lines, address=ADDRESS)


async def test_each_line_is_asked_for_as_the_basket_was(house: House) -> None:
    asked = scripted(house, refused(500, "500_001"), refused(500, "500_001"))
    await told(house, TWO, flow="paired", ali_id="b2b-1")
    whole, first, second = asked

    assert [[str(row["offerId"]) for row in body.pop("cargoParamList")] for body in asked] == [
        [FIRST, SECOND],
        [FIRST],
        [SECOND],
    ]
    assert first == second == whole
    assert (whole["flow"], "b2b-1" in whole.values()) == ("paired", True)


@pytest.mark.parametrize(
    ("lines", "words"),
    [(basket(("plain", 1)), "500_001"), (basket(("plain", 1)), "odd words"), (TWO, "系统繁忙,请重试!")],
    ids=["one line", "one line, odd words", "all lines, busy"],
)
async def test_what_no_second_question_can_tell_is_not_asked_again(
    house: House, lines: list[dict[str, Any]], words: str
) -> None:
    asked = scripted(house, *[refused(500, words)] * 3)
    copy = await told(house, lines)

    assert copy["code"] == "UPSTREAM_REJECTED"
    assert len(asked) == 1


async def test_the_meaning_that_one_line_has_is_told_of_the_basket(house: House) -> None:
    scripted(house, refused(500, "500_004 in this basket"), None, refused(500, "500_001"))
    copy = await told(house, TWO)

    assert "in this basket" in copy["message"]
    assert f"Offer {SECOND}: " in copy["message"]
    assert "not sold" in copy["message"]


async def test_a_code_without_words_is_told_of_the_basket_and_of_each_line(house: House) -> None:
    sellers = [{**line, "seller_open_id": line["offer_id"]} for line in basket(("other-seller", 1))]
    scripted(house, refused("500_001", ""), refused("771", ""), Response("away", 400), refused("772", ""))
    copy = await told(house, [*TWO, *sellers])

    issues = copy["details"]["issues"]
    assert [issue["code"] for issue in issues] == ["NOT_SELLABLE", "UPSTREAM_REFUSES", "UPSTREAM_REFUSES"]
    assert ["771" in issues[1]["message"], "772" in issues[2]["message"]] == [True, True]


async def test_lines_are_asked_for_only_as_long_as_one_call_may_take(house: House) -> None:
    window = house.settings().send_window.total_seconds()
    asked = scripted(house, *[refused(500, "500_001")] * 3, meanwhile=lambda: house.clock.forward(window))
    copy = await told(house, TWO)

    assert copy["code"] == "UPSTREAM_REJECTED"
    assert len(asked) == 2


async def test_a_line_is_judged_by_the_trade_type_that_the_operator_wants(house: House) -> None:
    real = house.upstream.answer

    def without_escrow(path: str, headers: Any, content: bytes) -> Response:
        return Response(bytes(real(path, headers, content).body).replace(b"assureTrade", b"otherTrade"))

    house.upstream.answer = without_escrow
    lines = basket(("plain", 1), ("delisted", 1))
    by_default = await told(house, lines)
    with_credit = await told(house, lines, trade_type="creditBuy")

    codes = [issue["code"] for issue in by_default["details"]["issues"]]
    assert codes == ["TRADE_TYPE_NOT_ALLOWED", "NOT_SELLABLE"]
    assert "issues" not in with_credit["details"] or with_credit["details"]["issues"] == []
