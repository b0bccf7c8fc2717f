"""The ledger's accounts, by name. Text, so that an account needs no row before its first posting.

Which way a balance grows: money comes into ``platform`` accounts; what customers paid for is ``orders``, and the rest
(``unapplied``, ``overpaid``, ``refunds_on_their_way``) is owed to them.
"""


def platform(wallet: str, account_id: int, currency: str) -> str:
    """What lies at the platform in a wallet account, by its key: several of them may be one merchant number's."""
    return f"platform:{wallet}:{account_id}:{currency}"


def orders(store_no: str) -> str:
    """What a store's orders were paid."""
    return f"orders:store:{store_no}"


def unapplied(store_no: str) -> str:
    """What arrived and paid no order: too late, or another amount."""
    return f"unapplied:store:{store_no}"


def overpaid(store_no: str) -> str:
    """What arrived for an order that another payment had paid."""
    return f"overpaid:store:{store_no}"


def refunds_on_their_way(wallet: str, account_id: int) -> str:
    """What was requested and has neither arrived nor failed."""
    return f"refunds_on_their_way:{wallet}:{account_id}"


def expected_fees(wallet: str, account_id: int) -> str:
    """By the account's agreed rate, as long as no bill has said otherwise."""
    return f"fees:expected:{wallet}:{account_id}"


def fees(wallet: str, account_id: int) -> str:
    """What the platform's bill says that it took, less what came back with refunds."""
    return f"fees:{wallet}:{account_id}"


def rounding(wallet: str, account_id: int) -> str:
    """What a bill's fees add up to exactly, less what they add up to when each line is rounded to the minor unit."""
    return f"rounding:{wallet}:{account_id}"
