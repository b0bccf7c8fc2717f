"""Each platform at a host of its own."""

import json

import pytest

from scanforpay_django.sandbox.hosts import HOSTS, LOCAL_NAMES, PLATFORM_KEY
from scanforpay_django.sandbox.merchants import (
    issue_alipay_credentials,
    issue_wechat_credentials,
    issue_wechat_global_credentials,
)
from tests.sandbox.families import Direct, FullAlipay, HongKong

API = "api.mch.weixin.qq.com"


class AtHost:
    """A test client whose requests all go to one host."""

    def __init__(self, client, host):
        self.client, self.host = client, host

    def generic(self, *given, headers=None, **more):
        return self.client.generic(*given, headers={**(headers or {}), "Host": self.host}, **more)

    def post(self, *given, **more):
        return self.client.post(*given, headers={"Host": self.host}, **more)


@pytest.fixture
def at(client, db):
    """A direct merchant that signs the path of ``host``, without a prefix."""

    def make(host):
        made = Direct(AtHost(client, host), issue_wechat_credentials())
        made.prefix = ""
        return made

    return make


@pytest.mark.parametrize("host", [API, "api2.mch.weixin.qq.com", "wechat.localhost:8000", "WECHAT.LOCALHOST"])
def test_the_path_is_signed_as_the_platforms_host_has_it(at, host):
    shop = at(host)
    body = shop.body()
    assert shop.post("native", body).json()["code_url"].startswith("weixin://")
    answer = shop.ask(body["out_trade_no"])
    shop.verify_answer(answer)
    assert answer.json()["trade_state"] == "NOTPAY"


def test_below_the_mount_the_prefix_is_still_signed(direct):
    assert direct.post("native", direct.body()).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost:8000", "api.mch.weixin.qq.com.evil.example", "[::1", "", "weixin.qq.com"]
)
def test_another_host_is_no_platform(at, host):
    shop = at(host)
    # 400: Django refuses what is no host
    assert shop.post("native", shop.body()).status_code in (400, 404)


def test_the_hosts_of_another_platform_know_nothing_of_it(at):
    shop = at("openapi.alipay.com")
    assert shop.post("native", shop.body()).status_code == 404


def test_a_host_is_nothing_where_the_sandbox_is_not_allowed(at, settings):
    settings.SCANFORPAY_SANDBOX_ALLOWED = False
    shop = at(API)
    assert shop.post("native", shop.body()).status_code == 404


def test_a_host_is_nothing_where_the_sandbox_is_not_mounted(client, settings):
    settings.ROOT_URLCONF = "scanforpay_django.urls"
    assert client.get("/v3/certificates", headers={"Host": API}).status_code == 404


def test_alipay_is_asked_at_its_gateway_and_shows_its_own_codes(client, db, pay):
    shop = FullAlipay(AtHost(client, "openapi.alipay.com"), issue_alipay_credentials())
    shop.prefix = ""
    code = shop.say("precreate", shop.trade())["qr_code"]
    assert code.startswith("https://qr.alipay.com/bax")
    page = client.get(code.removeprefix("https://qr.alipay.com"), headers={"Host": "qr.alipay.com"})
    assert page.status_code == 200
    assert pay("scan", {"code": code})["result"] == "ok"


def test_a_local_name_shows_its_own_codes(client, db, pay):
    shop = FullAlipay(AtHost(client, "alipay.localhost:8000"), issue_alipay_credentials())
    shop.prefix = ""
    code = shop.say("precreate", shop.trade())["qr_code"]
    assert code.startswith("http://alipay.localhost:8000/qr/bax")
    assert pay("scan", {"code": code})["result"] == "ok"


def test_hong_kong_is_asked_at_its_own_host(client, db):
    shop = HongKong(AtHost(client, "apihk.mch.weixin.qq.com"), issue_wechat_global_credentials())
    shop.prefix = ""
    assert shop.ask("123456", mchid=shop.config["mchid"]).json()["code"] == "ORDER_NOT_EXIST"


def test_the_absolute_form_of_a_request_line_is_read(client):
    answer = client.generic("POST", "https://openapi.alipay.com/gateway.do", headers={"Host": "openapi.alipay.com"},
                            PATH_INFO="https://openapi.alipay.com/gateway.do")  # fmt: skip
    assert json.loads(answer.content)["error_response"]["sub_code"] == "isv.missing-app-id"


def test_a_server_may_say_which_platform_it_plays(client):
    answer = client.get("/gateway.do", **{PLATFORM_KEY: "alipay"})
    assert b"error_response" in answer.content


def test_every_host_leads_into_the_sandbox():
    places = {place.partition("/")[0] for place in [*HOSTS.values(), *LOCAL_NAMES.values()]}
    assert places == {"wechat", "wechat_global", "alipay", "alipay_global"}
