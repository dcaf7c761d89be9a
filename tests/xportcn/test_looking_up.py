"""The look-up of offers and the search, against the sandbox over HTTP: what each answer becomes, and what is kept."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from orders_sandbox import CATALOGUE, SandboxOptions, Switches, create_app, served
from orders_server.xportcn.auth import SignedHeaders
from orders_server.xportcn.catalogue import ProductEndpoints
from orders_server.xportcn.client import Endpoints, XportcnClient
from orders_server.xportcn.connections import connect
from orders_server.xportcn.offer_cache import LIFETIME, MOST_OFFERS, MOST_SKUS, REFUSAL_LIFETIME, OfferCache
from orders_tools.offers.model import Offer, OfferQuery, OfferSku
from orders_tools.ports import OfferUnknown, UpstreamRefused, UpstreamUnavailable
from orders_tools.vocabulary import WhyUnknown
from support.house import Clock, offer_id

pytestmark = pytest.mark.anyio


@dataclass
class Shop:
    """A sandbox, its clock, and a client of it."""

    client: XportcnClient
    sandbox: Any
    clock: Clock
    origin: str

    async def why(self, name: str) -> WhyUnknown:
        """Why nothing is known of the offer."""
        with pytest.raises(OfferUnknown) as unknown:
            await self.client.offer(offer_id(name))
        return unknown.value.why


@asynccontextmanager
async def shop(
    form: Any = "plain", secret: str = "sandbox-access-secret", own_pictures: bool = False, **products: Any
) -> AsyncGenerator[Shop]:
    clock = Clock()
    app = create_app(SandboxOptions(clock=clock, switches=Switches(product_answers=form)))
    async with served(app) as base_url:
        origin = base_url.removesuffix("/api")
        origins = (origin,) if own_pictures else ()
        endpoints = Endpoints(
            "/list", "/detail", 15, 15, products=ProductEndpoints(picture_origins=origins, **products)
        )
        auth = SignedHeaders(
            "sandbox-access-key", secret, "sandbox-user", unit="ms", clock=clock, random_bytes=secrets.token_bytes
        )
        async with connect(base_url, auth, endpoints, clock=clock) as client:
            yield Shop(client, app.state.sandbox, clock, origin)


async def test_the_whole_catalogue_is_known_as_the_sandbox_sells_it() -> None:
    async with shop() as open_shop:
        for name, sold in CATALOGUE.items():
            if name == "delisted":
                assert await open_shop.why(name) == WhyUnknown.NOT_FOUND
                continue
            offer = await open_shop.client.offer(offer_id(name))
            assert [(sku.spec_id, sku.sku_id) for sku in offer.skus] == [
                (sku.spec_id, str(sku.sku_id)) for sku in sold.skus
            ]
            assert offer.skus_whole
            assert (offer.title, offer.seller_open_id) == (sold.title.strip()[:200], sold.seller.open_id)
            assert offer.lot == (sold.lot if sold.lot > 1 else None)
            assert {sku.stock for sku in offer.skus} == {sold.stock}
            assert offer.picture is None, "the sandbox is no host of 1688's"


async def test_pictures_of_the_sandbox_are_taken_where_it_is_named() -> None:
    async with shop(own_pictures=True) as open_shop:
        offer = await open_shop.client.offer(offer_id("many-variants"))
    assert offer.picture == f"{open_shop.origin}/pictures/{offer.offer_id}.png"
    assert len({sku.picture for sku in offer.skus}) == 300


async def test_each_form_of_an_answer_is_the_same_offer() -> None:
    known: dict[str, Offer] = {}
    for form in ("plain", "two-envelopes", "array", "numbers-as-text", "prices-as-numbers", "untranslated"):
        async with shop(form) as open_shop:
            known[form] = await open_shop.client.offer(offer_id("tiered-price"))
    plain = known["plain"]
    assert [(tier.from_quantity, tier.price) for tier in plain.tiers] == [(1, 1000), (10, 900), (100, 750)]
    assert plain.priced_by == "quantity"
    for form in ("two-envelopes", "array", "numbers-as-text"):
        assert known[form] == plain, form
    unpriced = tuple(tier.model_copy(update={"price": None}) for tier in plain.tiers)
    assert known["prices-as-numbers"] == plain.model_copy(update={"tiers": unpriced})
    untranslated = known["untranslated"]
    assert (untranslated.title, untranslated.title_translated) == (plain.title, None)
    assert untranslated.skus[0].attributes[0].value_translated is None


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("other-offer", WhyUnknown.OTHER_OFFER),
        ("refused", WhyUnknown.REFUSED),
        ("late", WhyUnknown.LATE),
        ("off", WhyUnknown.UNREADABLE),
    ],
)
async def test_why_an_offer_is_not_known(form: str, why: WhyUnknown) -> None:
    async with shop(form, seconds=0.3) as open_shop:
        assert await open_shop.why("plain") == why


async def test_nobody_is_asked_where_the_look_up_is_off_or_the_id_can_be_none() -> None:
    async with shop(product_path="") as open_shop:
        assert await open_shop.why("plain") == WhyUnknown.OFF
        assert open_shop.sandbox.product_calls == 0
    async with shop() as open_shop:
        for written in ("", "0", "-1", "mug", "1" * 21, "６１０", "1\n"):
            with pytest.raises(OfferUnknown) as unknown:
                await open_shop.client.offer(written)
            assert unknown.value.why == WhyUnknown.NOT_FOUND
        assert open_shop.sandbox.product_calls == 0


async def test_a_look_up_is_signed_and_a_wrong_signature_is_a_refusal() -> None:
    async with shop(secret="another") as open_shop:
        assert await open_shop.why("plain") == WhyUnknown.REFUSED


async def test_an_api_that_is_not_there_is_late() -> None:
    endpoints = Endpoints("/list", "/detail", 15, 15)
    async with connect("http://127.0.0.1:1/api", None, endpoints, clock=Clock()) as client:
        with pytest.raises(OfferUnknown) as unknown:
            await client.offer("1")
    assert unknown.value.why == WhyUnknown.LATE


async def test_look_ups_of_one_offer_at_a_time_share_one_call() -> None:
    async with shop() as open_shop:
        found = await asyncio.gather(*(open_shop.client.offer(offer_id("plain")) for _ in range(20)))
        assert {offer.title for offer in found} == {CATALOGUE["plain"].title}
        assert open_shop.sandbox.product_calls == 1
        await asyncio.gather(*(open_shop.client.offer(offer_id(name)) for name in ("plain", "split", "lot-multiple")))
        assert open_shop.sandbox.product_calls == 3


async def test_an_offer_is_asked_for_again_after_ten_minutes() -> None:
    async with shop() as open_shop:
        for forward, calls in ((0, 1), (LIFETIME.total_seconds() - 1, 1), (1, 2), (1, 2), (-7200, 3)):
            open_shop.clock.forward(forward)
            await open_shop.client.offer(offer_id("plain"))
            assert open_shop.sandbox.product_calls == calls, forward


@pytest.mark.parametrize(
    ("form", "name", "kept"),
    [
        ("plain", "delisted", LIFETIME),
        ("refused", "plain", REFUSAL_LIFETIME),
        ("other-offer", "plain", timedelta()),
        ("off", "plain", timedelta()),
        ("late", "plain", timedelta()),
    ],
)
async def test_how_long_a_failure_is_kept(form: str, name: str, kept: timedelta) -> None:
    async with shop(form, seconds=0.2) as open_shop:
        why = await open_shop.why(name)
        if kept:
            open_shop.clock.forward(kept.total_seconds() - 1)
            assert await open_shop.why(name) == why
            assert open_shop.sandbox.product_calls == 1
            open_shop.clock.forward(1)
        assert await open_shop.why(name) == why
        assert open_shop.sandbox.product_calls == 2


async def test_a_search_finds_by_words_price_and_page() -> None:
    async with shop() as open_shop:
        page = await open_shop.client.offers(OfferQuery(keywords="stainless"))
        assert [found.offer_id for found in page.offers] == [
            offer_id(name) for name in ("other-seller", "other-seller-short-stock")
        ]
        assert (page.total, page.has_more) == (2, False)
        first = page.offers[0]
        assert (first.title, first.title_translated) == ("不锈钢挂钩", "Stainless steel hook")
        assert (first.price, first.min_quantity, first.sold_last_month) == (1000, 1, 321)
        for low, high, many in ((2900, 2900, 1), (2901, None, 0), (None, 2899, 0), (None, None, 1)):
            query = OfferQuery(keywords="mug", price_from=low, price_to=high)
            assert len((await open_shop.client.offers(query)).offers) == many
        assert (await open_shop.client.offers(OfferQuery(keywords="mug", page=2))).offers == ()


async def test_a_search_in_another_form_is_the_same_and_one_that_fails_says_so() -> None:
    query = OfferQuery(keywords="stainless")
    async with shop() as open_shop:
        page = await open_shop.client.offers(query)
    for form in ("two-envelopes", "numbers-as-text"):
        async with shop(form) as open_shop:
            told = await open_shop.client.offers(query)
        assert told == page
    async with shop("array") as open_shop:
        assert await open_shop.client.offers(query) == page.model_copy(update={"total": None})
    async with shop("refused") as open_shop:
        with pytest.raises(UpstreamRefused, match="400"):
            await open_shop.client.offers(query)
    async with shop("off") as open_shop:
        with pytest.raises(UpstreamUnavailable):
            await open_shop.client.offers(query)


async def test_a_client_with_other_paths_asks_there() -> None:
    async with shop(product_path="/alibaba/ka/product/none") as open_shop:
        assert await open_shop.why("plain") == WhyUnknown.UNREADABLE
        there = open_shop.client.asking_at(product_path="/alibaba/ka/product/detail/get")
        assert (await there.offer(offer_id("plain"))).title


async def kept(memory: OfferCache, key: str, skus: int = 0) -> int:
    """How often `key` is asked for, when it is looked up now."""
    asked = 0

    async def ask() -> Offer:
        nonlocal asked
        asked += 1
        return Offer(offer_id=key, skus=(OfferSku(spec_id="a"),) * skus)

    await memory.offer((key, "en"), ask)
    return asked


async def test_what_is_kept_is_bounded_by_offers_and_by_skus_and_the_oldest_goes_first() -> None:
    memory = OfferCache(Clock())
    for number in range(MOST_OFFERS):
        assert await kept(memory, str(number)) == 1
    assert await kept(memory, "0") == 0
    assert await kept(memory, "one more") == 1
    assert (await kept(memory, "0"), await kept(memory, "1")) == (0, 1)
    assert await kept(memory, "large", MOST_SKUS) == 1
    assert await kept(memory, "large too", MOST_SKUS) == 1
    assert (await kept(memory, "large too"), await kept(memory, "large")) == (0, 1)
    assert await kept(memory, "0") == 1


async def test_one_language_is_not_told_for_another() -> None:
    memory = OfferCache(Clock())

    async def ask(title: str) -> Offer:
        return Offer(offer_id="1", title=title)

    for language in ("en", "ru", "en"):
        told = await memory.offer(("1", language), lambda language=language: ask(language))
        assert told.title == language
