"""Begin: a partner, a store, a sign key and accounts at the sandbox; and what is still missing, as text to paste."""

import json
from io import StringIO
from typing import Any

from django.apps import apps
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import checkout, money
from scanforpay_django.conf import LOCAL_SANDBOX, conf
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.management.live_setup import LiveSetup
from scanforpay_django.models import Partner, SignKey, Store, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.wallets.registry import wallet_classes

FIRST_PARTNER_NO = 10001
URLS = """\
In the project's urls.py, before its other addresses:

    path("api/", include("scanforpay_django.urls")),
"""
SANDBOX_APPS = """\
For the sandbox, in settings.py and urls.py:

    INSTALLED_APPS += ["scanforpay_django.sandbox"]
    MIDDLEWARE += ["scanforpay_django.sandbox.middleware.SandboxPhoneMiddleware"]

    path("sandbox/", include("scanforpay_django.sandbox.urls")),
"""
PRODUCTION = """\
DEBUG is off: enter a wallet account with real credentials by `manage.py scanforpay_setup --live`, or in admin (Wallet
accounts → Add). "Test connection" there makes one harmless signed call.
"""


class Command(BaseCommand):
    """Run it as often as you like: what is there stays."""

    help = "Makes a partner, a store, a sign key and, with DEBUG, accounts at the sandbox; says what is still missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--name", default="My shop", help="of the partner and its store (default: My shop)"
        )
        parser.add_argument("--currency", default="CNY", help="of the store (default: CNY)")
        parser.add_argument(
            "--order", action="store_true", help="make an order of 21.00 to try, and show its address"
        )
        parser.add_argument("--new-key", action="store_true", help="make another sign key for the API")
        parser.add_argument(
            "--live", action="store_true", help="enter a real account of a wallet, and try it"
        )
        parser.add_argument(
            "--wallet", default="", help="with --live: the account's wallet, as in SCANFORPAY_WALLETS"
        )
        parser.add_argument(
            "--store", default="", help="with --live: the store's number (default: the first store)"
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE",
            help="with --live: a credential, or NAME=@FILE; secrets only so",
        )  # fmt: skip
        parser.add_argument(
            "--no-input", "--noinput", action="store_true", help="with --live: ask for nothing"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """The rows, then the text to paste."""
        if not options["live"] and (options["wallet"] or options["store"] or options["set"]):
            raise CommandError("--wallet, --store and --set go with --live.")
        with atomic():
            store = self._find_store(options["store"]) or self._make_store(
                options["name"], options["currency"]
            )
            self._show_key(store.partner, is_wanted=options["new_key"])
            accounts = [] if options["live"] else self._make_accounts(store)
        self._show_accounts(store, accounts)
        self._show_missing(is_live=options["live"])
        if options["live"]:
            LiveSetup(store, self._write_on, asks=not options["no_input"]).run(
                options["wallet"], options["set"]
            )

        if options["order"]:
            self._make_order(store)

    def _make_order(self, store: Store) -> None:
        """Through the same door as the project's own orders."""
        number = f"try-{timezone.now():%Y%m%d-%H%M%S-%f}"
        amount = 21 * 10 ** money.exponent(store.currency)
        try:
            order = checkout.create(number=number, amount=amount, title="A first order", store=store)
        except ScanForPayError as error:
            raise CommandError(f"The order was refused: {describe_error(error)}") from error
        except NoReverseMatch as error:
            raise CommandError("An order needs the addresses above.") from error
        self.stdout.write(f"Order      {order.pay_url}")
        self.stdout.write(
            f"           made by checkout.create(number={number!r}, amount={amount}, title={order.title!r})"
        )

    def _write_on(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()

    @staticmethod
    def _find_store(store_no: str) -> Store | None:
        if not store_no:
            return None
        found = Store.objects.select_related("partner").filter(store_no=store_no, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no active store {store_no}.")
        return found

    def _make_store(self, name: str, currency: str) -> Store:
        if len(name) > 50 or not name.strip():
            raise CommandError("--name takes 1 to 50 characters.")
        store = Store.objects.select_related("partner").filter(is_active=True).order_by("pk").first()
        if store is None:
            partner = Partner.objects.order_by("pk").first()
            if partner is None:
                partner = Partner.objects.create(partner_no=str(FIRST_PARTNER_NO), name=name)
            store = Store.objects.create(
                partner=partner, store_no=f"{partner.partner_no}0000000001"[:15], name=name, currency=currency
            )
        self.stdout.write(f"Partner    {store.partner.partner_no}  {store.partner.name}")
        self.stdout.write(f"Store      {store.store_no}  {store.name}")
        return store

    @sensitive_variables()
    def _show_key(self, partner: Partner, *, is_wanted: bool) -> None:
        if partner.sign_keys.exists() and not is_wanted:
            self.stdout.write("Sign key   made before, and not shown again (--new-key makes another)")
            return
        secret = SignKey.generate()
        key = SignKey(partner=partner, name="setup")
        key.set_secret(secret)
        key.save()
        self.stdout.write(f"Sign key   {secret}")
        self.stdout.write("           shown once; for calls of the HTTP API: orders made in Python need none")

    def _make_accounts(self, store: Store) -> list[str]:
        """At the sandbox, for every wallet that collects the store's currency under its own name."""
        if not (conf.debug and apps.is_installed("scanforpay_django.sandbox")):
            return []
        made = []
        for name, backend in wallet_classes().items():
            known = WalletAccount.objects.filter(store=store, wallet=name).exists()
            if known or backend.serves or store.currency not in backend.currencies:
                continue
            credentials = self._sign_up(name)
            if credentials is None:
                continue
            account = WalletAccount(
                store=store,
                wallet=name,
                name="sandbox",
                environment=LOCAL_SANDBOX,
                currencies=store.currency,
                config=credentials["config"],
            )
            account.set_secrets(credentials["secrets"])
            account.save()
            made.append(name)
        return made

    @staticmethod
    @sensitive_variables()
    def _sign_up(wallet: str) -> dict[str, Any] | None:
        """What the sandbox issues; None for a wallet that it does not play."""
        if "sandbox_account" not in get_commands():
            return None
        output = StringIO()
        try:
            call_command("sandbox_account", wallet, stdout=output)
        except CommandError:
            return None
        issued: dict[str, Any] = json.loads(output.getvalue())
        return issued

    def _show_accounts(self, store: Store, made: list[str]) -> None:
        names = sorted(store.wallet_accounts.filter(is_active=True).values_list("wallet", flat=True))
        text = ", ".join(f"{name} (new, at the sandbox)" if name in made else name for name in names)
        self.stdout.write(f"Accounts   {text or 'none'}")

    def _show_missing(self, *, is_live: bool) -> None:
        try:
            reverse("scanforpay:create")
        except NoReverseMatch:
            self.stdout.write(f"\n{URLS}")
        if is_live:
            return
        if not conf.debug:
            self.stdout.write(f"\n{PRODUCTION}")
        elif not apps.is_installed("scanforpay_django.sandbox"):
            self.stdout.write(f"\n{SANDBOX_APPS}")
