"""Two seeded bugs of those that `python -m torture` seeds."""

import pytest

from torture.bugs import BUGS, Bug, PatchLost, copy_of_the_tree, goes_red, seed


@pytest.mark.parametrize("bug", [BUGS[2], BUGS[10]], ids=lambda bug: bug.name)
def test_a_seeded_bug_is_seen(bug: Bug) -> None:
    assert goes_red(bug)


def test_a_patch_whose_text_is_gone_is_said() -> None:
    with copy_of_the_tree() as tree:
        for bug in BUGS:
            for file, _, _ in bug.replacements:
                assert (tree / file).is_file()
        with pytest.raises(PatchLost):
            seed(Bug("stale", "", ((BUGS[0].replacements[0][0], "no such text", ""),)), tree)
