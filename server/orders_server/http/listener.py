"""The listening address, resolved once, so that the address that was checked is the one that is bound."""

import os
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any


class CannotServe(Exception):
    """The server cannot or must not listen there; the text says why in one line."""


@dataclass(frozen=True)
class Place:
    """An address to listen at, and the host that was asked for."""

    asked: str
    family: socket.AddressFamily
    address: tuple[Any, ...]

    @property
    def ip(self) -> IPv4Address | IPv6Address:
        return ip_address(str(self.address[0]).partition("%")[0])

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.ip.is_loopback

    @property
    def is_everywhere(self) -> bool:
        """Whether it means every address of this machine."""
        return self.ip.is_unspecified


def place(host: str, port: str | int) -> Place:
    """The address of `host`; an IPv4 one if it has both.

    Raises:
        CannotServe: there is no such address, or no such port.
    """
    if not re.fullmatch(r"[0-9]{1,5}", str(port)) or int(port) > 65535:
        raise CannotServe(f"cannot listen on port {port}: a port is a number from 0 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise CannotServe(f"cannot listen on {host!r}: it is no address of this machine")
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return Place(host, family, address)


def listen(place: Place) -> socket.socket:
    """A listening socket with TCP_NODELAY: otherwise an answer in two writes would wait 40 ms for an ACK.

    Raises:
        CannotServe: the port is in use, or the address belongs to another machine.
    """
    try:
        listener = socket.create_server(place.address, family=place.family)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        raise CannotServe(f"cannot listen on {place.asked}, port {place.address[1]}: {why}") from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url_host(host: str) -> str:
    """`host` as it is written in a web address and in a Host header."""
    return f"[{host}]" if ":" in host else host
