"""Every story arms its faults in their order, where they find something to strike."""

import math

from scanforpay_django.sandbox.faults import FAULTS
from tests.faults.stories import Phase, Story, every_story, find_phases, pairs, triples
from tests.wallets.conftest import SETUPS


def test_there_is_a_story_for_each_pair_and_each_row_of_each_wallet() -> None:
    stories = every_story()
    assert len({str(story) for story in stories}) == len(stories)
    assert len(list(pairs())) == len(SETUPS) * len(FAULTS) ** 2
    for setup in SETUPS:
        own = [story.faults for story in triples() if story.setup == setup]
        assert len(own) * math.comb(4, 3) >= math.comb(len(FAULTS), 3)


def test_faults_are_armed_in_their_order_where_they_strike() -> None:
    for story in every_story():
        armed = [(phase, name) for order in story.plan() for phase in Phase for name in order.get(phase, ())]
        assert tuple(name for _phase, name in armed) == story.faults
        assert all(phase in find_phases(name) for phase, name in armed)


def test_the_wallets_go_through_the_places_of_a_pair() -> None:
    plans = [Story(setup="", faults=("http-500", "http-429"), number=number).plan() for number in range(10)]
    assert len({str(plan) for plan in plans}) == 10


def test_what_cannot_come_after_comes_with_the_next_order() -> None:
    story = Story(setup="", faults=("refund-failed", "notify-before-answer"), number=0)
    assert story.plan() == [{Phase.PAY: ["refund-failed"]}, {Phase.OPEN: ["notify-before-answer"]}]
