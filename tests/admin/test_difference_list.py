"""The reconciliation page: its cards, its table of days, its list."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import BillDay, Difference, Store, WalletAccount
from tests.admin.pages import url
from tests.admin.reconciliation import BEFORE, DAY, make_scene, read_page
from tests.operations.figures.calendar import At, at, store
from tests.operations.overview.desk import read_text
from tests.operations.overview.test_page import NO_QUERIES
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(at: At) -> None:
    at("2026-11-28 12:00")


def test_cards_days_and_rows(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    page = read_page(staff)
    text = read_text(page)
    for words in (
        "Open differences 3 CNY 52.66 · the oldest of 2026-11-27",
        "2026-11-27: agrees 25.00 % 1 of 4 lines",
        "2026-11-27: fees and net CNY 198.80 net, after CNY 1.20 of fees (0.60 %)",
        "3 different CNY 52.66",
        "agrees CNY 305.00 4 lines",
        "Differences of Fri 2026-11-27",
        "Refund in the bill, not here CNY −7.00",
        "state: in the bill SUCCESS , here closed",
        "fee: in the bill 0.63 % taken , here 0.60 % agreed",
        "Write to the platform, or correct the account's agreed rate.",
    ):
        assert words in text, words
    assert f'href="?bill={scene.days[1].pk}&amp;day={DAY}"' in page
    # Money first.
    assert text.index("Refund in the bill") < text.index("Fee is not as agreed")


def test_the_newest_day_with_open_ones_is_shown_or_the_one_that_is_chosen(
    store: Store, staff: Client
) -> None:
    make_scene(store)
    assert "Differences of Thu 2026-11-26" in read_page(staff, day=f"{BEFORE}")
    assert "All that was compared agrees" not in read_page(staff, day=f"{BEFORE}")
    Difference.objects.all().delete()
    page = read_page(staff)
    assert "Differences of all days" in page
    assert "All that was compared agrees" in page


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"day": "all"}, 3),
        ({"kind": "fee_rate"}, 1),
        ({"kind": "amount"}, 0),
        ({"state": "closed"}, 0),
        ({"state": "all"}, 3),
        ({"day": f"{BEFORE}"}, 0),
        ({"account": "7779999"}, 0),
    ],
)
def test_filters(store: Store, staff: Client, query: dict[str, str], number: int) -> None:
    make_scene(store)
    assert read_page(staff, **query).count('name="selected"') == number


def test_a_merchant_number_and_a_bill_have_their_own(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    assert read_page(staff, account=f"{scene.account.pk}").count('name="selected"') == 3
    assert [read_page(staff, bill=f"{day.pk}").count('name="selected"') for day in scene.days] == [0, 3]


@pytest.mark.parametrize(
    "query", [{"day": "yesterday"}, {"account": "x"}, {"bill": "9" * 40}, {"state": "x"}]
)
def test_an_address_that_does_not_read_is_answered(
    store: Store, staff: Client, query: dict[str, str]
) -> None:
    answer = staff.get(url(Difference, "changelist"), query)
    assert (answer.status_code, answer["Location"].endswith("?e=1")) == (302, True)


def test_without_a_storage_the_page_says_how_to_set_it(store: Store, staff: Client, settings: Any) -> None:
    assert "No bill is fetched" not in read_page(staff)
    settings.SCANFORPAY_BILL_STORAGE = ""
    page = read_page(staff)
    assert "No bill is fetched: there is nowhere to keep it." in page
    assert "SCANFORPAY_BILL_STORAGE" in page


def add_columns(scene: Any, number: int, state: str = "late") -> None:
    """More merchant numbers, each with seven days of its own account."""
    for place in range(number):
        account = WalletAccount.objects.create(store=scene.account.store, wallet="Alipay", is_active=False)
        columns = {"merchant": f"Alipay:production:m{place:03}", "number": f"m{place:03}", "account": account}
        BillDay.objects.create(bill_type="trade", day=DAY, state=state, **columns)


def test_twelve_statements_whatever_there_is(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    add_columns(scene, 20)
    clerk = sign_in("", "view_difference", "change_difference", "add_billfile", store=store)
    for reader in (staff, clerk):
        for query in (
            {},
            {"day": "all"},
            {"account": f"{scene.account.pk}"},
            {"state": "all", "kind": "amount"},
        ):
            with CaptureQueriesContext(connection) as captured:
                read_page(reader, **query)
            ours = [one["sql"] for one in captured if not any(word in one["sql"] for word in NO_QUERIES)]
            assert len(ours) <= 12, "\n".join(ours)


def test_twelve_merchant_numbers_the_worst_first_and_links_to_the_others(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    add_columns(scene, 14)
    page = read_page(staff)
    head = html.unescape(page.partition("sp-days")[2].partition("</thead>")[0])
    assert head.count('<th scope="col"') == 13
    assert head.index(scene.days[0].number) < head.index("m000")
    rest = re.findall(r'href="\?account=(\d+)"', page)
    assert len(rest) == 3
    one = read_page(staff, account=rest[0])
    assert one.partition("sp-days")[2].partition("</thead>")[0].count('<th scope="col"') == 2


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("late", "bill late asked 6 times; give a file"),
        ("gone", "bill gone give a file"),
        ("none", "no bill"),
        ("broken", "bill not whole give a file"),
        ("waiting", "bill not out asked for at"),
    ],
)
def test_each_state_of_a_bill_has_its_words(store: Store, staff: Client, state: str, words: str) -> None:
    scene = make_scene(store)
    add_columns(scene, 1, state)
    BillDay.objects.filter(number="m000").update(ask_count=6, next_at="2026-11-28T04:30:00Z")
    assert words in read_text(read_page(staff))


def test_pages_lead_to_older_ones(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    first = scene.difference("fee_rate")
    for number in range(60):
        Difference.objects.create(
            day=first.day,
            account=first.account,
            kind="amount",
            number=f"n{number}",
            facts="x",
            currency="CNY",
        )
    assert 'rel="next" href="?p=2"' in read_page(staff)
    assert 'rel="prev"' in read_page(staff, p="2")


def test_notes_wait_for_nobody(store: Store, staff: Client) -> None:
    scene = make_scene(store)
    Difference.objects.exclude(kind="fee_rate").delete()
    Difference.objects.update(kind="discount", number=f"{scene.account.pk} CNY")
    text = read_text(read_page(staff, day="all"))
    assert "Open differences 0" in text
    assert "Settled below the order's amount" in text


def test_staff_of_a_store_see_their_own_and_only_whole_merchant_numbers(store: Store, rows: Rows) -> None:
    scene = make_scene(store)
    clerk = sign_in("", "view_difference", store=store)
    assert "3 different" in read_page(clerk)
    stranger = sign_in("", "view_difference", name="stranger", store=rows.store())
    page = read_page(stranger)
    assert "1900000001" not in page
    assert "No bill is expected yet" in page
    assert "Nothing was compared yet." in page
    # Another store collects on the same merchant number: its sums are not this store's alone.
    other = rows.store(store.partner)
    WalletAccount.objects.create(
        store=other, wallet="Wechat", config=scene.account.config, environment=scene.account.environment
    )
    page = read_page(clerk)
    assert "3 different" not in page
    assert page.count("<b>Paid in the bill, closed here</b>") == 1


def test_who_may_only_look_has_no_buttons(store: Store) -> None:
    make_scene(store)
    page = read_page(sign_in("", "view_difference", store=store))
    for words in ("Do it", 'name="selected"', "Compare 2026", "Bill from a file"):
        assert words not in page
    assert sign_in("cashier", name="till", store=store).get(url(Difference, "changelist")).status_code == 403


def test_the_page_runs_under_a_strict_content_security_policy(store: Store, staff: Client) -> None:
    make_scene(store)
    ours = read_page(staff).partition('<div class="sp">')[2]
    for word in (" style=", "<style", " onclick=", "javascript:"):
        assert word not in ours
