"""What libraries make and check anew for each server and each client, made and checked once in a run."""

import copy
import json
import os
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pydantic.main
import pytest
from jinja2 import Environment
from jsonschema.validators import Draft202012Validator
from mcp.server.mcpserver.prompts import base as prompts_base
from mcp.server.mcpserver.tools import base as tools_base
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from pydantic import BaseModel, TypeAdapter


@contextmanager
def each_schema_once() -> Generator[None]:
    """While the block runs, equal schemas are checked once, those of one type made once, authorities read once.

    A client checks the output schema of each tool that it calls, a server makes four: of a small test that was half.
    A client of HTTP reads all authorities of the web, though tests speak to this machine alone, and an operator's
    folder of texts lets all of ours be compiled anew.
    """
    with pytest.MonkeyPatch.context() as patch:
        _check_once(patch)
        _make_once(patch)
        _read_signatures_once(patch)
        _read_authorities_once(patch)
        _compile_texts_once(patch)
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
    for room in (tools_base, prompts_base):
        read: Callable[..., FuncMetadata] = getattr(room, "func_metadata")  # noqa: B009
        patch.setattr(room, "func_metadata", _once_for_each_function(read))


def _once_for_each_function(read: Callable[..., FuncMetadata]) -> Callable[..., FuncMetadata]:
    known: dict[tuple[str, str], FuncMetadata] = {}

    def func_metadata(function: Callable[..., Any], **named: Any) -> FuncMetadata:
        key = f"{function.__module__}.{function.__qualname__}", repr(named)
        if key not in known:
            known[key] = read(function, **named)
        return known[key].model_copy()

    return func_metadata


def _read_authorities_once(patch: pytest.MonkeyPatch) -> None:
    for transports in ("httpx._transports.default", "httpx2._transports.default"):
        make: Callable[..., ssl.SSLContext] = getattr(import_module(transports), "create_ssl_context")  # noqa: B009
        patch.setattr(f"{transports}.create_ssl_context", _with_the_usual_ones_kept(make))


def _with_the_usual_ones_kept(make: Callable[..., ssl.SSLContext]) -> Callable[..., ssl.SSLContext]:
    usual: dict[tuple[object, ...], ssl.SSLContext] = {}

    def create_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert:
            return make(verify=verify, cert=cert, trust_env=trust_env)
        key = trust_env, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        if key not in usual:
            usual[key] = make(trust_env=trust_env)
        return usual[key]

    return create_ssl_context


def _compile_texts_once(patch: pytest.MonkeyPatch) -> None:
    compiled: Callable[..., Any] = Environment.compile
    known: dict[tuple[object, ...], Any] = {}

    def compile_once(
        environment: Environment, source: Any, name: Any = None, filename: Any = None, **named: Any
    ) -> Any:
        key = type(environment), source, name, filename, repr(named)
        if key not in known:
            known[key] = compiled(environment, source, name, filename, **named)
        return known[key]

    patch.setattr(Environment, "compile", compile_once)


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
    describe: Callable[..., dict[str, Any]] = getattr(pydantic.main, "model_json_schema")  # noqa: B009
    described: dict[tuple[type[BaseModel], str], dict[str, Any]] = {}

    def model_json_schema(model: type[BaseModel], **named: Any) -> dict[str, Any]:
        key = model, repr(named)
        if key not in described:
            described[key] = describe(model, **named)
        return copy.deepcopy(described[key])

    patch.setattr("pydantic.main.model_json_schema", model_json_schema)
