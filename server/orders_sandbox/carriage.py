"""Carriage by weight and region, in fen: the sandbox's own table, because no document has one."""

from collections.abc import Iterable
from dataclasses import dataclass

from orders_sandbox.offers import Offer
from orders_sandbox.purchase_requests import Consignee


@dataclass(frozen=True)
class Region:
    """Provinces with the same prices: the first two digits of their codes, the start of their names, and the prices."""

    codes: frozenset[str]
    names: tuple[str, ...]
    first_kilogram: int
    next_kilogram: int


_REGIONS = (
    Region(frozenset({"31", "32", "33", "34"}), ("上海", "江苏", "浙江", "安徽"), 500, 150),
    Region(frozenset({"15", "46", "62", "63", "64"}), ("内蒙古", "海南", "甘肃", "青海", "宁夏"), 1200, 800),
    Region(frozenset({"54", "65"}), ("西藏", "新疆"), 2000, 1500),
)
_ELSEWHERE = Region(frozenset(), (), 800, 300)


def carriage_of(goods: Iterable[tuple[Offer, int]], consignee: Consignee) -> int:
    """The carriage of these pieces in one order, in fen.

    Offers with carriage by weight are weighed together. If other offers have fixed carriage, the largest sum counts,
    because all travel together.
    """
    grams, sums = 0, [0]
    for offer, quantity in goods:
        if offer.grams is None:
            sums.append(offer.carriage)
        else:
            grams += offer.grams * quantity
    return max(*sums, by_weight(grams, region_of(consignee)) if grams else 0)


def by_weight(grams: int, region: Region) -> int:
    """The price of the first kilogram plus that of each further kilogram or part of one, in fen."""
    return region.first_kilogram + region.next_kilogram * max(0, -(-grams // 1000) - 1)


def region_of(consignee: Consignee) -> Region:
    """The region of the goods' destination: the district code overrides the written names (CONTRACT 9.5)."""
    for region in _REGIONS:
        if consignee.district_code:
            if consignee.district_code[:2] in region.codes:
                return region
        elif consignee.province.startswith(region.names):
            return region
    return _ELSEWHERE
