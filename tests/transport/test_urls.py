"""One parser for merchants' addresses, and everything it refuses."""

import pytest

from scanforpay_django.transport import UrlRefused, parse_url, split_url, urls

# Whatever the purpose.
MALFORMED = [
    "", " ", "shop.example", "//shop.example/", "/notify", "http:", "http:/shop.example", "http://",
    "http:///x",
    "https://?x", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://shop.example/",
    "gopher://shop.example/", "ws://shop.example/", "http+unix://x/", "mailto:a@b.example",
    "http://user@shop.example/", "http://user:pw@shop.example/", "http://@shop.example/",
    "http://a%40b@c.example/",
    "https://shop.example\\@evil.example/", "https://shop.example\\.evil.example/", "https:\\\\shop.example/",
    "https://shop.example/a\\b", " https://shop.example/", "https://shop.example/ ",
    "https://shop.example/a b",
    "https://shop.example/\t", "https://sh\top.example/", "https://shop.example/\r\nHost: evil",
    "https://a\nb.example",
    "https://shop.example/\0", "https://shop.example/\x7f", "https://shop.example/\x85",
    "https://shop.example/\u2028",
    "https://shop.example/\u200b", "https://shop.example/\u202e", "https://shop.example/\u3000",
    "https://a\u00adb.cn/",
    "https://shop.example/\ud800", "https://shop.example../", "https://shop..example/", "https://.example/",
    "https://-shop.example/", "https://shop-.example/", "https://sh%6fp.example/", "https://shop.example:/",
    "https://shop.example:0/", "https://shop.example:080/", "https://shop.example:65536/",
    "https://shop.example:99999/",
    "https://shop.example:8o/", "https://shop.example:-1/", "https://shop.example:80:80/",
    "https://shop.example:８０/",
    "https://sh,op.example/", "https://sh*p.example/", "https://shop.example;x/",
    "https://" + "a" * 64 + ".example/",
    "https://shop.example/" + "a" * 200,
    # notations of addresses: only dotted quads and bracketed IPv6 without a zone
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0x7F.0.0.1/",
    "http://017700000001/",
    "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://127.000.000.001/", "http://1.2.3.4.5/",
    "http://256.1.1.1/", "http://1.1.1.0x1/", "http://8.8.8.08/", "http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/",
    "http://127。0。0。1/", "http://shop。example/", "http://٨.٨.٨.٨/", "http://0/", "http://8.8.8.8./",
    "http://3232235521/",
    "http://::1/", "http://[::1/", "http://::1]/", "http://[]/", "http://[::1]x/", "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/", "http://[2606:4700::1%1]/", "http://[v1.x]/", "http://[8.8.8.8]/",
    "http://[1:2]/",
    "http://☃︎.example/", "http://xn--\u00fc.example/", "http://ſhop.example/", "http://\u212a.example/",
    "http://①.example/",
]  # fmt: skip

# Well-formed, and no place for a notification.
FORBIDDEN = [
    "http://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://192.168.1.1/",
    "http://0.0.0.0/",
    "http://192.88.99.1/", "http://224.0.0.1/", "http://239.255.255.250/", "http://255.255.255.255/",
    "http://[::]/", "http://[::1]/", "http://[::127.0.0.1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:0:7f00:1]/", "http://[0:0:0:0:0:ffff:10.0.0.1]/", "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/", "http://[fec0::1]/", "http://[fe80::1]/",
    "http://[ff02::1]/",
    "http://[3fff::1]/", "http://[5f00::1]/", "http://[fd00::1]/", "http://[100:0:0:1::1]/",
    "http://[2001:db8::1]/",
    "http://localhost/", "http://LOCALHOST/", "http://shop.localhost/", "https://pay.example.com/notify",
    "https://PAY.example.com/", "https://pay.example.com:8443/", "http://internal.example.com/",
    "http://shop.example:22/", "http://shop.example:6379/", "http://shop.example:25/",
    "http://shop.example:8081/",
    "http://8.8.8.8:5432/", "https://shop.example/#x", "https://shop.example/n#",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _production(settings: object) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    settings.SCANFORPAY_BASE_URL = "https://pay.example.com"
    settings.SCANFORPAY_OWN_HOSTS = ["internal.example.com"]


@pytest.mark.parametrize("url", MALFORMED)
def test_malformed_addresses_are_refused_for_every_purpose(url: str) -> None:
    for purpose in ("notify", "return"):
        with pytest.raises(UrlRefused):
            parse_url(url, purpose=purpose)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_forbidden_places_are_refused_for_notifications(url: str) -> None:
    with pytest.raises(UrlRefused):
        parse_url(url, purpose="notify")


@pytest.mark.parametrize("host", ["bücher.example", "xn--bcher-kva.example", "BÜCHER.example", "[2A00:0::1]"])
@pytest.mark.parametrize("of", ["SCANFORPAY_OWN_HOSTS", "SCANFORPAY_BASE_URL"])
def test_own_hosts_are_known_in_every_spelling(settings: object, host: str, of: str) -> None:
    setattr(settings, of, [host] if of == "SCANFORPAY_OWN_HOSTS" else f"https://{host}")
    for spelling in (host.lower(), "xn--bcher-kva.example" if "example" in host else "[2a00::1]"):
        with pytest.raises(UrlRefused, match=urls.OWN_HOST):
            parse_url(f"https://{spelling}/n", purpose="notify")


@pytest.mark.parametrize("url", [url for url in FORBIDDEN if not url.endswith("#")])
def test_a_browser_may_go_where_we_may_not(url: str) -> None:
    assert parse_url(url, purpose="return").url


@pytest.mark.parametrize(
    ("given", "origin", "path"),
    [
        ("https://shop.example", "https://shop.example", "/"),
        ("HTTPS://Shop.Example:443/n", "https://shop.example", "/n"),
        ("http://shop.example:80/n?a=1&b=%2F", "http://shop.example", "/n?a=1&b=%2F"),
        ("http://shop.example:8080?wc-api=x", "http://shop.example:8080", "/?wc-api=x"),
        ("https://8.8.8.8/n", "https://8.8.8.8", "/n"),
        ("https://[2606:4700:0::1111]:8443/n", "https://[2606:4700::1111]:8443", "/n"),
        ("https://[::ffff:8.8.8.8]/", "https://8.8.8.8", "/"),
        (
            "https://商店.example/支付?名=值",
            "https://xn--czrs0t.example",
            "/%E6%94%AF%E4%BB%98?%E5%90%8D=%E5%80%BC",
        ),
        ("https://a_b.shop.example/", "https://a_b.shop.example", "/"),
        ("https://shop.example//a/../b;c=1", "https://shop.example", "//a/../b;c=1"),
        ("https://shop.example/n?a[]=1&b={x}", "https://shop.example", "/n?a%5B%5D=1&b=%7Bx%7D"),
    ],
)
def test_an_address_is_read(given: str, origin: str, path: str) -> None:
    target = parse_url(given, purpose="notify")
    assert (target.origin, target.path_and_query) == (origin, path)
    assert target.url == origin + path
    assert split_url(target.url) == target


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("https://shop.example./n", "https://shop.example/n"),
        ("https://SHOP.example.:8443/n", "https://shop.example:8443/n"),
        ("https://B\u00dcCHER.example/n", "https://xn--bcher-kva.example/n"),
        ("https://\u5546\u5e97.example./n", "https://xn--czrs0t.example/n"),
    ],
)
def test_a_host_may_be_written_in_several_ways(written: str, called: str) -> None:
    assert parse_url(written, purpose="notify").url == called


@pytest.mark.parametrize("tail", ["#/x", "#@evil.example/", "?a=1#/x", "#"])
def test_a_page_of_one_address_needs_no_path(tail: str) -> None:
    assert parse_url(f"https://shop.example{tail}", purpose="return").url == f"https://shop.example/{tail}"
    with pytest.raises(UrlRefused):
        parse_url(f"https://shop.example{tail}", purpose="notify")


def test_our_own_host_is_refused_however_it_is_written() -> None:
    with pytest.raises(UrlRefused):
        parse_url("https://pay.example.com./notify", purpose="notify")


def test_a_return_address_keeps_its_fragment() -> None:
    assert parse_url("https://shop.example/#/order", purpose="return").url == "https://shop.example/#/order"


def test_the_allow_list_lifts_every_rule(settings: object) -> None:
    settings.SCANFORPAY_ALLOW_HTTP = False
    settings.SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8", "http://pay.example.com:9000"]
    for url in (
        "http://127.0.0.1:6000/",
        "http://localhost:8000/shop/notify",
        "http://pay.example.com:9000/x",
    ):
        assert parse_url(url, purpose="notify").url == url
    with pytest.raises(UrlRefused, match=urls.HTTPS_ONLY):
        parse_url("http://pay.example.com:9001/", purpose="notify")


def test_https_may_be_required(settings: object) -> None:
    settings.SCANFORPAY_ALLOW_HTTP = False
    with pytest.raises(UrlRefused, match=urls.HTTPS_ONLY):
        parse_url("http://shop.example/", purpose="return")


def test_the_rules_are_short_enough_for_an_answer() -> None:
    rules = [value for name, value in vars(urls).items() if name.isupper() and isinstance(value, str)]
    assert len(rules) >= 10
    assert all(len(rule) <= 60 for rule in rules)
