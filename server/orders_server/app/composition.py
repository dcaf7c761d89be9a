"""Builds policy, named consignees, API client and embedded sandbox from the settings."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from orders_prompts.renderer import Texts
from orders_sandbox import SandboxOptions
from orders_server.app.consignees import read_consignees
from orders_server.settings import Settings, SettingsFault
from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.catalogue import ProductEndpoints
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.connections import connect
from orders_tools.arguments.base import read_arguments
from orders_tools.arguments.preview import AddressArguments
from orders_tools.errors import ArgumentFault, InvalidArguments, StoreUnavailable
from orders_tools.ports import Policy, Purchasing
from orders_tools.purchase.model import Address
from orders_tools.settlement.reconciliation import reconcile

_log = logging.getLogger(__name__)


def policy_of(settings: Settings, consignees: dict[str, Address]) -> Policy:
    """The operator's rules for purchases, from the settings."""
    return Policy(
        approval=settings.demands,
        preview_ttl=settings.ttl,
        flow=settings.flow,
        trade_type=settings.trade_type,
        ali_id=settings.ali_id,
        reference_returned=settings.reference_returned,
        note_reference=settings.note_reference,
        order_history=settings.order_history,
        more_refusals=settings.refusals,
        release_after=timedelta(seconds=settings.release_after),
        send_window=settings.send_window,
        consignees=consignees,
    )


def consignees_of(settings: Settings) -> dict[str, Address]:
    """The named addresses of the settings.

    Raises:
        SettingsFault: naming every fault of every address.
    """
    if settings.consignees is None:
        return {}

    def problem(fault: ArgumentFault) -> str:
        return Texts(settings.language).sentence("argument", fault.problem, fault.details)

    named: dict[str, Address] = {}
    faults: list[str] = []
    for name, entry in read_consignees(settings.consignees).items():
        try:
            named[name] = Address(**read_arguments(AddressArguments, entry).model_dump())
        except InvalidArguments as error:
            faults += [f"XPORTCN_CONSIGNEES: {name}.{fault.path} {problem(fault)}" for fault in error.faults]
    if faults:
        raise SettingsFault("\n".join(faults))
    return named


@asynccontextmanager
async def embedded_sandbox(settings: Settings, clock: Callable[[], datetime]) -> AsyncGenerator[str]:
    """Runs a sandbox in this process and yields its base address."""
    from orders_sandbox import running  # a web server, which only the embedded sandbox needs

    options = SandboxOptions(generation=settings.sandbox_generation, store=settings.store_path(), clock=clock)
    async with running(options) as base_url:
        yield base_url


@asynccontextmanager
async def api_client(
    settings: Settings, base_url: str, clock: Callable[[], datetime], random_bytes: Callable[[int], bytes]
) -> AsyncGenerator[XportcnClient]:
    """A client of the API at `base_url`, signed with the settings' credentials, or else with the sandbox's."""
    defaults = SandboxOptions()
    key, secret, user = settings.access_key, settings.access_secret, settings.user_id
    auth = SignedHeaders(
        key.get_secret_value() if key else defaults.access_key,
        secret.get_secret_value() if secret else defaults.access_secret,
        user or defaults.user_id,
        unit=settings.timestamp_unit,
        clock=clock,
        random_bytes=random_bytes,
    )
    endpoints = Endpoints(
        list_path=settings.order_list_path,
        detail_path=settings.order_detail_path,
        read_timeout=settings.read_timeout,
        create_timeout=settings.create_timeout,
        most_reads=settings.max_reads,
        products=ProductEndpoints(
            product_path=settings.product_path,
            search_path=settings.search_path,
            language=settings.product_language,
            seconds=settings.product_timeout,
            # The sandbox has pictures of its own; the real API's are 1688's.
            picture_origins=(base_url.removesuffix("/api"),) if settings.sandbox else (),
        ),
    )
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    async with connect(base_url, auth, endpoints, clock=clock, proxy=proxy, ca_file=settings.ca_file) as client:
        yield client


async def reconcile_at_start(purchasing: Purchasing) -> None:
    """Settle by reading what an earlier run left in doubt; whatever stays in doubt waits for the next look."""
    try:
        await reconcile(purchasing)
    except StoreUnavailable as error:
        _log.warning("nothing was reconciled: %s", error)
