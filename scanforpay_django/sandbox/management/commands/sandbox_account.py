"""Sign a merchant up at the sandbox, and print what a wallet account has to hold."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scanforpay_django.sandbox import merchants
from scanforpay_django.sandbox.gate import sandbox_is_allowed

ISSUERS: dict[str, Callable[[], merchants.Credentials]] = {
    "Wechat": merchants.issue_wechat_credentials,
    "WechatGlobal": merchants.issue_wechat_global_credentials,
    "Alipay": merchants.issue_alipay_credentials,
}


class Command(BaseCommand):
    """Prints JSON: config and secrets of a new merchant, as a wallet account stores them."""

    help = "Signs a merchant up at the sandbox and prints its credentials as JSON. scanforpay_setup calls it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("wallet", help=f"one of {', '.join(ISSUERS)}")

    def handle(self, *_args: Any, **options: Any) -> None:
        """A new merchant each time. The sandbox's secrets open nothing but the sandbox."""
        if not sandbox_is_allowed():
            raise CommandError("The sandbox is for development: DEBUG is off.")
        issue = ISSUERS.get(options["wallet"])
        if issue is None:
            raise CommandError(f"The sandbox issues accounts for {', '.join(ISSUERS)}.")
        config, hidden = issue()
        self.stdout.write(json.dumps({"config": config, "secrets": hidden}))
