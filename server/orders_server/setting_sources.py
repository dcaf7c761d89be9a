"""Where settings come from: the environment of this process, or the one file that it names. `.env` of the working
folder may be a stranger's, so it counts for harmless names alone, and for none once credentials are set."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from stat import S_ISREG

from orders_server.ownership import is_trusted, others_write

PREFIX = "XPORTCN_"
FILE_VARIABLE = f"{PREFIX}ENV_FILE"
_ENVIRONMENT = "the environment"
_FOLDER_FILE = ".env"
_MOST_BYTES = 65_536
_PLACEHOLDER = re.compile(r"\$[A-Z][A-Z0-9_]+|%[A-Z][A-Z0-9_]+%|\{\{?\s*[A-Za-z][A-Za-z0-9_.: ]*\}?\}")
"""What other hosts write beside ${...}: $NAME, %NAME%, {env:NAME}, {{NAME}}; as a whole value alone."""
_MOST_UNKNOWN = 5
"""Lines about names in a stranger's file that are no settings."""


class _UnusableFile(Exception):
    """A file from which settings cannot be read; the text says why."""


@dataclass(frozen=True)
class Rules:
    """What a source may set. `names` are all the settings; each is dangerous unless it is in `harmless`."""

    names: Collection[str]
    harmless: Collection[str]
    """May come from `.env`, and from the environment beside a named file."""
    credentials: Collection[str]
    blank_if_unexpanded: Collection[str]
    """Count as not set where a host left a placeholder as the value; any other left so is a fault."""
    may_be_empty: Collection[str] = ()
    """An empty value is one; any other that is empty counts as not set."""


@dataclass
class RawSettings:
    """Unparsed settings: texts by name, their source, and notes and faults about them."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    place: str = _ENVIRONMENT
    notes: list[str] = field(default_factory=list[str])
    """A line for each variable that is ignored."""
    faults: list[str] = field(default_factory=list[str])
    unusable: set[str] = field(default_factory=set[str])
    """Settings with a fault, which therefore have no value."""


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return PREFIX + name.upper()


def gather_settings(rules: Rules, environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> RawSettings:
    """The settings in the environment, the file it names and the `.env` in `folder`. Faults are not raised."""
    given = RawSettings()
    own = _own_values(rules, environment, _ENVIRONMENT, given)
    named, fault = _unwrap(environment.get(FILE_VARIABLE, ""))
    if fault:
        given.faults.append(f"{FILE_VARIABLE}: {fault}")
    if named:
        given.place = os.path.expanduser(named)
        given.values = _read_named_file(rules, own, given)
    else:
        given.values = own
    _add_folder_file(rules, folder / _FOLDER_FILE, bool(named), given)
    return given


def _read_named_file(rules: Rules, own: dict[str, str], given: RawSettings) -> dict[str, str]:
    """The file's settings with the harmless ones of the environment; others beside the file are a fault."""
    if doubled := [variable(name) for name, text in own.items() if text and name not in rules.harmless]:
        given.faults.append(
            f"{', '.join(doubled)} in the environment beside {FILE_VARIABLE}: settings come from one place, "
            f"so move this into {given.place} or unset {FILE_VARIABLE}"
        )
    try:
        content = _read_file(Path(given.place), trusted=True)
    except _UnusableFile as error:
        given.faults.append(f"{FILE_VARIABLE}: {given.place} {error}")
        return own
    if content is None:
        given.faults.append(f"{FILE_VARIABLE}: {given.place} is no file")
        return own
    beside = {name: text for name, text in own.items() if name in rules.harmless}
    return _own_values(rules, content, given.place, given) | beside


def _add_folder_file(rules: Rules, path: Path, named: bool, given: RawSettings) -> None:
    """Add the harmless settings of `.env` if nothing is bought for real, and note which are ignored."""
    if named and _is_same(path, Path(given.place)):
        return
    try:
        content = _read_file(path, trusted=False)
    except _UnusableFile as error:
        given.notes.append(f"{_FOLDER_FILE} {error} and is ignored")
        return
    why_none = (
        f"{FILE_VARIABLE} names another file"
        if named
        else "nothing in it counts where credentials are set"
        if any(name in given.values for name in rules.credentials)
        else ""
    )
    usable: dict[str, str] = {}
    for name in rules.names:
        if variable(name) not in (content or {}):
            continue
        if name not in rules.harmless:
            given.notes.append(
                f"{variable(name)} in {_FOLDER_FILE} is ignored: "
                f"set it in the environment, or in a file that {FILE_VARIABLE} names"
            )
        elif why_none:
            given.notes.append(f"{variable(name)} in {_FOLDER_FILE} is ignored: {why_none}")
        else:
            usable[variable(name)] = (content or {})[variable(name)]
    given.notes += _unknown_notes(rules, content or {}, f" in {_FOLDER_FILE}")[:_MOST_UNKNOWN]
    for name, text in _values(rules, usable, f" in {_FOLDER_FILE}", given).items():
        given.values.setdefault(name, text)


def _own_values(rules: Rules, content: Mapping[str, str], place: str, given: RawSettings) -> dict[str, str]:
    where = "" if place == _ENVIRONMENT else f" in {place}"
    given.notes += _unknown_notes(rules, content, where, but=FILE_VARIABLE if place == _ENVIRONMENT else None)
    return _values(rules, content, where, given)


def _values(rules: Rules, content: Mapping[str, str], where: str, given: RawSettings) -> dict[str, str]:
    """The settings in `content` that say something, without what hosts and editors leave round a value."""
    values: dict[str, str] = {}
    for name in rules.names:
        text, fault = _unwrap(content.get(variable(name), ""))
        if fault and name in rules.blank_if_unexpanded and _is_unexpanded(text):
            given.notes.append(f"{variable(name)}{where} counts as not set: it {fault}")
        elif fault:
            given.unusable.add(name)
            given.faults.append(f"{variable(name)}{where}: {fault}")
        elif text or (name in rules.may_be_empty and variable(name) in content):
            values[name] = text
    return values


def _unwrap(text: str) -> tuple[str, str | None]:
    """`text` without outer blanks, line ends and a pair of quotation marks, and what is wrong with the rest."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    if _is_unexpanded(text):
        left = "holds ${...}" if "${" in text else "is a placeholder"
        return text, f"still {left}, which whoever started this process was to replace"
    if text[:1] in ("'", '"') or text[-1:] in ("'", '"'):
        return text, "has a quotation mark at one end"
    return text, None


def _is_unexpanded(text: str) -> bool:
    return "${" in text or _PLACEHOLDER.fullmatch(text) is not None


def _unknown_notes(rules: Rules, content: Mapping[str, str], where: str, but: str | None = None) -> list[str]:
    """A line for each variable with our prefix that is not a setting, with the nearest one."""
    known = [variable(name) for name in rules.names]
    lines: list[str] = []
    for name in sorted(content):
        # Names in a file may hold anything, and these lines go to a terminal.
        if name in known or name == but or not re.fullmatch(rf"(?i:{PREFIX})[A-Za-z0-9_]{{1,40}}", name):
            continue
        nearest = get_close_matches(name.upper(), known, 1)
        lines.append(
            f"{name}{where} is no setting and is ignored" + (f"; did you mean {nearest[0]}?" if nearest else "")
        )
    return lines


def _read_file(path: Path, *, trusted: bool) -> dict[str, str] | None:
    """The variables in a file, as written; None if there is no such file."""
    if trusted and not path.is_absolute():
        raise _UnusableFile("has to be a whole path: the working folder may be anybody's")
    try:
        info = path.stat()
        if not S_ISREG(info.st_mode):
            return None
        if trusted and (not is_trusted(info) or others_write(info)):
            raise _UnusableFile(
                "can be written by other users: it has to be yours, and chmod go-w makes it yours alone"
            )
        if info.st_size > _MOST_BYTES:
            raise _UnusableFile(f"is larger than {_MOST_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _UnusableFile(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _UnusableFile("is not UTF-8 text") from None
    from dotenv import dotenv_values  # only then is it needed before the first reply

    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
