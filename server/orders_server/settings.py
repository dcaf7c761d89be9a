"""Settings: what the operator sets, all faults told at once."""

import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from orders_server.setting_sources import PREFIX, Given, Rules, settings_given, variable
from orders_server.upstream_paths import ORDERS, reading_path
from orders_server.web_addresses import api_address, is_host, is_origin, is_web_address

LIVE_BASE_URL = "https://www.xportcn.com/api"
"""CONTRACT 2.1."""
HARMLESS = frozenset({"read_timeout", "max_reads", "sandbox_generation"})
"""All that `.env` of the working folder can set. Any other could decide where money goes, who buys, who says yes, what
proves, where the ledger is or what a person reads: a new setting is not here until somebody has ruled that out."""
_CREDENTIALS = ("access_key", "access_secret", "user_id")
_BLANK_IF_UNEXPANDED = HARMLESS | {"flow", "trade_type", "language"}


class SettingsFault(Exception):
    """The settings cannot be used; the text names every variable and what is wrong with it."""


class Settings(BaseModel):
    """What the operator sets. Without credentials the server uses its own sandbox."""

    model_config = ConfigDict(extra="ignore")

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
    http_hosts: tuple[str, ...] = Field(
        (), description="more names it answers to, separated by commas, such as orders.example.com or 10.0.0.7:8765"
    )
    http_origins: tuple[str, ...] = Field(
        (), description="web pages that may call it (CORS), separated by commas, such as https://chat.example.com"
    )
    sandbox_generation: Literal["2025", "2026"] = Field("2026", description="form of the embedded sandbox's previews")

    @field_validator("order_list_path", "order_detail_path")
    @classmethod
    def _reads_orders(cls, value: str) -> str:
        return reading_path(value, ORDERS)

    @field_validator("base_url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        return api_address(value)

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_web_address(value.get_secret_value()):
            raise PydanticCustomError("url", "has to be a web address such as http://127.0.0.1:3128")
        return value

    @field_validator("access_key", "access_secret", "user_id", mode="before")
    @classmethod
    def _is_credential(cls, value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(r"[!-~]{1,256}", value.strip()):
            raise PydanticCustomError("credential", "has to be 1 to 256 plain characters without blanks")
        return value.strip() if isinstance(value, str) else value

    @field_validator("refusals", mode="before")
    @classmethod
    def _is_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise PydanticCustomError("refusals", "has to be a JSON list of texts") from None

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
        if not all(map(is_host, value)):
            raise PydanticCustomError("hosts", "has to hold names or addresses, each with or without :port")
        return value

    @field_validator("http_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_origin, value)):
            raise PydanticCustomError("origins", "has to hold http(s)://name[:port], without a path")
        return value

    @field_validator("store")
    @classmethod
    def _is_store(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith("sqlite:///") and _whole(value.removeprefix("sqlite:///"))):
            raise PydanticCustomError("store", "has to be sqlite:/// and a whole path, such as sqlite:////home/me/l.db")
        return value

    @field_validator("templates", "consignees", "key_file", mode="before")
    @classmethod
    def _is_whole(cls, value: object) -> object:
        if value is None:
            return None
        if (path := _whole(str(value))) is None:
            raise PydanticCustomError("path", "has to be a whole path: the working folder may be anybody's")
        return path

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
            missing = ", ".join(variable(name) for name in _CREDENTIALS if name not in given)
            raise PydanticCustomError("credentials", "some credentials are set and {missing} not", {"missing": missing})
        if not given and "base_url" in self.model_fields_set:
            names = ", ".join(map(variable, _CREDENTIALS))
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
            return self.key_file
        from platformdirs import user_config_path

        return user_config_path("xportcn-orders-key") / "ledger.key"

    def store_path(self) -> Path:
        """The ledger's file; the sandbox has one of its own unless the operator names it."""
        if self.store is not None:
            return Path(os.path.expanduser(self.store.removeprefix("sqlite:///")))
        from platformdirs import user_data_path

        return user_data_path("xportcn-orders") / ("sandbox.sqlite3" if self.sandbox else "orders.sqlite3")


def _whole(text: str) -> Path | None:
    """The path in `text`, with `~` for the home; None if it depends on the working folder."""
    path = Path(os.path.expanduser(text))
    return path if path.is_absolute() else None


def given_settings() -> Given:
    """What the sources of this process set, not yet looked at, and a line for each variable that counts for nothing."""
    return settings_given(Rules(list(Settings.model_fields), HARMLESS, _CREDENTIALS, _BLANK_IF_UNEXPANDED))


def read_settings(given: Given | None = None) -> Settings:
    """The settings of this process, from `given` where it was asked for before.

    Raises:
        SettingsFault: naming every variable that is missing, malformed or in the wrong place.
    """
    given = given or given_settings()
    faults = list(given.faults)
    settings = None
    try:
        settings = Settings.model_validate(given.values)
        faults += [
            f"{variable(name)} has to be set, because there is no home directory"
            for name, path in (("store", settings.store_path), ("key_file", settings.key_path))
            if not _is_place(path)
        ]
    except ValidationError as error:
        faults += [
            f"{variable(str(detail['loc'][0]))}: {detail['msg']}" if detail["loc"] else detail["msg"]
            for detail in error.errors(include_input=False, include_url=False)
        ]
        faults += _left_out(error, given)
    if settings is None or faults:
        raise SettingsFault("\n".join(faults))
    return settings


def _is_place(path: Callable[[], Path]) -> bool:
    """Whether there is such a place, and it does not depend on the working folder, as it would without a home."""
    try:
        return path().is_absolute()
    except RuntimeError:
        return False


def _left_out(error: ValidationError, given: Given) -> list[str]:
    """The missing credentials, which are not looked at while another setting cannot be read."""
    if any(not detail["loc"] for detail in error.errors()):
        return []
    missing = [variable(name) for name in _CREDENTIALS if name not in given.values]
    some = len(missing) < len(_CREDENTIALS)
    return [f"some credentials are set and {', '.join(missing)} not"] if some and missing else []
