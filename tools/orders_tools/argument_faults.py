"""Faults of a call's arguments: each with its path, and an unknown name with the nearest that is known."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from orders_tools.faults import ArgumentFault


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[ArgumentFault]:
    """What `error` says of a call that was read as `model`, each fault once."""
    found: dict[tuple[str, str], ArgumentFault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        # An address is a whole one or a name: pydantic names the branch in the path, and only the first one counts.
        steps = list(detail["loc"])
        if steps[:1] == ["address"] and len(steps) > 1 and steps.pop(1) == "str":
            continue
        fault = ArgumentFault(_path(steps), *_named(detail["type"], detail.get("ctx", {}), steps, model))
        found.setdefault((fault.path, fault.problem), fault)
    return list(found.values())


def _path(steps: list[int | str]) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "(arguments)"


_TYPE_PROBLEMS = {
    "missing": "missing",
    "list_type": "not_a_list",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
}


def _named(
    kind: str, context: Mapping[str, Any], steps: list[int | str], model: type[BaseModel]
) -> tuple[str, dict[str, Any]]:
    if kind == "problem":
        return context["name"], {key: value for key, value in context.items() if key != "name"}
    if kind == "extra_forbidden":
        return "unknown_name", {"nearest": get_close_matches(str(steps[-1]), _names_at(steps, model), 2, 0.5)}
    return _TYPE_PROBLEMS.get(kind, "not_readable"), {}


def _names_at(steps: list[int | str], model: type[BaseModel]) -> list[str]:
    """The names that the object at the end of a path may have."""
    for step in steps[:-1]:
        if isinstance(step, str):
            model = next(_models_in(model.model_fields[step].annotation))
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
