"""A simulated Xportcn API: its own ASGI application, shared with no client, so that no mistake is mirrored.

Importing this package loads neither Starlette nor uvicorn; `create_app` and `running` are loaded when first named.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from orders_server.sandbox.catalogue import CATALOGUE
from orders_server.sandbox.faults import FAULTS
from orders_server.sandbox.offers import Offer
from orders_server.sandbox.options import SandboxOptions
from orders_server.sandbox.switches import SWITCHES, Switches

if TYPE_CHECKING:
    from orders_server.sandbox.app import create_app
    from orders_server.sandbox.serving import running, served

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
    "create_app": "orders_server.sandbox.app",
    "running": "orders_server.sandbox.serving",
    "served": "orders_server.sandbox.serving",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)
