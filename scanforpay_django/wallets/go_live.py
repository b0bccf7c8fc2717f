"""What stands between an account's credentials and its first real payment, as its wallet lists it."""

import enum
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class Evidence(enum.StrEnum):
    """What shows that a step is done."""

    # only a person can look: at the platform, or on paper
    PERSON = "person"
    # a customer has come back from the platform's sign-in
    SIGN_IN = "sign_in"
    # the platform's file is served at the root of our domain
    DOMAIN_FILE = "domain_file"
    # a customer has paid by one of the step's products
    PAYMENT = "payment"
    # the public address leads here
    ADDRESS = "address"
    # the account's notify address leads here, with the message's body
    NOTIFY = "notify"
    # the platform has answered a signed call
    CONNECTION = "connection"
    # the smallest amount was paid, and has gone back
    TRIAL = "trial"


@dataclass(frozen=True, kw_only=True)
class GoLiveStep:
    """One line of an account's go-live list."""

    # what its result is stored under, at most 40 characters
    name: str
    # as a translatable text
    title: Any
    # where it is done, as a translatable text: the platform's menus, one after the other
    where: Any = ""
    evidence: Evidence = Evidence.PERSON
    # what is entered or looked for there: the name of an address of ours (see Wallet.addresses_to_register) or of a
    # credential; "" for nothing
    value: str = ""
    # the step is left out unless one of them is granted; none: it is always there
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ProductTerms:
    """Who is granted a product."""

    # as a translatable text
    text: Any
    # where that was read
    source: str
    # whether the platform's own documents say so; else somebody else said that they do
    is_official: bool = True

    @property
    def site(self) -> str:
        """The host of the source."""
        return urlsplit(self.source).netloc
