"""Schemas that libraries make and check anew for each server and each client, made and checked once in a run."""

import copy
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from jsonschema.validators import Draft202012Validator
from mcp.server.mcpserver.tools import base
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from pydantic import TypeAdapter


@contextmanager
def each_schema_once() -> Generator[None]:
    """While the block runs, equal schemas are checked once, and those of one type made once.

    A client checks the output schema of each tool that it calls, a server makes four: of a small test that was half.
    """
    with pytest.MonkeyPatch.context() as patch:
        _check_once(patch)
        _make_once(patch)
        _read_signatures_once(patch)
        yield


def _check_once(patch: pytest.MonkeyPatch) -> None:
    check = Draft202012Validator.check_schema
    sound: set[str] = set()

    def check_schema(schema: Any, **named: Any) -> None:
        written = json.dumps(schema, default=repr)
        if written not in sound:
            check(schema, **named)
            sound.add(written)

    patch.setattr(Draft202012Validator, "check_schema", staticmethod(check_schema))


def _read_signatures_once(patch: pytest.MonkeyPatch) -> None:
    read: Callable[..., FuncMetadata] = getattr(base, "func_metadata")  # noqa: B009
    known: dict[tuple[str, str], FuncMetadata] = {}

    def func_metadata(function: Callable[..., Any], **named: Any) -> FuncMetadata:
        key = f"{function.__module__}.{function.__qualname__}", repr(named)
        if key not in known:
            known[key] = read(function, **named)
        return known[key].model_copy()

    patch.setattr(base, "func_metadata", func_metadata)


def _make_once(patch: pytest.MonkeyPatch) -> None:
    make: Callable[..., dict[str, Any]] = TypeAdapter[Any].json_schema
    made: dict[tuple[int, str], tuple[object, dict[str, Any]]] = {}

    def json_schema(adapter: TypeAdapter[Any], **named: Any) -> dict[str, Any]:
        # The core schema is kept beside what was made of it, so that no other can get its id.
        key = id(adapter.core_schema), repr(named)
        if key not in made:
            made[key] = adapter.core_schema, make(adapter, **named)
        return copy.deepcopy(made[key][1])

    patch.setattr(TypeAdapter, "json_schema", json_schema)
