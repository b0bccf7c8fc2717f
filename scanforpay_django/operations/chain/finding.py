"""What an audit of the chain finds."""

from dataclasses import dataclass

from scanforpay_django.models import ChainLink

#: what each finding means, for people
MEANINGS = {
    "row-changed": "A column is not what it was when the row was linked.",
    "row-removed": "The row is gone, and nothing in the chain says that it may be.",
    "row-inserted": "The row has no link, although later ones have: it was inserted, or put back, behind the chain.",
    "link-changed": "The link is not what was written.",
    "link-missing": "Links were removed.",
    "root-differs": "The chain is not what it was at the end of that day.",
    "key-missing": "The segment cannot be checked: its key is not among SCANFORPAY_CHAIN_KEYS or "
    "SCANFORPAY_ENCRYPTION_KEYS.",
    "chain-behind": "Rows are not linked any more: see whether the worker runs.",
}


@dataclass(frozen=True, kw_only=True)
class ChainFinding:
    """One thing that is not as it was written."""

    code: str
    # what it is about: the row, link or root, and the columns
    about: str

    @property
    def meaning(self) -> str:
        """What the code says, as the audit prints it."""
        return MEANINGS[self.code]


def describe_link(link: ChainLink) -> str:
    """A link, and what it is about."""
    about = f"{link.kind} {link.row_pk}" if link.kind else link.act
    return f"link {link.number} ({link.act}: {about})" if link.kind else f"link {link.number} ({about})"
