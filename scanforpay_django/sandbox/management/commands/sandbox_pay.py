"""manage.py sandbox_pay: pay an order as a customer would, from the shell."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scanforpay_django.sandbox.customer import Customer, plain, sandbox_beside
from scanforpay_django.sandbox.faults import FAULTS
from scanforpay_django.sandbox.models import App
from scanforpay_django.sandbox.pay_page import CustomerError, PayPage


class Command(BaseCommand):
    """Opens PAY_URL in the app's browser, pays in the sandbox and waits until the server says paid."""

    help = "Pay an order in the sandbox, as a customer with a phone. Exit status 0: the server says paid."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pay_url", metavar="PAY_URL", help="the order's payUrl; \\/ in it is understood")
        parser.add_argument(
            "--as", dest="app", choices=App.values, required=True, help="the app it is opened in"
        )
        parser.add_argument(
            "--outcome", choices=["pay", "cancel"], default="pay", help="what the customer does"
        )
        parser.add_argument(
            "--user", default="", help="a name; the same name is the same customer every time"
        )
        parser.add_argument(
            "--timeout", type=float, default=40, help="seconds to wait for the server to say paid"
        )
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            choices=list(FAULTS),
            help="let the platform misbehave for what this customer pays; may be given several times",
        )
        parser.add_argument(
            "--work",
            action="store_true",
            help="afterwards do once what the worker does: handlers, notifications",
        )
        parser.add_argument("--count", type=int, default=1, help="how often each --fault strikes")
        parser.add_argument(
            "--sandbox",
            default="",
            help="the sandbox's address, where the page's own address and the OAuth do not tell",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run. Raises CommandError, which is exit status 1."""
        customer = Customer(
            app=App(options["app"]), user=options["user"], sandbox=options["sandbox"], say=self.stdout.write
        )
        try:
            with customer.session:
                self._arm(customer, options)
                page = customer.open(options["pay_url"])
                customer.use_wallet(page, options["outcome"])
                if options["outcome"] == "pay":
                    self._after_paying(customer, page, options["timeout"])
                else:
                    self._after_cancelling(customer, page)
        except CustomerError as error:
            raise CommandError(str(error)) from error
        if options["work"]:
            call_command("scanforpay_worker", "--once", stdout=self.stdout)

    def _arm(self, customer: Customer, options: dict[str, Any]) -> None:
        if options["fault"] and not customer.sandbox:
            customer.sandbox = sandbox_beside(plain(options["pay_url"]))
        for name in options["fault"]:
            customer.meet_trouble(name, options["count"])

    def _after_paying(self, customer: Customer, page: PayPage, timeout_seconds: float) -> None:
        status = customer.wait_until_paid(page, timeout_seconds)
        way_back = status.get("next") or page.data.get("returnUrl")
        if way_back:
            self.stdout.write(f"would end at: {customer.where_it_ends(page, way_back)}")
        else:
            self.stdout.write("would end here: the order has no return address")

    def _after_cancelling(self, customer: Customer, page: PayPage) -> None:
        state = customer.ask_state(page).get("state")
        self.stdout.write(f"the server says: {state}")
        if state == "paid":
            raise CustomerError("the customer cancelled, but the server says paid")
        leave = page.data.get("leaveUrl")
        if leave:
            self.stdout.write(f"leaving would end at: {customer.where_it_ends(page, leave, 'POST')}")
        else:
            self.stdout.write("leaving would end here: the order has no return address")
