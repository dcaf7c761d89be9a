"""Values of settings that could lead a call, or the ledger, elsewhere than is written."""

from pathlib import Path

import pytest

from orders_server.ledger.store import Store
from orders_server.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path",
    [
        "/alibaba/ka/order/pay",
        "/alibaba/ka/order/PAY",
        "/alibaba/ka/order/pay/url",
        "/alibaba/ka/order/pay/",
        "/alibaba/ka/order/pay?x=1",
        "/alibaba/ka/order/list/../pay",
        "/alibaba/ka/order/./pay",
        "/alibaba/ka/order//pay",
        "/alibaba/ka/order/%70ay",
        "/alibaba/ka/order/p%61y#list",
        "/alibaba/ka/order/list\\..\\pay",
        "/alibaba/ka/order/ｐａｙ",
        "/alibaba/ka/order/create",
        "/alibaba/ka/order/create/preview",
        "/alibaba/ka/order/batch/create",
        "/alibaba/ka/order/cancelOrder",
        "/alibaba/ka/order/confirm-receipt",
        "/alibaba/ka/order/",
        "/alibaba/ka/order/list ",
        "/alibaba/ka/order/list\n",
        "/alibaba/KA/order/list",
        "/alibaba/ka/product/detail/get",
        "/alibaba/order/list",
        "//evil.example.com/alibaba/ka/order/list",
        "https://evil.example.com/alibaba/ka/order/list",
        "",
    ],
)
def test_a_path_that_is_no_plain_read_of_orders_is_refused(path: str) -> None:
    for name in ("order_list_path", "order_detail_path"):
        with pytest.raises(ValueError, match=r"has to lie below /alibaba/ka/order/|may only name a call that reads"):
            Settings(**{name: path})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("path", ["list", "page", "detail", "info", "v2/page", "buyerView", "get_order-detail"])
def test_a_path_below_the_known_one_is_taken(path: str) -> None:
    assert Settings(order_list_path=f"/alibaba/ka/order/{path}").order_list_path.endswith(path)  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("name", ["product_path", "search_path"])
@pytest.mark.parametrize(
    "path", ["list", "/alibaba/ka/order/list", "/alibaba/ka/product/create", "/alibaba/ka/product/../order/pay"]
)
def test_a_path_that_is_no_plain_read_of_products_is_refused(name: str, path: str) -> None:
    with pytest.raises(ValueError, match=r"has to lie below /alibaba/ka/product/|may only name a call that reads"):
        Settings(**{name: path})  # pyright: ignore[reportArgumentType]


def test_the_look_up_is_turned_off_by_an_empty_path_and_the_search_is_not() -> None:
    assert Settings(product_path="").product_path == ""  # pyright: ignore[reportCallIssue]
    with pytest.raises(ValueError, match="has to lie below /alibaba/ka/product/"):
        Settings(search_path="")  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("language", ["EN", "eng", "e", "en-US", "中文", "e\n"])
def test_a_language_is_two_letters(language: str) -> None:
    with pytest.raises(ValueError, match="has to be a language in two letters"):
        Settings(product_language=language)  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.xportcn.com/api/alibaba/ka/order/pay?x=",
        "https://www.xportcn.com/api#",
        "https://user:hush@www.xportcn.com/api",
        "https://www.xportcn.com/api/../pay",
        "https://www.xportcn.com/api/%2e%2e",
    ],
)
def test_an_address_that_would_bend_the_paths_after_it_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="has to be host and plain path"):
        Settings.model_validate({"access_key": "k", "access_secret": "s", "user_id": "u", "base_url": address})


@pytest.mark.parametrize("name", ["store", "key_file", "templates", "consignees"])
def test_a_path_that_depends_on_the_working_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(ValueError, match="whole path"):
        Settings(**{name: "sqlite:///here/l.db" if name == "store" else "here"})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["flow", "ali_id", "trade_type"])
@pytest.mark.parametrize(
    "value", ["", "two words", "general\n", "gen\x1beral", "x" * 65, "『general』", '{"a":1}', "a,b"]
)
def test_a_name_that_travels_is_one_plain_word(name: str, value: str) -> None:
    if value == "general\n":
        assert getattr(Settings(**{name: value}), name) == "general"  # pyright: ignore[reportArgumentType]
        return
    with pytest.raises(ValueError, match="has to be 1 to 64 letters"):
        Settings(**{name: value})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["ledger?mode=ro", "100%41.db", "l.db#x", "l;d b.db", "账本.db"])
async def test_a_store_is_a_path_and_nothing_in_it_is_decoded(tmp_path: Path, name: str) -> None:
    path = tmp_path / "own" / name
    store = Store(Settings(store=f"sqlite:///{path}").store_path())  # pyright: ignore[reportCallIssue]
    await store.open()
    await store.close()

    found = sorted((each.name, each.stat().st_mode & 0o777) for each in path.parent.iterdir())
    assert found == [(name, 0o600), (f"{name}.seen", 0o600)]


def test_certificates_that_cannot_be_used_are_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    (tmp_path / "open.pem").write_bytes((Path(__file__).parents[1] / "support" / "authority.pem").read_bytes())
    (tmp_path / "open.pem").chmod(0o666)
    for name, why in (("none.pem", "is not a file of certificates"), ("open.pem", "written by other users")):
        with pytest.raises(ValueError, match=why):
            Settings(ca_file=tmp_path / name)  # pyright: ignore[reportCallIssue]
    with pytest.raises(ValueError, match="is not a file of certificates"):
        Settings(ca_file=tmp_path / "missing.pem")  # pyright: ignore[reportCallIssue]
