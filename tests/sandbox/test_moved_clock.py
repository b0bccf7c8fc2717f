"""The sandbox's clock is put forward for the app, the platforms and the database's statements together."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Order, Partner, moments
from scanforpay_django.sandbox import moved_clock
from scanforpay_django.sandbox.moved_clock import ClockRefused, parse_span
from tests.merchant import Merchant, new_order
from tests.rows import Rows
from tests.transport.zoo import Zoo

HOUR = 3600


@pytest.mark.django_db
def test_app_database_and_platforms_have_one_time() -> None:
    moved_clock.forward(timedelta(hours=84))
    Partner.objects.create(partner_no="1", name="Tea house")
    by_the_database = Partner.objects.annotate(moment=moments.database_now()).get().moment
    ahead = clock.now() - clock.host_now()
    assert abs(ahead - timedelta(hours=84)) < timedelta(seconds=1)
    assert abs(by_the_database - clock.now()) < timedelta(seconds=60)
    assert moved_clock.forward(timedelta(hours=1)) == 85 * HOUR


@pytest.mark.django_db(transaction=True)
def test_a_merchant_has_the_real_time(merchant: Merchant, shop_of: Any) -> None:
    """Its calls are taken, and what it is told is dated so that it is believed."""
    moved_clock.forward(timedelta(days=3))
    order = new_order(merchant)
    assert order.state == Order.State.PENDING
    assert abs(order.created_at - clock.now()) < timedelta(seconds=60)
    told = shop_of(order)
    assert abs(int(told["webhook-timestamp"]) - clock.host_now().timestamp()) < 60


@pytest.fixture
def shop_of(zoo: Zoo, rows: Rows) -> Any:
    """The headers of a notification that was sent."""

    def headers(_order: Order) -> dict[str, str]:
        rows.notification(zoo.answering(b"success"))
        drain(max_seconds=10)
        lines = zoo.requests[0].decode().split("\r\n\r\n")[0].split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    return headers


@pytest.mark.django_db
def test_another_process_has_the_same_time(settings: Any) -> None:
    moved_clock.forward(timedelta(hours=2))
    path = moved_clock._path()
    program = f"""
import os
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from scanforpay_django import clock
from scanforpay_django.sandbox import moved_clock
moved_clock._path = lambda: Path({str(path)!r})
moved_clock.sandbox_is_allowed = lambda: True
print(clock.offset_seconds())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(2 * HOUR)


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "-5", "soon", "9" * 11, "1.5", "\xff"])
def test_a_file_that_is_spoiled_moves_nothing_far(content: str) -> None:
    moved_clock._path().write_bytes(content.encode("latin-1"))
    assert 0 <= clock.offset_seconds() <= moved_clock.MOST_SECONDS


@pytest.mark.django_db
def test_it_is_refused_where_money_may_be_real(merchant: Merchant, settings: Any) -> None:
    merchant.store.wallet_accounts.filter(wallet="Wechat").update(environment="production")
    with pytest.raises(ClockRefused, match="is not at the sandbox"):
        moved_clock.forward(timedelta(hours=1))
    merchant.store.wallet_accounts.update(is_active=False)
    moved_clock.forward(timedelta(hours=1))
    settings.DEBUG = settings.SCANFORPAY_SANDBOX_ALLOWED = False
    assert clock.offset_seconds() == 0
    with pytest.raises(ClockRefused, match="stands still"):
        moved_clock.forward(timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "seconds"), [("+84h", 84 * HOUR), ("90m", 5400), ("+1d12h", 36 * HOUR), ("5s", 5)]
)
def test_spans(text: str, seconds: int) -> None:
    assert parse_span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "+", "84", "-1h", "1w", "1h 2m", "h", "1.5h", "9" * 12 + "d"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ClockRefused, match="write \\+84h"):
        parse_span(text)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs users with numbers")
@pytest.mark.django_db
def test_another_users_file_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    moved_clock.forward(timedelta(hours=1))
    path = moved_clock._path()
    monkeypatch.setattr(moved_clock, "_path", lambda: path)
    monkeypatch.setattr(moved_clock, "_USER", os.getuid() + 1)
    assert clock.offset_seconds() == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_expires_and_its_trade_with_it(scanforpay_sandbox: Any, merchant: Merchant) -> None:
    merchant.store.wallet_accounts.all().delete()
    scanforpay_sandbox.wechat_account(merchant.store)
    order = new_order(merchant)
    scanforpay_sandbox.pay(order, outcome="cancel")
    assert [trade.state for trade in scanforpay_sandbox.trades] == ["open"]
    scanforpay_sandbox.clock.forward(days=1)
    scanforpay_sandbox.work()
    order.refresh_from_db()
    assert order.state == Order.State.EXPIRED
    assert [trade.state for trade in scanforpay_sandbox.trades] == ["closed"]


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_a_link_that_another_user_put_there_moves_no_clock(tmp_path: Path, link: str) -> None:
    mine = tmp_path / "number-of-mine"
    mine.write_text("86400")
    place = moved_clock._path()
    try:
        getattr(place, link)(mine)
    except OSError:
        # Another file system: there is no such link then.
        pytest.skip("no such link between these folders")
    try:
        assert clock.offset_seconds() == 0
    finally:
        place.unlink()


@pytest.mark.django_db
def test_putting_the_clock_forward_follows_no_link(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious")
    place = moved_clock._path()
    guessed = place.with_name(f"{place.name}.{os.getpid()}")
    guessed.symlink_to(mine)
    place.symlink_to(mine)
    try:
        moved_clock.forward(timedelta(hours=1))
        assert mine.read_text() == "precious"
        assert not place.is_symlink()
        assert clock.offset_seconds() == HOUR
    finally:
        guessed.unlink()
