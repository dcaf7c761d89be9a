"""Models of an offer, its seller and its variants."""

import base64
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

from orders_sandbox import seller_texts
from orders_sandbox.ids import hex_digest, number_below


@dataclass(frozen=True)
class Seller:
    """A seller. 1688 accepts only one seller per call (CONTRACT 9.9)."""

    login_id: str
    company: str

    @property
    def user_id(self) -> int:
        """The seller's numeric id, ten digits."""
        return 2_200_000_000 + number_below(100_000_000, f"seller {self.login_id}")

    @property
    def open_id(self) -> str:
        """The encrypted id that a line may carry as sellerOpenId (CONTRACT 3.1)."""
        return f"BBB{hex_digest(f'open {self.login_id}')}"


@dataclass(frozen=True)
class Promotion:
    """A reduction of `off` fen on each line of the offer, with the seller's own words for it."""

    off: int
    text: str
    description: str


@dataclass(frozen=True)
class Sku:
    """One orderable variant: spec_id is unique within its offer, sku_id everywhere (CONTRACT 3.2)."""

    spec_id: str
    sku_id: int
    colour: str
    size: str | None = None


@dataclass(frozen=True)
class MixedBatch:
    """What all lines of one seller together must reach: either `pieces`, or `amount` in fen (CONTRACT 9.8)."""

    pieces: int
    amount: int


HOME_SELLER = Seller("晨屿日用百货", "义乌市晨屿日用百货有限公司")
OTHER_SELLER = Seller("云桥家居工厂", "永康市云桥家居用品厂")
HOSTILE_SELLER = Seller("热情小店", seller_texts.COMPANY)
TRADE_MODES = ("assureTrade", "creditBuy")


@dataclass(frozen=True)
class Offer:
    """One product of the sandbox. Money in fen, `carriage` per order, every quantity in pieces.

    `shows` says in one English sentence what a purchase of it shows. `fault` names an entry of FAULTS, or is None.
    `order_message` stands beside status true in the answers of 2025, where it is a note and no refusal.
    `tiers` are ascending quantities, each with the unit price from there on; below the first, `unit_price` applies.
    `grams` is the weight of a piece whose carriage goes by weight; `carriage` does not count then.
    `colours` and `sizes` make the variants. `ships_alone` puts the offer into an order of its own.
    """

    name: str
    offer_id: int
    title: str
    shows: str
    unit_price: int = 1000
    carriage: int = 600
    unit: str = "件"
    seller: Seller = HOME_SELLER
    minimum: int = 1
    stock: int = 100_000
    promotion: Promotion | None = None
    carriage_by_description: bool = False
    cross_border_pay: bool = True
    trade_modes: tuple[str, ...] = TRADE_MODES
    trade_description: str | None = None
    order_message: str | None = None
    colours: tuple[str, ...] = ("本色",)
    sizes: tuple[str, ...] = ()
    fault: str | None = None
    tiers: tuple[tuple[int, int], ...] = ()
    grams: int | None = None
    consignment: bool = False
    lot: int = 1
    maximum: int | None = None
    wholesale_minimum: int = 1
    mixed_batch: MixedBatch | None = None
    ships_alone: bool = False
    standing: Literal["on sale", "suspended", "delisted"] = "on sale"

    @cached_property
    def skus(self) -> tuple[Sku, ...]:
        """The variants, in the order of the colours, each colour in every size."""
        every = product(self.colours, self.sizes or (None,))
        return tuple(self._sku(index, colour, size) for index, (colour, size) in enumerate(every))

    def price_of(self, quantity: int) -> int:
        """The unit price in fen if this many pieces are bought."""
        return next((price for start, price in reversed(self.tiers) if quantity >= start), self.unit_price)

    @property
    def spec_id(self) -> str:
        """The spec_id of the first variant; most offers have only one."""
        return self.skus[0].spec_id

    @property
    def open_offer_id(self) -> str:
        """The encrypted offer id that previews return."""
        return base64.b64encode(bytes.fromhex(hex_digest(f"open {self.name}"))).decode()

    def _sku(self, index: int, colour: str, size: str | None) -> Sku:
        key = self.name if index == 0 else f"{self.name} {index}"
        return Sku(hex_digest(key), 5_000_000_000_000 + number_below(10**12, f"sku {key}"), colour, size)
