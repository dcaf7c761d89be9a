"""The settings of messages and of the hook: nonsense is refused at the start, with its place and without its text."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from orders_server.notice_addresses import split_addresses
from orders_server.settings import SettingsFault, read_settings

SECRET = "y" * 32


def test_addresses_are_separated_by_blanks_or_commas_and_keep_their_own_commas() -> None:
    given = " ntfy://topic, slack://A/B/C\n\tmailto://u:p@mail.example.com?to=a@b.c,d@e.f ,,json://127.0.0.1:1/x "
    assert split_addresses(given) == [
        "ntfy://topic",
        "slack://A/B/C",
        "mailto://u:p@mail.example.com?to=a@b.c,d@e.f",
        "json://127.0.0.1:1/x",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"NOTIFY": "hush-s3cret"}, "XPORTCN_NOTIFY: address 1 has to be one of Apprise's"),
        ({"NOTIFY": "ntfy://a, ntfy://hush s3cret"}, "XPORTCN_NOTIFY: address 2 has to be one of Apprise's"),
        ({"HOOK_URL": "https://a.example.com/s3cret"}, "XPORTCN_HOOK_URL is set without XPORTCN_HOOK_SECRET: set both"),
        ({"HOOK_SECRET": f"s3cret{SECRET}"}, "XPORTCN_HOOK_SECRET is set without XPORTCN_HOOK_URL: set both"),
        ({"HOOK_URL": "http://a.example.com/s3cret", "HOOK_SECRET": SECRET}, "XPORTCN_HOOK_URL: has to be https"),
        ({"HOOK_URL": "https://u:s3cret@a.example.com", "HOOK_SECRET": SECRET}, "XPORTCN_HOOK_URL: may hold no user"),
        ({"HOOK_URL": "s3cret", "HOOK_SECRET": SECRET}, "XPORTCN_HOOK_URL: has to be a web address"),
        ({"HOOK_URL": "https://a.example.com", "HOOK_SECRET": "s3cret"}, "XPORTCN_HOOK_SECRET: has to be 32 to 512"),
    ],
)
def test_nonsense_is_refused_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(f"XPORTCN_{name}", value)
    with pytest.raises(SettingsFault) as fault:
        read_settings()
    assert str(fault.value).startswith(said)
    assert "s3cret" not in str(fault.value)


def test_without_apprise_the_start_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def missing(name: str) -> ModuleSpec | None:
        return None if name == "apprise" else importlib.util.find_spec(name)

    monkeypatch.setattr("orders_server.notice_addresses.find_spec", missing)
    monkeypatch.setenv("XPORTCN_NOTIFY", "ntfy://topic")
    with pytest.raises(SettingsFault) as fault:
        read_settings()
    assert str(fault.value) == "XPORTCN_NOTIFY: needs Apprise: pip install 'xportcn-orders[notify]'"
    monkeypatch.delenv("XPORTCN_NOTIFY")
    assert read_settings().notify is None


@pytest.mark.parametrize("address", ["http://localhost:9/x", "http://127.0.0.1:9", "https://a.example.com/x?key=1"])
def test_the_hook_may_be_on_this_machine_or_behind_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XPORTCN_HOOK_URL", address)
    monkeypatch.setenv("XPORTCN_HOOK_SECRET", SECRET)
    settings = read_settings()
    assert settings.hook_url
    assert settings.hook_url.get_secret_value() == address
    assert SECRET not in repr(settings)
    assert "example.com" not in repr(settings.hook_url)
