"""What the sandbox sells. Each offer shows one behaviour of the API; adding one is one entry in the table."""

from collections.abc import Mapping
from types import MappingProxyType

from orders_sandbox import seller_texts
from orders_sandbox.catalogue_words import SHIRT_COLOURS, SHIRT_SIZES
from orders_sandbox.offers import HOSTILE_SELLER, OTHER_SELLER, MixedBatch, Offer, Promotion

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
        "tiered-price",
        610000000012,
        "本色麻绳百米卷",
        "A piece costs 10.00 yuan, 9.00 from ten pieces on and 7.50 from a hundred on.",
        tiers=((10, 900), (100, 750)),
    ),
    Offer(
        "carriage-by-weight",
        610000000013,
        "铸铁煎锅",
        "A piece weighs 1.2 kg, and carriage goes by weight and region: more to Xinjiang than to Zhejiang.",
        unit_price=4500,
        grams=1200,
    ),
    Offer(
        "consignment",
        610000000014,
        "亚麻靠垫套",
        "A consignment offer, named so by the answers of 2025, and the only one that flow saleproxy can order.",
        consignment=True,
    ),
    Offer(
        "lot-multiple", 610000000015, "一次性木筷", "Sold in lots of six pieces; other quantities are refused.", lot=6
    ),
    Offer(
        "delisted",
        610000000016,
        "旧款铁艺烛台",
        "The offer is gone, so the whole call is refused with the words offer no exist.",
        standing="delisted",
    ),
    Offer(
        "not-sellable",
        610000000017,
        "停售玻璃花瓶",
        "The offer is there but not sold: its line is refused with FAIL_BIZ_PRODUCT_TRADE_STAT_ERROR.",
        standing="suspended",
    ),
    Offer(
        "mixed-batch",
        610000000018,
        "混批小收纳盒",
        "Refused with 500_006 until all of this seller's lines reach ten pieces or 100.00 yuan together.",
        mixed_batch=MixedBatch(pieces=10, amount=10_000),
    ),
    Offer(
        "wholesale-minimum",
        610000000019,
        "批发毛巾",
        "Fewer than twelve pieces are below the wholesale minimum and refused with 500_009.",
        wholesale_minimum=12,
    ),
    Offer("zero-price", 610000000020, "面议样品册", "The price is zero, which is refused with 500_008.", unit_price=0),
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
    Offer(
        "price-rise-after-creation",
        610000000025,
        "复古铜门把手",
        "Ten minutes after the order is made the seller raises its price by 5.00 yuan; the details tell.",
        fault="price-rise-after-creation",
    ),
    Offer(
        "maximum-quantity",
        610000000026,
        "限购保温壶",
        "More than two hundred pieces are refused with FAIL_BIZ_FAIL_BIZ_BOOKED_BEYOND_THE_MAX_QUANTITY.",
        maximum=200,
    ),
    Offer(
        "split",
        610000000027,
        "大号折叠桌",
        "It travels alone: beside other offers the preview shows two orders, and create makes two.",
        unit_price=9900,
        carriage=2500,
        ships_alone=True,
    ),
    Offer(
        "split-part-fails",
        610000000028,
        "落地穿衣镜",
        "It travels alone, and beside other offers its order fails while theirs is made: a partial success.",
        unit_price=15_000,
        carriage=3000,
        ships_alone=True,
        fault="part-fails",
    ),
    Offer(
        "other-seller-free-carriage",
        610000000029,
        "铝制毛巾杆",
        "A second offer of the other seller, with free carriage.",
        unit_price=2600,
        carriage=0,
        seller=OTHER_SELLER,
    ),
    Offer(
        "other-seller-short-stock",
        610000000030,
        "不锈钢置物架",
        "A third offer of the other seller; more than the three pieces left are refused with 500_004.",
        stock=3,
        seller=OTHER_SELLER,
    ),
    Offer(
        "many-variants",
        610000000031,
        "纯棉圆领短袖",
        "Twenty colours in fifteen sizes make three hundred variants, each with a specId of its own.",
        colours=SHIRT_COLOURS,
        sizes=SHIRT_SIZES,
    ),
    Offer(
        "hostile-seller",
        610000000032,
        seller_texts.VARIANT_TITLE,
        "A seller whose name, title, variants and unit carry marks, links, line breaks and orders to the assistant.",
        unit_price=800,
        unit=seller_texts.VARIANT_UNIT,
        seller=HOSTILE_SELLER,
        colours=seller_texts.VARIANT_COLOURS,
    ),
)

CATALOGUE: Mapping[str, Offer] = MappingProxyType({offer.name: offer for offer in _OFFERS})

_BY_ID = {offer.offer_id: offer for offer in _OFFERS}


def offer_of(offer_id: int) -> Offer | None:
    """The offer with that id; None if the sandbox does not sell it."""
    return _BY_ID.get(offer_id)
