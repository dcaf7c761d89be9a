"""The settings that name where people and other systems are told of a purchase; they are secrets."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_core import PydanticCustomError

from orders_server.web_addresses import THIS_MACHINE, is_web_address

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
"""A comma inside an address, as in a list of mail recipients, separates none."""
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://\S+")


def split_addresses(text: str) -> list[str]:
    """The addresses in `text`, which blanks or commas separate."""
    return [part.strip(" \t\r\n,") for part in _BETWEEN.split(text.strip(" \t\r\n,"))]


def scheme_of(address: str) -> str:
    """The scheme of an address: all of it that may be logged."""
    match = _ADDRESS.fullmatch(address)
    return match["scheme"].lower() if match else ""


def notice_addresses(value: SecretStr) -> SecretStr:
    """`value`, if each address in it can be one of Apprise's, and Apprise is installed.

    Raises:
        PydanticCustomError: naming the first address that is none by its place, and never by its text.
    """
    for number, address in enumerate(split_addresses(value.get_secret_value()), start=1):
        if not scheme_of(address):
            raise PydanticCustomError(
                "notify", "address {number} has to be one of Apprise's, such as ntfy://topic", {"number": number}
            )
    if find_spec("apprise") is None:
        raise PydanticCustomError("notify", "needs Apprise: pip install 'xportcn-orders[notify]'")
    return value


def hook_address(value: SecretStr) -> SecretStr:
    """`value`, if it is a web address that may be called with a purchase.

    Raises:
        PydanticCustomError: it is none, or would travel in clear to another machine.
    """
    text = value.get_secret_value()
    if not is_web_address(text) or not re.fullmatch(r"[!-~]+", text):
        raise PydanticCustomError("url", "has to be a web address such as https://approvals.example.com/orders")
    parts = urlsplit(text)
    if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
        raise PydanticCustomError("url", "has to be https, unless it is this machine")
    if "@" in parts.netloc or parts.fragment:
        raise PydanticCustomError("url", "may hold no user and no fragment: the signature says who calls")
    return value


def hook_secret(value: SecretStr) -> SecretStr:
    """`value`, if it is long enough to sign with.

    Raises:
        PydanticCustomError: it is short, or holds blanks.
    """
    if not re.fullmatch(r"[!-~]{32,512}", value.get_secret_value()):
        raise PydanticCustomError("hook_secret", "has to be 32 to 512 plain characters without blanks")
    return value
