"""What the page of an order is made of. Texts are in the language that was active when they were made."""

import enum
from dataclasses import dataclass
from datetime import datetime


class Tone(enum.StrEnum):
    """How a line or the head is marked, beside its icon and its words."""

    GOOD = "ok"
    WAITING = "wait"
    MONEY_BACK = "back"
    TROUBLE = "bad"
    QUIET = "off"


class Topic(enum.StrEnum):
    """What a line is about: the tabs above the timeline."""

    ORDER = "order"
    MONEY = "money"
    SHOP = "shop"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the timeline."""

    # aware; lines are sorted by it
    at: datetime
    # a whole sentence or heading, e.g. "Refund of CNY 30.00 requested by chen.yu (staff)"
    title: str
    # what is said below it, each a text of its own
    notes: tuple[str, ...] = ()
    # what came or went as it was, with secrets and payers' identifiers masked; "" for none
    raw: str = ""
    tone: Tone = Tone.QUIET
    # the name of a symbol in the desk's icons, without its prefix
    icon: str = "info"
    topic: Topic = Topic.ORDER
    # the order of lines of the same moment
    rank: int = 50


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One sentence of the head."""

    text: str
    # whether a person has to do something
    needs_person: bool = False
    # the same where nothing at all is to be done and the sentence says so itself; "" for most
    calm_text: str = ""
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, kw_only=True)
class Head:
    """What happened to the order and what to do next."""

    # one to some sentences
    text: str
    tone: Tone
    # whether a person has to do something
    needs_person: bool
    # what the customer sees on the pay page now
    customer_sees: str
