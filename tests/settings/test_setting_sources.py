"""Where each setting may come from, and what is said of those that came from elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orders_server.setting_sources import variable
from orders_server.settings import HARMLESS, Settings, SettingsFault, raw_settings, read_settings
from support.commands import Told, told

CREDENTIALS = {"access_key": "k", "access_secret": "hush", "user_id": "u"}
DANGEROUS = {
    **CREDENTIALS,
    "base_url": "http://127.0.0.1:9/api",
    "ali_id": "ACCOUNT-B",
    "timestamp_unit": "s",
    "order_list_path": "/alibaba/ka/order/page",
    "order_detail_path": "/alibaba/ka/order/info",
    "tools": "orders",
    "product_path": "/alibaba/ka/product/info",
    "search_path": "/alibaba/ka/product/find",
    "product_language": "ru",
    "product_timeout": "9",
    "order_history": "false",
    "flow": "general",
    "trade_type": "period",
    "store": "sqlite:////nowhere/ledger.sqlite3",
    "preview_ttl": "86400",
    "approval": "host",
    "page_url": "https://evil.example.com",
    "notify": "json://evil.example.com",
    "hook_url": "https://evil.example.com/hook",
    "hook_secret": "y" * 32,
    "language": "zh",
    "templates": "/",
    "consignees": __file__,
    "note_reference": "false",
    "reference_returned": "false",
    "key_file": "/nowhere/ledger.key",
    "refusals": '["E123"]',
    "release_after": "3600",
    "proxy": "http://127.0.0.1:9",
    "ca_file": str(Path(__file__).parents[1] / "support" / "authority.pem"),
    "create_timeout": "1",
    "http_token": "x" * 32,
    "http_hosts": "evil.example.com",
    "http_origins": "https://evil.example.com",
}
"""Where money goes, who buys, calls or says yes, what proves, where the ledger is, what a person reads; and what would
make an outcome uncertain or keep one from being found."""
BESIDE = {"hook_url": {"hook_secret": "y" * 32}, "hook_secret": {"hook_url": "https://evil.example.com/hook"}}
"""Settings that come together."""
HARMLESS_ONES = {"read_timeout": "7", "max_reads": "3", "sandbox_generation": "2025"}
SAMPLES = {**DANGEROUS, **HARMLESS_ONES}
"""Every setting with a value that is not its default."""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


def written(path: Path, settings: dict[str, str]) -> Path:
    """A file of settings that only this user can write."""
    path.write_text("".join(f"{variable(name)}={value}\n" for name, value in settings.items()), encoding="utf-8")
    path.chmod(0o600)
    return path


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command of a process with no settings but these."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    return subprocess.run(
        [sys.executable, "-m", "orders_server", *arguments],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def here(folder: Path, *arguments: str, **settings: str) -> Told:
    """The same in the process of the tests."""
    return told(folder, *arguments, HOME=str(folder), **settings)


def test_every_setting_is_ruled_dangerous_or_harmless() -> None:
    assert SAMPLES.keys() == Settings.model_fields.keys(), "a new setting belongs into DANGEROUS here, until ruled out"
    assert HARMLESS_ONES.keys() == HARMLESS


@pytest.mark.parametrize("name", SAMPLES)
def test_the_folders_env_file_sets_harmless_ones_alone(tmp_path: Path, name: str) -> None:
    written(tmp_path / ".env", {name: SAMPLES[name]})
    given = raw_settings()

    assert given.values == ({name: SAMPLES[name]} if name in HARMLESS_ONES else {})
    assert [line.partition(" in ")[0] for line in given.notes] == ([] if name in HARMLESS_ONES else [variable(name)])
    assert not any(SAMPLES[name] in line for line in given.notes if len(SAMPLES[name]) > 1)
    assert (getattr(read_settings(), name) == Settings.model_fields[name].default) == (name not in HARMLESS_ONES)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_sets_nothing_once_there_are_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for credential, value in CREDENTIALS.items():
        monkeypatch.setenv(variable(credential), value)
    written(tmp_path / ".env", {name: SAMPLES[name].replace("k", "other")})
    given = raw_settings()

    assert given.values == CREDENTIALS
    assert [line.partition(" in ")[0] for line in given.notes] == [variable(name)]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_environment_and_the_named_file_set_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = {**CREDENTIALS, **BESIDE.get(name, {}), name: SAMPLES[name]}
    for each, value in settings.items():
        monkeypatch.setenv(variable(each), value)
    own = read_settings()
    for each in settings:
        monkeypatch.delenv(variable(each))
    monkeypatch.setenv("XPORTCN_ENV_FILE", str(written(tmp_path / "operator.env", settings)))
    named = read_settings()

    # All but where they were read.
    assert own.model_dump() == named.model_dump()
    assert (own.place, named.place) == ("the environment", str(tmp_path / "operator.env"))
    assert getattr(own, name) != Settings.model_fields[name].default
    assert raw_settings().notes == []


@pytest.mark.parametrize("name", SAMPLES)
def test_beside_a_named_file_the_environment_may_only_set_harmless_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = written(tmp_path / "operator.env", {**CREDENTIALS, "read_timeout": "9"})
    monkeypatch.setenv("XPORTCN_ENV_FILE", str(file))
    monkeypatch.setenv(variable(name), SAMPLES[name])
    if name in HARMLESS_ONES:
        assert raw_settings().values == {**CREDENTIALS, "read_timeout": "9", name: SAMPLES[name]}
        return
    with pytest.raises(SettingsFault) as fault:
        read_settings()
    assert str(fault.value).startswith(f"{variable(name)} in the environment beside XPORTCN_ENV_FILE: ")
    assert str(file) in str(fault.value)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "left",
    ["${user_config.name}", "'${NAME}'", "before-${NAME}", "$NAME_OF_IT", '"%NAME%"', "{env:NAME}", "{{ NAME }}\r"],
)
def test_a_value_that_nobody_expanded_is_refused_or_counts_as_not_set(
    monkeypatch: pytest.MonkeyPatch, name: str, left: str
) -> None:
    monkeypatch.setenv(variable(name), left)
    given = raw_settings()

    assert given.values == {}
    blank = name in {*HARMLESS_ONES, "flow", "trade_type", "language"}
    assert len(given.notes) == blank
    assert [line.partition(":")[0] for line in given.faults] == ([] if blank else [variable(name)])
    assert all(left.strip("'\"\r") not in line for line in (*given.notes, *given.faults))


@pytest.mark.parametrize("name", SAMPLES)
def test_what_stands_round_a_value_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for form in ("{}\r", " {}\t", '"{}"', "'{}'\r\n", '" {} "'):
        monkeypatch.setenv(variable(name), form.format(SAMPLES[name]))
        assert raw_settings().values == {name: SAMPLES[name]}
    for form in ('"{}', "{}'"):
        monkeypatch.setenv(variable(name), form.format(SAMPLES[name]))
        assert [line.partition(":")[0] for line in raw_settings().faults] == [variable(name)]


@pytest.mark.parametrize(
    ("name", "command"), [("access_key", "serve"), ("access_secret", "pending"), ("user_id", "doctor")]
)
def test_a_credential_that_nobody_expanded_keeps_every_command_from_starting(
    tmp_path: Path, name: str, command: str
) -> None:
    given = {variable(each): value for each, value in {**CREDENTIALS, name: "${" + variable(name) + "}"}.items()}
    start = run if command == "serve" else here
    result = start(tmp_path, command, **given, XPORTCN_FLOW="${user_config.flow}")

    assert (result.returncode, "" if command == "doctor" else result.stdout) == (2, "")
    lines = result.screen.splitlines() if isinstance(result, Told) else result.stderr.splitlines()
    assert any("XPORTCN_FLOW counts as not set" in line for line in lines)
    assert any(line.startswith(f"{variable(name)}:") for line in lines)


def test_a_named_file_of_another_editor_reads_as_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "operator.env"
    lines = [
        "# ours",
        "",
        'XPORTCN_ACCESS_KEY="k#1"',
        "export XPORTCN_ACCESS_SECRET = 'hush'   # the secret",
        "XPORTCN_USER_ID=u # who buys",
        "XPORTCN_FLOW=${FLOW}",
    ]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    file.chmod(0o600)
    monkeypatch.setenv("XPORTCN_ENV_FILE", f'"{file}"\r')

    assert raw_settings().values == {"access_key": "k#1", "access_secret": "hush", "user_id": "u"}
    assert raw_settings().notes[0].startswith(f"XPORTCN_FLOW in {file} counts as not set")


def test_a_named_file_that_this_user_may_not_read_is_told_in_one_line(tmp_path: Path) -> None:
    file = written(tmp_path / "operator.env", CREDENTIALS)
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    result = run(tmp_path, "serve", XPORTCN_ENV_FILE=str(file))

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"XPORTCN_ENV_FILE: {file} cannot be read (Permission denied)\n"


def test_an_empty_value_turns_the_look_up_off_and_counts_as_not_set_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("product_path", "search_path", "flow", "store"):
        monkeypatch.setenv(variable(name), "")
    assert raw_settings().values == {"product_path": ""}
    assert read_settings().product_path == ""
    file = written(tmp_path / "operator.env", {"product_path": "/alibaba/ka/product/info"})
    monkeypatch.setenv("XPORTCN_ENV_FILE", str(file))
    assert read_settings().product_path == "/alibaba/ka/product/info"


def test_a_file_can_only_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = written(tmp_path / "theirs.env", {"flow": "general"})
    ours = tmp_path / "ours.env"
    for file in (tmp_path / ".env", ours):
        file.write_text(f"XPORTCN_ENV_FILE={theirs}\n")
    assert "flow" not in raw_settings().values
    monkeypatch.setenv("XPORTCN_ENV_FILE", str(ours))
    assert "flow" not in raw_settings().values
    assert "XPORTCN_ENV_FILE in .env is no setting and is ignored" in raw_settings().notes[-1]


@pytest.mark.parametrize("mode", [0o622, 0o660, 0o666])
def test_a_named_file_that_others_can_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr("orders_server.ownership._is_private", lambda group: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    file = written(tmp_path / "operator.env", CREDENTIALS)
    file.chmod(mode)
    monkeypatch.setenv("XPORTCN_ENV_FILE", str(file))
    with pytest.raises(SettingsFault, match="can be written by other users"):
        read_settings()


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("operator.env", "has to be a whole path"),
        ("{}/none.env", "is no file"),
        ("{}", "is no file"),
        ("{}/latin.env", "is not UTF-8 text"),
        ("{}/large.env", "is larger than"),
        ("${{HOME}}/operator.env", "still holds"),
    ],
)
def test_a_named_file_that_cannot_be_used_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, why: str
) -> None:
    written(tmp_path / "operator.env", CREDENTIALS)
    (tmp_path / "latin.env").write_bytes(b"XPORTCN_FLOW=\xe9\n")
    (tmp_path / "large.env").write_text("#" * 100_000)
    monkeypatch.setenv("XPORTCN_ENV_FILE", named.format(tmp_path))
    with pytest.raises(SettingsFault, match=f"^XPORTCN_ENV_FILE: .*{why}"):
        read_settings()


@pytest.mark.parametrize("kind", ["folder", "bytes", "pipe", "large", "unreadable"])
def test_whatever_lies_there_as_env_keeps_nothing_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = tmp_path / ".env"
    {
        "folder": file.mkdir,
        "bytes": lambda: file.write_bytes(b"XPORTCN_MAX_READS=3\xff\n"),
        "pipe": lambda: os.mkfifo(file),
        "large": lambda: file.write_text("#" * 100_000),
        "unreadable": lambda: file.write_text("XPORTCN_MAX_READS=3\n"),
    }[kind]()
    if kind == "unreadable":

        def refused(*_: object, **__: object) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_text", refused)
    assert read_settings().model_dump() == Settings().model_dump()  # pyright: ignore[reportCallIssue]
    assert [line.startswith(".env ") for line in raw_settings().notes] == [True] * (kind not in {"folder", "pipe"})


def test_names_in_a_strangers_file_write_nothing_of_their_own_to_a_terminal(tmp_path: Path) -> None:
    lines = [f"XPORTCN_N{number}=1" for number in range(500)]
    (tmp_path / ".env").write_text("\n".join(["XPORTCN_\x1b[2J=1", "XPORTCN_[red]=1", *lines]))
    notes = raw_settings().notes

    assert 0 < len(notes) < 10
    assert all(line.isprintable() and "[" not in line for line in notes)


def test_without_a_home_the_ledger_has_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> Path:
        raise RuntimeError("Could not determine home directory.")

    def relative(*_: object) -> Path:
        return Path("${HOME}/share")

    for found in (nobody, relative):
        monkeypatch.setattr("platformdirs.user_data_path", found)
        with pytest.raises(SettingsFault, match=r"^XPORTCN_STORE has to be set, because there is no home directory$"):
            read_settings()
    monkeypatch.setattr("platformdirs.user_config_path", nobody)
    monkeypatch.setenv("XPORTCN_STORE", f"sqlite:///{tmp_path}/l.db")
    with pytest.raises(SettingsFault, match=r"^XPORTCN_KEY_FILE has to be set, because there is no home directory$"):
        read_settings()
    monkeypatch.setenv("XPORTCN_KEY_FILE", f"{tmp_path}/l.key")
    assert read_settings().store_path() == tmp_path / "l.db"


@pytest.mark.parametrize("command", ["serve", "serve --http --port 70000", "pending", "reconcile", "doctor"])
def test_every_command_says_what_the_folders_env_file_could_not_set(tmp_path: Path, command: str) -> None:
    written(tmp_path / ".env", {"approval": "host", "store": "sqlite:////nowhere/hush.sqlite3", "max_reads": "3"})
    result = (run if command.startswith("serve") else here)(tmp_path, *command.split())
    said = result.stdout if command == "doctor" else result.stderr

    for name in ("XPORTCN_APPROVAL", "XPORTCN_STORE"):
        assert f"{name} in .env is ignored" in said
    assert "XPORTCN_MAX_READS" not in said
    assert "hush" not in said


def test_a_process_takes_its_settings_from_the_named_file_alone(tmp_path: Path) -> None:
    ledger = tmp_path / "own" / "ledger.sqlite3"
    file = written(tmp_path / "operator.env", {"store": f"sqlite:///{ledger}", "sandbox_generation": "2025"})
    named = here(tmp_path, "doctor", XPORTCN_ENV_FILE=str(file))
    mixed = here(tmp_path, "doctor", XPORTCN_ENV_FILE=str(file), XPORTCN_APPROVAL="host")

    assert named.returncode == 0, named.stderr
    assert f"Settings from {file}" in "".join(named.stdout.splitlines())
    assert ledger.is_file()
    assert (mixed.returncode, mixed.stderr.count("\n")) == (2, 1)
    assert "XPORTCN_APPROVAL in the environment beside XPORTCN_ENV_FILE" in mixed.stderr
