"""Redacts a consignee's own name, numbers and street in other people's text before a model reads it.

Only text for the model is redacted. Text that is sent, stored, checked or shown to a person is unchanged.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

from orders_prompts.inert import is_han, is_wordlike, visible
from orders_tools.orders.model import Receiver
from orders_tools.purchase.model import Address, Basket, Value

REDACTED = "＊＊＊"
SHORTEST_NAME = 2
"""Characters of a name in Chinese, Japanese or Korean; a single one occurs in too many other words."""
SHORTEST_SPELT = 3
"""Letters of a name in an alphabetic script; it is only redacted as a separate word."""
SHORTEST_NUMBER = 7
"""Digits of a mobile or landline number; anything shorter is a quantity, a price or a post code."""
SHORTEST_STREET = 4
_LONG_NUMBER = 10
"""This many digits are no coincidence, whatever is beside them, such as a country code."""
_TITLE = re.compile(r"\s*(?:先生|女士|小姐)$")
_EAST_ASIAN_LETTERS = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\uac00-\ud7a3]")
_OWN_HANDLES = frozenset({"purchase_ref"})
"""Details that are handles of this server."""

Content = TypeVar("Content")


@dataclass(frozen=True)
class Redactions:
    """Values to redact in text from outside. They are found in any spelling: other widths, with blanks, points or
    dashes inside, in another case, with or without accents, with a country code.

    Places as large as a town, post codes and district codes are not redacted: they identify nobody. `exempt` are ids
    that the caller gave, which are never redacted.
    """

    values: frozenset[str] = frozenset()
    exempt: frozenset[str] = frozenset()

    def with_person(self, person: Address | Receiver | None) -> "Redactions":
        """These redactions, extended by the values of `person`."""
        return Redactions(self.values | set(_values_of(person)), self.exempt) if person else self

    def redact_text(self, text: str) -> str:
        """`text` with "＊＊＊" in place of each value; unchanged if it contains none."""
        if not self.values or text in self.exempt:
            return text
        seen = visible(text)
        letters, places = _fold_with_positions(seen)
        spans = sorted(span for value in self.values for span in _spans(value, letters, places, seen))
        if not spans:
            return text
        pieces: list[str] = []
        end = 0
        for start, stop in spans:
            if start >= end:
                pieces += [seen[end:start], REDACTED]
            end = max(end, stop)
        return "".join((*pieces, seen[end:]))

    def redact(self, content: Content) -> Content:
        """A copy of a record, list or mapping in which every free text is redacted."""
        return cast("Content", self._redact(content))

    def _redact(self, content: Any) -> Any:
        if isinstance(content, str):
            return content if isinstance(content, Enum) else self.redact_text(content)
        if isinstance(content, Mapping):
            details = cast("Mapping[str, Any]", content)
            return {name: each if name in _OWN_HANDLES else self._redact(each) for name, each in details.items()}
        if isinstance(content, tuple | list):
            several = [self._redact(each) for each in cast("Iterable[Any]", content)]
            return tuple(several) if isinstance(content, tuple) else several
        if isinstance(content, Value):
            free = _free_text_fields(type(content))
            return content.model_copy(update={name: self._redact(getattr(content, name)) for name in free})
        return content


NO_REDACTIONS = Redactions()
"""For the person who approves: the dialog and the terminal show everything."""


def redactions_for(
    consignees: Mapping[str, Address], address: Address | None = None, basket: Basket | None = None
) -> Redactions:
    """The values to redact for a purchase of `basket` for `address`; the named consignees are always among them."""
    lines = basket.lines if basket else ()
    own = [given for line in lines for given in (line.offer_id, line.spec_id, line.seller_open_id)]
    own += [basket.purchase_ref, basket.flow, basket.ali_id] if basket else []
    people = (*consignees.values(), *filter(None, (address,)))
    values = frozenset(value for person in people for value in _values_of(person))
    return Redactions(values, frozenset(filter(None, own)))


@cache
def _free_text_fields(record: type[Value]) -> tuple[str, ...]:
    return tuple(name for name, field in record.model_fields.items() if _is_free_text(field.annotation))


def _is_free_text(annotation: Any) -> bool:
    """Whether a field can hold free text, or records with free text; a closed set of our own words cannot."""
    if get_origin(annotation) is Literal:
        return False
    if isinstance(annotation, type) and issubclass(annotation, str | Value) and not issubclass(annotation, Enum):
        return True
    return annotation is dict or any(map(_is_free_text, get_args(annotation)))


def _values_of(person: Address | Receiver) -> list[str]:
    """The values to redact for one person, normalised."""
    if isinstance(person, Address):
        names, numbers, streets = [person.full_name], [person.mobile, person.phone], [person.street]
        places = (person.province, person.city, person.area, person.town)
    else:
        names, numbers, streets = [person.name, *person.names], [person.mobile, *person.numbers], person.streets
        places = tuple(person.region.split())
    values = [_fold(written) for name in names for written in (name, _TITLE.sub("", name))]
    values = [value for value in values if len(value) >= (SHORTEST_NAME if _ideographic(value) else SHORTEST_SPELT)]
    values += [value for street in streets for value in _streets(street, places) if len(value) >= SHORTEST_STREET]
    values += [digits for number in numbers for digits in _numbers(number)]
    return [value for value in values if not value.isdecimal() or len(value) >= SHORTEST_NUMBER]


def _streets(street: str, places: Iterable[str]) -> Iterator[str]:
    """A street as written, and without the place names that it may begin with."""
    left = _fold(street)
    yield left
    for place in places:
        left = left.removeprefix(_fold(place))
        yield left


def _numbers(number: str) -> Iterator[str]:
    """Every run of a number's groups: with and without country code, area code, extension."""
    groups = re.findall(r"\d+", unicodedata.normalize("NFKC", number))
    for first in range(len(groups)):
        for end in range(first + 1, len(groups) + 1):
            yield "".join(groups[first:end])
    digits = "".join(groups)
    if len(digits) > 11:
        yield digits[-11:]


def _spans(value: str, letters: str, places: list[int], text: str) -> Iterator[tuple[int, int]]:
    """The positions of `value` in `text`, whose normalised letters are `letters`."""
    start = letters.find(value)
    while start >= 0:
        end = start + len(value)
        first, last = places[start], places[end - 1]
        if _stands_alone(value, text[first - 1 : first], text[last + 1 : last + 2]):
            yield first, last + 1
        start = letters.find(value, start + 1)


def _stands_alone(value: str, before: str, after: str) -> bool:
    """Whether a value between these two characters is not part of a longer word or number."""
    if value.isdecimal():
        return len(value) >= _LONG_NUMBER or not (before.isdecimal() or after.isdecimal())
    return not (_continues(before, value[0]) or _continues(value[-1], after))


def _continues(left: str, right: str) -> bool:
    return is_wordlike(left) and is_wordlike(right) and not (_ideographic(left) or _ideographic(right))


def _ideographic(text: str) -> bool:
    return bool(_EAST_ASIAN_LETTERS.search(text)) or any(map(is_han, text))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", character).casefold() if is_wordlike(each))


def _fold(text: str) -> str:
    return "".join(map(_fold_character, visible(text)))


def _fold_with_positions(text: str) -> tuple[str, list[int]]:
    """The normalised letters and digits of `text`, and for each the position of its character."""
    folded = [_fold_character(character) for character in text]
    places = [place for place, letters in enumerate(folded) for _ in letters]
    return "".join(folded), places
