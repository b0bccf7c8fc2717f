"""A failed request and what is wrong with its signature: for staff, and for partners in test mode."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from scanforpay_django import clock, signing, wire
from scanforpay_django.exceptions import FieldMissing, RequestRefused, SecretUnreadable
from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations.signature.findings import HARMLESS, Finding, finding
from scanforpay_django.operations.signature.hypotheses import CHARSETS, digests, taken, texts
from scanforpay_django.request_header import ClockOff, header_faults

_HEX = re.compile(r"[0-9a-f]+")
# As C and Java write it, and .NET's BitConverter.
_MARKED_HEX = re.compile(r"(?:0x|\\x)?[0-9a-f]{2}(?:[-: ]?[0-9a-f]{2})+")
DIGEST_BYTES = (16, 20, 32, 64)
SIGN_TYPES = (signing.SHA256, signing.HMAC_SHA256)
#: more at once are not looked for: each adds its own to the combinations
MOST_MISTAKES = 2
#: so many keys of other partners are tried, the newest first
MOST_KEYS = 5000


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What was found about one request."""

    # "" where the request names none
    partner_no: str
    findings: Sequence[Finding]

    @property
    def is_right(self) -> bool:
        """Whether nothing keeps the request from being accepted."""
        return all(one.code in HARMLESS for one in self.findings)


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A key that may have been used, and what it means if it was."""

    secret: str = field(repr=False)
    mistake: Finding | None


@sensitive_variables()
def diagnose(body: bytes, partner_no: str = "", partners: "QuerySet[Partner] | None" = None) -> Diagnosis:
    """For staff: everything that is wrong, other partners' keys tried too. ``partner_no`` "" is the header's.

    ``partners`` are those that the reader may know of; None: all.
    """
    known = Partner.objects.all() if partners is None else partners
    try:
        message = signing.read_message(body, "request")
    except signing.NotAMessage as error:
        return Diagnosis(partner_no=partner_no, findings=(_unreadable(body, str(error)),))
    header = _read_header(message)
    # JSON can hold half a character, which neither a database nor a page takes.
    named = partner_no or str(header.get("partnerNo") or "").encode("utf-8", "replace").decode()
    partner = known.filter(partner_no=named).first() if "\0" not in named else None
    if partner is None:
        return Diagnosis(partner_no=named, findings=(finding("no_partner", partner=named or "“”"),))
    found = explain(message, partner, others=_keys_of_others(partner, known))
    if {one.code for one in found} <= HARMLESS:
        found = (*found, *_about_the_rest(header, partner))
    return Diagnosis(partner_no=named, findings=found)


@sensitive_variables()
def explain(
    message: signing.Message, partner: Partner, *, others: Sequence[_Candidate] = ()
) -> tuple[Finding, ...]:
    """Why ``message`` is not verified as ``partner``'s; the first finding is ``right`` when it is."""
    header = _read_header(message)
    sign_type = header.get("signType") or signing.SHA256
    if sign_type not in SIGN_TYPES:
        return (finding("sign_type"),)
    signature, form = _read_signature(message.signature)
    if not signature:
        return form
    own = _partner_keys(partner)
    mistakes = _search(signature, message, str(sign_type), own)
    if mistakes is None:
        mistakes = _search_others(signature, message, str(sign_type), others)
    if mistakes is None:
        length = () if len(signature) in (32, 40, 64, 128) else (finding("length", length=len(signature)),)
        nothing = finding("unknown") if own else finding("no_key")
        return (*form, *(length or (nothing,)))
    if not mistakes and sign_type == signing.HMAC_SHA256 and not partner.allow_hmac:
        mistakes = (finding("hmac_not_allowed"),)
    harmful = [one for one in (*form, *mistakes) if one.code not in HARMLESS]
    return (*form, *mistakes) if harmful else (finding("right"), *form)


def _read_header(message: signing.Message) -> dict[str, object]:
    header = message.value.get("header")
    return header if isinstance(header, dict) else {}


def _unreadable(body: bytes, rule: str) -> Finding:
    """JSON in another charset is a mistake of its own."""
    for charset in CHARSETS:
        try:
            signing.read_message(body.decode(charset).lstrip("\ufeff").encode(), "request")
        except (UnicodeError, signing.NotAMessage):
            continue
        return finding("charset", charset=charset)
    if body.startswith(b"\xef\xbb\xbf"):
        return finding("charset", charset="UTF-8 with a byte-order mark")
    return finding("unreadable", rule=rule)


def _read_signature(given: object) -> tuple[str, tuple[Finding, ...]]:
    """Lower-case hex, and what is wrong with how it is written."""
    if not isinstance(given, str) or not given.strip():
        return "", (finding("missing"),)
    text, form = given.strip(), []
    if text != given:
        form.append(finding("blanks"))
    if _MARKED_HEX.fullmatch(text.lower()) and not _HEX.fullmatch(text.lower()):
        form.append(finding("hex_form"))
        text = re.sub("^0[xX]|^\\\\[xX]|[-: ]", "", text)
    if _HEX.fullmatch(text.lower()):
        if text != text.lower():
            form.append(finding("upper_case"))
        return text.lower(), tuple(form)
    digest = _from_base64(text)
    return digest, (*form, finding("base64") if digest else finding("length", length=len(text)))


def _from_base64(text: str) -> str:
    """The hex of a digest, or of its hex, in base64 of either alphabet, padded or not; "" where there is none."""
    usual = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        found = base64.b64decode(usual + "=" * (-len(usual) % 4), validate=True)
    except (ValueError, binascii.Error):
        return ""
    written = found.decode("latin-1").lower()
    if _HEX.fullmatch(written) and len(found) in [2 * size for size in DIGEST_BYTES]:
        return written
    return found.hex() if len(found) in DIGEST_BYTES else ""


@sensitive_variables()
def _search(
    signature: str, message: signing.Message, sign_type: str, candidates: Sequence[_Candidate]
) -> tuple[Finding, ...] | None:
    """The explanation with the fewest mistakes; None when there is none."""
    best: tuple[Finding, ...] | None = None
    said = list(texts(message))
    hashed = list(digests(sign_type))
    for candidate in candidates:
        for (text, of_text), (key, of_key), (digest, of_digest) in product(
            said, taken(candidate.secret, sign_type), hashed
        ):
            mistakes = tuple(one for one in (candidate.mistake, of_digest, of_key, of_text) if one)
            limit = MOST_MISTAKES + 1 if best is None else len(best)
            if len(mistakes) < limit and _same(digest(text, key), signature):
                best = mistakes
    return None if best is None else _different(*best)


@sensitive_variables()
def _search_others(
    signature: str, message: signing.Message, sign_type: str, candidates: Sequence[_Candidate]
) -> tuple[Finding, ...] | None:
    """Other partners' keys: taken as they should be, for there may be many. A text is hashed once for all."""
    if sign_type != signing.SHA256:
        return _search_keyed(signature, message, candidates)
    begun = [(hashlib.sha256(text), mistake) for text, mistake in texts(message)]
    for (before, of_text), candidate in product(begun, candidates):
        hashed = before.copy()
        hashed.update(candidate.secret.encode())
        if _same(hashed.hexdigest(), signature):
            return _different(candidate.mistake, of_text)
    return None


@sensitive_variables()
def _search_keyed(
    signature: str, message: signing.Message, candidates: Sequence[_Candidate]
) -> tuple[Finding, ...] | None:
    for candidate in candidates:
        if signing.verify(message.raw, signature, candidate.secret, signing.HMAC_SHA256):
            return _different(candidate.mistake)
    return None


def _different(*found: Finding | None) -> tuple[Finding, ...]:
    """What text and key share is reported once."""
    return tuple(one for at, one in enumerate(found) if one and one not in found[:at])


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


@sensitive_variables()
def _partner_keys(partner: Partner) -> list[_Candidate]:
    """All keys the partner ever had: valid ones first."""
    now, found = clock.now(), []
    for key in SignKey.objects.filter(partner=partner).order_by("-valid_from", "-pk"):
        mistake = None
        if key.valid_until is not None and key.valid_until <= now:
            mistake = finding("old_key", key=key, ended=wire.rfc3339(key.valid_until))
        elif key.valid_from > now:
            mistake = finding("early_key", key=key, begins=wire.rfc3339(key.valid_from))
        found += list(_candidate(key, mistake))
    return sorted(found, key=lambda one: one.mistake is not None)


@sensitive_variables()
def _keys_of_others(partner: Partner, known: "QuerySet[Partner]") -> list[_Candidate]:
    keys = SignKey.objects.filter(partner__in=known.order_by()).exclude(partner=partner)
    rows = keys.select_related("partner").order_by("-pk")[:MOST_KEYS]
    return [
        candidate
        for key in rows
        for candidate in _candidate(key, finding("other_partner", partner=key.partner.partner_no))
    ]


@sensitive_variables()
def _candidate(key: SignKey, mistake: Finding | None) -> Iterator[_Candidate]:
    try:
        yield _Candidate(secret=key.secret(), mistake=mistake)
    except SecretUnreadable:
        return


def _about_the_rest(header: dict[str, object], partner: Partner) -> Iterator[Finding]:
    """What keeps a rightly signed request from being accepted."""
    if not partner.is_active:
        yield finding("partner_disabled")
    if "respTime" in header:
        yield finding("replayed")
    for fault in header_faults(header, partner):
        yield _named(fault)


def _named(fault: RequestRefused) -> Finding:
    if isinstance(fault, ClockOff):
        return finding("clock", **fault.params)
    return finding("field_missing" if isinstance(fault, FieldMissing) else "field_invalid", **fault.params)
