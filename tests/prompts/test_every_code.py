"""Each code of ours has words of its own in both languages, and no words are left of a code that is gone."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

import orders_prompts
import orders_tools
from orders_prompts.renderer import Language, Texts
from orders_tools.errors import ArgumentProblem, FaultCode
from orders_tools.vocabulary import EvidenceName, IssueCode, Unavailability

TEXTS = Path(orders_prompts.__file__).parent / "texts"
TOOLS = Path(orders_tools.__file__).parent
_PARSER = Environment()
_PARSER.filters.update(china_time=str, inert=str)
KINDS: dict[str, type[StrEnum]] = {
    "issue": IssueCode,
    "fault": FaultCode,
    "fault_next": FaultCode,
    "argument": ArgumentProblem,
}
"""Each text of sentences, and what it has a sentence for."""
WITHOUT_REMEDY = {
    IssueCode.CARRIAGE_NOT_QUALIFIED,
    IssueCode.CUT_BY_SELLER,
    IssueCode.NO_LOOK_BEFORE_SENDING,
    IssueCode.PRODUCT_UNKNOWN,
    IssueCode.SPLIT,
    IssueCode.UPSTREAM_NOTE,
}
"""What is worth knowing and leaves nothing to change."""
NOT_YET = {FaultCode.LIMIT_EXCEEDED}
"""Has its texts and nothing that tells it: there are no limits yet (0012)."""
ANOTHER = "OF_ANOTHER_VERSION"


def branches(language: str, name: str) -> set[str]:
    """The codes that the text has a branch for."""
    parsed = _PARSER.parse((TEXTS / language / f"{name}.j2").read_text(encoding="utf-8"))
    compared = [each for each in parsed.find_all(nodes.Compare) if each.expr == nodes.Name("code", "load")]
    constants = [constant.value for each in compared for constant in each.find_all(nodes.Const)]
    return {constant for constant in constants if isinstance(constant, str)}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_code_has_a_branch_of_its_own_and_each_branch_a_code(kind: str, language: str) -> None:
    assert branches(language, kind) == set(KINDS[kind])


def test_each_way_to_be_unavailable_is_told_in_chinese() -> None:
    assert branches("zh", "unavailable") == set(Unavailability)
    for kind in set(Unavailability) - {Unavailability.UNREADABLE}:
        said = Texts("zh").sentence("unavailable", kind, {"why": "it is English"})
        assert not re.search("[A-Za-z]", said), said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_issue_has_a_remedy_or_is_known_to_have_none(language: str) -> None:
    assert branches(language, "remedy") | WITHOUT_REMEDY == set(IssueCode)
    assert branches(language, "remedy") & WITHOUT_REMEDY == set()


@pytest.mark.parametrize("words", [IssueCode, EvidenceName, FaultCode, ArgumentProblem, Unavailability])
def test_no_code_is_left_that_nothing_tells(words: type[StrEnum]) -> None:
    server = TOOLS.parents[1] / "server/orders_server"
    folders = (TOOLS, server / "mcp", server / "xportcn")
    code = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    assert {each.name for each in words} - {each.name for each in NOT_YET} == set(
        re.findall(rf"\b{words.__name__}\.([A-Z_]+)\b", code)
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_code_of_another_version_is_told_and_nothing_is_claimed_of_it(language: Language) -> None:
    details: dict[str, Any] = {"spec_id": "", "message": "「售罄」", "code": "「500」"}
    assert ANOTHER.replace("_", "＿") in Texts(language).sentence("issue", ANOTHER, details)
    assert Texts(language).sentence("remedy", ANOTHER, details) == ""
    for kind in ("issue", "fault", "fault_next"):
        said = Texts(language).sentence(kind, ANOTHER, {**details, "reason": ""})
        assert said
        assert not re.search("refuses|sent|ordered|提交|下单|拒绝下单", said), said


@pytest.mark.parametrize(
    ("language", "unknown"), [("en", "whether this call sent an order is not known"), ("zh", "是否已提交订单尚不清楚")]
)
def test_a_fault_after_which_nobody_can_look_claims_nothing_of_the_order(language: Language, unknown: str) -> None:
    details = {"reason": "store_after_fault", "why": "disk full"}
    assert unknown in Texts(language).sentence("fault", FaultCode.INTERNAL, details)
    assert "create_order" in Texts(language).sentence("fault_next", FaultCode.INTERNAL, details)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_calls_the_ordering_api_by_the_word_for_a_supplier(language: str) -> None:
    for path in (TEXTS / language).glob("*.j2"):
        said = re.sub(
            r"\{#.*?#\}|[a-z_]*upstream_\w+|\"[A-Z_]+\"", "", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        assert not re.search("上游|upstream", said, re.IGNORECASE), path.name


def test_chinese_calls_the_purchaser_and_the_operator_by_one_word_each() -> None:
    for path in (TEXTS / "zh").glob("*.j2"):
        said = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search("用户|运维|起订量|商品行", said), path.name


@pytest.mark.parametrize(
    ("macro", "code", "meant"),
    [
        ("flow", "general", ("general (ordinary wholesale)", "general（普通批发）")),
        ("flow", "fenxiao", ("fenxiao (distribution)", "fenxiao（分销）")),
        ("flow", "fenxiaonew", ("fenxiaonew", "fenxiaonew")),
        ("payment", "assureTrade", ("assureTrade (escrow, 担保交易)", "assureTrade（担保交易）")),
        ("payment", "period", ("period (credit term)", "period（账期）")),
        ("payment", "alipay", ("alipay", "alipay")),
    ],
)
def test_a_channel_and_a_payment_go_with_what_documents_say_they_mean(
    macro: str, code: str, meant: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "start_purchase.j2").write_text('{% import "parts.j2" as parts %}{{ parts.' + macro + "(wish) }}")
    assert tuple(Texts(language, tmp_path).render("start_purchase", wish=code) for language in ("en", "zh")) == meant
