"""Who may do what, as docs/staff.md has it: ``python -m tests.staff_table`` writes the table."""

import re
from pathlib import Path

import django

DOCS = Path(__file__).parents[1] / "docs" / "staff.md"
#: act -> the permission that it takes
ACTS = {
    "sees all partners and stores": "view_all_partners",
    "sees orders, refunds, flags": "view_order",
    "sees payments": "view_payment",
    "makes payment links, sets a till's amount": "add_order",
    "opens a till, prints its card": "view_countercode",
    "makes and replaces counter codes": "change_countercode",
    "refunds, up to the store's limit": "add_refund",
    "refunds above the limit": "refund_above_limit",
    "confirms another's refund above the limit": "approve_refund",
    "accepts a late payment": "accept_late",
    "asks the platform": "change_order",
    "closes an order": "close_order",
    "clears a flag": "change_flag",
    "exports": "export_order",
    "sees deliveries": "view_notification",
    "sees a shop's answers": "view_notificationattempt",
    "resends, sends a test": "resend_notification",
    "sees endpoints": "view_endpoint",
    "sees sign keys' last four characters": "view_signkey",
    "makes sign keys, gives them an end": "add_signkey",
    "sets stores up": "change_store",
    "stops new payments": "stop_payments",
    "enters wallet credentials": "change_walletaccount",
    "sees platforms' notifications": "view_platformnotification",
    "sees platforms' bills": "view_billfile",
    "uploads platforms' bills": "add_billfile",
    "sees differences from bills": "view_difference",
    "does what is proposed about them, closes them": "change_difference",
    "has handlers called again": "change_handlercall",
    "ties staff to partners and stores": "add_staffscope",
    "sees how the installation does": "view_health",
}
BEGIN, END = "<!-- groups -->\n", "<!-- end of groups -->"


def make_table() -> str:
    """A row for each act, a column for each group."""
    from scanforpay_django.operations.staff_groups import GROUPS

    names = [name.partition(": ")[2] for name in GROUPS]
    head = ["act", "permission", *names]
    rows = [
        [act, f"`{codename}`", *("yes" if codename in has else "–" for has in GROUPS.values())]
        for act, codename in ACTS.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    page = DOCS.read_text(encoding="utf-8")
    table = f"{BEGIN}{make_table()}{END}"
    DOCS.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: table, page, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    django.setup()
    main()
