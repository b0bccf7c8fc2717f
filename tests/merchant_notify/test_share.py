"""Who gets how much of a claim."""

from collections import Counter

from scanforpay_django.merchant_notify.share import Waiting, share_out


def test_partners_take_turns_and_then_their_endpoints() -> None:
    waiting = [Waiting(1, f"a{number}") for number in range(50)] + [Waiting(2, "b"), Waiting(3, "c")]
    shares = share_out(10, waiting, lambda one: 2, lambda one: True)
    by_partner: Counter[int] = Counter()
    for one, number in shares.items():
        by_partner[one.partner_pk] += number
    assert by_partner == {1: 6, 2: 2, 3: 2}
    assert max(shares.values()) == 2
    assert sum(shares.values()) == 10


def test_nobody_gets_more_than_there_is_room_for() -> None:
    rooms = {"a": 0, "b": 3, "c": -1, "d": 3}
    waiting = [Waiting(1, "a"), Waiting(1, "b"), Waiting(1, "c"), Waiting(2, "d")]
    taken: Counter[int] = Counter()

    def take(one: Waiting) -> bool:
        taken[one.partner_pk] += 1
        return taken[one.partner_pk] <= 2 or one.partner_pk == 2

    shares = share_out(10, waiting, lambda one: rooms[one.endpoint], take)
    assert shares == {Waiting(1, "b"): 2, Waiting(2, "d"): 3}
