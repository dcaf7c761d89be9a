"""Settings: read from the environment and `.env`, all faults told at once."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "XPORTCN_"
LIVE_BASE_URL = "https://www.xportcn.com/api"
"""CONTRACT 2.1."""
ONLY_FROM_ENVIRONMENT = frozenset({"approval", "templates", "refusals", "http_token", "http_hosts", "http_origins"})
"""Settings that decide who says yes, what the person reads, what proves that nothing was ordered, who may call."""
_HOST = r"([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])"
_PORT = r"(:[1-9][0-9]{0,4})?"
_CREDENTIALS = ("access_key", "access_secret", "user_id")


class SettingsFault(Exception):
    """The settings cannot be used; the text names every variable and what is wrong with it."""


class _OwnFile(DotEnvSettingsSource):
    """`.env` of the current folder, which may be a stranger's: it cannot say who approves or calls, or what proves."""

    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if name not in ONLY_FROM_ENVIRONMENT}


class Settings(BaseSettings):
    """What the operator sets. Without credentials the server uses its own sandbox."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        assert isinstance(dotenv_settings, DotEnvSettingsSource)
        own_file = _OwnFile(settings_cls, dotenv_settings.env_file, dotenv_settings.env_file_encoding)
        return init_settings, env_settings, own_file

    access_key: SecretStr | None = Field(None, description="the developer's key; the three credentials come together")
    access_secret: SecretStr | None = Field(None, description="the secret that signs each call")
    user_id: str | None = Field(None, description="the sub-account that buys")
    base_url: str = Field(LIVE_BASE_URL, description="address of the API; plain http only to this machine")
    ali_id: str | None = Field(None, description="the 1688 account that buys, where the developer has several")
    timestamp_unit: Literal["ms", "s"] = Field("ms", description="unit of the timestamp header")
    order_list_path: str = Field("/alibaba/ka/order/list", description="path of the order list")
    order_detail_path: str = Field("/alibaba/ka/order/detail", description="path of one order's details")
    order_history: bool = Field(
        True, description="whether old orders are asked for too (isHis), as 1688 keeps them apart"
    )
    flow: str = Field("fenxiaonew", description="ordering channel where a call names none; preview and create use it")
    trade_type: str | None = Field(None, description="trade type to use where 1688 allows it or says nothing")
    store: str | None = Field(
        None, description="sqlite:///path of the ledger; by default a file in the user's data folder"
    )
    preview_ttl: int = Field(900, ge=30, le=86400, description="seconds that a preview can be ordered")
    approval: Literal["ask", "host"] = Field(
        "ask", description="ask: a person answers here; host: the client's own dialog"
    )
    language: Literal["en", "zh"] = Field("en", description="language of the texts")
    templates: Path | None = Field(None, description="folder with templates that replace the built-in ones")
    consignees: Path | None = Field(None, description="TOML or JSON file of named addresses")
    note_reference: bool = Field(True, description="whether the reference also travels at the end of the buyer's note")
    reference_returned: bool = Field(
        True, description="whether orders come back with the reference sent; false: no look for it before each send"
    )
    key_file: Path | None = Field(
        None, description="file of the key that seals previews and approvals; by default in the user's settings folder"
    )
    refusals: tuple[str, ...] = Field(
        (), description='JSON list of beginnings of messages known to mean that no order was made, such as ["E123"]'
    )
    release_after: int = Field(
        86400,
        ge=3600,
        le=30 * 86400,
        description="seconds after which a person may release a send that was never found",
    )
    read_timeout: float = Field(15, gt=0, le=120, description="seconds that a preview or a read may take in all")
    max_reads: int = Field(6, ge=2, le=32, description="how many previews and reads may be on their way at once")
    proxy: SecretStr | None = Field(
        None, description="address of an http proxy to the API; those of the environment are not used"
    )
    create_timeout: float = Field(30, gt=0, le=120, description="seconds that a create call may take")
    http_token: SecretStr | None = Field(
        None, description="bearer token of `serve --http`, best 32 or more characters; needed where others can reach it"
    )
    http_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="more names it answers to, separated by commas, such as orders.example.com or 10.0.0.7:8765"
    )
    http_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="web pages that may call it (CORS), separated by commas, such as https://chat.example.com"
    )
    sandbox_generation: Literal["2025", "2026"] = Field("2026", description="form of the embedded sandbox's previews")

    @field_validator("order_list_path", "order_detail_path")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if not value.startswith("/"):
            raise PydanticCustomError("path", "has to start with a slash")
        return value

    @field_validator("base_url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
        except ValueError:
            raise PydanticCustomError("url", "is no web address") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or not _has_sane_port(value):
            raise PydanticCustomError("url", "has to be a web address such as https://www.xportcn.com/api")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise PydanticCustomError("url", "may use plain http only to this machine: the signature protects no body")
        return value.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_web_address(value.get_secret_value()):
            raise PydanticCustomError("url", "has to be a web address such as http://127.0.0.1:3128")
        return value

    @field_validator("access_key", "access_secret", "user_id", mode="before")
    @classmethod
    def _is_credential(cls, value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(r"[!-~]{1,256}", value.strip()):
            raise PydanticCustomError("credential", "has to be 1 to 256 plain characters without blanks")
        return value.strip() if isinstance(value, str) else value

    @field_validator("refusals")
    @classmethod
    def _are_refusals(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if len(entry.strip()) < 4 or entry.strip().startswith("系统繁忙"):
                raise PydanticCustomError(
                    "refusals", "has to name messages by at least 4 characters; system busy proves nothing"
                )
        return tuple(entry.strip() for entry in value)

    @field_validator("http_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{1,512}", value.get_secret_value()):
            raise PydanticCustomError("token", "has to be 1 to 512 letters, digits or any of . _ ~ + / = -")
        return value

    @field_validator("http_hosts", "http_origins", mode="before")
    @classmethod
    def _is_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(entry.strip().lower() for entry in value.split(",") if entry.strip())

    @field_validator("http_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(rf"{_HOST}{_PORT}", entry) for entry in value):
            raise PydanticCustomError("hosts", "has to hold names or addresses, each with or without :port")
        return value

    @field_validator("http_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(rf"https?://{_HOST}{_PORT}", entry) for entry in value):
            raise PydanticCustomError("origins", "has to hold http(s)://name[:port], without a path")
        return value

    @field_validator("store")
    @classmethod
    def _is_store(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sqlite:///"):
            raise PydanticCustomError("store", "has to be sqlite:/// and a path")
        return value

    @field_validator("templates")
    @classmethod
    def _is_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise PydanticCustomError("folder", "is not a folder")
        return value

    @field_validator("consignees")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise PydanticCustomError("file", "is not a file")
        return value

    @model_validator(mode="after")
    def _credentials_come_together(self) -> "Settings":
        given = [name for name in _CREDENTIALS if getattr(self, name) is not None]
        if given and len(given) < len(_CREDENTIALS):
            missing = ", ".join(_variable(name) for name in _CREDENTIALS if name not in given)
            raise PydanticCustomError("credentials", "some credentials are set and {missing} not", {"missing": missing})
        if not given and "base_url" in self.model_fields_set:
            names = ", ".join(map(_variable, _CREDENTIALS))
            raise PydanticCustomError(
                "credentials", f"{PREFIX}BASE_URL is set without credentials: set {{names}} too", {"names": names}
            )
        return self

    @property
    def sandbox(self) -> bool:
        """Whether the embedded sandbox stands in for the real API."""
        return self.access_key is None

    @property
    def owner(self) -> str:
        """Whose purchases these are: the upstream, the sub-account, and the 1688 account where one is named."""
        if self.sandbox:
            return "sandbox"
        return " ".join(filter(None, (self.base_url, self.user_id, self.ali_id)))

    @property
    def ttl(self) -> timedelta:
        """How long a preview can be ordered."""
        return timedelta(seconds=self.preview_ttl)

    @property
    def send_window(self) -> timedelta:
        """How long the answer to a create call is waited for in all; after it the outcome is unknown."""
        return timedelta(seconds=self.create_timeout + 10)

    def key_path(self) -> Path:
        """The file of the key that seals; never in the ledger's own folder, which alone must prove nothing."""
        if self.key_file is not None:
            return self.key_file.expanduser()
        from platformdirs import user_config_path

        return user_config_path("xportcn-orders-key") / "ledger.key"

    def store_path(self) -> Path:
        """The ledger's file; the sandbox has one of its own unless the operator names it."""
        if self.store is not None:
            return Path(self.store.removeprefix("sqlite:///")).expanduser()
        from platformdirs import user_data_path

        return user_data_path("xportcn-orders") / ("sandbox.sqlite3" if self.sandbox else "orders.sqlite3")


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and _has_sane_port(text)


def _has_sane_port(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsFault: naming every variable that is missing or malformed.
    """
    try:
        return Settings()  # pyright: ignore[reportCallIssue]
    except SettingsError as error:
        raise SettingsFault(f"{PREFIX}REFUSALS: has to be a JSON list of texts ({error})") from None
    except UnicodeDecodeError:
        raise SettingsFault(".env: has to be UTF-8 text") from None
    except ValidationError as error:
        faults = [
            f"{_variable(str(detail['loc'][0]))}: {detail['msg']}" if detail["loc"] else detail["msg"]
            for detail in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsFault("\n".join([*faults, *_left_out(error)])) from None


def _left_out(error: ValidationError) -> list[str]:
    """The missing credentials, which are not looked at while another setting cannot be read."""
    if any(not detail["loc"] for detail in error.errors()):
        return []
    given = [name for name in _CREDENTIALS if os.environ.get(_variable(name))]
    missing = [_variable(name) for name in _CREDENTIALS if name not in given]
    return [f"some credentials are set and {', '.join(missing)} not"] if given and missing else []


def unknown_variables(environment: Mapping[str, str] = os.environ, file: Path = Path(".env")) -> list[str]:
    """A line for each variable that is no setting, with the nearest one, and for each that `.env` cannot set."""
    known = {_variable(name) for name in Settings.model_fields}
    written = [name for name in _names_in(file) if name.startswith(PREFIX)]
    lines = [
        f"{name} in .env is ignored: set it in the environment"
        for name in map(_variable, sorted(ONLY_FROM_ENVIRONMENT))
        if name in written
    ]
    for name in sorted({*environment, *written}):
        if name.startswith(PREFIX) and name not in known:
            nearest = get_close_matches(name, known, 1)
            lines.append(f"{name} is no setting and is ignored" + (f"; did you mean {nearest[0]}?" if nearest else ""))
    return lines


def _names_in(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.partition("=")[0].removeprefix("export ").strip().upper() for line in lines if "=" in line]


def read_consignees(path: Path) -> dict[str, dict[str, Any]]:
    """The named addresses in a TOML or JSON file, as they stand there.

    Raises:
        SettingsFault: the file is not TOML or JSON, or holds something else than named tables.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsFault(f"{PREFIX}CONSIGNEES: {path.name} cannot be read: {type(error).__name__}") from None
    if not isinstance(content, dict):
        raise SettingsFault(f"{PREFIX}CONSIGNEES: {path.name} has to hold one table per consignee")
    named = cast("dict[str, Any]", content)
    if broken := [name for name, entry in named.items() if not isinstance(entry, dict)]:
        raise SettingsFault(f"{PREFIX}CONSIGNEES: {', '.join(broken)} has to be a table with the address's fields")
    return named
