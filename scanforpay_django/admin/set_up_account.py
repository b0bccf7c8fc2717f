"""The third step of the set-up: which wallet, its credentials, and what its platform says of them."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from scanforpay_django.admin.set_up import SetUpPages, make_steps, may
from scanforpay_django.admin.set_up_forms import CredentialsForm
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.set_up.check_account import check_connection
from scanforpay_django.operations.set_up.go_live import CONNECTION, read_list
from scanforpay_django.operations.set_up.live_account import (
    CredentialsInvalid,
    LiveAccount,
    find_live_account,
    store_live_account,
)
from scanforpay_django.operations.set_up.sandbox_accounts import has_sandbox, make_sandbox_accounts
from scanforpay_django.wallets.base import Wallet
from scanforpay_django.wallets.registry import wallet_classes


class AccountStep(SetUpPages):
    """Mixed into the stores' admin."""

    def get_urls(self) -> list[Any]:
        """Beside the other steps."""
        views = [
            ("<int:store_pk>/account/", sensitive_post_parameters()(self.account_view), "_account"),
            ("<int:store_pk>/sandbox/", self.sandbox_view, "_sandbox"),
        ]
        return [*(self.set_up_path(*one) for one in views), *super().get_urls()]

    @sensitive_variables()
    def account_view(self, request: HttpRequest, store_pk: int) -> HttpResponse:
        """Step 3: which wallet; then its credentials, which are tried before they are used."""
        if not may(request, "add_walletaccount"):
            raise PermissionDenied
        store = self.find_store(request, store_pk)
        wallet = request.GET.get("wallet", "")
        backend = wallet_classes().get(wallet)
        if backend is None:
            return self._choose_wallet(request, store)
        known = find_live_account(store, wallet)
        # One that works takes the place of what the store collects with, be it at the sandbox.
        replaces = store.wallet_accounts.filter(wallet=wallet).exists()
        if replaces and not may(request, "change_walletaccount"):
            raise PermissionDenied
        if request.method == "POST" and "_test" in request.POST and known is not None:
            check_connection(known)
            return HttpResponseRedirect(request.get_full_path())
        is_sent = request.method == "POST"
        form = CredentialsForm(
            request.POST if is_sent else None, request.FILES or None, backend=backend, known=known
        )
        if is_sent and form.is_valid():
            made = self._try_account(request, store, wallet, form)
            if made is not None:
                name, args = (
                    ("_go_live", [store.pk, made.account.pk]) if made.works else ("_account", [store.pk])
                )
                query = "" if made.works else f"?wallet={wallet}"
                return HttpResponseRedirect(self.set_up_url(name, *args) + query)
        return self._ask_credentials(request, store, backend, form, known)

    @sensitive_variables()
    def _try_account(
        self, request: HttpRequest, store: Store, wallet: str, form: CredentialsForm
    ) -> LiveAccount | None:
        """What became of it; None where the form says what is wrong."""
        try:
            made = store_live_account(
                store, wallet, form.get_config(), form.get_secrets(), grants=form.cleaned_data["grants"]
            )
        except CredentialsInvalid as error:
            for name, text in error.faults.items():
                form.add_error(name if name in form.fields else None, text)
            return None
        verdict = _(made.verdict)
        messages.add_message(request, messages.SUCCESS if made.works else messages.ERROR, verdict)
        if not made.works and made.account.is_active:
            messages.warning(request, _("The account that is in use stays as it was."))
        for one in made.replaced:
            messages.info(request, _("%(account)s is switched off.") % {"account": one})
        self.log_act(request, made.account, CHANGE, verdict)
        return made

    def _choose_wallet(self, request: HttpRequest, store: Store) -> HttpResponse:
        known = dict(store.wallet_accounts.order_by("is_active").values_list("wallet", "environment"))
        wallets = [
            {
                "name": name,
                "label": backend.staff_label or backend.label,
                "currencies": ", ".join(sorted(backend.currencies)),
                "takes_it": store.currency in backend.currencies,
                "environment": WalletAccount.Environment(known[name]).label if name in known else "",
                "products": [
                    (product.label, backend.product_terms.get(one))
                    for one, product in backend.products.items()
                ],
            }
            for name, backend in wallet_classes().items()
        ]
        context = {
            "title": _("A wallet account of %(store)s") % {"store": store.name},
            "steps": make_steps("account"),
            "store": store,
            # Those that collect the store's currency first.
            "wallets": sorted(wallets, key=lambda one: not one["takes_it"]),
            "has_sandbox": has_sandbox(),
            "sandbox_url": self.set_up_url("_sandbox", store.pk),
        }
        return self.render_set_up(request, "set_up_wallet", context)

    def _ask_credentials(
        self,
        request: HttpRequest,
        store: Store,
        backend: type[Wallet],
        form: CredentialsForm,
        known: WalletAccount | None,
    ) -> HttpResponse:
        terms = [
            (product.label, backend.product_terms.get(name)) for name, product in backend.products.items()
        ]
        context = {
            "title": _("A wallet account of %(store)s") % {"store": store.name},
            "steps": make_steps("account"),
            "store": store,
            "wallet": backend.staff_label or backend.label,
            "form": form,
            "known": known,
            "line": read_list(known).find(CONNECTION.name) if known else None,
            "terms": terms,
            "zone": store.zone,
        }
        return self.render_set_up(request, "set_up_account", context)

    def sandbox_view(self, request: HttpRequest, store_pk: int) -> HttpResponse:
        """Step 3 of a project in development: accounts that collect play money."""
        if request.method != "POST" or not may(request, "add_walletaccount"):
            raise PermissionDenied
        store = self.find_store(request, store_pk)
        with atomic():
            made = make_sandbox_accounts(store)
            for account in store.wallet_accounts.filter(wallet__in=made):
                self.log_act(request, account, ADDITION, [{"added": {}}])
        if not made:
            messages.warning(
                request, _("The store has these accounts already, or the project has no sandbox.")
            )
        return HttpResponseRedirect(self.set_up_url("_go_live_store", store.pk))
