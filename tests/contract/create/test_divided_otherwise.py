"""The same reference in a ledger that knows nothing, and a catalogue that names the sellers now and not before."""

import json
from pathlib import Path
from typing import Any

import pytest
from torture.scripted import PRODUCT, ScriptedUpstream, success
from torture.world import BASKETS, World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("divided", [(True, False), (False, True)])
async def test_an_order_of_the_same_lines_divided_otherwise_is_found_before_they_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, divided: tuple[bool, bool]
) -> None:
    real, named = ScriptedUpstream.answer, {"now": True}

    def answer(self: ScriptedUpstream, path: str, headers: Any, content: bytes) -> Any:
        if not path.endswith(PRODUCT) or not named["now"]:
            return real(self, path, headers, content)
        offer_id = str(json.loads(content)["offerId"])
        return success({"offerId": offer_id, "subject": offer_id, "sellerOpenId": f"S{offer_id}"})

    monkeypatch.setattr(ScriptedUpstream, "answer", answer)
    world = World(tmp_path, 1)
    sent: list[int] = []
    said: list[str] = []
    for turn, named["now"] in enumerate(divided):
        preview = await world.preview(BASKETS["split"], purchase_ref="PO-own")
        said.append((await world.create(preview.what)).what)
        sent.append(len(world.upstream.executed))
        if not turn:
            world.clock.forward(3_600)
            await world.close()
            world.file.unlink()
            await world.restart()
    await world.close()

    assert sent == [2 if divided[0] else 1] * 2
    assert said == ["placed", "NOT_ORDERABLE"]
