"""Closed arguments: what they do not know is refused, and every fault of a call is told at once."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orders_prompts.inert import PLAIN_ID
from orders_tools.arguments.faults import faults_of
from orders_tools.arguments.parsing import code
from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments

PurchaseRef = Annotated[str, code(rf"(?=.{{1,40}}\Z){PLAIN_ID}", ArgumentProblem.NOT_A_REFERENCE)]


class ClosedArguments(BaseModel):
    """Arguments that refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        """What is wrong with `given` across its fields; told beside the faults of single ones."""
        yield from ()


_Arguments = TypeVar("_Arguments", bound=ClosedArguments)


def read_arguments(
    model: type[_Arguments], given: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> _Arguments:
    """`given` as `model`.

    Raises:
        InvalidArguments: with every fault of the call, each with its path.
    """
    across = list(model.cross_field_faults(given))
    try:
        read = model.model_validate(dict(given), context=dict(context or {}))
    except ValidationError as error:
        raise InvalidArguments([*faults_of(error, model), *across]) from None
    if across:
        raise InvalidArguments(across)
    return read
