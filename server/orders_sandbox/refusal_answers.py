"""Puts the reason of a refusal into the envelope, or into the data of a call that looks like a success."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from orders_sandbox.create_answers import failed_line
from orders_sandbox.json_text import Json, JsonObject, render
from orders_sandbox.options import SandboxOptions
from orders_sandbox.refusals import BUSINESS, SUCCESS, Refusal, RefusedLine


class Call(Enum):
    """Which kind of call is refused."""

    PREVIEW = auto()
    CREATE = auto()
    ENQUIRY = auto()


@dataclass(frozen=True)
class Content:
    """The content of an envelope; `code` is 1688's text if the switch puts it there."""

    code: int | str
    message: str
    data: Json = None


SUCCEEDED = "成功"


def refusal_answer(refusal: Refusal, call: Call, options: SandboxOptions) -> Content:
    """The answer to a refused call. A fault of headers or fields is always in the envelope."""
    if refusal.code != BUSINESS or not refusal.reasons:
        return Content(refusal.code, refusal.message)
    if options.switches.error_place == "lines" and refusal.lines and call is not Call.ENQUIRY:
        data = _in_preview(refusal, options.generation) if call is Call.PREVIEW else _in_create(refusal)
        return Content(SUCCESS, SUCCEEDED, data)
    return _PLACES.get(options.switches.error_place, _in_message)(refusal)


def _in_message(refusal: Refusal) -> Content:
    return Content(BUSINESS, refusal.message)


def _in_code(refusal: Refusal) -> Content:
    return Content(_code(refusal), _texts(refusal))


def _in_data(refusal: Refusal) -> Content:
    return _failure(refusal, _texts(refusal))


def _in_document(refusal: Refusal) -> Content:
    return _failure(refusal, render({"errorMessage": refusal.message}))


def _failure(refusal: Refusal, message: str) -> Content:
    return Content(SUCCESS, SUCCEEDED, {"success": False, "errorCode": _code(refusal), "errorMsg": message})


_PLACES: Mapping[str, Callable[[Refusal], Content]] = {
    "message": _in_message,
    "code": _in_code,
    "data": _in_data,
    "document": _in_document,
}


def _code(refusal: Refusal) -> str:
    return refusal.reasons[0].code or str(BUSINESS)


def _texts(refusal: Refusal) -> str:
    return ";".join(reason.text or reason.code for reason in refusal.reasons)


def _in_create(refusal: Refusal) -> Json:
    failed: list[Json] = [failed_line(line) for line in refusal.lines]
    result: JsonObject = {"success": False, "orderId": "", "failedOfferList": failed}
    return {"result": result, "success": False}


def _in_preview(refusal: Refusal, generation: str) -> Json:
    """One order that cannot be made, with amounts of 0 and each line's problem beside it."""
    money: JsonObject = {"sumPayment": 0, "sumCarriage": 0, "sumPaymentNoCarriage": 0}
    if generation == "2026":
        items: list[Json] = [_line(line) for line in refusal.lines]
        return [{**money, "sumTotalPayment": 0, "orderItemTOList": items}]
    code = _code(refusal)
    cargo: list[Json] = [{**_line(line), "resultCode": line.reason.code or code} for line in refusal.lines]
    order: JsonObject = {
        **money,
        "status": False,
        "resultCode": code,
        "message": refusal.message,
        "tradeModeNameList": [],
        "tradeModelList": [],
        "cargoList": cargo,
    }
    return {"orderPreviewResuslt": [order]}


def _line(line: RefusedLine) -> JsonObject:
    return {
        "offerId": line.offer_id,
        "specId": line.spec_id,
        "amount": 0,
        "finalUnitPrice": 0,
        "message": line.reason.message,
    }
