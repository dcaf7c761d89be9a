"""A plugin of pytest that prints what it calls each test: its own list breaks where a name holds the end of a line."""

import json

import pytest

MARK = "names of the tests: "
_names: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    _names.extend(item.nodeid for item in items)


def pytest_unconfigure() -> None:
    print(MARK + json.dumps(_names))
