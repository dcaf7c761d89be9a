"""Web addresses that settings may name."""

import re
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
_HOST = r"([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])"
_PORT = r"(:[1-9][0-9]{0,4})?"


def api_address(text: str) -> str:
    """The API's address `text` with scheme and host in lower case and without a final slash.

    Raises:
        PydanticCustomError: it is not a plain web address, or uses plain http to another machine.
    """
    if not is_web_address(text):
        raise PydanticCustomError("url", "has to be a web address such as https://www.xportcn.com/api")
    parts = urlsplit(text)
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        raise PydanticCustomError("url", "may use plain http only to this machine: the signature protects no body")
    if "@" in parts.netloc or not re.fullmatch(r"(/[A-Za-z0-9_-]+)*/?", text.partition(parts.netloc)[2]):
        raise PydanticCustomError("url", "has to be host and plain path, without user, query or fragment")
    # One spelling, because it is part of the owner's name.
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}".rstrip("/")


def page_address(text: str) -> str:
    """The approval page's public address `text`, as an origin in lower case.

    Raises:
        PydanticCustomError: it is no origin, or a passkey could not be used under it.
    """
    if not is_web_address(text):
        raise PydanticCustomError("url", "has to be a web address such as https://orders.example.com")
    parts = urlsplit(text)
    if parts.scheme == "http" and parts.hostname != "localhost":
        raise PydanticCustomError("url", "has to be https, or http://localhost with a port")
    if not is_origin(text.rstrip("/").lower()):
        raise PydanticCustomError("url", "has to be scheme, host and port alone")
    # Browsers refuse passkeys under an address in numbers.
    if re.fullmatch(r"[0-9.]+|.*:.*", parts.hostname or ""):
        raise PydanticCustomError("url", "has to be a name: browsers use no passkeys under an address in numbers")
    return text.rstrip("/").lower()


def is_web_address(text: str) -> bool:
    """Whether it is http or https, with a host and, if any, a port that can be called."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_host(text: str) -> bool:
    """Whether it is a name or an address, with or without a port."""
    return bool(re.fullmatch(rf"{_HOST}{_PORT}", text))


def is_origin(text: str) -> bool:
    """Whether it is the origin of a web page, as browsers write it."""
    return bool(re.fullmatch(rf"https?://{_HOST}{_PORT}", text))
