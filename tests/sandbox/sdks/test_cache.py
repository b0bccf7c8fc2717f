"""A client that cannot be had: the reason says how to get it."""

import pytest

from tests.sandbox.sdks.cache import Missing, cache, install
from tests.sandbox.sdks.table import AXIOS_PLUGIN, WECHATPAYV3


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SDK_CACHE", str(tmp_path / "sdks"))
    return tmp_path / "sdks"


def test_without_npm_the_reason_is_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="apt install nodejs npm"):
        install(AXIOS_PLUGIN)


def test_without_a_network_the_reason_is_the_command(monkeypatch, empty_cache):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(Missing, match=r"cannot be installed .*with a network, .*pip install .*wechatpayv3=="):
        install(WECHATPAYV3)
    assert not (empty_cache / WECHATPAYV3.folder / "complete").exists()


def test_the_cache_is_where_the_environment_says(empty_cache, monkeypatch):
    assert cache() == empty_cache
    monkeypatch.delenv("SDK_CACHE")
    assert cache().name == "scanforpay-sdks"
