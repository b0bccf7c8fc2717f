"""docs/products.md, made from the code's own flags: ``python -m tests.wallets.table > docs/products.md``."""

import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from scanforpay_django.wallets.base import Channel

HEAD = """# Products

What pays where, made from the wallets' own flags by `python -m tests.wallets.table`; a test compares. "Tested" means
that the test suite pays with it at the sandbox, which verifies every signature as strictly as the platform does.
Nothing here has been run against the platforms themselves: WeChat Pay has no test environment, and accounts differ. An
account may use what its field *granted products* lists; empty means the products marked *usual*.
"""
WAYS = {"own_qr": "our QR code", "copy_link": "copy the link", "wrong_app": "“open the other app”"}
#: products that the contract, the code and the barcode tests pay with, by backend
TESTED = {
    "Wechat": {"jsapi", "h5", "native", "codepay"},
    "WechatGlobal": {"jsapi", "h5", "native"},
    "Alipay": {"trade_create", "wap", "precreate", "barcode"},
    "AlipayGlobal": {"forex_wap"},
    "AlipayHK": {"forex_wap"},
}


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def channels() -> "list[Channel]":
    """Every channel: the apps', then the browsers'."""
    from scanforpay_django.wallets.base import DESKTOP, PHONE, Channel, Place
    from scanforpay_django.wallets.registry import known_apps

    found = []
    for app in known_apps():
        found.append(Channel(place=Place.IN_APP, app=app))
        if app.computer and app.pays:
            found.append(Channel(place=Place.APP_ON_COMPUTER, app=app, is_on_computer=True))
        if app.mini_program:
            found.append(Channel(place=Place.MINI_PROGRAM, app=app))
    return [*found, PHONE, DESKTOP]


def table() -> str:
    """The whole page."""
    from django.utils import translation

    from scanforpay_django.wallets.registry import wallet_classes

    with translation.override("en"):
        lines = [HEAD, "| backend | wallet | product | how | usual | tested |", "|---|---|---|---|---|---|"]
        for backend in wallet_classes().values():
            for product in backend.products.values():
                usual = "yes" if product.name in (backend.default_grants or backend.products) else ""
                tested = "yes" if product.name in TESTED.get(backend.name, set()) else "no"
                lines.append(
                    row(backend.name, backend.wire_name(), f"`{product.name}`", product.label, usual, tested)
                )
        lines += [
            "",
            "## Accounts",
            "",
            "| backend | modes | currencies | refunds | bills | platform's sandbox |",
        ]
        lines.append("|---|---|---|---|---|---|")
        for backend in wallet_classes().values():
            bills = [
                f"`{one.name}`" + ("" if one.is_fetched else " by upload")
                for one in backend.bill_types.values()
            ]
            refunds, sandbox = (
                "yes" if flag else "no" for flag in (backend.can_refund, "platform_sandbox" in backend.hosts)
            )
            words = f"{refunds} | {', '.join(bills)} | {sandbox}"
            lines.append(
                f"| {backend.name} | {', '.join(backend.modes)} | {' '.join(sorted(backend.currencies))} | {words} |"
            )
        names = [backend.name for backend in wallet_classes().values()]
        lines += [
            "",
            "## Where a page is open",
            "",
            "The first way that the account has been granted is taken.",
            "",
        ]
        lines += [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for channel in channels():
            ways = [
                ", ".join(WAYS.get(way, f"`{way}`") for way in backend.route(channel))
                for backend in wallet_classes().values()
            ]
            lines.append(f"| {channel.name} | {' | '.join(ways)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
    django.setup()
    sys.stdout.write(table())
