"""WeChat Pay as the settling benchmark plays it, and the payments that it notifies of. Import after django.setup()."""

import time
import uuid
from datetime import timedelta

from django.utils import timezone

from benchmarks.load import http
from benchmarks.shops.names import PARTNER_NO, SIGN_KEY, STORE_NO
from benchmarks.statements import count
from scanforpay_django.models import Order, Partner, Payment, SignKey, Store, WalletAccount
from tests.platform import APIV3_KEY, WECHAT_CONFIG, WeChatNotice, private_pem, public_pem, rsa_signature


class Platform:
    """One account, its keys, and any number of signed notifications."""

    def __init__(self) -> None:
        partner = Partner.objects.create(partner_no=PARTNER_NO, name="Tea house")
        key = SignKey(partner=partner)
        key.set_secret(SIGN_KEY)
        key.save()
        self._store = Store.objects.create(partner=partner, store_no=STORE_NO, name="Camellia Tea")
        config = {**WECHAT_CONFIG, "public_key": public_pem("wechat")}
        self._account = WalletAccount(
            store=self._store, wallet="Wechat", environment="local_sandbox", config=config
        )
        self._account.set_secrets(
            {"private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "s"}
        )
        self._account.save()
        self._last: list[Payment] = []
        #: where the platform calls us
        self.path = f"/api/platform/wechat/{self._account.public_id}"

    def _payments(self, number: int) -> list[Payment]:
        """Orders with an open payment each."""
        expires_at = timezone.now() + timedelta(days=1)
        orders = Order.objects.bulk_create(
            Order(
                partner=self._store.partner, store=self._store, partner_order_no=f"s{uuid.uuid4().hex[:24]}",
                wallet="Wechat", amount=2100, currency="CNY", title="一杯乌龙茶", fingerprint="f",
                expires_at=expires_at, notify_url="https://shop.example.com/notify",
            )
            for _ in range(number)
        )  # fmt: skip
        return Payment.objects.bulk_create(
            Payment(
                order=order, account=self._account, wallet="Wechat", product="jsapi", state="open", amount=2100,
                currency="CNY", payer_id="buyer-1", expires_at=expires_at, attempt=1,
            )
            for order in orders
        )  # fmt: skip

    @staticmethod
    def _signed(payment: Payment) -> tuple[bytes, dict[str, str]]:
        body = WeChatNotice(payment, event_id=uuid.uuid4().hex).body()
        stamp = str(int(time.time()))
        return body, {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": "abc",
            "Wechatpay-Serial": WECHAT_CONFIG["public_key_id"],
            "Wechatpay-Signature": rsa_signature("wechat", f"{stamp}\nabc\n".encode() + body + b"\n"),
        }

    def notifications(self, path: str, number: int) -> list[bytes]:
        """Requests, each of a payment of its own."""
        self._last = self._payments(number)
        return [http(path, *self._signed(payment)) for payment in self._last]

    def check_paid(self, path: str, number: int) -> None:
        """That all of the last ones were applied, before their rate is believed."""
        paid = Payment.objects.filter(pk__in=[payment.pk for payment in self._last], state="paid").count()
        if paid != number:
            raise SystemExit(f"{path}: {number - paid} of {number} payments were not applied")

    def count(self, path: str, *, is_repeat: bool = False) -> int:
        """The statements of one notification, or of its repetition, when the account is known to the process."""
        found = 0
        for payment in self._payments(4):
            body, headers = self._signed(payment)
            for _ in range(1 + is_repeat):
                found = count(path, body, headers)
        return found
