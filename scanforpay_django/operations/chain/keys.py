"""The chain's keys: made from settings, never from what is in the database."""

import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.conf import conf
from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.canonical import canonical_bytes, microseconds

#: bytes of a column's digest: nobody without the key can try values
DIGEST_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class ChainKey:
    """What follows from one configured text."""

    # names the key, and says nothing about it
    fingerprint: str
    _link_key: bytes = field(repr=False)
    _column_key: bytes = field(repr=False)
    _root_seed: bytes = field(repr=False)

    def link_mac(self, previous: str, link: ChainLink) -> str:
        """The digest of a link and the one before it."""
        last_pk = "" if link.last_pk is None else link.last_pk
        # The content comes last: nothing else has a line's end in it.
        text = (
            f"{previous}\n{link.number}\n{link.segment}\n{link.act}\n{link.kind}\n{link.row_pk}\n{last_pk}\n"
            f"{microseconds(link.linked_at)}\n{link.content}"
        )
        return hmac.digest(self._link_key, text.encode(), "sha256").hex()

    def column_digest(self, kind: str, pk: int, column: str, value: object) -> bytes:
        """The digest of one column of one row: it holds for no other row."""
        head = f"{kind}\n{pk}\n{column}\n".encode()
        return hmac.digest(self._column_key, head + canonical_bytes(value), "sha256")[:DIGEST_BYTES]

    @property
    def public_key(self) -> str:
        """With it anybody can check a root's signature; in hex."""
        return self._signer().public_key().public_bytes_raw().hex()

    def sign(self, text: str) -> str:
        """The Ed25519 signature, in hex."""
        return self._signer().sign(text.encode()).hex()

    def has_signed(self, text: str, signature: str) -> bool:
        """Whether the signature is this key's."""
        try:
            self._signer().public_key().verify(bytes.fromhex(signature), text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._root_seed)


@lru_cache(maxsize=32)
@sensitive_variables()
def _derive(text: str) -> ChainKey:
    secret = hmac.digest(text.encode(), b"scanforpay chain", "sha256")

    def part(label: bytes) -> bytes:
        return hmac.digest(secret, label, "sha256")

    return ChainKey(
        fingerprint=part(b"fingerprint")[:8].hex(),
        _link_key=part(b"link"),
        _column_key=part(b"column"),
        _root_seed=part(b"root"),
    )


@sensitive_variables()
def current_key() -> ChainKey:
    """The key for what is written now. Raises ImproperlyConfigured when no key is set."""
    return _derive((conf.chain_keys or conf.encryption_keys)[0])


@sensitive_variables()
def known_keys() -> dict[str, ChainKey]:
    """Fingerprint -> every key that is configured."""
    keys = [_derive(text) for text in (*conf.chain_keys, *conf.encryption_keys)]
    return {key.fingerprint: key for key in keys}
