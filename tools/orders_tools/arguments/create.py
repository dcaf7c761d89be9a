"""Arguments of `create_order`: the total that a person agreed to, and the token."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from orders_tools.arguments.base import ClosedArguments
from orders_tools.arguments.parsing import read_token, read_total


class CreateArguments(ClosedArguments):
    expected_total: Annotated[
        str,
        BeforeValidator(read_total),
        Field(description='totals.payable that the person agreed to, as text in CNY, such as "64.00"'),
    ]
    preview_token: Annotated[str, BeforeValidator(read_token), Field(description="from preview_order, copied exactly")]
