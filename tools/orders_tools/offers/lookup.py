"""Looks up a basket's offers in the catalogue during the preview: each offer once, each with a deadline."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from orders_tools.offers.card import ProductCard, card_of, unknown_card, without_sku
from orders_tools.offers.model import Offer
from orders_tools.ports import OfferUnknown, Upstream
from orders_tools.purchase.model import AnsweredLine, Line, Part
from orders_tools.rules.preview_rules import requested_line
from orders_tools.vocabulary import WhyUnknown

_log = logging.getLogger(__name__)
LookUpResult = Offer | WhyUnknown
"""The offer, or why it is not known."""


class LookUp:
    """Running look-ups of several offers."""

    def __init__(self, upstream: Upstream, offer_ids: Sequence[str]) -> None:
        self._tasks = {
            offer_id: asyncio.create_task(look_up(upstream, offer_id)) for offer_id in dict.fromkeys(offer_ids)
        }

    async def offers(self) -> Mapping[str, LookUpResult]:
        """All results by offer id, after the last look-up has ended. Each has its own deadline."""
        await asyncio.wait(self._tasks.values())
        return {offer_id: task.result() for offer_id, task in self._tasks.items()}

    def cancel(self) -> None:
        """Cancel the look-ups that still run."""
        for task in self._tasks.values():
            task.cancel()


@asynccontextmanager
async def looking_up(upstream: Upstream, lines: Sequence[Line]) -> AsyncGenerator[LookUp]:
    """Look up the offers of `lines` while the block runs."""
    look_up = LookUp(upstream, [line.offer_id for line in lines])
    try:
        yield look_up
    finally:
        look_up.cancel()


async def look_up(upstream: Upstream, offer_id: str) -> LookUpResult:
    """One offer, or why it is not known. A fault in our own code counts as an unreadable answer, so no call fails."""
    try:
        return await upstream.offer(offer_id)
    except OfferUnknown as unknown:
        return unknown.why
    except Exception:
        _log.exception("offer %s: our own fault in looking it up", offer_id)
        return WhyUnknown.UNREADABLE


def cards_of(parts: Sequence[Part], offers: Mapping[str, LookUpResult]) -> tuple[ProductCard, ...]:
    """One card for each line of `parts`, in the same order."""
    return tuple(
        _card(line, offers.get(line.offer_id), _answered_line(line, part)) for part in parts for line in part.lines
    )


def _card(line: Line, known: LookUpResult | None, answered: AnsweredLine | None) -> ProductCard:
    if isinstance(known, Offer):
        return card_of(line, known, answered)
    return unknown_card(line, known or WhyUnknown.UNREADABLE)


def _answered_line(line: Line, part: Part) -> AnsweredLine | None:
    lines = (each for order in part.answer.orders for each in order.lines)
    return next((each for each in lines if requested_line(each, (line,))), None)


def reused_cards(cards: Sequence[ProductCard], before: Sequence[Part], after: Sequence[Part]) -> list[ProductCard]:
    """The cards of an earlier preview for a later one.

    A card loses its SKU if its line names none and the upstream has now chosen another SKU.
    """
    earlier, later = _answered_skus(before), _answered_skus(after)
    return [card if earlier.get(card.key) == later.get(card.key) else without_sku(card) for card in cards]


def _answered_skus(parts: Sequence[Part]) -> dict[tuple[str, str | None], tuple[str | None, str | None]]:
    """The ids of the SKU that the preview answered for each line."""
    pairs = [(line, _answered_line(line, part)) for part in parts for line in part.lines]
    return {line.key: (answered.sku_id, answered.spec_id) for line, answered in pairs if answered}


def sellers_of(lines: Sequence[Line], offers: Mapping[str, LookUpResult]) -> list[tuple[Line, str | None]]:
    """Each line with the seller that the catalogue names for its offer."""
    known = ((line, offers.get(line.offer_id)) for line in lines)
    return [(line, offer.seller_open_id if isinstance(offer, Offer) else None) for line, offer in known]


def with_sellers(lines: Sequence[Line], offers: Mapping[str, LookUpResult]) -> tuple[Line, ...] | None:
    """`lines` in which each line without a seller has the one that the catalogue names.

    None if this would not divide the basket: a seller is not known, every line names its seller already, or no line
    names one and all are of the same seller.
    """
    named = [line.seller_open_id or seller for line, seller in sellers_of(lines, offers)]
    same_seller = len(set(named)) == 1 and not any(line.seller_open_id for line in lines)
    if None in named or same_seller or all(line.seller_open_id for line in lines):
        return None
    return tuple(line.model_copy(update={"seller_open_id": seller}) for line, seller in zip(lines, named, strict=True))
