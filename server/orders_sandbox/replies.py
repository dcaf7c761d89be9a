"""The forms in which an endpoint can answer a request that passed the gate."""

from dataclasses import dataclass
from typing import TypeAlias

from orders_sandbox.json_text import Json


@dataclass(frozen=True)
class Data:
    """A success: what goes into the envelope's data."""

    value: Json


@dataclass(frozen=True)
class Page:
    """An HTML page in place of the envelope, as a gateway in front of the API would send it."""

    status: int
    html: str


@dataclass(frozen=True)
class Cut:
    """A 200 that announces this many bytes of body and sends none before the connection ends."""

    promised_bytes: int


@dataclass(frozen=True)
class Half:
    """A success whose body ends in the middle, and the connection with it."""

    value: Json


@dataclass(frozen=True)
class Silence:
    """No answer at all until the caller gives up."""


Reply: TypeAlias = Data | Page | Cut | Half | Silence
