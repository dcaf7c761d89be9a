"""A simulated Xportcn API: an ASGI application that shares no code with the client, so that it mirrors no mistake.

Importing this package loads neither Starlette nor uvicorn; `create_app` and `running` are loaded when first named.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from orders_sandbox.catalogue import CATALOGUE
from orders_sandbox.faults import FAULTS
from orders_sandbox.offers import Offer
from orders_sandbox.options import SandboxOptions
from orders_sandbox.switches import SWITCHES, Switches

if TYPE_CHECKING:
    from orders_sandbox.app import create_app
    from orders_sandbox.server import running, served

__all__ = [
    "CATALOGUE",
    "FAULTS",
    "SWITCHES",
    "Offer",
    "SandboxOptions",
    "Switches",
    "create_app",
    "running",
    "served",
]

_ROOMS = {
    "create_app": "orders_sandbox.app",
    "running": "orders_sandbox.server",
    "served": "orders_sandbox.server",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)
