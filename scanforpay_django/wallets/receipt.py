"""The page that a platform frames in place of ours after a payment."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReceiptRequest:
    """What the platform adds to the address that is registered with it."""

    out_trade_no: str
    # what ties the numbers to the payment; the wallet alone knows how
    check_code: str
    # the merchant the payment was collected for, as the account's configuration names it
    merchant: str


class Receipt(ABC):
    """One platform's receipt: who frames it, what it is asked with and what its script says to the frame."""

    #: the one origin that may frame the page
    frame_origin: str
    #: JavaScript; it reads the JSON of #scanforpay-data: frameOrigin, known, back, look
    script: str

    @abstractmethod
    def read(self, params: Mapping[str, str]) -> ReceiptRequest | None:
        """The request behind the query's parameters, None when it is not this platform's."""

    @abstractmethod
    def is_for(self, request: ReceiptRequest, config: Mapping[str, str]) -> bool:
        """Whether the request names the merchant of the account with this configuration."""

    @abstractmethod
    def is_verified(self, request: ReceiptRequest, link: str, trade_no: str) -> bool:
        """Whether the check code is the platform's, for the address ``link`` and its number of the payment."""
