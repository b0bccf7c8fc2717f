"""What the two platforms remember: their keys, merchants, payers, trades and sent notices."""

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class App(models.TextChoices):
    """The two wallet apps, as the phone's cookie and the database write them."""

    WECHAT = "wechat", "WeChat Pay"
    ALIPAY = "alipay", "Alipay"


class PlatformKey(models.Model):
    """The key pair with which a platform signs answers and notifications; one per platform."""

    app = models.CharField(max_length=6, choices=App.choices, unique=True)
    # WeChat: PUB_KEY_ID_<digits>; Alipay announces none
    key_id = models.CharField(max_length=64)
    # PEM, PKCS#8
    private_key = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.get_app_display()} {self.key_id}"


class Merchant(models.Model):
    """A merchant of one platform. Of the merchant's own key pair only the public half is here."""

    app = models.CharField(max_length=6, choices=App.choices)
    # WeChat: mchid; Alipay: seller_id, 2088...
    number = models.CharField(max_length=32)
    # appid, as WeChat writes it; app_id, as Alipay does
    app_id = models.CharField(max_length=32)
    # WeChat: the service account's secret for OAuth
    app_secret = models.CharField(max_length=64, blank=True)
    # WeChat: serial of the merchant's API certificate
    serial_no = models.CharField(max_length=64, blank=True)
    # PEM
    public_key = models.TextField()
    # WeChat: 32 bytes with which notifications are sealed
    apiv3_key = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=64, default="Sandbox Shop")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "number"], name="scanforpay_sandbox_number_once"),
            models.UniqueConstraint(fields=["app", "app_id"], name="scanforpay_sandbox_app_id_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_app_display()} {self.number}"


class Payer(models.Model):
    """A customer as one merchant's app knows them; made when an OAuth code is exchanged."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="payers")
    # the phone's user, as in its cookie
    phone_user = models.CharField(max_length=64)
    # WeChat's openid or Alipay's user_id
    payer_id = models.CharField(max_length=64)
    # Alipay: open_id, which new apps get in place of user_id
    open_id = models.CharField(max_length=128, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "phone_user"], name="scanforpay_sandbox_payer_once")
        ]
        indexes = [models.Index(fields=["merchant", "payer_id"], name="scanforpay_sandbox_payer_id")]

    def __str__(self) -> str:
        return self.payer_id


class OAuthCode(models.Model):
    """An authorisation code: for one use, of one app, for one user."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="codes")
    code = models.CharField(max_length=64, unique=True)
    phone_user = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code of {self.merchant_id}"


class Trade(models.Model):
    """One trade of one merchant."""

    class State(models.TextChoices):
        """Open until paid or closed; neither is ever left again."""

        OPEN = "open", "waiting for payment"
        PAID = "paid", "paid"
        CLOSED = "closed", "closed"

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="trades")
    out_trade_no = models.CharField(max_length=64)
    # minor units
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=256)
    payer = models.ForeignKey(Payer, models.CASCADE, related_name="trades")
    notify_url = models.CharField(max_length=256, blank=True)
    # the last moment at which it may be paid
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    # Alipay: trade_no from the start; WeChat: transaction_id from the payment on
    trade_no = models.CharField(max_length=64, blank=True, db_index=True)
    paid_at = models.DateTimeField(null=True)
    # the request as it came, to tell a repetition from another trade under the same number
    request = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

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
        return self.expires_at <= timezone.now()


class Prepay(models.Model):
    """A prepay_id of WeChat: a trade may have several, each works for two hours."""

    trade = models.ForeignKey(Trade, models.CASCADE, related_name="prepays")
    prepay_id = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.prepay_id


class Notice(models.Model):
    """A notification, for the home page: what was sent where, and what came back."""

    trade = models.ForeignKey(Trade, models.CASCADE, related_name="notices")
    event_id = models.CharField(max_length=64, unique=True)
    url = models.CharField(max_length=256)
    attempts = models.PositiveIntegerField(default=0)
    last_status = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.event_id
