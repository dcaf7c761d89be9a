"""The look-up of a basket's offers in the catalogue, beside the preview: each offer once, none waited for too long."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from orders_tools.offers.card import ProductCard, card_of, of_no_sku, unknown_card
from orders_tools.offers.model import Offer
from orders_tools.ports import OfferUnknown, Upstream
from orders_tools.purchase.model import AnsweredLine, Line, Part
from orders_tools.rules.preview_rules import requested_line
from orders_tools.vocabulary import WhyUnknown

_log = logging.getLogger(__name__)
Known = Offer | WhyUnknown
"""What a look-up came to: the offer, or why it is not known."""


class LookUp:
    """The look-ups of some offers, on their way."""

    def __init__(self, upstream: Upstream, offer_ids: Sequence[str]) -> None:
        self._tasks = {
            offer_id: asyncio.create_task(look_up(upstream, offer_id)) for offer_id in dict.fromkeys(offer_ids)
        }

    async def offers(self) -> Mapping[str, Known]:
        """Each offer by its id, once all have come or failed; each look-up has a deadline of its own."""
        await asyncio.wait(self._tasks.values())
        return {offer_id: task.result() for offer_id, task in self._tasks.items()}

    def cancel(self) -> None:
        """Wait for none of them any more."""
        for task in self._tasks.values():
            task.cancel()


@asynccontextmanager
async def looking_up(upstream: Upstream, lines: Sequence[Line]) -> AsyncGenerator[LookUp]:
    """Look the offers of `lines` up while the block runs."""
    look_up = LookUp(upstream, [line.offer_id for line in lines])
    try:
        yield look_up
    finally:
        look_up.cancel()


async def look_up(upstream: Upstream, offer_id: str) -> Known:
    """One offer, or why it is not known. A fault of our own counts as an unreadable answer: no call fails for it."""
    try:
        return await upstream.offer(offer_id)
    except OfferUnknown as unknown:
        return unknown.why
    except Exception:
        _log.exception("offer %s: our own fault in looking it up", offer_id)
        return WhyUnknown.UNREADABLE


def cards_of(parts: Sequence[Part], offers: Mapping[str, Known]) -> tuple[ProductCard, ...]:
    """A card for each line of `parts`, in their order."""
    return tuple(
        _card(line, offers.get(line.offer_id), _preview_line(line, part)) for part in parts for line in part.lines
    )


def _card(line: Line, known: Known | None, answered: AnsweredLine | None) -> ProductCard:
    if isinstance(known, Offer):
        return card_of(line, known, answered)
    return unknown_card(line, known or WhyUnknown.UNREADABLE)


def _preview_line(line: Line, part: Part) -> AnsweredLine | None:
    lines = (each for order in part.answer.orders for each in order.lines)
    return next((each for each in lines if requested_line(each, (line,))), None)


def cards_again(cards: Sequence[ProductCard], before: Sequence[Part], after: Sequence[Part]) -> list[ProductCard]:
    """The cards of a preview for a later one; of no SKU where the upstream now chose another for a line without one."""
    chosen, now = _chosen(before), _chosen(after)
    return [card if chosen.get(card.key) == now.get(card.key) else of_no_sku(card) for card in cards]


def _chosen(parts: Sequence[Part]) -> dict[tuple[str, str | None], tuple[str | None, str | None]]:
    """The SKU that was answered for each line."""
    pairs = [(line, _preview_line(line, part)) for part in parts for line in part.lines]
    return {line.key: (answered.sku_id, answered.spec_id) for line, answered in pairs if answered}


def sellers_of(lines: Sequence[Line], offers: Mapping[str, Known]) -> list[tuple[Line, str | None]]:
    """Each of `lines` with the seller that the catalogue names for its offer."""
    known = ((line, offers.get(line.offer_id)) for line in lines)
    return [(line, offer.seller_open_id if isinstance(offer, Offer) else None) for line, offer in known]


def with_sellers(lines: Sequence[Line], offers: Mapping[str, Known]) -> tuple[Line, ...] | None:
    """`lines`, those without a seller with the one that the catalogue names; None where that changes no create call.

    It changes none where one is not known, or where no line names a seller and all have the same.
    """
    named = [line.seller_open_id or seller for line, seller in sellers_of(lines, offers)]
    of_one = len(set(named)) == 1 and not any(line.seller_open_id for line in lines)
    if None in named or of_one or all(line.seller_open_id for line in lines):
        return None
    return tuple(line.model_copy(update={"seller_open_id": seller}) for line, seller in zip(lines, named, strict=True))
