"""Raises the log level of libraries that would log personal data or addresses at DEBUG or INFO."""

import logging

_TALKATIVE = ("sqlalchemy", "httpx", "httpcore", "mcp", "sse_starlette")
"""They log statement parameters, request lines and whole messages, which hold the consignee."""
_NOISY_WARNINGS = "mcp.server.transport_security"
"""It logs header values sent by strangers; over HTTP the line of the request has the status."""


def quiet_libraries() -> None:
    """Keep them at WARNING or above, whatever level the process logs at."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_NOISY_WARNINGS).setLevel(logging.ERROR)
