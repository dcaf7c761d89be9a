"""The operator's settings; all faults are reported at once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from orders_server.approval_demands import parse_demands
from orders_server.setting_groups import CREDENTIALS, missing_credentials, refuse_half_groups
from orders_server.setting_sources import RawSettings, Rules, gather_settings, variable
from orders_server.setting_values import (
    ApiAddress,
    ApprovalDemands,
    Certificates,
    Credential,
    File,
    Folder,
    HookAddress,
    HookSecret,
    Hosts,
    NoticeAddresses,
    Origins,
    PageAddress,
    ProductPath,
    ProductPathOrNone,
    Proxy,
    ReadingPath,
    Refusals,
    SecretCredential,
    StoreAddress,
    Token,
    TranslatedInto,
    WholePath,
    Word,
    store_file,
)

if TYPE_CHECKING:
    from orders_tools.consent.channels import Demands

LIVE_BASE_URL = "https://www.xportcn.com/api"
"""CONTRACT 2.1."""
LONGEST_TTL = 86_400
"""The most seconds for which a preview can be valid."""
HARMLESS = frozenset({"read_timeout", "max_reads", "sandbox_generation"})
"""All that `.env` of the working folder may set: nothing that decides where money goes, who buys, who says yes, what
counts as proof, where the ledger is or what a person reads. A new setting is added only after that was ruled out."""
SANDBOX_OWNER = "sandbox"
_LEDGER, _SANDBOX_LEDGER = "orders.sqlite3", "sandbox.sqlite3"
_MAY_BE_EMPTY = frozenset({"product_path"})
_BLANK_IF_UNEXPANDED = HARMLESS | {"flow", "trade_type", "language"}


class SettingsFault(Exception):
    """The settings cannot be used; the text names every variable and what is wrong with it."""


class CredentialsMissing(SettingsFault):
    """Credentials are missing, for example because a host passes on only some variables.

    `rest` are the other settings, with which a server can only report that.
    """

    def __init__(self, text: str, rest: "Settings") -> None:
        super().__init__(text)
        self.rest = rest


class Settings(BaseModel):
    """What the operator sets. Without credentials the server uses its own sandbox."""

    model_config = ConfigDict(extra="ignore")

    access_key: SecretCredential | None = Field(
        None, description="the developer's key; the three credentials come together"
    )
    access_secret: SecretCredential | None = Field(None, description="the secret that signs each call")
    user_id: Credential | None = Field(None, description="the sub-account that buys")
    base_url: ApiAddress = Field(LIVE_BASE_URL, description="address of the API; plain http only to this machine")
    ali_id: Word | None = Field(None, description="the 1688 account that buys, where the developer has several")
    timestamp_unit: Literal["ms", "s"] = Field("ms", description="unit of the timestamp header")
    order_list_path: ReadingPath = Field("/alibaba/ka/order/list", description="path of the order list")
    order_detail_path: ReadingPath = Field("/alibaba/ka/order/detail", description="path of one order's details")
    product_path: ProductPathOrNone = Field(
        "/alibaba/ka/product/detail/get", description="path of an offer's details; set and empty: none is looked up"
    )
    search_path: ProductPath = Field("/alibaba/ka/product/keywords/query", description="path of the search for offers")
    product_language: TranslatedInto = Field(
        "en", description="language that titles and SKUs are translated into, beside the seller's own words"
    )
    product_timeout: float = Field(
        3, gt=0, le=30, description="seconds that the look-up of one offer may take; a purchase goes on without it"
    )
    order_history: bool = Field(
        True, description="whether old orders are asked for too (isHis), as 1688 keeps them apart"
    )
    flow: Word = Field("fenxiaonew", description="ordering channel where a call names none; preview and create use it")
    trade_type: Word | None = Field(None, description="trade type to use where 1688 allows it or says nothing")
    store: StoreAddress | None = Field(
        None, description="sqlite:///path of the ledger; by default a file in the user's data folder"
    )
    preview_ttl: int = Field(900, ge=30, le=LONGEST_TTL, description="seconds that a preview can be ordered")
    approval: ApprovalDemands = Field(
        "ask",
        description="least approval that counts: ask (the client's dialog), host (the client's own question), "
        "terminal, page or passkey; with steps by amount such as `ask; page above 500; passkey above 5000`",
    )
    page_url: PageAddress = Field(
        "http://localhost:8766", description="public address of the approval page; https unless it is this machine"
    )
    notify: NoticeAddresses | None = Field(
        None,
        description="addresses for Apprise, separated by blanks or commas, that are told when a purchase waits "
        "for a person and when it no longer does; needs the extra `notify`",
    )
    hook_url: HookAddress | None = Field(
        None,
        description="address that gets the same as signed JSON, and may answer as an approver; https unless it is "
        "this machine",
    )
    hook_secret: HookSecret | None = Field(
        None, description="secret of 32 or more characters that signs what goes to the hook and what comes from it"
    )
    language: Literal["en", "zh"] = Field("en", description="language of the texts")
    tools: Literal["orders", "orders,offers"] = Field(
        "orders,offers", description="which tools there are; orders leaves out find_offers and get_offer"
    )
    templates: Folder | None = Field(None, description="folder with templates that replace the built-in ones")
    consignees: File | None = Field(None, description="TOML or JSON file of named addresses")
    note_reference: bool = Field(True, description="whether the reference also travels at the end of the buyer's note")
    reference_returned: bool = Field(
        True, description="whether orders come back with the reference sent; false: no look for it before each send"
    )
    key_file: WholePath | None = Field(
        None, description="file of the key that seals previews and approvals; by default in the user's settings folder"
    )
    refusals: Refusals = Field(
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
    proxy: Proxy | None = Field(
        None, description="address of an http proxy to the API; those of the environment are not used"
    )
    ca_file: Certificates | None = Field(
        None, description="PEM file of a company's certificate authority, trusted beside the usual ones"
    )
    create_timeout: float = Field(30, gt=0, le=120, description="seconds that a create call may take")
    http_token: Token | None = Field(
        None, description="bearer token of `serve --http`, best 32 or more characters; needed where others can reach it"
    )
    http_hosts: Hosts = Field(
        (), description="more names it answers to, separated by commas, such as orders.example.com or 10.0.0.7:8765"
    )
    http_origins: Origins = Field(
        (), description="web pages that may call it (CORS), separated by commas, such as https://chat.example.com"
    )
    sandbox_generation: Literal["2025", "2026"] = Field("2026", description="form of the embedded sandbox's previews")

    _place: str = PrivateAttr("")

    @model_validator(mode="after")
    def _groups_come_together(self) -> "Settings":
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        refuse_half_groups(given, self.model_fields_set)
        return self

    @property
    def place(self) -> str:
        """Their source: the environment or a file; "" if created otherwise."""
        return self._place

    @place.setter
    def place(self, place: str) -> None:
        self._place = place

    @property
    def sandbox(self) -> bool:
        """Whether the embedded sandbox stands in for the real API."""
        return self.access_key is None

    @property
    def owner(self) -> str:
        """The owner of purchases: the upstream, the sub-account, and the 1688 account if one is set."""
        if self.sandbox:
            return SANDBOX_OWNER
        return " ".join(filter(None, (self.base_url, self.user_id, self.ali_id)))

    def for_sandbox(self, store: Path) -> "Settings":
        """The same settings without credentials, for purchases from the embedded sandbox in `store`."""
        changed = {**dict.fromkeys(CREDENTIALS), "base_url": LIVE_BASE_URL, "ali_id": None}
        return self.model_copy(update={**changed, "store": f"sqlite:///{store}"})

    @property
    def demands(self) -> "Demands":
        """The least channel of approval that counts, by the amount to pay."""
        return parse_demands(self.approval)

    @property
    def ttl(self) -> timedelta:
        """How long a preview can be ordered."""
        return timedelta(seconds=self.preview_ttl)

    @property
    def send_window(self) -> timedelta:
        """How long to wait for the answer to a create call in all; after it the outcome is unknown."""
        return timedelta(seconds=self.create_timeout + 10)

    def key_path(self) -> Path:
        """The file of the sealing key; never in the ledger's folder, which alone must not be enough to make seals."""
        if self.key_file is not None:
            return self.key_file
        from platformdirs import user_config_path

        return user_config_path("xportcn-orders-key") / "ledger.key"

    def store_paths(self) -> tuple[Path, ...]:
        """The ledgers that commands look at: the one set, or else this user's real ledger and the sandbox's."""
        if self.store is not None:
            return (self.store_path(),)
        folder = self.store_path().parent
        return folder / _LEDGER, folder / _SANDBOX_LEDGER

    def store_path(self) -> Path:
        """The ledger's file; the sandbox has one of its own unless the operator names it."""
        if self.store is not None:
            return store_file(self.store)
        from platformdirs import user_data_path

        return user_data_path("xportcn-orders") / (_SANDBOX_LEDGER if self.sandbox else _LEDGER)


def raw_settings() -> RawSettings:
    """The unparsed settings of this process, with a line for each variable that is ignored."""
    return gather_settings(
        Rules(list(Settings.model_fields), HARMLESS, CREDENTIALS, _BLANK_IF_UNEXPANDED, _MAY_BE_EMPTY)
    )


def read_settings(given: RawSettings | None = None) -> Settings:
    """The settings of this process, from `given` if it was collected before.

    Raises:
        CredentialsMissing: credentials are missing and nothing else is wrong.
        SettingsFault: naming every variable that is missing, malformed or in the wrong place.
    """
    given = given or raw_settings()
    faults, missing = list(given.faults), missing_credentials(given)
    settings = None
    try:
        settings = Settings.model_validate(given.values)
        faults += [
            f"{variable(name)} has to be set, because there is no home directory"
            for name, path in (("store", settings.store_path), ("key_file", settings.key_path))
            if not _is_place(path)
        ]
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        faults += [f"{variable(str(detail['loc'][0]))}: {detail['msg']}" for detail in details if detail["loc"]]
        # Missing credentials are told below, whatever else is wrong.
        faults += [detail["msg"] for detail in details if not detail["loc"] and detail["type"] != "credentials"]
    if missing and not faults:
        upstreams = (*CREDENTIALS, "base_url")
        rest = {name: value for name, value in given.values.items() if name not in upstreams}
        raise CredentialsMissing(missing[0], Settings.model_validate(rest))
    if settings is None or faults:
        raise SettingsFault("\n".join([*faults, *missing]))
    settings.place = given.place
    return settings


def _is_place(path: Callable[[], Path]) -> bool:
    """Whether the path exists as an absolute one; without a home directory it would not."""
    try:
        return path().is_absolute()
    except RuntimeError:
        return False
