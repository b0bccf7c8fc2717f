"""Each day's root is made once, signed, mailed, and in the report."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from scanforpay_django.models import ChainLink, ChainRoot, Store
from scanforpay_django.operations.chain import roots as module
from scanforpay_django.operations.chain.roots import is_signed, publish_roots
from tests.operations.chain.chained import audit, link, trade
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    settings.SCANFORPAY_CHAIN_MAIL_TO = ["ops@example.com", "audit@example.com"]


def tell_two_days(store: Store, at: At) -> int:
    """The last link of the first day, in UTC."""
    at("2026-11-27 10:00")
    trade(store, 2)
    link()
    last = ChainLink.objects.last_link()
    at("2026-11-28 10:00")
    trade(store, 1)
    link()
    publish_roots()
    assert last is not None
    return last.number


def test_a_day_s_root_is_mailed_once(store: Store, at: At) -> None:
    last = tell_two_days(store, at)
    publish_roots()
    root = ChainRoot.objects.get()
    assert (str(root.day), root.number, root.link_count) == ("2026-11-27", last, last)
    assert is_signed(root) is True
    assert [message.to for message in mail.outbox] == [["ops@example.com"], ["audit@example.com"]]
    assert "2026-11-27" in mail.outbox[0].subject
    text = mail.outbox[0].body
    assert f"\n{root}\n" in text
    assert root.signature in text
    assert f"scanforpay_audit --chain --root {root.number}:{root.mac}" in text
    assert audit(root.text) == []


def test_a_day_before_the_chain_has_none(store: Store, at: At) -> None:
    at("2026-11-27 10:00")
    trade(store, 1)
    link()
    publish_roots()
    assert not ChainRoot.objects.exists()
    assert mail.outbox == []


def test_a_mail_that_fails_goes_later(store: Store, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(module, "send_mail", fail)
        tell_two_days(store, at)
    publish_roots()
    assert mail.outbox == []
    ChainRoot.objects.update(mail_leased_until="2020-01-01T00:00Z")
    publish_roots()
    assert len(mail.outbox) == 2
    assert ChainRoot.objects.get().mailed_at is not None


def test_nobody_to_mail_to(store: Store, at: At, settings: Any) -> None:
    settings.SCANFORPAY_CHAIN_MAIL_TO = []
    tell_two_days(store, at)
    assert ChainRoot.objects.get().mailed_at is None
    assert mail.outbox == []


def test_the_report_has_the_month_s_last_root(store: Store, at: At, tmp_path: Path) -> None:
    tell_two_days(store, at)
    out, err = StringIO(), StringIO()
    call_command("scanforpay_report", "--month=2026-11", stdout=out, stderr=err)
    root = ChainRoot.objects.get()
    assert f"Root of the chain of 2026-11-27: {root.text}, signature {root.signature}\n" in err.getvalue()
    call_command("scanforpay_report", "--month=2026-10", stdout=StringIO(), stderr=(before := StringIO()))
    assert "Root" not in before.getvalue()
    call_command("scanforpay_report", "--month=2026-11", f"--xlsx={tmp_path / 'a.xlsx'}", stderr=StringIO())
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
