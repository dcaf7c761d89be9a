"""Faults of a call's arguments, each with its path; for an unknown name, the nearest known ones."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from orders_prompts.inert import quoted
from orders_tools.errors import ArgumentFault, ArgumentProblem

_PLAIN_NAME = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")
_SYNONYMS: Mapping[str, str] = {
    "lines": "items products goods cart basket cargo cargoparamlist orderlines lineitems",
    "address": "addressparam consignee recipient receiver shippingaddress deliveryaddress shipto to",
    "flow": "channel flowflag",
    "buyer_message": "message note remark remarks memo comment",
    "purchase_ref": "outorderid ref reference orderno ordernumber ponumber po idempotencykey externalid",
    "offer_id": "id offer product productid itemid url link producturl",
    "quantity": "qty amount count num number pieces pcs",
    "spec_id": "sku skuid spec variant variantid",
    "seller_open_id": "seller sellerid supplier supplierid shop shopid",
    "product_no": "productnumber articlenumber itemno",
    "container": "containerno containernumber",
    "label": "name title productname description",
    "full_name": "name receiver receivername recipient consignee contact contactname contactperson",
    "mobile": "tel telephone phonenumber cell cellphone mobilephone mobilenumber",
    "province": "state provincetext",
    "city": "citytext",
    "street": "address addressdetail detail streetaddress addressline line1",
    "area": "district county areatext",
    "town": "towntext subdistrict",
    "post_code": "zip zipcode postal postalcode",
    "phone": "landline",
    "district_code": "adcode countycode areacode",
    "preview_token": "token preview previewid",
    "expected_total": "total amount price payable totalamount totalprice",
    "status": "state orderstatus",
    "created_from": "from since after start startdate datefrom starttime createstarttime",
    "created_to": "to until before end enddate dateto endtime createendtime",
    "page_size": "limit size perpage count",
    "cursor": "page nextcursor next offset pagetoken",
    "order_id": "id order orderno tradeid idofstr",
}
"""Other names that models and the API use for our arguments, in lower case and without punctuation."""


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[ArgumentFault]:
    """The faults in `error`, which came from reading a call as `model`; each fault once."""
    found: dict[tuple[str, str], ArgumentFault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        # An address may be an object or a name. Pydantic puts the branch into the path; only the first one counts.
        steps = list(detail["loc"])
        if steps[:1] == ["address"] and len(steps) > 1 and steps.pop(1) == "str":
            continue
        fault = ArgumentFault(_path(steps), *_problem_of(detail["type"], detail.get("ctx", {}), steps, model))
        found.setdefault((fault.path, fault.problem), fault)
    return list(found.values())


def _path(steps: list[int | str]) -> str:
    """The path of a fault; a name that cannot be an argument's is quoted in 「」."""
    path = ""
    for step in steps:
        name = (
            f"[{step}]"
            if isinstance(step, int)
            else step
            if _PLAIN_NAME.fullmatch(step)
            else (quoted(step, 64) or "「」")
        )
        path += name if isinstance(step, int) or not path else f".{name}"
    return path or "(arguments)"


_TYPE_PROBLEMS = {
    "missing": ArgumentProblem.MISSING,
    "list_type": ArgumentProblem.NOT_A_LIST,
    "model_type": ArgumentProblem.NOT_AN_OBJECT,
    "model_attributes_type": ArgumentProblem.NOT_AN_OBJECT,
    "dict_type": ArgumentProblem.NOT_AN_OBJECT,
}


def _problem_of(
    kind: str, context: Mapping[str, Any], steps: list[int | str], model: type[BaseModel]
) -> tuple[ArgumentProblem, dict[str, Any]]:
    if kind == "problem":
        return context["name"], {key: value for key, value in context.items() if key != "name"}
    if kind == "extra_forbidden":
        return ArgumentProblem.UNKNOWN_NAME, {"nearest": _nearest(str(steps[-1])[:64], _names_at(steps, model))}
    return _TYPE_PROBLEMS.get(kind, ArgumentProblem.NOT_READABLE), {}


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    """The known names closest to `name`: another spelling of it, else a synonym, else a similar one."""
    squeezed = {_squeeze(each): each for each in known}
    if _squeeze(name) in squeezed:
        return [squeezed[_squeeze(name)]]
    meant = [each for each in known if _squeeze(name) in _SYNONYMS.get(each, "").split()]
    return meant or [squeezed[each] for each in get_close_matches(_squeeze(name), squeezed, 2, 0.5)]


def _squeeze(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())


def _names_at(steps: list[int | str], model: type[BaseModel]) -> list[str]:
    """The argument names allowed at the end of a path."""
    for step in steps[:-1]:
        if isinstance(step, str):
            model = next(_models_in(model.model_fields[step].annotation))
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
