"""A seeded bug of those that `python -m torture` seeds."""

import pytest

from torture.bugs import BUGS, Bug, PatchLost, copy_of_the_tree, goes_red, lost_patches, seed


def test_a_seeded_bug_is_seen() -> None:
    assert goes_red(BUGS[10])


def test_every_seeded_bug_can_still_be_put_in() -> None:
    assert lost_patches() == []


def test_a_patch_whose_text_is_gone_is_said() -> None:
    stale = Bug("stale", "", ((BUGS[0].replacements[0][0], "no such text", ""),))
    with copy_of_the_tree() as tree, pytest.raises(PatchLost):
        seed(stale, tree)
