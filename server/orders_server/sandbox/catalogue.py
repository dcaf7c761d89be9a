"""What the sandbox sells. Each offer shows one behaviour of the API; adding one is one entry in the table."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from orders_server.sandbox import seller_texts
from orders_server.sandbox.ids import hex_digest, number_below


@dataclass(frozen=True)
class Seller:
    """Who sells; one supplier per call is all that 1688 takes (CONTRACT 9.9)."""

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


HOME_SELLER = Seller("晨屿日用百货", "义乌市晨屿日用百货有限公司")
OTHER_SELLER = Seller("云桥家居工厂", "永康市云桥家居用品厂")
TRADE_MODES = ("assureTrade", "creditBuy")


@dataclass(frozen=True)
class Offer:
    """One product of the sandbox. Money in fen, `carriage` per order, `stock` and `minimum` in pieces.

    `shows` says in one English sentence what a purchase of it shows. `fault` names an entry of FAULTS, or is None.
    `order_message` stands beside status true in the answers of 2025, where it is a note and no refusal.
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
    fault: str | None = None

    @cached_property
    def skus(self) -> tuple[Sku, ...]:
        """The variants, in the order of the colours."""
        return tuple(self._sku(index, colour) for index, colour in enumerate(self.colours))

    @property
    def spec_id(self) -> str:
        """The spec_id of the first variant, which for most offers is the only one."""
        return self.skus[0].spec_id

    @property
    def open_offer_id(self) -> str:
        """The encrypted offer id that previews return."""
        return base64.b64encode(bytes.fromhex(hex_digest(f"open {self.name}"))).decode()

    def _sku(self, index: int, colour: str) -> Sku:
        key = self.name if index == 0 else f"{self.name} {index}"
        return Sku(hex_digest(key), 5_000_000_000_000 + number_below(10**12, f"sku {key}"), colour)


_OFFERS = (
    Offer("plain", 610000000001, "简约陶瓷马克杯", "An ordinary purchase without surprises.", unit_price=2900),
    Offer(
        "promotion",
        610000000002,
        "竹纤维洗碗巾三条装",
        "The line amount is not unit price times quantity, because a promotion takes 0.69 yuan off the line.",
        unit_price=1390,
        carriage=350,
        promotion=Promotion(69, "省0.69", "新客首单立减0.69元"),
    ),
    Offer("free-carriage", 610000000003, "硅胶折叠漏斗", "Carriage is free.", unit_price=1800, carriage=0),
    Offer(
        "carriage-by-description",
        610000000004,
        "实木落地衣帽架",
        "Carriage is agreed with the seller, so the zero in the sum is not the final carriage.",
        carriage=0,
        carriage_by_description=True,
    ),
    Offer(
        "no-cross-border-pay",
        610000000005,
        "棉麻隔热餐垫",
        "The offer cannot be paid by Kuajingbao, the cross-border payment.",
        cross_border_pay=False,
    ),
    Offer(
        "minimum-quantity", 610000000006, "彩色晾衣夹", "Fewer than three pieces are refused with 500_005.", minimum=3
    ),
    Offer(
        "short-stock",
        610000000007,
        "手工编织收纳篮",
        "More than the five pieces left are refused with 500_004.",
        stock=5,
    ),
    Offer(
        "no-order-mode",
        610000000008,
        "定制礼品木盒",
        "The offer has no trade mode, so it cannot be ordered through the API.",
        trade_modes=(),
    ),
    Offer(
        "seller-texts",
        610000000009,
        seller_texts.PRODUCT_NAME,
        "The seller's texts carry markup, control characters and an instruction to the assistant.",
        unit_price=1500,
        promotion=Promotion(100, seller_texts.PROMOTION_TEXT, seller_texts.PROMOTION_DESCRIPTION),
        trade_description=seller_texts.TRADE_DESCRIPTION,
        order_message=seller_texts.ORDER_MESSAGE,
    ),
    Offer(
        "other-seller",
        610000000010,
        "不锈钢挂钩",
        "Beside any other offer it is refused with 500_002, because one call takes one seller.",
        seller=OTHER_SELLER,
    ),
    Offer(
        "two-colours",
        610000000011,
        "磨砂随行杯",
        "The offer has two variants, so a line without a specId is refused with 500_002.",
        colours=("雾蓝", "米白"),
    ),
    Offer(
        "price-rise",
        610000000021,
        "无线桌面台灯",
        "Every second preview shows 12.50 yuan instead of 10.00, and create charges what the last preview showed.",
        fault="price-rise",
    ),
    Offer(
        "lost-answer",
        610000000022,
        "便携缝纫套装",
        "The order is made, then the connection ends before any of the answer's body.",
        fault="lost-answer",
    ),
    Offer(
        "bad-gateway",
        610000000023,
        "加绒保暖手套",
        "The order is made, then a gateway answers 502 with an HTML page.",
        fault="bad-gateway",
    ),
    Offer(
        "success-false",
        610000000024,
        "软木杯垫六片装",
        "The order is made, yet the answer says success false beside the order id.",
        fault="success-false",
    ),
)

CATALOGUE: Mapping[str, Offer] = MappingProxyType({offer.name: offer for offer in _OFFERS})

_BY_ID = {offer.offer_id: offer for offer in _OFFERS}


def offer_of(offer_id: int) -> Offer | None:
    """The offer with that id, or None where the sandbox sells no such thing."""
    return _BY_ID.get(offer_id)
