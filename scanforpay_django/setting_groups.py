"""SCANFORPAY_* settings of one matter each; ``conf`` has the others and puts them together."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class SettingReader:
    """How a setting is read."""

    def _read(self, name: str, default: Any) -> Any:
        """As it is now, so that an assignment is seen as override_settings is.

        What is not set costs Django two exceptions, a microsecond. A create reads ten such settings: too little to
        remember them, and to miss an assignment for it.
        """
        return getattr(settings, f"SCANFORPAY_{name}", default)


class NotifySettings(SettingReader):
    """How merchants are notified."""

    @property
    def notify_deadline_seconds(self) -> float:
        """SCANFORPAY_NOTIFY_DEADLINE_SECONDS, number, default 15: total time for one try at a merchant."""
        return float(self._read("NOTIFY_DEADLINE_SECONDS", 15))

    @property
    def notify_lease_seconds(self) -> float:
        """SCANFORPAY_NOTIFY_LEASE_SECONDS, number, default 60: at least 4 times the deadline."""
        return float(self._read("NOTIFY_LEASE_SECONDS", 60))

    @property
    def notify_concurrency(self) -> int:
        """SCANFORPAY_NOTIFY_CONCURRENCY, int, default 128: sends in flight in one process."""
        return int(self._read("NOTIFY_CONCURRENCY", 128))

    @property
    def notify_endpoint_cap(self) -> int:
        """SCANFORPAY_NOTIFY_ENDPOINT_CAP, int, default 4: sends in flight at one merchant endpoint, to begin with."""
        return int(self._read("NOTIFY_ENDPOINT_CAP", 4))

    @property
    def notify_endpoint_cap_max(self) -> int:
        """SCANFORPAY_NOTIFY_ENDPOINT_CAP_MAX, int, default 64: the most that quick answers may raise it to."""
        return max(self.notify_endpoint_cap, int(self._read("NOTIFY_ENDPOINT_CAP_MAX", 64)))

    @property
    def notify_max_attempts(self) -> int:
        """SCANFORPAY_NOTIFY_MAX_TRIES, int, default 19: tries before a notification is given up; stores may differ."""
        return max(1, int(self._read("NOTIFY_MAX_TRIES", 19)))

    @property
    def notify_answers_kept_days(self) -> int:
        """SCANFORPAY_NOTIFY_ANSWERS_KEPT_DAYS, int, default 90: how long merchants' answers are kept."""
        return int(self._read("NOTIFY_ANSWERS_KEPT_DAYS", 90))


class BillSettings(SettingReader):
    """How platforms' bills are fetched and kept."""

    @property
    def bill_storage(self) -> str:
        """SCANFORPAY_BILL_STORAGE, str: the alias in STORAGES where platforms' bills are kept as they came. It has no
        default: a project's media may be public, and bills name customers. Raises ImproperlyConfigured.
        """
        alias = str(self._read("BILL_STORAGE", "") or "")
        if alias not in settings.STORAGES:
            raise ImproperlyConfigured(
                "SCANFORPAY_BILL_STORAGE does not name one of STORAGES: bills are kept there as they came, so give one "
                "whose files are not served, for example STORAGES = {..., 'bills': {'BACKEND': "
                "'django.core.files.storage.FileSystemStorage', 'OPTIONS': {'location': '/srv/bills'}}}."
            )
        return alias

    @property
    def bill_storage_is_set(self) -> bool:
        """Whether bills can be kept. Without a storage none is fetched by the worker."""
        return bool(self._read("BILL_STORAGE", ""))

    @property
    def fund_bills(self) -> bool:
        """SCANFORPAY_FUND_BILLS, bool, default False: fetch the bills of all movements (fees, withdrawals, balances)
        each day too."""
        return bool(self._read("FUND_BILLS", False))

    @property
    def bill_over_http(self) -> bool:
        """SCANFORPAY_BILL_OVER_HTTP, bool, default False: fetch a bill by http where the platform
        names such an address and https does not answer there."""
        return bool(self._read("BILL_OVER_HTTP", False))

    @property
    def bill_lines_days(self) -> int:
        """SCANFORPAY_BILL_LINES_DAYS, int, default 120, 0 for ever: how long after its reading a bill's lines are kept
        as rows; the file itself stays.
        """
        return int(self._read("BILL_LINES_DAYS", 120))


class MonitoringSettings(SettingReader):
    """Who may read the metrics."""

    @property
    def metrics_token(self) -> str:
        """SCANFORPAY_METRICS_TOKEN, str, default "": whose ``Authorization: Bearer`` it is may read ``/metrics``."""
        return str(self._read("METRICS_TOKEN", "") or "")

    @property
    def metrics_networks(self) -> list[str]:
        """SCANFORPAY_METRICS_NETWORKS, list of networks such as 10.0.0.0/8, default []: who may read ``/metrics``."""
        return [str(network) for network in self._read("METRICS_NETWORKS", ()) or ()]


class ChainSettings(SettingReader):
    """The chain over rows that stay as they are."""

    @property
    def chain_keys(self) -> list[str]:
        """SCANFORPAY_CHAIN_KEYS, list of long random texts, newest first, default []: the chain's keys follow from
        them, else from SCANFORPAY_ENCRYPTION_KEYS.
        """
        return [str(key) for key in self._read("CHAIN_KEYS", ()) or ()]

    @property
    def chain_mail_to(self) -> list[str]:
        """SCANFORPAY_CHAIN_MAIL_TO, list of addresses, default those of ADMINS: who is mailed each day's root."""
        wanted = self._read("CHAIN_MAIL_TO", None)
        # Django 5.2 has pairs of name and address, later versions addresses.
        admins = [one if isinstance(one, str) else one[1] for one in settings.ADMINS]
        return [str(address) for address in (admins if wanted is None else wanted)]
