"""The consignee as the dialog shows it: in full, inert, and in 『』, the marks of what the caller chose."""

from orders_prompts.inert import chosen, chosen_code, inert
from orders_tools.purchase.records import Purchase

_LONGEST_PLACE = 1_000
"""More characters than all parts of an address can have, so that nothing is cut off."""
_NUMBERS = frozenset({"mobile", "phone", "post_code", "district_code"})


def consignee_in_short(purchase: Purchase) -> str:
    """Who receives the goods, by name and mobile, as the dialog shows them."""
    address = visible_address(purchase)
    return f"{address.get('full_name', '')} {address.get('mobile', '')}".strip()


def visible_address(purchase: Purchase) -> dict[str, str]:
    """Each field of the consignee as it may be shown, and the place in one quotation under `whole`."""
    fields = purchase.address.model_dump() if purchase.address else {}
    shown = {name: chosen_code(value) if name in _NUMBERS else chosen(value) for name, value in fields.items()}
    places = [place for name in ("province", "city", "area", "town", "street") if (place := fields.get(name))]
    # A place without visible characters is still sent, so it is shown as empty marks.
    whole = " ".join(place if inert(place) else "□" for place in places)
    return {**shown, "whole": chosen(whole, _LONGEST_PLACE)}
