"""What the platforms remember: their keys, merchants, payers, trades, refunds and sent notices."""

from django.db import models

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField, true_or_null
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel

from .bill_models import PaidBy


class App(models.TextChoices):
    """What a pay page can be open in, as the phone's cookie writes it."""

    WECHAT = "wechat", "WeChat Pay"
    ALIPAY = "alipay", "Alipay"
    ALIPAYHK = "alipayhk", "AlipayHK"
    BROWSER = "browser", "the phone's browser"
    # shows a code, which a phone scans
    DESKTOP = "desktop", "a computer's browser"


class Platform(models.TextChoices):
    """Whose servers are played: each has merchants, keys and numbers of its own."""

    WECHAT = "wechat", "WeChat Pay"
    WECHAT_GLOBAL = "wechat_global", "WeChat Pay HK"
    ALIPAY = "alipay", "Alipay"
    ALIPAY_GLOBAL = "alipay_global", "Alipay global"


class PlatformKey(PrimaryModel):
    """A key pair of a platform: what it signs with, or the root that signs its certificates."""

    class Kind(models.TextChoices):
        """One of each per platform, made on first use."""

        PUBLIC_KEY = "public_key", "announced as a public key"
        CERTIFICATE = "certificate", "announced by a certificate"
        ROOT = "root", "signs certificates"

    app = models.CharField(max_length=13, choices=Platform.choices)
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.PUBLIC_KEY)
    # WeChat: PUB_KEY_ID_<digits> or a certificate's serial; Alipay: the certificate's SN
    key_id = ExactCharField(max_length=64)
    # PEM, PKCS#8
    private_key = models.TextField()
    # PEM; blank for kind public_key
    certificate = models.TextField(blank=True)
    created_at = MomentField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "kind"], name="scanforpay_sandbox_one_key_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_app_display()} {self.key_id}"


class Merchant(PrimaryModel):
    """A merchant of one platform. Of the merchant's own key pair only the public half is here."""

    class KeyMode(models.TextChoices):
        """Which of WeChat's keys signs for the merchant."""

        PUBLIC_KEY = "public_key", "WeChat Pay public key"
        CERTIFICATE = "certificate", "platform certificate"
        # answers follow Wechatpay-Serial, callbacks take turns
        MIGRATION = "migration", "both"

    app = models.CharField(max_length=13, choices=Platform.choices)
    # WeChat: mchid; Alipay: seller_id, 2088...; Alipay global: partner
    number = ExactCharField(max_length=32)
    # appid, as WeChat writes it; app_id, as Alipay does; blank at Alipay global
    app_id = ExactCharField(max_length=32, blank=True)
    # WeChat: the service account's secret for OAuth
    app_secret = models.CharField(max_length=64, blank=True)
    # WeChat: serial of the merchant's API certificate; Alipay in certificate mode: app_cert_sn
    serial_no = ExactCharField(max_length=64, blank=True)
    # PEM; blank for a merchant whose provider makes the calls
    public_key = models.TextField(blank=True)
    # WeChat: 32 bytes with which notifications are sealed
    apiv3_key = models.CharField(max_length=32, blank=True)
    # WeChat
    key_mode = models.CharField(max_length=11, choices=KeyMode.choices, default=KeyMode.PUBLIC_KEY)
    # Alipay: whether keys come in certificates
    uses_certificates = models.BooleanField(default=False)
    # Alipay: whether OAuth gives open_id and no user_id, as for new apps
    open_id_only = models.BooleanField(default=False)
    # WeChat: the service provider of this sub-merchant; Alipay: the ISV that calls for this merchant
    provider = PrimaryForeignKey("self", models.CASCADE, related_name="sub_merchants", null=True)
    # Alipay: app_auth_token, with which the ISV calls
    auth_token = ExactCharField(max_length=64, blank=True)
    name = models.CharField(max_length=64, default="Sandbox Shop")
    has_app_id_or_null = true_or_null(~models.Q(app_id=""))
    created_at = MomentField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "number"], name="scanforpay_sandbox_number_once"),
            models.UniqueConstraint(
                fields=["app", "app_id", "has_app_id_or_null"], name="scanforpay_sandbox_app_id_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_app_display()} {self.number}"


class Payer(PrimaryModel):
    """A customer as one merchant's app knows them; made when an OAuth code is exchanged."""

    merchant = PrimaryForeignKey(Merchant, models.CASCADE, related_name="payers")
    # the phone's user, as in its cookie
    phone_user = ExactCharField(max_length=64)
    # WeChat's openid or Alipay's user_id
    payer_id = ExactCharField(max_length=64)
    # Alipay: open_id, which new apps get in place of user_id
    open_id = ExactCharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "phone_user"], name="scanforpay_sandbox_payer_once")
        ]
        indexes = [models.Index(fields=["merchant", "payer_id"], name="scanforpay_sandbox_payer_id")]

    def __str__(self) -> str:
        return self.payer_id


class OAuthCode(PrimaryModel):
    """An authorisation code: for one use, of one app, for one user."""

    merchant = PrimaryForeignKey(Merchant, models.CASCADE, related_name="codes")
    code = ExactCharField(max_length=64, unique=True)
    phone_user = ExactCharField(max_length=64)
    expires_at = MomentField()
    used_at = MomentField(null=True)

    def __str__(self) -> str:
        return f"code of {self.merchant_id}"


class Trade(PrimaryModel):
    """One trade of one merchant."""

    class State(models.TextChoices):
        """Open until it is anything else, which is never left again but by faults."""

        OPEN = "open", "waiting for payment"
        PAID = "paid", "paid"
        CLOSED = "closed", "closed"
        # a barcode payment taken back, and one that was refused
        REVOKED = "revoked", "taken back"
        FAILED = "failed", "refused"

    # whose numbers out_trade_no is one of: at WeChat the service provider
    merchant = PrimaryForeignKey(Merchant, models.CASCADE, related_name="trades")
    # WeChat's service-provider mode: who is paid
    sub_merchant = PrimaryForeignKey(Merchant, models.CASCADE, related_name="sub_trades", null=True)
    # jsapi, h5, native, codepay; create, wap, precreate, pay; forex, forex_wap
    product = models.CharField(max_length=10, default="jsapi")
    out_trade_no = ExactCharField(max_length=64)
    # minor units
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=256)
    # None until somebody comes who may pay
    payer = PrimaryForeignKey(Payer, models.CASCADE, related_name="trades", null=True)
    notify_url = models.CharField(max_length=256, blank=True)
    # the last moment at which it may be paid
    expires_at = MomentField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    # Alipay: trade_no from the start; WeChat: transaction_id from the payment on
    trade_no = ExactCharField(max_length=64, blank=True, db_index=True)
    paid_at = MomentField(null=True)
    # when a payment was taken back
    revoked_at = MomentField(null=True)
    # the part of amount that a coupon paid, in minor units
    coupon = models.BigIntegerField(default=0)
    coupon_paid_by = models.CharField(max_length=8, choices=PaidBy.choices, blank=True)
    # the request as it came, to tell a repetition from another trade under the same number
    request = models.JSONField()
    # Alipay: None for a QR code that was not scanned yet: to the merchant the trade does not exist
    opened_at = MomentField(null=True)
    # names of faults that make the platform tell something else than what happened
    lies = models.JSONField(default=list)
    created_at = MomentField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "out_trade_no"], name="scanforpay_sandbox_out_trade_no_once"
            )
        ]

    def __str__(self) -> str:
        return self.out_trade_no

    @property
    def is_open(self) -> bool:
        """Whether it is neither paid nor closed; it may have expired."""
        return self.state == self.State.OPEN

    @property
    def has_expired(self) -> bool:
        """Whether the last moment for paying has passed."""
        return self.expires_at <= clock.now()


class Prepay(PrimaryModel):
    """A prepay_id, h5_url or code_url: a trade may have several, each works for its time."""

    trade = PrimaryForeignKey(Trade, models.CASCADE, related_name="prepays")
    prepay_id = ExactCharField(max_length=64, unique=True)
    expires_at = MomentField()

    def __str__(self) -> str:
        return self.prepay_id


class Refund(PrimaryModel):
    """One refund of one trade."""

    class State(models.TextChoices):
        """As WeChat calls them; Alipay knows done and not (yet) done."""

        PROCESSING = "PROCESSING", "being processed"
        SUCCESS = "SUCCESS", "refunded"
        CLOSED = "CLOSED", "failed"
        ABNORMAL = "ABNORMAL", "has not reached the customer"

    trade = PrimaryForeignKey(Trade, models.CASCADE, related_name="refunds")
    # the merchant's number of the refund, whatever the platform calls it
    number = ExactCharField(max_length=64)
    # WeChat's refund_id
    refund_id = ExactCharField(max_length=64)
    # minor units of the trade's currency; the coupon's part of it
    amount = models.BigIntegerField()
    coupon = models.BigIntegerField(default=0)
    notify_url = models.CharField(max_length=256, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROCESSING)
    # the request as it came
    request = models.JSONField()
    created_at = MomentField(default=clock.now)
    finished_at = MomentField(null=True)
    # when it was found not to reach the customer, whatever became of it
    abnormal_at = MomentField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trade", "number"], name="scanforpay_sandbox_refund_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="scanforpay_sandbox_refund_amount"),
        ]

    def __str__(self) -> str:
        return self.number


class SandboxFault(PrimaryModel):
    """A misbehaviour that waits for its next chance; the names are in ``faults.FAULTS``."""

    name = models.CharField(max_length=32)
    # where it strikes; all three empty: everywhere
    trade = PrimaryForeignKey(Trade, models.CASCADE, related_name="faults", null=True)
    merchant = PrimaryForeignKey(Merchant, models.CASCADE, related_name="faults", null=True)
    # a customer, by their phone: strikes at what they pay
    phone_user = ExactCharField(max_length=64, blank=True)
    # one of faults.OPERATIONS; "" for every call
    operation = models.CharField(max_length=16, blank=True)
    # how often it still strikes
    remaining = models.PositiveIntegerField(default=1)
    # how long, for those that take time
    seconds = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    created_at = MomentField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.name} x{self.remaining}"


class Notice(PrimaryModel):
    """A notification, for the home page: what was sent where, and what came back."""

    trade = PrimaryForeignKey(Trade, models.CASCADE, related_name="notices")
    event_id = ExactCharField(max_length=64, unique=True)
    url = models.CharField(max_length=256)
    attempts = models.PositiveIntegerField(default=0)
    last_status = models.CharField(max_length=200, blank=True)
    acknowledged_at = MomentField(null=True)
    created_at = MomentField(default=clock.now)
    # the last try, where the platform is asked about it
    sent_at = MomentField(null=True)

    def __str__(self) -> str:
        return self.event_id
