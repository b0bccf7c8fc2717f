"""Spans of what is done, with nothing secret in them; and nothing at all where OpenTelemetry is not installed."""

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from scanforpay_django import checkout, handlers, spans
from scanforpay_django.exceptions import IdempotencyConflict, PlatformUnreachable
from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification, Order, Payment, WalletAccount
from scanforpay_django.wallets.platform_client import PlatformClient
from tests.merchant import SIGN_KEY, Merchant
from tests.platform import WeChatNotice, give_credentials, open_payment
from tests.transport.zoo import Zoo, closed_port, whole

pytestmark = pytest.mark.django_db(transaction=True)
Recorded = Callable[[str], list[ReadableSpan]]


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """As in a project whose provider exports here; what set_tracer_provider() sets stays for the whole process."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    monkeypatch.setattr(spans, "_tracer", provider.get_tracer("scanforpay_django"))
    return memory


@pytest.fixture
def recorded(exporter: InMemorySpanExporter) -> Recorded:
    """The spans of a name."""
    return lambda name: [one for one in exporter.get_finished_spans() if one.name == f"scanforpay.{name}"]


def described(span: ReadableSpan) -> dict[str, Any]:
    """Its attributes, without the names' beginning."""
    return {name.removeprefix("scanforpay."): value for name, value in (span.attributes or {}).items()}


def test_the_creation_of_an_order(merchant: Merchant, recorded: Recorded) -> None:
    merchant.create(partnerOrderNo="p1")
    merchant.create(partnerOrderNo="p1")
    order = Order.objects.get()
    first, second = map(described, recorded("create_order"))
    assert (first["outcome"], second["outcome"]) == ("created", "known")
    assert first["order_no"] == second["order_no"] == order.order_no
    assert (first["partner_no"], first["wallet"]) == (merchant.partner.partner_no, order.wallet)


def test_what_fails_has_the_class_of_its_error_and_no_text(merchant: Merchant, recorded: Recorded) -> None:
    merchant.create(partnerOrderNo="p1")
    merchant.create(partnerOrderNo="p1", orderAmount=1)
    failed = recorded("create_order")[1]
    assert described(failed)["error.type"] == IdempotencyConflict.__name__
    assert (failed.status.is_ok, failed.status.description, failed.events) == (False, None, ())


def test_a_platforms_notification(merchant: Merchant, recorded: Recorded) -> None:
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat")
    for _ in range(2):
        assert WeChatNotice(payment).send().status_code == 200
    first, second = map(described, recorded("apply_notification"))
    assert (first["outcome"], first["kind"], first["wallet"]) == ("applied", "payment", "Wechat")
    assert (first["order_no"], first["partner_no"]) == (payment.order.order_no, merchant.partner.partner_no)
    assert second["outcome"] == "already_applied"


def test_a_call_to_a_platform(zoo: Zoo, recorded: Recorded) -> None:
    url = zoo.answering(whole(b"{}"))
    PlatformClient([url], wallet="Alipay").call("POST", f"{url}?secret=hidden", {"Authorization": "hidden"})
    refusing = f"http://127.0.0.1:{closed_port()}/"
    with pytest.raises(PlatformUnreachable):
        PlatformClient([refusing], wallet="Alipay").call("GET", refusing, {})
    answered, unreached = map(described, recorded("platform_call"))
    assert answered == {
        "wallet": "Alipay", "kind": "POST", "host": url.split("/")[2], "outcome": "answered", "status": 200,
    }  # fmt: skip
    assert unreached["error.type"] == "PlatformUnreachable"


def test_an_attempt_to_notify_a_merchant(rows: Any, zoo: Zoo, recorded: Recorded) -> None:
    taken = rows.notification(zoo.answering(b"success"))
    refused = rows.notification(zoo.answering(whole(b"no", b"500 Oh")))
    drain()
    found = {span["notification"]: span for span in map(described, recorded("deliver"))}
    assert (found[taken.pk]["outcome"], found[taken.pk]["attempt"]) == ("acknowledged", 1)
    assert (found[refused.pk]["outcome"], found[refused.pk]["status"]) == ("failed", 500)


@pytest.fixture
def shop() -> Iterator[list[Exception]]:
    """The project's handler of paid orders raises what is in the list."""
    raises: list[Exception] = []

    def ship(_order: Order) -> None:
        for error in raises:
            raise error

    checkout.on_paid(ship)
    yield raises
    handlers.unregister("paid", ship)


def pay(merchant: Merchant, **order: Any) -> Payment:
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat", **order)
    assert WeChatNotice(payment).send().status_code == 200
    return payment


def test_a_handlers_run(merchant: Merchant, shop: list[Exception], recorded: Recorded) -> None:
    payment = pay(merchant)
    shop.append(ValueError("hidden in an error"))
    call_handlers()
    (failed,) = recorded("run_handler")
    found = described(failed)
    assert (found["outcome"], found["kind"], found["attempt"]) == ("failed", "paid", 1)
    assert (found["order_no"], found["partner_no"]) == (
        payment.order.order_no,
        merchant.partner.partner_no,
    )
    assert not failed.status.is_ok


def test_nothing_secret_and_nothing_of_a_person_is_in_any_span(
    merchant: Merchant, shop: list[Exception], zoo: Zoo, exporter: InMemorySpanExporter
) -> None:
    shop.append(ValueError("hidden in an error"))
    url = zoo.answering(b"success") + "?token=hidden-in-the-address"
    payment = pay(merchant, notifyUrl=url, orderTitle="hidden-title")
    call_handlers()
    drain()
    assert {one.name.partition(".")[2] for one in exporter.get_finished_spans()} >= {
        "create_order", "apply_notification", "run_handler", "deliver",
    }  # fmt: skip
    assert Notification.objects.get().state == "delivered"
    written = json.dumps([json.loads(one.to_json()) for one in exporter.get_finished_spans()])
    secrets = [
        one for account in WalletAccount.objects.all() for one in account.secrets().values() if len(one) > 9
    ]
    marks = (SIGN_KEY, *secrets, "hidden", "buyer-1", payment.out_trade_no, "Traceback")
    assert [mark for mark in marks if mark in written] == []


def test_a_span_takes_no_statement(
    merchant: Merchant, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> Counter[str]:
        payment = open_payment(merchant, "Wechat")
        with CaptureQueriesContext(connection) as queries:
            merchant.create(partnerOrderNo=f"p{payment.pk}")
            WeChatNotice(payment, event_id=f"e{payment.pk}").send()
        return Counter(one["sql"][:36] for one in queries)

    give_credentials(merchant)
    tracer = spans._tracer
    monkeypatch.setattr(spans, "_tracer", None)
    # Nothing is remembered yet: this has all that may be read.
    without = count()
    assert not exporter.get_finished_spans()
    monkeypatch.setattr(spans, "_tracer", tracer)
    assert not count() - without
    assert exporter.get_finished_spans()


class Broken(SpanProcessor):
    """A project's own, which fails at the one or at the other end of a span."""

    def __init__(self, where: str) -> None:
        self._where = where

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        if self._where == "start":
            raise ValueError("no collector")

    def on_end(self, span: ReadableSpan) -> None:
        if self._where == "end":
            raise ValueError("no collector")


@pytest.mark.parametrize("where", ["start", "end"])
def test_a_processor_that_fails_costs_no_order(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    provider = TracerProvider()
    provider.add_span_processor(Broken(where))
    monkeypatch.setattr(spans, "_tracer", provider.get_tracer("scanforpay_django"))
    merchant.create(partnerOrderNo="p1")
    assert Order.objects.get().partner_order_no == "p1"
    assert "a span could not be recorded: ValueError" in caplog.text
    # What is refused is refused as ever, and not by the span.
    with pytest.raises(IdempotencyConflict), spans.begin_span("create_order"):
        raise IdempotencyConflict


def test_what_is_not_read_yet_is_left_out(merchant: Merchant, django_assert_num_queries: Any) -> None:
    account = WalletAccount.objects.filter(store=merchant.store).first()
    with django_assert_num_queries(0):
        assert spans.get_loaded(account, "store__partner__partner_no") is None
        assert spans.get_loaded(None, "store__partner__partner_no") is None
    loaded = WalletAccount.objects.select_related("store__partner").get(pk=account.pk)
    assert spans.get_loaded(loaded, "store__partner__partner_no") == merchant.partner.partner_no


@pytest.mark.sqlite
def test_the_projects_provider_may_be_set_after_the_import() -> None:
    script = """
from scanforpay_django.spans import begin_span
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
with begin_span("before", order_no="1") as span:
    print(span.is_recording)
memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
with begin_span("after", order_no="2", wallet=None):
    with begin_span("inner"):
        pass
inner, after = memory.get_finished_spans()
print(after.name, dict(after.attributes), inner.parent.span_id == after.context.span_id)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.stdout.splitlines() == [
        "False",
        "scanforpay.after {'scanforpay.order_no': '2'} True",
    ], ran.stderr


@pytest.mark.sqlite
def test_without_the_package_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    spec = importlib.util.spec_from_file_location("spans_alone", spans.__file__)
    assert spec
    assert spec.loader
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    with alone.begin_span("create_order", order_no="1") as span:
        span.set(outcome="created")
        span.fail("x")
        assert not span.is_recording
    # One for all: none is made.
    assert alone.begin_span("a") is alone.begin_span("b")
