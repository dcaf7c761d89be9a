"""What was told of offers lately: each is asked for by one call at a time, and then not again for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders_tools.offers.model import Offer
from orders_tools.ports import OfferUnknown
from orders_tools.vocabulary import WhyUnknown

KEPT = timedelta(minutes=10)
REFUSALS_KEPT = timedelta(minutes=1)
"""A refusal may be about the call and not the offer, and be over soon."""
MOST_OFFERS = 512
MOST_SKUS = 10_000
"""Of all that is kept: an offer of two thousand SKUs weighs as much as hundreds of others."""
_Key = tuple[str, str]


class Passing(OfferUnknown):
    """Nothing was told, for a reason that says nothing of the offer."""


@dataclass
class _Kept:
    answer: Offer | OfferUnknown
    since: datetime
    until: datetime


@dataclass
class _Call:
    task: asyncio.Task[Offer | OfferUnknown]
    waiting: int = 0


class OfferMemory:
    """Offers by id and language, on `clock`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._skus = 0
        self._calls: dict[_Key, _Call] = {}

    async def offer(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer:
        """What is known of `key`, or else what `ask` gives, which is not called while another call of it is on its way.

        Raises OfferUnknown, and what else `ask` raises.
        """
        answer = self._from_memory(key) or await self._ask_once(key, ask)
        if isinstance(answer, OfferUnknown):
            raise OfferUnknown(answer.why, answer.detail)
        return answer

    def _from_memory(self, key: _Key) -> Offer | OfferUnknown | None:
        kept = self._kept.get(key)
        if kept is None or not kept.since <= self._clock() < kept.until:
            return None
        self._kept.move_to_end(key)
        return kept.answer

    async def _ask_once(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer | OfferUnknown:
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = _Call(asyncio.create_task(self._fetch(key, ask)))
        call.waiting += 1
        try:
            return await asyncio.shield(call.task)
        finally:
            call.waiting -= 1
            if not call.waiting:  # it is over, or everyone who wanted to know has left
                call.task.cancel()
                if self._calls.get(key) is call:
                    del self._calls[key]

    async def _fetch(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer | OfferUnknown:
        try:
            answer: Offer | OfferUnknown = await ask()
            seconds = KEPT
        except Passing as error:
            return error
        except OfferUnknown as error:
            if error.why not in _KEPT_WHY:
                return error
            answer, seconds = error, _KEPT_WHY[error.why]
        self._keep(key, answer, seconds)
        return answer

    def _keep(self, key: _Key, answer: Offer | OfferUnknown, seconds: timedelta) -> None:
        now = self._clock()
        if key in self._kept:
            self._skus -= _weight(self._kept.pop(key))
        self._kept[key] = kept = _Kept(answer, now, now + seconds)
        self._skus += _weight(kept)
        while len(self._kept) > MOST_OFFERS or (self._skus > MOST_SKUS and len(self._kept) > 1):
            self._skus -= _weight(self._kept.popitem(last=False)[1])


_KEPT_WHY = {WhyUnknown.NOT_FOUND: KEPT, WhyUnknown.REFUSED: REFUSALS_KEPT}


def _weight(kept: _Kept) -> int:
    return len(kept.answer.skus) if isinstance(kept.answer, Offer) else 0
