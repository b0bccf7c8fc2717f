"""Wallet x channel x products granted: the page that a customer finds in every place."""

from dataclasses import dataclass

QR, WRONG = "qr", "wrong_app"


@dataclass(frozen=True)
class Cell:
    """What a customer finds: the page, how it says to go on, its button, or one for each wallet."""

    view: str
    hint: str = ""
    act: str = ""


SCAN = Cell(QR, "scan")

TABLE: dict[tuple[str, str], dict[str, Cell]] = {
    ("Wechat", "usual"): {
        "wechat": Cell("bridge", act="scanforpay-pay"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "chat", "scanforpay-copy"),
        "wecom": Cell(QR, "chat", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell(WRONG, "album"),
        "alipay_miniprogram": Cell(WRONG, "album"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell(QR, "album", "scanforpay-save"),
        "desktop": SCAN,
    },
    ("Wechat", "all"): {
        "wechat": Cell("bridge", act="scanforpay-pay"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "chat", "scanforpay-copy"),
        "wecom": Cell(QR, "chat", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell(WRONG, "album"),
        "alipay_miniprogram": Cell(WRONG, "copy", "scanforpay-copy"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("tap", act="scanforpay-tap"),
        "desktop": SCAN,
    },
    ("Wechat", "code"): {
        "wechat": Cell(QR, "screen", "scanforpay-copy"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell("no_account", act="scanforpay-leave"),
        "wecom": Cell(QR, "screen", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell(WRONG, "album"),
        "alipay_miniprogram": Cell(WRONG, "album"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("no_account", act="scanforpay-leave"),
        "desktop": SCAN,
    },
    ("Alipay", "usual"): {
        "wechat": Cell(WRONG, "album"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(WRONG, "album"),
        "wecom": Cell(WRONG, "album"),
        "wecom_desktop": Cell(WRONG, "scan"),
        "alipay": Cell("bridge", act="scanforpay-pay"),
        "alipay_miniprogram": Cell(QR, "album"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell(QR, "album", "scanforpay-save"),
        "desktop": SCAN,
    },
    ("Alipay", "all"): {
        "wechat": Cell(WRONG, "browser", "scanforpay-copy"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(WRONG, "copy", "scanforpay-copy"),
        "wecom": Cell(WRONG, "copy", "scanforpay-copy"),
        "wecom_desktop": Cell(WRONG, "scan"),
        "alipay": Cell("bridge", act="scanforpay-pay"),
        "alipay_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("tap", act="scanforpay-tap"),
        "desktop": SCAN,
    },
    ("Alipay", "code"): {
        "wechat": Cell(WRONG, "album"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(WRONG, "album"),
        "wecom": Cell(WRONG, "album"),
        "wecom_desktop": Cell(WRONG, "scan"),
        "alipay": Cell("no_account", act="scanforpay-leave"),
        "alipay_miniprogram": Cell("no_account", act="scanforpay-leave"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("no_account", act="scanforpay-leave"),
        "desktop": SCAN,
    },
    ("AlipayHK", "usual"): {
        "wechat": Cell(WRONG, "browser", "scanforpay-copy"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "wecom": Cell(QR, "copy", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell("tap", act="scanforpay-tap"),
        "alipay_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "alipayhk": Cell("tap", act="scanforpay-tap"),
        "mobile": Cell("tap", act="scanforpay-tap"),
        "desktop": SCAN,
    },
    ("AlipayHK", "all"): {
        "wechat": Cell(WRONG, "browser", "scanforpay-copy"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "wecom": Cell(QR, "copy", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell("tap", act="scanforpay-tap"),
        "alipay_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "alipayhk": Cell("tap", act="scanforpay-tap"),
        "mobile": Cell("tap", act="scanforpay-tap"),
        "desktop": Cell("tap", act="scanforpay-tap"),
    },
    ("Any", "usual"): {
        "wechat": Cell("bridge", act="scanforpay-pay"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "chat", "scanforpay-copy"),
        "wecom": Cell(QR, "chat", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell("bridge", act="scanforpay-pay"),
        "alipay_miniprogram": Cell(QR, "album"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell(QR, "album", "scanforpay-save"),
        "desktop": SCAN,
    },
    ("Any", "all"): {
        "wechat": Cell("bridge", act="scanforpay-pay"),
        "wechat_desktop": SCAN,
        "wechat_miniprogram": Cell(QR, "chat", "scanforpay-copy"),
        "wecom": Cell(QR, "chat", "scanforpay-copy"),
        "wecom_desktop": SCAN,
        "alipay": Cell("bridge", act="scanforpay-pay"),
        "alipay_miniprogram": Cell(QR, "copy", "scanforpay-copy"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("choose", act="scanforpay-with-1 scanforpay-with-2"),
        "desktop": SCAN,
    },
    ("Any", "code"): {
        "wechat": Cell(QR, "screen", "scanforpay-copy"),
        "wechat_desktop": Cell("choose", act="scanforpay-with-1 scanforpay-with-2"),
        "wechat_miniprogram": Cell(WRONG, "album"),
        "wecom": Cell(QR, "screen", "scanforpay-copy"),
        "wecom_desktop": Cell("choose", act="scanforpay-with-1 scanforpay-with-2"),
        "alipay": Cell(WRONG, "album"),
        "alipay_miniprogram": Cell(WRONG, "album"),
        "alipayhk": Cell(WRONG, "album"),
        "mobile": Cell("no_account", act="scanforpay-leave"),
        "desktop": Cell("choose", act="scanforpay-with-1 scanforpay-with-2"),
    },
}
