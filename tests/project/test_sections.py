"""A page that several commands write: each changes its own section and leaves the others."""

from pathlib import Path

import pytest
from mutation.run import PAGE, SECTION

from support.sections import section, write_section

TWO = "# Page\n\n<!-- one -->\n\nold\n\n<!-- end of one -->\n\nbetween\n\n<!-- two -->\n\nkept\n\n<!-- end of two -->\n"


def test_writing_one_section_leaves_the_rest_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(TWO, encoding="utf-8")
    write_section(page, "one", "new\n\nlines\n")

    assert page.read_text(encoding="utf-8") == TWO.replace("old", "new\n\nlines")
    assert (section(page, "one"), section(page, "two")) == ("new\n\nlines", "kept")


@pytest.mark.parametrize("text", ["no section", TWO + TWO], ids=["none", "twice"])
def test_a_page_without_exactly_that_section_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"sections named one, not one"):
        write_section(page, "one", "new")

    assert page.read_text(encoding="utf-8") == text


def test_the_page_of_reliability_has_a_section_for_each_command_that_writes_it() -> None:
    assert "schedules tried" in section(PAGE, "torture")
    assert section(PAGE, SECTION) is not None
