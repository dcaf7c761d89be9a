"""The same purchase in each competitor's tools: what they are called and what they take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from processes.upstream import VARIANTS

Result = Mapping[str, Any]
"""A tools/call result as it came."""


@dataclass(frozen=True)
class Call:
    """One call of a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Basket:
    """So many lines of one piece each, for a consignee in one `street`; another street is another purchase."""

    lines: int
    street: str = "文三路1号"


class Dialect(Protocol):
    """How one competitor is asked to preview, create and get."""

    def preview(self, basket: Basket) -> Call:
        """The call that prices `basket`."""
        ...

    def create(self, basket: Basket, previewed: Result) -> Call:
        """The call that orders it."""
        ...

    def get(self, created: Result) -> Call:
        """The call that looks at the order."""
        ...

    def succeeded(self, result: Result) -> bool:
        """Whether the upstream did what was asked."""
        ...


class Ours:
    """The four tools of this project."""

    def preview(self, basket: Basket) -> Call:
        """A basket and an address."""
        offer_id = str(VARIANTS.offer_id)
        lines = [{"offer_id": offer_id, "spec_id": sku.spec_id, "quantity": 1} for sku in VARIANTS.skus[: basket.lines]]
        address = {
            "full_name": "李明",
            "mobile": "13800001234",
            "province": "浙江省",
            "city": "杭州市",
            "street": basket.street,
        }
        return Call("preview_order", {"lines": lines, "address": address})

    def create(self, basket: Basket, previewed: Result) -> Call:
        """The token and the total; the basket is in the ledger."""
        preview = previewed["structuredContent"]
        arguments = {"preview_token": preview["preview_token"], "expected_total": preview["totals"]["payable"]}
        return Call("create_order", arguments)

    def get(self, created: Result) -> Call:
        """The order's id."""
        return Call("get_order", {"order_id": created["structuredContent"]["orders"][0]["order_id"]})

    def succeeded(self, result: Result) -> bool:
        """A preview that can be ordered, an order placed, or an order shown."""
        content = result.get("structuredContent", {})
        return not result.get("isError") and content.get("orderable", content.get("outcome", "placed")) in (
            True,
            "placed",
        )


@dataclass(frozen=True)
class Generated:
    """Tools that take the endpoints' bodies, flat or, where `wrapped`, as one argument `body`."""

    tools: tuple[str, str, str]
    wrapped: bool = False

    def preview(self, basket: Basket) -> Call:
        """The body of a preview, as ours is sent."""
        return self._call(0, _goods(basket))

    def create(self, basket: Basket, previewed: Result) -> Call:
        """The body of a create call: the same goods, written once more."""
        return self._call(1, _goods(basket))

    def get(self, created: Result) -> Call:
        """The body of a detail call."""
        order_id = _envelope(created)["data"]["result"]["orderId"]
        return self._call(2, {"webSite": "1688", "orderId": order_id})

    def succeeded(self, result: Result) -> bool:
        """An envelope of success."""
        return not result.get("isError") and _envelope(result).get("code") == 200

    def _call(self, number: int, body: dict[str, Any]) -> Call:
        return Call(self.tools[number], {"body": body} if self.wrapped else body)


def _envelope(result: Result) -> dict[str, Any]:
    return result.get("structuredContent") or cast("dict[str, Any]", json.loads(result["content"][0]["text"]))


@cache
def _goods(basket: Basket) -> dict[str, Any]:
    """What our own client sends for `basket`."""
    return {
        "flow": "fenxiaonew",
        "addressParam": {
            "fullName": "李明",
            "mobile": "13800001234",
            "phone": "",
            "postCode": "",
            "provinceText": "浙江省",
            "cityText": "杭州市",
            "areaText": "",
            "townText": "",
            "address": basket.street,
        },
        "cargoParamList": [
            {"offerId": VARIANTS.offer_id, "quantity": 1, "specId": sku.spec_id}
            for sku in VARIANTS.skus[: basket.lines]
        ],
    }
