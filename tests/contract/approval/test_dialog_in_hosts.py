"""The dialog as real hosts take it over the wire: a form that none refuses, and a text that is plain."""

import unicodedata
from typing import Any

import pytest
from mcp.client.session import ClientRequestContext
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from support.house import ADDRESS, MODES, House, Person, basket, order_of, saying

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")


class Form(Person):
    """Keeps the form that came over the wire."""

    form: dict[str, Any]

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        self.form = params.requested_schema
        return await super().__call__(context, params)


async def shown(house: House, language: str, **given: Any) -> list[str]:
    """The lines of the dialog for a purchase."""
    person = saying("cancel")
    async with house.buyer(person=person, language=language) as buyer:
        preview = await buyer.said("preview_order", **{"address": ADDRESS, **given})
        await buyer.call("create_order", **order_of(preview))
    return person.shown[0].splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
async def test_the_form_holds_nothing_that_a_host_cancels_it_for(house: House, mode: str, language: str) -> None:
    person = Form()
    async with house.buyer(mode, person, language=language) as buyer:
        made = await buyer.create(await buyer.preview(("plain", 1)))

    assert made["outcome"] == "placed"
    assert set(person.form) <= {"type", "properties", "required", "$schema"}
    assert person.form["type"] == "object"
    assert list(person.form["properties"]) == ["approve"]
    field = person.form["properties"]["approve"]
    assert (field["type"], field["default"]) == ("boolean", False)
    assert set(field) == {"type", "title", "description", "default"}
    assert sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in field["title"]) <= 32
    assert ("Yes, order" in field["title"]) is (language == "en")
    # A host that scrolls a long text away shows the form all the same.
    assert "35.00 CNY" in field["title"]
    assert f"『{ADDRESS['full_name']}』 {ADDRESS['mobile']}" in field["description"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_goods_of_several_orders_are_counted_first(house: House, language: str) -> None:
    lines = [
        {**line, "seller_open_id": f"seller-{at}"} for at, line in enumerate(basket(("plain", 3), ("promotion", 4)))
    ]
    told = await shown(house, language, lines=lines)

    counted = {"en": "2 lines in 2 orders: 3 件 「", "zh": "共 2 项商品、2 个订单：3 件 「"}
    assert told[2].startswith(counted[language])
    assert "" not in told
    assert "*" not in "".join(told)


async def test_what_is_not_final_is_said_beside_the_total(house: House) -> None:
    told = await shown(house, "en", lines=basket(("carriage-by-description", 1)))

    assert "(not final)" in told[0]
