"""A picture for each offer and variant: small, in one colour derived from its number, and no real photograph."""

import struct
import zlib

from orders_sandbox.catalogue import CATALOGUE
from orders_sandbox.ids import hex_digest

_SIDE = 32
_NUMBERS = frozenset(
    number for offer in CATALOGUE.values() for number in (offer.offer_id, *(sku.sku_id for sku in offer.skus))
)


def picture(number: int) -> bytes:
    """The PNG of the offer or variant with that number; empty if there is none."""
    if number not in _NUMBERS:
        return b""
    colour = bytes.fromhex(hex_digest(f"picture {number}")[:6])
    rows = (b"\0" + colour * _SIDE) * _SIDE
    header = struct.pack(">2I5B", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
