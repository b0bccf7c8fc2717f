"""Every real User-Agent on file is taken for what it is."""

from pathlib import Path

import pytest

from scanforpay_django.cashier.language import supported
from scanforpay_django.cashier.user_agent import classify

pytestmark = pytest.mark.sqlite

ROWS = [
    line.rsplit("\t", 1)
    for line in (Path(__file__).parent / "user_agents.tsv").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith(("#", "ua\t"))
]


@pytest.mark.parametrize(("user_agent", "expected"), ROWS, ids=lambda value: value[-40:])
def test_real_user_agents(user_agent: str, expected: str) -> None:
    channel = classify(user_agent).name
    assert channel in ("mobile", "desktop") if expected == "other" else channel == expected


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("", "desktop"),
        ("curl/8", "desktop"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
            "mobile",
        ),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1", "mobile"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "desktop",
        ),
        ("Mozilla/5.0 (iPhone) AliApp(DingTalk/7.0) com.laiwang.DingTalk", "mobile"),
        (
            "Mozilla/5.0 (iPhone) Mobile/15E148/sa-sdk-ios (com.unionpay.chsp) (cordova 4.5.4) (updebug 0)",
            "mobile",
        ),
        (
            "Mozilla/5.0 (Linux; Android 12) Mobile Safari/537.36 (UnionPay/1.0 CloudPay) (com.unionpay)",
            "mobile",
        ),
    ],
)
def test_other_browsers_are_mobile_or_desktop(user_agent: str, expected: str) -> None:
    assert classify(user_agent).name == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh_CN", "zh-hans"), ("zh-Hans", "zh-hans"), ("zh", "zh-hans"), ("zh_TW", "zh-hant"), ("zh-HK", "zh-hant"),
        ("zh-Hant", "zh-hant"), ("zh-Hant-HK", "zh-hant"), ("en_US", "en"), ("en", "en"), ("fr", None),
    ],
)  # fmt: skip
def test_languages(tag: str, expected: str | None) -> None:
    assert supported(tag) == expected


HARMONY = "Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114 Safari/537.36 ArkWeb/4.1"


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (HARMONY, "desktop"),
        (HARMONY.replace("OpenHarmony", "HarmonyOS"), "desktop"),
        (HARMONY + " Mobile", "desktop"),
        (HARMONY.replace("(PC", "(Phone") + " Mobile", "mobile"),
        (HARMONY.replace("(PC", "(Tablet"), "mobile"),
        (HARMONY + " MicroMessenger/8.0.10.41(0xf3100a29) Weixin", "wechat_desktop"),
        (HARMONY.replace("(PC", "(Phone") + " MicroMessenger/8.0.10.41(0xf3100a29) Weixin", "wechat"),
    ],
)
def test_computers_with_harmonyos_are_computers(user_agent: str, expected: str) -> None:
    channel = classify(user_agent)
    assert channel.name == expected
    assert channel.is_on_computer == ("desktop" in expected)
