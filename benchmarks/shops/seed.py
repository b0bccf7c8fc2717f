"""The rows that every variant needs: ``python -m benchmarks.shops.seed``."""

import django

from benchmarks.shops.names import PARTNER_NO, SIGN_KEY, STORE_NO


def seed() -> None:
    """A partner, its key, a store, an account, for all."""
    from benchmarks.shops.models import Partner as PlainPartner
    from benchmarks.shops.models import Store as PlainStore
    from scanforpay_django.models import Partner, SignKey, Store, WalletAccount

    plain = PlainPartner.objects.create(partner_no=PARTNER_NO, sign_key=SIGN_KEY)
    PlainStore.objects.create(partner=plain, store_no=STORE_NO)
    partner = Partner.objects.create(partner_no=PARTNER_NO, name="Tea house")
    key = SignKey(partner=partner)
    key.set_secret(SIGN_KEY)
    key.save()
    store = Store.objects.create(partner=partner, store_no=STORE_NO, name="Camellia Tea")
    account = WalletAccount(store=store, wallet="Wechat", environment="local_sandbox")
    account.set_secrets({})
    account.save()


if __name__ == "__main__":
    django.setup()
    seed()
