"""Two seeded bugs of those that `python -m torture` seeds."""

import pytest

from torture.bugs import BUGS, Bug, PatchLost, copy_of_the_tree, goes_red, lost_patches, seed


@pytest.mark.parametrize("bug", [BUGS[2], BUGS[10]], ids=lambda bug: bug.name)
def test_a_seeded_bug_is_seen(bug: Bug) -> None:
    assert goes_red(bug)


def test_every_seeded_bug_can_still_be_put_in() -> None:
    assert lost_patches() == []


def test_a_patch_whose_text_is_gone_is_said() -> None:
    stale = Bug("stale", "", ((BUGS[0].replacements[0][0], "no such text", ""),))
    with copy_of_the_tree() as tree, pytest.raises(PatchLost):
        seed(stale, tree)
