"""Each text names the way to a yes that there is, in a purchaser's words, and claims no person that nobody asked."""

import re
from pathlib import Path

import pytest

from orders_server.cli.program import program
from support.house import MODES, House, Person, Reader, content_of, order_of, saying, text_of

pytestmark = pytest.mark.anyio

LANGUAGES = ("en", "zh")
OPTION = {"en": "", "zh": " --language zh"}
"""A terminal may be set to another language than the server."""
PROGRAM = "/opt/buying/bin/xportcn-orders"
OF_A_PERSON = re.compile(r"by a person|approved by you|由本人|由用户本人|有人在")
OF_THE_PROTOCOL = re.compile(r"elicit|\bhost\b|through dialog|channel host|capabilit", re.IGNORECASE)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["dialog", "terminal", "host"])
async def test_the_preview_says_how_it_can_be_approved(house: House, mode: str, language: str, way: str) -> None:
    person = Person() if way == "dialog" else None
    approval = "host" if way == "host" else "ask"
    async with house.buyer(mode, person, language=language, approval=approval, program=PROGRAM) as buyer:
        said = (await buyer.preview(("plain", 1), purchase_ref="PO-1"))["summary"]

    words = {
        "dialog": {"en": "Your client then shows a dialog", "zh": "您的客户端随后会显示对话框"},
        "terminal": {"en": "This client shows no dialog", "zh": "此客户端不显示对话框"},
        "host": {"en": "this server asks nobody", "zh": "本服务器不再询问任何人"},
    }
    assert [each for each in words if words[each][language] in said] == [way]
    assert (f"`{PROGRAM} approve PO-1{OPTION[language]}`" in said) is (way == "terminal")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_waits_names_the_command_with_its_whole_path(house: House, mode: str, language: str) -> None:
    told: dict[str, str] = {}
    async with house.buyer(mode, language=language, program=PROGRAM) as buyer:
        preview = await buyer.preview(("plain", 1), purchase_ref="PO-1")
        told["no dialog"] = text_of(await buyer.call("create_order", **order_of(preview)))
    for action in ("cancel", "decline"):
        async with house.buyer(mode, saying(action), language=language, program=PROGRAM) as buyer:
            preview = await buyer.preview(("plain", 1), purchase_ref="PO-1")
            result = await buyer.call("create_order", **order_of(preview))
            told[action] = text_of(result)
            assert f"{PROGRAM} approve PO-1" in content_of(result)["next_step"]

    for text in told.values():
        assert f"`{PROGRAM} approve PO-1{OPTION[language]}`" in text.splitlines()
        assert not re.search(r"(?<!/)\bxportcn-orders approve", text)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_yes_is_told_as_what_it_was(house: House, language: str) -> None:
    async with house.buyer(language=language, approval="host") as buyer:
        trusted = text_of(await buyer.call("create_order", **order_of(await buyer.preview(("plain", 1)))))
    async with house.buyer(person=Reader(clock=house.clock), language=language) as buyer:
        asked = text_of(await buyer.call("create_order", **order_of(await buyer.preview(("promotion", 1)))))

    assert {"en": "This server asked nobody", "zh": "本服务器没有询问任何人"}[language] in trusted
    assert {"en": "Approved in your client's dialog", "zh": "在您客户端的对话框中确认"}[language] in asked
    for text in (trusted, asked):
        assert not OF_A_PERSON.search(text)
        assert not OF_THE_PROTOCOL.search(text)


def test_no_text_claims_a_person_or_speaks_the_protocol() -> None:
    import orders_prompts

    folder = Path(orders_prompts.__file__).parent / "texts"
    for path in sorted(folder.rglob("*.j2")):
        if path.stem in {"issue", "argument", "fault", "fault_next", "remedy"}:
            continue  # of refusals and of what the operator did; nobody's yes is told there
        source = re.sub(r"\{[#%].*?[#%]\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not OF_A_PERSON.search(source), path.name
        assert not OF_THE_PROTOCOL.search(source), path.name


async def test_what_a_model_must_know_stands_where_every_host_shows_it(house: House) -> None:
    async with house.buyer("legacy") as buyer:
        tools = {tool.name: tool for tool in (await buyer.client.list_tools()).tools}
        lost = await buyer.preview(("plain", 1))

    described = {name: " ".join((tool.description or "").split()) for name, tool in tools.items()}
    assert "Show the person the summary before create_order." in described["preview_order"]
    assert "Do not preview the same goods again while the outcome" in described["preview_order"]
    assert "First show the person the preview's summary." in described["create_order"]
    assert "do not preview or order the same goods in another way" in described["create_order"]
    assert list(tools["create_order"].input_schema["properties"]) == ["expected_total", "preview_token"]
    assert "show this to the person" in lost["summary"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_unknown_outcome_says_not_to_preview_the_same_again(house: House, language: str) -> None:
    async with house.buyer(person=Reader(clock=house.clock), language=language) as buyer:
        unknown = await buyer.create(await buyer.preview(("lost-answer", 1)))

    assert unknown["outcome"] == "unknown"
    words = {"en": "do not preview or order the same goods", "zh": "不要重新预览或以其他方式订购同样的商品"}[language]
    assert words in unknown["next_step"]
    assert words in unknown["summary"]


def test_the_program_is_named_by_the_path_it_was_called_with(tmp_path: Path) -> None:
    called = tmp_path / "with a blank" / "xportcn-orders"
    called.parent.mkdir()
    called.touch()

    assert program(str(called)) == f"'{called}'"


def test_the_program_is_named_by_the_interpreters_neighbour_where_it_runs_as_a_module(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    as_module = "/x/orders_server/__main__.py"

    assert program(as_module, str(python)) == f"{python} -m orders_server"
    python.with_name("xportcn-orders").touch()
    assert program(as_module, str(python)) == str(python.with_name("xportcn-orders"))


async def test_a_server_names_itself_where_nothing_else_is_given(house: House) -> None:
    async with house.buyer(program=None) as buyer:
        said = (await buyer.preview(("plain", 1)))["summary"]

    assert f"`{program()} approve" in said
    assert program().startswith(("/", "'/"))
