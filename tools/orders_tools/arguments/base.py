"""Arguments without unknown names, and the function that reads them and reports all faults of a call at once."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from orders_prompts.inert import PLAIN_ID
from orders_tools.arguments.faults import faults_of
from orders_tools.arguments.parsing import code
from orders_tools.errors import ArgumentFault, ArgumentProblem, InvalidArguments

PurchaseRef = Annotated[str, code(rf"(?=.{{1,40}}\Z){PLAIN_ID}", ArgumentProblem.NOT_A_REFERENCE)]


class ClosedArguments(BaseModel):
    """Arguments that refuse unknown names."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def cross_field_faults(cls, given: Mapping[str, Any]) -> Iterator[ArgumentFault]:
        """Faults of `given` that concern several fields; reported beside those of single fields."""
        yield from ()


_Arguments = TypeVar("_Arguments", bound=ClosedArguments)


def read_arguments(
    model: type[_Arguments], given: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> _Arguments:
    """`given` as `model`.

    Raises:
        InvalidArguments: lists every fault of the call, each with its path.
    """
    across = list(model.cross_field_faults(given))
    try:
        read = model.model_validate(dict(given), context=dict(context or {}))
    except ValidationError as error:
        raise InvalidArguments([*faults_of(error, model), *across]) from None
    if across:
        raise InvalidArguments(across)
    return read
