"""Begin: a partner, a store, a sign key and accounts at the sandbox; and what is still missing, as text to paste."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import checkout, clock, money
from scanforpay_django.conf import conf
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.management.go_live_text import write_go_live
from scanforpay_django.management.live_setup import LiveSetup
from scanforpay_django.models import Partner, Store
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.error_text import describe_error
from scanforpay_django.operations.set_up.check_account import check_account
from scanforpay_django.operations.set_up.first_rows import find_partner_no, find_store_no, issue_key
from scanforpay_django.operations.set_up.go_live import read_list
from scanforpay_django.operations.set_up.sandbox_accounts import make_sandbox_accounts

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
DEBUG is off: enter a wallet account with real credentials by `manage.py scanforpay_setup --live`, or in admin
(Set-up). Both try it by one harmless signed call.
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
            "--check",
            action="store_true",
            help="look at the go-live list of the store's accounts, over the network",
        )
        parser.add_argument(
            "--live", action="store_true", help="enter a real account of a wallet, and try it"
        )
        parser.add_argument(
            "--wallet", default="", help="with --live: the account's wallet, as in SCANFORPAY_WALLETS"
        )
        parser.add_argument(
            "--store",
            default="",
            help="with --live or --check: the store's number (default: the first store)",
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
        takes_store = options["live"] or options["check"]
        if (options["store"] and not takes_store) or (
            not options["live"] and (options["wallet"] or options["set"])
        ):
            raise CommandError("--wallet and --set go with --live, --store with --live or --check.")
        with atomic():
            store = self._find_store(options["store"]) or self._make_store(
                options["name"], options["currency"]
            )
            self._show_key(store.partner, is_wanted=options["new_key"])
            accounts = [] if options["live"] else make_sandbox_accounts(store)
        self._show_accounts(store, accounts)
        self._show_missing(is_live=options["live"])
        if options["live"]:
            LiveSetup(store, self._write_on, asks=not options["no_input"]).run(
                options["wallet"], options["set"]
            )

        if options["check"]:
            self._check(store)
        if options["order"]:
            self._make_order(store)

    def _check(self, store: Store) -> None:
        """The same as the button in admin, for every active account of the store."""
        accounts = store.wallet_accounts.filter(is_active=True).select_related("store__partner")
        try:
            for account in accounts.order_by("pk"):
                check_account(account)
                write_go_live(read_list(account), self._write_on)
        except NoReverseMatch as error:
            raise CommandError("A look needs the addresses above.") from error

    def _make_order(self, store: Store) -> None:
        """Through the same door as the project's own orders."""
        number = f"try-{clock.now():%Y%m%d-%H%M%S-%f}"
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
                partner = Partner.objects.create(partner_no=find_partner_no(), name=name)
            store = Store.objects.create(
                partner=partner, store_no=find_store_no(partner), name=name, currency=currency
            )
        self.stdout.write(f"Partner    {store.partner.partner_no}  {store.partner.name}")
        self.stdout.write(f"Store      {store.store_no}  {store.name}")
        return store

    @sensitive_variables()
    def _show_key(self, partner: Partner, *, is_wanted: bool) -> None:
        if partner.sign_keys.exists() and not is_wanted:
            self.stdout.write("Sign key   made before, and not shown again (--new-key makes another)")
            return
        _key, secret = issue_key(partner, "setup")
        self.stdout.write(f"Sign key   {secret}")
        self.stdout.write("           shown once; for calls of the HTTP API: orders made in Python need none")

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
