"""What the approval page works with, and what it finds in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from orders_prompts.pages import page_sentence
from orders_prompts.renderer import Language, Texts
from orders_server.consent.hook import Decisions
from orders_server.consent.page_results import is_over
from orders_server.consent.page_security import FormProofs
from orders_server.consent.page_views import Form, order_view
from orders_server.consent.passkeys import Passkeys
from orders_server.consent.people import People, Visitor
from orders_server.consent.pictures import Pictures
from orders_server.ledger.ledger import SqlLedger
from orders_tools.consent.demand import demanded
from orders_tools.ports import Purchasing
from orders_tools.purchase.pricing import repeats
from orders_tools.purchase.records import Purchase
from orders_tools.vocabulary import Channel

LATELY = timedelta(hours=24)
"""How long the page shows what was decided."""


@dataclass(frozen=True)
class PageParts:
    """Everything the page works with. `origin` is its public address, without a path."""

    purchasing: Purchasing
    ledger: SqlLedger
    people: People
    passkeys: Passkeys
    pictures: Pictures
    proofs: FormProofs
    texts: Mapping[Language, Texts]
    origin: str
    decisions: Decisions | None = None
    """Reads what another system decides; None if none may."""

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the page over TLS."""
        return self.origin.startswith("https://")

    async def waiting(self, purchase_ref: str) -> Purchase | None:
        """The newest purchase with this reference, if a person can answer it; an older one is out of date."""
        found = await self.ledger.named(self.purchasing.owner, purchase_ref)
        now = self.purchasing.clock()
        newest = [each for each in found if each.created_at == found[0].created_at]
        return next((each for each in newest if each.genuine and each.orderable and not is_over(each, now)), None)

    async def over(self, purchase_ref: str, digest: str = "") -> Purchase | None:
        """The newest with this reference that was decided or expired lately; if given, the one with `digest`."""
        now = self.purchasing.clock()
        for purchase in await self.ledger.named(self.purchasing.owner, purchase_ref):
            if is_over(purchase, now) and purchase.expires_at > now - LATELY and digest in ("", purchase.digest):
                return purchase
        return None


@dataclass(frozen=True)
class Visit:
    """One request: the page's parts, the reader's language, the browser's cookie, and who he is, if it is paired."""

    request: Request
    parts: PageParts
    language: Language
    cookie: str
    visitor: Visitor | None
    body: bytes = b""

    @property
    def texts(self) -> Texts:
        """The texts in the reader's language."""
        return self.parts.texts[self.language]

    @property
    def person(self) -> Visitor:
        """The person of the paired browser; only where `visitor` was looked at before."""
        assert self.visitor is not None
        return self.visitor

    @property
    def purchasing(self) -> Purchasing:
        """Everything the tools work with, in the reader's language."""
        return replace(self.parts.purchasing, texts=self.texts)

    async def identified(self) -> "Visit":
        """The same request with the person of its browser, if it is paired."""
        return replace(self, visitor=await self.parts.people.who(self.cookie) if self.cookie else None)

    def sentence(self, kind: str, code: str) -> str:
        """A sentence of the pages in the reader's language."""
        return page_sentence(self.language, kind, code)

    def proof(self, *about: str) -> str:
        """The proof that a form about `about` was shown in this browser."""
        return self.parts.proofs.of(self.cookie, *about)

    def proves(self, given: object, *about: str) -> bool:
        """Whether `given` is that proof."""
        return self.visitor is not None and self.parts.proofs.holds(given, self.cookie, *about)

    async def shown(self, purchase: Purchase) -> dict[str, Any]:
        """The purchase as the templates show it, with what its forms carry."""
        now: datetime = self.parts.purchasing.clock()  # before the ledger is read, so that nothing falls between
        repeated = await repeats(self.parts.purchasing, purchase)
        shown_at = now.isoformat()
        form = Form(
            shown_at,
            self.proof(purchase.basket.purchase_ref, purchase.digest, shown_at),
            needs_passkey=demanded(self.parts.purchasing, purchase) is Channel.PASSKEY,
            has_passkey=self.person.has_passkey,
        )
        return order_view(purchase, self.texts, repeated, now, form)
