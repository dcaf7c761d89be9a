"""Every id that the sandbox gives out, all derived from the seed."""

from hashlib import md5

_STEP = 7919


def hex_digest(text: str) -> str:
    """32 lower-case hex digits derived from the text."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def number_below(limit: int, text: str) -> int:
    """A number from 0 to limit - 1 derived from the text."""
    return int(hex_digest(text), 16) % limit


def request_id(seed: int, number: int) -> str:
    """The envelope's requestId of the number-th request, 32 hex digits (CONTRACT 2.4)."""
    return hex_digest(f"request {seed} {number}")


def develop_id(seed: int) -> str:
    """The envelope's developId, 19 digits (CONTRACT 2.4)."""
    return str(10**18 + number_below(10**17, f"developer {seed}"))


def order_id(seed: int, sequence: int) -> str:
    """The id of the sandbox's sequence-th order: 19 digits, the last six the same for the whole account as on 1688.

    The last digit is odd, so a client that converts the id to a double always damages it (CONTRACT 9.4).
    """
    return _order_number(seed, sequence, 0)


def sub_item_id(seed: int, sequence: int, index: int, lines: int) -> str:
    """The id of an order's line: the order's own id if it has one line, otherwise the next ids, as in 1688's sample."""
    return _order_number(seed, sequence, 0 if lines == 1 else index + 1)


def phase_id(order: str) -> int:
    """The id of an order's payment phase."""
    return int("9" + order[4:])


def _order_number(seed: int, sequence: int, offset: int) -> str:
    start = 2_200_000_000_000 + number_below(10**11, f"orders {seed}")
    account = (100_000 + number_below(900_000, f"account {seed}")) | 1
    return f"{start + sequence * _STEP + offset}{account}"
