"""The requests of preview and create (CONTRACT 3.1 and 4.1)."""

from dataclasses import dataclass

from orders_sandbox.fields import Fields
from orders_sandbox.refusals import wrong_parameter

MOST_LINES = 50
_MOST_PIECES = 99_999_999
_LARGEST_LONG = 2**63 - 1


@dataclass(frozen=True)
class Consignee:
    """Who receives the goods; a part that was not sent is an empty text (CONTRACT 9.5)."""

    full_name: str
    mobile: str
    phone: str
    post_code: str
    province: str
    city: str
    area: str
    town: str
    address: str
    district_code: str


@dataclass(frozen=True)
class CargoLine:
    """One requested line: quantity in the offer's sale unit; no spec_id if the offer has no variants."""

    offer_id: int
    spec_id: str | None
    quantity: int


@dataclass(frozen=True)
class PreviewRequest:
    """A basket and its consignee; without a flow, the API chooses one."""

    flow: str | None
    consignee: Consignee
    lines: tuple[CargoLine, ...]


@dataclass(frozen=True)
class CreateRequest:
    """A basket to be ordered; if `trade_type` is None, the API chooses how it is paid."""

    flow: str
    trade_type: str | None
    out_order_id: str | None
    consignee: Consignee
    lines: tuple[CargoLine, ...]


def read_preview(body: Fields) -> PreviewRequest:
    """The preview requested by the body; a faulty field is refused with 630 and its name."""
    for name in ("aliId", "outOrderId"):
        body.text(name)
    flow = body.text("flow") or None
    return PreviewRequest(flow, read_consignee(body), _read_lines(body))


def read_create(body: Fields) -> CreateRequest:
    """The order requested by the body; a faulty field is refused with 630 and its name."""
    flow = body.required_text("flow")
    body.text("message", longest=500)
    for name in ("aliId", "shopPromotionId"):
        body.text(name)
    out_order_id = body.text("outOrderId")
    trade_type = body.text("tradeType") or None
    return CreateRequest(flow, trade_type, out_order_id, read_consignee(body), _read_lines(body))


def read_consignee(body: Fields) -> Consignee:
    """The recipient in addressParam, who needs a name, a mobile, a street and either a district code or names."""
    form = body.record("addressParam")
    consignee = Consignee(
        full_name=form.required_text("fullName"),
        mobile=form.required_text("mobile"),
        phone=form.text("phone") or "",
        post_code=form.text("postCode") or "",
        province=form.text("provinceText") or "",
        city=form.text("cityText") or "",
        area=form.text("areaText") or "",
        town=form.text("townText") or "",
        address=form.required_text("address", longest=200),
        district_code=form.text("districtCode") or "",
    )
    if not consignee.district_code and not (consignee.province and consignee.city):
        raise wrong_parameter("addressParam.districtCode")
    return consignee


def _read_lines(body: Fields) -> tuple[CargoLine, ...]:
    return tuple(_read_line(line) for line in body.records("cargoParamList", most=MOST_LINES))


def _read_line(line: Fields) -> CargoLine:
    for name in ("sellerOpenId", "productNo", "container"):
        line.text(name)
    return CargoLine(
        offer_id=line.required_whole("offerId", 1, _LARGEST_LONG),
        spec_id=line.text("specId"),
        quantity=line.required_whole("quantity", 1, _MOST_PIECES),
    )
