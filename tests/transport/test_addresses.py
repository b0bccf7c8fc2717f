"""Which addresses are public, by our own list."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.transport.addresses import allow_list, is_public, may_connect, parse_address

FORBIDDEN = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "168.63.129.16",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170",
    "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:0:7f00:1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
    "100:0:0:1::1", "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "2620:4f:8000::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fec0::1",
    "ff02::1", "ff0e::1", "4000::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
    "192.167.1.1", "198.17.1.1", "198.20.0.1", "223.255.255.255", "47.96.1.1", "::ffff:8.8.8.8",
    "2606:4700::1111", "2400:3200::1", "2001:200::1", "2a00:1450::1", "3ffe::1", "2620:0:2d0::1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORBIDDEN)
def test_these_are_not_public(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_these_are_public(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0", "2606:4700::1%1", "127.1", "0177.0.0.1", "1.2.3.4.5", "", "a"]
)
def test_these_are_no_addresses(text: str) -> None:
    assert parse_address(text) is None
    assert not may_connect("http://shop.example", text)


def test_the_allow_list_excepts_networks_and_origins(settings: object) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["10.1.0.0/16", "HTTP://Shop.lan:80/", "https://a.lan:443"]
    assert may_connect("http://x.example", "10.1.2.3")
    assert may_connect("http://x.example", "::ffff:10.1.2.3")
    assert not may_connect("http://x.example", "10.2.0.1")
    assert may_connect("http://shop.lan", "10.2.0.1")
    assert not may_connect("http://shop.lan:8080", "10.2.0.1")
    assert may_connect("https://a.lan", "127.0.0.1")


def test_a_bad_entry_is_named(settings: object) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["10.1.0.0/99"]
    with pytest.raises(ImproperlyConfigured, match=r"10\.1\.0\.0/99"):
        allow_list()
