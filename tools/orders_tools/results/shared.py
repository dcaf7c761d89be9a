"""Parts of several results: words, amounts and issues."""

from typing import Annotated

from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from orders_tools.money import YUAN_PATTERN
from orders_tools.vocabulary import Severity, UnreadPart

Words = str
"""Inert text. Words of the seller or the upstream are in 「」, as the server's instructions explain."""
MaybeYuan = TypeAliasType(
    "MaybeYuan",
    Annotated[str | None, Field(pattern=YUAN_PATTERN, description="CNY with two digits; null where it is not known")],
)


Unread = Annotated[list[UnreadPart], Field(description="what the API says of it and could not be read")]


class Issue(BaseModel):
    severity: Severity
    code: str
    message: Words
    offer_id: str | None = None
    remedy: Words | None = None
