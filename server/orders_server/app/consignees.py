"""The operator's file of named addresses."""

import json
import tomllib
from pathlib import Path
from typing import Any, cast

from orders_server.settings import SettingsFault


def read_consignees(path: Path) -> dict[str, dict[str, Any]]:
    """The named addresses in a TOML or JSON file, unchecked.

    Raises:
        SettingsFault: the file is not TOML or JSON, or contains anything other than named tables.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsFault(f"XPORTCN_CONSIGNEES: {path.name} cannot be read: {type(error).__name__}") from None
    if not isinstance(content, dict):
        raise SettingsFault(f"XPORTCN_CONSIGNEES: {path.name} has to hold one table per consignee")
    named = cast("dict[str, Any]", content)
    if broken := [name for name, entry in named.items() if not isinstance(entry, dict)]:
        raise SettingsFault(f"XPORTCN_CONSIGNEES: {', '.join(broken)} has to be a table with the address's fields")
    return named
