"""Codes are members of an enum, and what was stored earlier, or by another version, stays readable."""

import copy
from enum import StrEnum

import pytest

from orders_tools.errors import ArgumentProblem, FaultCode
from orders_tools.purchase.records import Finding, Verdict, shown_digest
from orders_tools.purchase.states import PlacementState
from orders_tools.vocabulary import EvidenceName, IssueCode
from support.a_purchase import answer, purchase

ANOTHER = "OF_ANOTHER_VERSION"


def stored(code: str) -> Finding:
    """A finding as the ledger gives it back."""
    return Finding.model_validate_json(f'{{"severity":"warns","code":"{code}","details":{{"a":"b"}}}}')


@pytest.mark.parametrize("words", [IssueCode, FaultCode])
def test_a_code_is_told_and_kept_by_its_own_name(words: type[StrEnum]) -> None:
    assert all(each.value == each.name for each in words)


@pytest.mark.parametrize("words", [EvidenceName, ArgumentProblem])
def test_a_word_of_ours_is_its_name_in_small_letters(words: type[StrEnum]) -> None:
    assert all(each.value == each.name.lower() for each in words)


@pytest.mark.parametrize("code", IssueCode)
def test_a_stored_code_is_read_as_the_member_it_is(code: IssueCode) -> None:
    assert stored(code.value).code is code


def test_a_stored_code_that_nobody_knows_stays_what_it_is() -> None:
    finding = stored(ANOTHER)
    assert finding.code == ANOTHER
    assert finding.code not in set(IssueCode)
    assert f"{finding.code}" == str(finding.code) == copy.deepcopy(finding).code.value == ANOTHER
    assert Finding.model_validate_json(finding.model_dump_json()) == finding
    assert {finding.code: 1}[IssueCode(ANOTHER)] == 1
    assert IssueCode(ANOTHER) != IssueCode("OF_A_THIRD")


def test_a_code_that_is_no_text_is_none() -> None:
    with pytest.raises(ValueError, match="7 is not a valid IssueCode"):
        IssueCode(7)


@pytest.mark.parametrize("code", ["BUSY", ANOTHER])
def test_a_purchase_stored_with_a_code_keeps_its_digest(code: str) -> None:
    own = purchase(answer()).model_copy(update={"findings": (stored(code),)})
    again = type(own).model_validate_json(own.model_dump_json())
    assert again.findings[0].code == code
    assert shown_digest(again) == shown_digest(own)


def test_evidence_recorded_earlier_is_read_as_text() -> None:
    for evidence in (*EvidenceName, "ReadTimeout", "not a number"):
        verdict = Verdict(state=PlacementState.UNKNOWN, evidence=evidence)
        assert Verdict.model_validate_json(verdict.model_dump_json()).evidence == evidence
