"""Types of setting values; each fault says what the value has to be."""

import json
import os
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from orders_server.approval_demands import approval_demands
from orders_server.notice_addresses import hook_address, hook_secret, notice_addresses
from orders_server.ownership import is_trusted, others_write
from orders_server.upstream_paths import ORDERS, PRODUCTS, reading_path
from orders_server.web_addresses import api_address, is_host, is_origin, is_web_address, page_address

_SQLITE = "sqlite:///"


def store_file(store: str) -> Path:
    """The ledger's file in a value of `store`; it is a path and not a URL, so nothing is decoded."""
    return Path(os.path.expanduser(store.removeprefix(_SQLITE)))


def _text_check(is_right: Callable[[str], object], kind: str, fault: str) -> Callable[[Any], Any]:
    """A check for a text that `is_right`, without outer blanks; other values are left to their type."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not is_right(value.strip()):
            raise PydanticCustomError(kind, fault)  # pyright: ignore[reportArgumentType]
        return value.strip() if isinstance(value, str) else value

    return check


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _proxy(value: SecretStr) -> SecretStr:
    if not is_web_address(value.get_secret_value()):
        raise PydanticCustomError("url", "has to be a web address such as http://127.0.0.1:3128")
    return value


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{1,512}", value.get_secret_value()):
        raise PydanticCustomError("token", "has to be 1 to 512 letters, digits or any of . _ ~ + / = -")
    return value


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise PydanticCustomError("refusals", "has to be a JSON list of texts") from None


def _refusals(value: tuple[str, ...]) -> tuple[str, ...]:
    for entry in value:
        if len(entry.strip()) < 4 or entry.strip().startswith("系统繁忙"):
            raise PydanticCustomError(
                "refusals", "has to name messages by at least 4 characters; system busy proves nothing"
            )
    return tuple(entry.strip() for entry in value)


def _split_list(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(entry.strip().lower() for entry in value.split(",") if entry.strip())


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(is_host, value)):
        raise PydanticCustomError("hosts", "has to hold names or addresses, each with or without :port")
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(is_origin, value)):
        raise PydanticCustomError("origins", "has to hold http(s)://name[:port], without a path")
    return value


def _store(value: str) -> str:
    if not (value.startswith(_SQLITE) and _absolute_path(value.removeprefix(_SQLITE))):
        raise PydanticCustomError("store", "has to be sqlite:/// and a whole path, such as sqlite:////home/me/l.db")
    return value


def _check_path(value: Any) -> Any:
    if value is None:
        return None
    if (path := _absolute_path(str(value))) is None:
        raise PydanticCustomError("path", "has to be a whole path: the working folder may be anybody's")
    return path


def _absolute_path(text: str) -> Path | None:
    """The path in `text`, with `~` expanded; None if it depends on the working folder."""
    path = Path(os.path.expanduser(text))
    return path if path.is_absolute() and "\0" not in text else None


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise PydanticCustomError("folder", "is not a folder")
    return value


def _file(value: Path) -> Path:
    if not value.is_file():
        raise PydanticCustomError("file", "is not a file")
    return value


def _certificates(value: Path) -> Path:
    """Whoever can write this file can read every call, so it has to be as safe as the credentials."""
    try:
        info = value.stat()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=value)
    except OSError:  # a fault of TLS is one too
        raise PydanticCustomError("certificates", "is not a file of certificates (PEM) that can be read") from None
    if not is_trusted(info) or others_write(info):
        raise PydanticCustomError("certificates", "can be written by other users: chmod go-w makes it yours alone")
    return value


_A_WORD = _text_check(
    re.compile(r"[A-Za-z0-9_.:-]{1,64}").fullmatch, "word", "has to be 1 to 64 letters, digits, _ . : or -"
)
_A_LANGUAGE = _text_check(
    re.compile(r"[a-z]{2}").fullmatch, "language", "has to be a language in two letters, such as en"
)
_A_CREDENTIAL = _text_check(
    re.compile(r"[!-~]{1,256}").fullmatch, "credential", "has to be 1 to 256 plain characters without blanks"
)

Credential = Annotated[str, BeforeValidator(_A_CREDENTIAL)]
SecretCredential = Annotated[SecretStr, BeforeValidator(_A_CREDENTIAL)]
ApiAddress = Annotated[str, AfterValidator(api_address)]
ApprovalDemands = Annotated[str, BeforeValidator(_stripped), AfterValidator(approval_demands)]
PageAddress = Annotated[str, AfterValidator(page_address)]
ReadingPath = Annotated[str, AfterValidator(lambda value: reading_path(value, ORDERS))]
ProductPath = Annotated[str, AfterValidator(lambda value: reading_path(value, PRODUCTS))]
ProductPathOrNone = Annotated[str, AfterValidator(lambda value: value and reading_path(value, PRODUCTS))]
TranslatedInto = Annotated[str, BeforeValidator(_A_LANGUAGE)]
Word = Annotated[str, BeforeValidator(_A_WORD)]
"""A name of the API's, which travels as it stands."""
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
Token = Annotated[SecretStr, AfterValidator(_token)]
NoticeAddresses = Annotated[SecretStr, AfterValidator(notice_addresses)]
HookAddress = Annotated[SecretStr, AfterValidator(hook_address)]
HookSecret = Annotated[SecretStr, AfterValidator(hook_secret)]
Refusals = Annotated[tuple[str, ...], BeforeValidator(_json), AfterValidator(_refusals)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_split_list), AfterValidator(_hosts)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_split_list), AfterValidator(_origins)]
StoreAddress = Annotated[str, AfterValidator(_store)]
WholePath = Annotated[Path, BeforeValidator(_check_path)]
Folder = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_folder)]
File = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_file)]
Certificates = Annotated[Path, BeforeValidator(_check_path), AfterValidator(_certificates)]
