"""Logs as JSON lines on standard error, each with the id of its request."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any

from orders_server.app.standard_error import log_to_standard_error

request_id: ContextVar[str] = ContextVar("request_id", default="")
_LONGEST = 300


def log_json_lines() -> None:
    """Log JSON lines from now on: all warnings, and each request."""
    log_to_standard_error(JsonLines())
    logging.getLogger("orders_server.http").setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """A record as one line of ASCII; for an exception its type and places, never its text, which may hold values."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST],
        }
        if current := request_id.get():
            line["request_id"] = current
        line.update(getattr(record, "fields", {}))
        if record.exc_info and (error := record.exc_info[1]):
            line["exception"] = type(error).__name__
            line["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
        return json.dumps(line)
