"""What names add to the text of a preview: a third at the most."""

from pathlib import Path
from typing import Any

import pytest

from orders_sandbox import CATALOGUE
from support.house import ADDRESS, offer_id, opened_house

pytestmark = pytest.mark.anyio

TEN = [
    name
    for name, offer in CATALOGUE.items()
    if offer.standing == "on sale" and len(offer.skus) == 1 and offer.seller == CATALOGUE["plain"].seller
][:10]


@pytest.mark.parametrize("generation", ["2025", "2026"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_preview_of_ten_lines_is_at_most_a_third_longer_with_names(
    tmp_path: Path, generation: Any, language: str
) -> None:
    lines = [{"offer_id": offer_id(name), "spec_id": CATALOGUE[name].spec_id, "quantity": 12} for name in TEN]
    sizes: list[int] = []
    without: dict[str, Any] = {"product_path": ""}
    for settings in (without, dict[str, Any]()):
        async with (
            opened_house(tmp_path / str(len(sizes)), generation=generation) as house,
            house.buyer(language=language, **settings) as buyer,
        ):
            preview = await buyer.said("preview_order", lines=lines, address=ADDRESS, purchase_ref="PO-1")
        told = [each["message"] for each in preview["issues"] if each["code"] == "PRODUCT_UNKNOWN"]
        text = preview["summary"].replace(told[0], "") if told else preview["summary"]
        assert bool(told) is bool(settings)
        sizes.append(len(text.encode()))
    assert 1 < sizes[1] / sizes[0] <= 1.3
