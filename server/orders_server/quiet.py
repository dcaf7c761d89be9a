"""Libraries that would write personal data or whole addresses into a log at DEBUG or INFO are kept above that."""

import logging

_TALKATIVE = ("sqlalchemy", "httpx", "httpcore", "mcp")
"""They log statement parameters, request lines and whole messages, which hold the consignee."""


def quiet_libraries() -> None:
    """Keep them at WARNING, whatever level the process logs at."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
