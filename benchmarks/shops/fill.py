"""A history for every variant that has a row: ``python -m benchmarks.shops.fill NUMBER``."""

import sys
from typing import Any

import django

from benchmarks.shops.peers import PEERS


def _text(name: str, length: int = 20) -> str:
    return f"left(md5(g || '{name}'), {length})"


def _histories() -> list[tuple[Any, dict[str, str]]]:
    from benchmarks.shops import models
    from scanforpay_django.models import Order

    plain = {"partner_order_no": "'h' || g", "order_no": _text("order"), "token": _text("token")}
    found: list[tuple[Any, dict[str, str]]] = [
        (models.Order, plain),
        (Order, {**plain, "scan_token": _text("scan")}),
    ]
    if "payments" in PEERS:
        found.append((models.Payment, {"token": _text("token", 36)}))
    if "getpaid" in PEERS:
        found.append((models.GetpaidOrder, {"partner_order_no": "'h' || g"}))
        found.append((models.GetpaidPayment, {"id": "gen_random_uuid()"}))
    return found


def main() -> None:
    """Copies of the first row of each table."""
    django.setup()
    from django.db import connection

    from tests.row_copies import copies

    for model, overrides in _histories():
        copies(model, model.objects.order_by().first().pk, overrides, int(sys.argv[1]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    main()
