"""Reads typed fields out of a JSON body and names the one that is wrong."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from orders_sandbox.json_text import Json, JsonObject
from orders_sandbox.refusals import wrong_parameter


class Fields:
    """One JSON object and its path. A null field always counts as absent."""

    def __init__(self, values: JsonObject, path: str = "") -> None:
        self._values = values
        self._path = path

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, longest: int | None = None) -> str | None:
        """The text, or None when absent; `longest` counts characters."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or (longest is not None and len(value) > longest):
            raise wrong_parameter(self._at(name))
        return value

    def required_text(self, name: str, longest: int | None = None) -> str:
        """The text, refused when absent or blank."""
        value = self.text(name, longest)
        if value is None or not value.strip():
            raise wrong_parameter(self._at(name))
        return value

    def whole(self, name: str, least: int, most: int) -> int | None:
        """The whole number, 2.0 included (CONTRACT 3.1 prints quantities so), or None when absent."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not least <= value <= most:
            raise wrong_parameter(self._at(name))
        if value != int(value):
            raise wrong_parameter(self._at(name))
        return int(value)

    def required_whole(self, name: str, least: int, most: int) -> int:
        """The whole number, refused when absent."""
        value = self.whole(name, least, most)
        if value is None:
            raise wrong_parameter(self._at(name))
        return value

    def flag(self, name: str) -> bool:
        """The truth value, False when absent."""
        value = self._values.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise wrong_parameter(self._at(name))
        return value

    def identifier(self, name: str) -> str | None:
        """An id as digits, sent as text or as a number (CONTRACT 9.4), or None when absent."""
        value = self._values.get(name)
        return None if value is None else self._digits(value, self._at(name))

    def identifiers(self, name: str) -> tuple[str, ...] | None:
        """A list of ids as digits, or None when absent."""
        items = self._list(name)
        if items is None:
            return None
        return tuple(self._digits(item, f"{self._at(name)}[{index}]") for index, item in enumerate(items))

    def record(self, name: str) -> "Fields":
        """The object of that name, refused when absent."""
        value = self._values.get(name)
        if not isinstance(value, Mapping):
            raise wrong_parameter(self._at(name))
        return Fields(value, self._at(name))

    def records(self, name: str, most: int) -> list["Fields"]:
        """The list of objects of that name, refused when absent, empty or longer than `most`."""
        items = self._list(name)
        if not items or len(items) > most:
            raise wrong_parameter(self._at(name))
        found: list[Fields] = []
        for index, item in enumerate(items):
            path = f"{self._at(name)}[{index}]"
            if not isinstance(item, Mapping):
                raise wrong_parameter(path)
            found.append(Fields(item, path))
        return found

    def _list(self, name: str) -> Sequence[Json] | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            raise wrong_parameter(self._at(name))
        return value

    @staticmethod
    def _digits(value: Json, path: str) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return str(value)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return value
        raise wrong_parameter(path)
