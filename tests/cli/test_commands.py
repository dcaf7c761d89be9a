"""The commands as an operator meets them: settings, sandbox, doctor, demo."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from orders_server.cli.main import main
from support.commands import Told, told
from support.thoroughness import at_least

COMMAND = [sys.executable, "-m", "orders_server"]


def own(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a command whose ledger and key are in `folder`."""
    places = {"XPORTCN_STORE": f"sqlite:///{folder}/ledger.sqlite3", "XPORTCN_KEY_FILE": f"{folder}/key/ledger.key"}
    return {"PATH": os.environ["PATH"], **places, **settings}


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=own(folder, **settings),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding=settings.get("PYTHONIOENCODING", "utf-8"),
        timeout=60,
        check=False,
    )


def here(folder: Path, *arguments: str, **settings: str) -> Told:
    """The same in the process of the tests."""
    return told(folder, *arguments, **own(folder, **settings))


BAD_SETTINGS: list[tuple[dict[str, str], list[str]]] = [
    ({"XPORTCN_ACCESS_KEY": "k"}, ["XPORTCN_ACCESS_SECRET", "XPORTCN_USER_ID"]),
    ({"XPORTCN_BASE_URL": "https://example.test/api"}, ["XPORTCN_BASE_URL", "XPORTCN_ACCESS_KEY"]),
    ({"XPORTCN_PREVIEW_TTL": "soon", "XPORTCN_LANGUAGE": "fr"}, ["XPORTCN_PREVIEW_TTL", "XPORTCN_LANGUAGE"]),
    ({"XPORTCN_TEMPLATES": "nowhere", "XPORTCN_APPROVAL": "never"}, ["XPORTCN_TEMPLATES", "XPORTCN_APPROVAL"]),
    ({"XPORTCN_STORE": "mysql://x"}, ["XPORTCN_STORE"]),
    (
        {
            "XPORTCN_ACCESS_KEY": "k",
            "XPORTCN_ACCESS_SECRET": "hush",
            "XPORTCN_USER_ID": "u",
            "XPORTCN_BASE_URL": "http://192.0.2.1/api",
        },
        ["XPORTCN_BASE_URL"],
    ),
]


@pytest.mark.parametrize(
    ("command", "settings", "named"),
    # Without some credentials `serve` starts, and says so to each call.
    [("serve", *each) for each in BAD_SETTINGS[2:]]
    + [(command, *each) for command in ("pending", "doctor") for each in BAD_SETTINGS],
)
def test_bad_settings_are_named_all_at_once_with_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, settings: dict[str, str], named: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    key = {"XPORTCN_KEY_FILE": f"{tmp_path}/key/ledger.key"}
    own = {"XPORTCN_STORE": f"sqlite:///{tmp_path}/ledger.sqlite3", **key, **settings}
    ended = CliRunner().invoke(main, [command], env=own)

    _names_them(ended.exit_code, ended.stdout, ended.stderr, named)


def test_a_process_with_bad_settings_names_them_all_at_once_with_status_2(tmp_path: Path) -> None:
    settings, named = BAD_SETTINGS[-1]
    ended = run(tmp_path, "serve", **settings)

    _names_them(ended.returncode, ended.stdout, ended.stderr, named)


def _names_them(status: int, stdout: str, stderr: str, named: list[str]) -> None:
    assert status == 2
    assert stdout == ""
    assert all(name in stderr for name in named)
    assert "hush" not in stderr
    assert "Traceback" not in stderr


def test_a_consignee_that_is_no_address_is_named(tmp_path: Path) -> None:
    (tmp_path / "consignees.json").write_text('{"home": {"full_name": "李四"}}', encoding="utf-8")
    result = here(tmp_path, "serve", XPORTCN_CONSIGNEES=str(tmp_path / "consignees.json"))

    assert result.returncode == 2
    assert "home.mobile" in result.stderr
    assert "李四" not in result.stderr


def test_a_misspelt_setting_is_pointed_out(tmp_path: Path) -> None:
    result = here(tmp_path, "pending", XPORTCN_LANGAUGE="zh")

    assert "did you mean XPORTCN_LANGUAGE?" in result.stderr


DEMOS = [("--yes --generation 2025", "gbk"), ("", "ascii")]


@pytest.mark.parametrize(("options", "encoding"), DEMOS[: at_least(1, 2)])
def test_the_demo_does_what_it_says_on_a_console_of_another_encoding(
    tmp_path: Path, options: str, encoding: str
) -> None:
    result = run(tmp_path, "demo", *options.split(), PYTHONIOENCODING=encoding, LANG="C")

    assert result.returncode == 0, result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert "Every step did what it said." in result.stdout
    assert "What the person sees" in result.stdout
    assert "NOT_ORDERABLE" in result.stdout
    assert "Not known yet whether" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demo_on_the_page_pairs_a_browser_and_approves_there(tmp_path: Path) -> None:
    result = told(tmp_path, "demo", "--yes", "--approve", "page", **own(tmp_path))

    said = " ".join(result.stdout.split())
    assert result.returncode == 0, result.stdout
    assert "It asks for a code: " in said
    assert said.count("answered on the page by --yes: 200") == 2
    assert "Approved by demo on the approval page" in said
    assert "Every step did what it said." in said


def test_a_no_in_the_demo_orders_nothing(tmp_path: Path) -> None:
    result = told(tmp_path, "demo", given="n\n", **own(tmp_path))

    assert result.returncode == 1
    assert "nothing was ordered" in " ".join(result.stdout.split())


def test_doctor_passes_on_the_sandbox_and_lists_what_is_assumed(tmp_path: Path) -> None:
    result = here(tmp_path, "doctor")

    assert result.returncode == 0, result.stdout
    assert len(re.findall(r"^  ok ", result.stdout, re.MULTILINE)) == 5
    assert re.search(r"^  ok clock: \d+ s (ahead of|behind) the API's$", result.stdout, re.MULTILINE)
    for setting in ("XPORTCN_TIMESTAMP_UNIT", "XPORTCN_ORDER_LIST_PATH", "XPORTCN_FLOW", "XPORTCN_TRADE_TYPE"):
        assert setting in result.stdout


def test_doctor_looks_up_an_offer_and_says_what_to_write(tmp_path: Path) -> None:
    result = here(tmp_path, "doctor", "--offer", "610000000031", XPORTCN_PRODUCT_LANGUAGE="vi")
    said = " ".join(result.stdout.split())

    assert result.returncode == 0, result.stdout
    assert "ok product look-up at /alibaba/ka/product/detail/get: 300 SKUs of '纯棉圆领短袖'; prices in yuan" in said
    for line in ("XPORTCN_PRODUCT_PATH=/alibaba/ka/product/detail/get", "XPORTCN_PRODUCT_LANGUAGE=vi"):
        assert f"    {line}\n" in result.stdout


def test_doctor_says_where_nothing_is_known_of_an_offer(tmp_path: Path) -> None:
    result = here(tmp_path, "doctor", "--offer", "610000000016", XPORTCN_PRODUCT_PATH="/alibaba/ka/product/info")

    assert result.returncode == 1
    assert "note product look-up at /alibaba/ka/product/info: unreadable" in result.stdout
    assert "note product look-up at /alibaba/ka/product/detail/get: not_found" in result.stdout
    assert "    XPORTCN_PRODUCT_PATH=\n" in result.stdout
    assert here(tmp_path, "doctor", "--offer", "mug").returncode == 2


def test_doctor_says_which_list_path_answers(tmp_path: Path) -> None:
    usual = here(tmp_path, "doctor")
    wrong = here(tmp_path, "doctor", XPORTCN_ORDER_LIST_PATH="/alibaba/ka/order/page")

    told = "/alibaba/ka/order/list answers, /alibaba/ka/order/page does not"
    assert f"note order list: {told}" in " ".join(usual.stdout.split())
    assert "XPORTCN_ORDER_LIST_PATH=" not in usual.stdout
    assert wrong.returncode == 1
    assert f"note order list: {told}" in " ".join(wrong.stdout.split())
    assert "    XPORTCN_ORDER_LIST_PATH=/alibaba/ka/order/list\n" in wrong.stdout


def test_doctor_fails_where_the_api_does_not_answer(tmp_path: Path) -> None:
    result = here(
        tmp_path,
        "doctor",
        XPORTCN_ACCESS_KEY="k",
        XPORTCN_ACCESS_SECRET="hush",
        XPORTCN_USER_ID="u",
        XPORTCN_BASE_URL="http://127.0.0.1:1/api",
        XPORTCN_READ_TIMEOUT="0.1",
    )

    assert result.returncode == 1
    assert "failed signature and order list" in result.stdout
    assert "hush" not in result.stdout


def test_the_sandbox_says_how_to_reach_it_and_refuses_a_port_in_use(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = here(tmp_path, "sandbox", "--port", port)

    assert result.returncode == 2
    assert "cannot start" in result.stderr
    assert here(tmp_path, "sandbox", "--port", port, "--fault", "none-such").returncode == 2
