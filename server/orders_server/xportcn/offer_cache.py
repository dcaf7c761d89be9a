"""Caches offers. For each offer only one call runs at a time, and its answer is reused for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders_tools.offers.model import Offer
from orders_tools.ports import OfferUnknown
from orders_tools.vocabulary import WhyUnknown

LIFETIME = timedelta(minutes=10)
REFUSAL_LIFETIME = timedelta(minutes=1)
"""A refusal may be about the call and not about the offer, so it may soon be over."""
MOST_OFFERS = 512
MOST_SKUS = 10_000
"""Of all entries together: one offer with two thousand SKUs is as large as hundreds of others."""
_Key = tuple[str, str]


class TransientFailure(OfferUnknown):
    """A failure whose reason has nothing to do with the offer. It is not cached."""


@dataclass
class _Entry:
    answer: Offer | OfferUnknown
    since: datetime
    until: datetime


@dataclass
class _Call:
    task: asyncio.Task[Offer | OfferUnknown]
    waiting: int = 0


class OfferCache:
    """Offers by id and language. `clock` decides when an entry expires."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._skus = 0
        self._calls: dict[_Key, _Call] = {}

    async def offer(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer:
        """The cached offer, or the answer of `ask`. If a call for `key` is already running, its answer is used.

        Raises OfferUnknown, and whatever else `ask` raises.
        """
        answer = self._cached(key) or await self._ask_once(key, ask)
        if isinstance(answer, OfferUnknown):
            raise OfferUnknown(answer.why, answer.detail)
        return answer

    def _cached(self, key: _Key) -> Offer | OfferUnknown | None:
        entry = self._entries.get(key)
        if entry is None or not entry.since <= self._clock() < entry.until:
            return None
        self._entries.move_to_end(key)
        return entry.answer

    async def _ask_once(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer | OfferUnknown:
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = _Call(asyncio.create_task(self._fetch(key, ask)))
        call.waiting += 1
        try:
            return await asyncio.shield(call.task)
        finally:
            call.waiting -= 1
            if not call.waiting:  # it has ended, or nobody waits for it any more
                call.task.cancel()
                if self._calls.get(key) is call:
                    del self._calls[key]

    async def _fetch(self, key: _Key, ask: Callable[[], Awaitable[Offer]]) -> Offer | OfferUnknown:
        try:
            answer: Offer | OfferUnknown = await ask()
            lifetime = LIFETIME
        except TransientFailure as error:
            return error
        except OfferUnknown as error:
            if error.why not in _FAILURE_LIFETIMES:
                return error
            answer, lifetime = error, _FAILURE_LIFETIMES[error.why]
        self._store(key, answer, lifetime)
        return answer

    def _store(self, key: _Key, answer: Offer | OfferUnknown, lifetime: timedelta) -> None:
        now = self._clock()
        if key in self._entries:
            self._skus -= _sku_count(self._entries.pop(key))
        self._entries[key] = entry = _Entry(answer, now, now + lifetime)
        self._skus += _sku_count(entry)
        while len(self._entries) > MOST_OFFERS or (self._skus > MOST_SKUS and len(self._entries) > 1):
            self._skus -= _sku_count(self._entries.popitem(last=False)[1])


_FAILURE_LIFETIMES = {WhyUnknown.NOT_FOUND: LIFETIME, WhyUnknown.REFUSED: REFUSAL_LIFETIME}


def _sku_count(entry: _Entry) -> int:
    return len(entry.answer.skus) if isinstance(entry.answer, Offer) else 0
