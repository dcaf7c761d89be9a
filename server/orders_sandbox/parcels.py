"""The recipient of an order and its parcels (CONTRACT 6)."""

from datetime import datetime

from orders_sandbox.ids import number_below
from orders_sandbox.json_text import Json, JsonObject, upstream_time
from orders_sandbox.order_state import OrderState
from orders_sandbox.orders import OrderRecord

_CARRIERS = (("圆通速递", "YT"), ("中通快递", "7"), ("极兔速递", "JT"))


def native_logistics(order: OrderRecord, state: OrderState) -> JsonObject:
    """The recipient and a record for each parcel sent so far."""
    consignee = order.consignee
    return {
        "contactPerson": consignee.full_name,
        "mobile": consignee.mobile,
        "telephone": consignee.phone,
        "province": consignee.province,
        "city": consignee.city,
        "area": consignee.area,
        "town": consignee.town,
        "address": consignee.address,
        "areaCode": consignee.district_code,
        "zip": consignee.post_code,
        "logisticsItems": [
            _parcel(order, number, moment, lines) for number, (moment, lines) in enumerate(state.sent, start=1)
        ],
    }


def _parcel(order: OrderRecord, number: int, sent: datetime, lines: tuple[int, ...]) -> JsonObject:
    key = f"parcel {order.order_id} {number}"
    company, letters = _CARRIERS[number_below(len(_CARRIERS), f"carrier {key}")]
    parcel_id = 100_000_000_000_000 + number_below(10**14, key)
    moment: Json = upstream_time(sent)
    return {
        "id": parcel_id,
        "logisticsCode": f"LP{parcel_id}",
        "logisticsBillNo": f"{letters}{number_below(10**13, f'bill {key}'):013d}",
        "logisticsCompanyName": company,
        "type": "0",
        "status": "alreadysend",
        "deliveredTime": moment,
        "gmtCreate": moment,
        "gmtModified": moment,
        "subItemIds": ",".join(order.lines[line].sub_item_id for line in lines),
    }
