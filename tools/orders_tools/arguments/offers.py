"""What `find_offers` and `get_offer` take."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from orders_tools.arguments.base import ClosedArguments
from orders_tools.arguments.parsing import read_offer_id, read_page, read_price, required, text_line
from orders_tools.errors import ArgumentFault, ArgumentProblem

_PRICE = 'in CNY as text, such as "8.00"'
_Price = Annotated[int | None, BeforeValidator(read_price, json_schema_input_type=str)]


class FindArguments(ClosedArguments):
    keywords: Annotated[
        str,
        text_line(100, numbers=True),
        AfterValidator(required),
        Field(description="what to look for, best in Chinese", min_length=1),
    ]
    page: Annotated[int, BeforeValidator(read_page), Field(ge=1, le=1000, description="from 1")] = 1
    price_from: Annotated[_Price, Field(description=f"lowest price of a piece {_PRICE}")] = None
    price_to: Annotated[_Price, Field(description=f"highest price of a piece {_PRICE}")] = None

    @classmethod
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        try:
            lowest, highest = read_price(given.get("price_from")), read_price(given.get("price_to"))
        except PydanticCustomError:
            return
        if lowest is not None and highest is not None and lowest > highest:
            yield ArgumentFault("(arguments)", ArgumentProblem.PRICES_REVERSED)


class OfferArguments(ClosedArguments):
    offer_id: Annotated[
        str, BeforeValidator(read_offer_id), Field(description="1688 offer id as text, or the link of its page")
    ]
    matching: Annotated[
        str,
        text_line(100, numbers=True),
        Field(description="words that the SKU's attributes should hold, in Chinese or English, such as 白色 or white"),
    ] = ""
