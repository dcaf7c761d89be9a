"""Finds signs in a refusal of create that an order may exist anyway; with such a sign the refusal proves nothing."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from orders_server.xportcn.wire import as_list, as_object

_LONG_NUMBER = re.compile(r"[0-9]{12}")
"""The length of the shortest possible order number: a platform's own are a date and four digits (CONTRACT 8)."""
_SPEC_ID = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{32}(?![0-9A-Za-z])")
"""The form of a SKU's `specId` (CONTRACT 3.1), which may contain many digits in a row."""
_MADE = re.compile(
    r"success|succeed|\bcreated|\bplaced|\bpaid\b|already|order[ _-]*(?:id|no|number)\b|waitbuyerpay|waitsellersend"
    r"|waiting_?for|成功|已下单|已创建|已生成|已提交|已支付|已付|已存在|重复|待付款|待发货|等待买家|等待卖家"
    r"|订单号|订单编号|单号|下单完成|创建完成",
    re.IGNORECASE,
)
"""Words that suggest that an order exists."""
_SUCCESS = frozenset({"success", "issuccess", "succeed", "succeeded", "successful", "ordersuccess", "created", "ok"})
_AMOUNTS = frozenset(
    {"totalsuccessamount", "orderammount", "orderamount", "totalamount", "payamount", "postfee", "shippingfee"}
)
_AMOUNT_OF_AN_ORDER = re.compile(r"am+ount|fee|pay(?:ment|able)|price|carriage")
_OF_THE_CALL = frozenset({"requestId", "developId"})
_NOTHING = frozenset({"", "0", "200"})


class Signs:
    """The signs of an order in an answer to a call that carried the ids `sent`."""

    def __init__(self, sent: Collection[str]) -> None:
        written = "|".join(re.escape(each) for each in sorted(sent, key=len, reverse=True))
        self._sent = re.compile(rf"(?<![0-9A-Za-z])(?:{written})(?![0-9A-Za-z])", re.IGNORECASE) if sent else None

    def kinds(self, body: Any) -> Iterator[str]:
        """The name of each kind of sign that is in `body`."""
        values = [self._without_ids(text) for text in _values(body)]
        if any(map(_LONG_NUMBER.search, (*values, *map(self._without_ids, _names(body))))):
            yield "long_number"
        if any(map(_MADE.search, values)):
            yield "words"
        if any(_is_true(value) for fields in _objects(body) for name, value in fields if name in _SUCCESS):
            yield "success"
        if any(_is_amount(value) for value in _amounts(body)):
            yield "amount"

    def fails(self, order: dict[str, Any]) -> bool:
        """Whether an entry of `orderList` says that its order was not made, and has no sign that it was."""
        texts = (order.get("resultCode"), order.get("message"))
        failed = order.get("success") is False or any(str(each or "") not in _NOTHING for each in texts)
        return failed and not any(self.kinds(order))

    def _without_ids(self, text: str) -> str:
        plain = unicodedata.normalize("NFKC", text)
        return _SPEC_ID.sub(" ", self._sent.sub(" ", plain) if self._sent else plain)


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _objects(content: Any) -> Iterator[list[tuple[str, Any]]]:
    """The fields of every object in a document, with normalised names."""
    for item in as_list(content) or ():
        yield from _objects(item)
    if fields := as_object(content):
        yield [(_folded(name), value) for name, value in fields.items()]
        for value in fields.values():
            yield from _objects(value)


def _amounts(content: Any) -> Iterator[Any]:
    """Values of amount fields of an order: by name, or in an entry of a list of orders."""
    for fields in _objects(content):
        for name, value in fields:
            if name in _AMOUNTS:
                yield value
            if name == "orderlist":
                for entry in _objects(value):
                    yield from (amount for each, amount in entry if _AMOUNT_OF_AN_ORDER.search(each))


def _is_true(value: Any) -> bool:
    return value is True or str(value).strip().lower() in {"true", "1", "y", "yes"}


def _is_amount(value: Any) -> bool:
    """Whether a field holds an amount; an unreadable value may be one."""
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, Decimal):
        return value != 0
    return re.fullmatch(r"[\s0.,]*", value) is None if isinstance(value, str) else bool(value)


def _names(content: Any) -> Iterator[str]:
    for item in as_list(content) or ():
        yield from _names(item)
    for name, value in (as_object(content) or {}).items():
        yield name
        yield from _names(value)


def _values(content: Any) -> Iterator[str]:
    """Every text and number in a document as text, without the ids of the call itself."""
    for item in as_list(content) or ():
        yield from _values(item)
    for name, value in (as_object(content) or {}).items():
        if name not in _OF_THE_CALL:
            yield from _values(value)
    if isinstance(content, str):
        yield content
    elif isinstance(content, Decimal):
        yield f"{content:f}"
