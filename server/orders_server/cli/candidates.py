"""Tries paths that no document confirms, with reads only, and prints the settings for those that answer."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from orders_server.setting_sources import variable
from orders_server.settings import Settings
from orders_server.xportcn.catalogue import PRODUCT_PATH
from orders_server.xportcn.client import XportcnClient
from orders_tools.offers.model import Offer
from orders_tools.orders.model import OrderQuery
from orders_tools.ports import OfferUnknown, UpstreamRefused, UpstreamUnavailable
from orders_tools.vocabulary import Unavailability, WhyUnknown

LIST_PATHS = ("/alibaba/ka/order/page", "/alibaba/ka/order/list")
"""The more likely one first (CONTRACT 5)."""
PRODUCT_PATHS = (PRODUCT_PATH, "/alibaba/ka/product/detail")
_LONGEST_DETAIL = 120


async def try_list_paths(console: Console, client: XportcnClient, settings: Settings) -> None:
    """Print which path of the order list answers, and the setting for it if another path is set."""
    own = settings.order_list_path
    tried = list(dict.fromkeys((own, *LIST_PATHS)))
    answering: list[str] = []
    for path in tried:
        try:
            await client.asking_at(list_path=path).orders(OrderQuery(page_size=1))
        except UpstreamUnavailable as error:
            if error.kind in {Unavailability.NO_CONNECTION, Unavailability.CLOCK}:
                return
        except UpstreamRefused:
            continue
        else:
            answering.append(path)
    if not answering:
        console.print(f"  [yellow]note[/] order list: none of {', '.join(tried)} answers")
        return
    silent = [path for path in tried if path not in answering]
    answer = f"{' and '.join(answering)} answer{'s' if len(answering) == 1 else ''}"
    console.print(f"  [yellow]note[/] order list: {answer}{''.join(f', {path} does not' for path in silent)}")
    if own not in answering:
        _print_settings(console, order_list_path=answering[0])


async def try_look_up(console: Console, client: XportcnClient, settings: Settings, offer_id: str) -> bool:
    """Print what is known of the offer, the path that answered, and its settings; False if no path answered."""
    for path in dict.fromkeys(filter(None, (settings.product_path, *PRODUCT_PATHS))):
        try:
            offer = await client.asking_at(product_path=path).offer(offer_id)
        except OfferUnknown as error:
            detail = f": {escape(repr(error.detail[:_LONGEST_DETAIL]))}" if error.detail else ""
            console.print(f"  [yellow]note[/] product look-up at {path}: {error.why}{detail}")
            if error.why in {WhyUnknown.NOT_FOUND, WhyUnknown.REFUSED}:
                console.print("    it answers, so the path may be right: try an offer that this account can order")
            continue
        console.print(f"  [green]ok[/] product look-up at {path}: {escape('; '.join(_facts(offer, settings)))}")
        _print_settings(console, product_path=path, product_language=settings.product_language)
        return True
    console.print("  [red]failed[/] product look-up: nothing is known of this offer")
    _print_settings(console, product_path="")
    console.print("    (which turns the look-up off)")
    return False


def _facts(offer: Offer, settings: Settings) -> Iterator[str]:
    yield f"{len(offer.skus)} SKUs of {(offer.title or '')[:_LONGEST_DETAIL]!r}"
    if offer.title_translated is None:
        yield f"not translated into {settings.product_language}"
    priced = [*(sku.price for sku in offer.skus), *(tier.price for tier in offer.tiers)]
    yield "prices in yuan" if any(price is not None for price in priced) else "no price whose unit is known"


def _print_settings(console: Console, **settings: str) -> None:
    for name, value in settings.items():
        console.print(f"    {variable(name)}={value}", soft_wrap=True)
