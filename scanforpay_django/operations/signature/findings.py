"""The mistakes that integrators make, each with a name and a sentence that says what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext, gettext_noop

from scanforpay_django.codes import Code

#: mistake -> what to say; short enough to stand in ``msg`` beside the code's own text
FINDING_TEXTS: dict[str, str] = {
    "right": gettext_noop("The signature is right."),
    "unreadable": gettext_noop("The body cannot be read: %(rule)s"),
    "charset": gettext_noop("The bytes are %(charset)s: send and sign UTF-8."),
    "no_partner": gettext_noop("There is no partner %(partner)s."),
    "partner_disabled": gettext_noop("The partner is switched off."),
    "no_key": gettext_noop("The partner has no sign key that is valid now."),
    "missing": gettext_noop("There is no signature beside “request”."),
    "upper_case": gettext_noop("The hex is in upper case: accepted here, but write it in lower case."),
    "base64": gettext_noop("The digest is in base64: write it as 64 hex digits."),
    "blanks": gettext_noop("Blanks or line breaks stand around the signature."),
    "hex_form": gettext_noop("The hex has 0x before it or marks in it: write 64 digits and nothing else."),
    "length": gettext_noop("The signature has %(length)s characters: SHA-256 in hex has 64."),
    "md5": gettext_noop("This is MD5: use SHA-256."),
    "sha1": gettext_noop("This is SHA-1: use SHA-256."),
    "sha512": gettext_noop("This is SHA-512: use SHA-256."),
    "hmac": gettext_noop("This is HMAC-SHA256: say so in signType, or sign SHA-256 of text and key."),
    "plain": gettext_noop("signType says HMAC-SHA256, but this is SHA-256 of text and key."),
    "hmac_not_allowed": gettext_noop("The partner may not use HMAC-SHA256: sign with SHA256."),
    "key_first": gettext_noop("The key stands before the text: it belongs after it."),
    "key_left_out": gettext_noop("The text was hashed without the key."),
    "key_blank": gettext_noop("The key was taken with a blank or line break at its end."),
    "key_quoted": gettext_noop("The key was taken with its quotation marks."),
    "key_invisible": gettext_noop("The key was taken with an invisible character (NUL, byte-order mark)."),
    "key_case": gettext_noop("The key's letters were changed to upper or lower case."),
    "old_key": gettext_noop("Signed with the key “%(key)s”, which ended %(ended)s."),
    "early_key": gettext_noop("Signed with the key “%(key)s”, which begins %(begins)s."),
    "other_partner": gettext_noop("Signed with a key of partner %(partner)s."),
    "reserialised": gettext_noop("Another text was signed than sent: JSON was written twice (%(how)s)."),
    "slashes": gettext_noop("Signed and sent differ in how / is written (/ or \\/)."),
    "escapes": gettext_noop("Signed and sent differ in \\u escapes: their hex in upper or lower case."),
    "line_ends": gettext_noop("Signed and sent differ in their line ends (LF or CR LF)."),
    "wrong_part": gettext_noop("The wrong part was signed (%(part)s): sign the value of “request” only."),
    "text_blank": gettext_noop("A blank or line break stands between the text and the key."),
    "key_named": gettext_noop("“&key=” or the like stands between the text and the key: leave it out."),
    "sign_type": gettext_noop("signType must be SHA256 or HMAC-SHA256."),
    "replayed": gettext_noop("The header has respTime: this is an answer of ours, no request."),
    "field_missing": Code.FIELD_MISSING.text,
    "field_invalid": Code.FIELD_INVALID.text,
    "clock": gettext_noop("%(field)s is %(seconds)s s off: allowed are %(window)s. Set the clock."),
    "unknown": gettext_noop("No known mistake explains it: is the key the one that was shown?"),
}
#: what does not keep a request from being accepted
HARMLESS = {"right", "upper_case"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One mistake that explains a refused signature, with a sentence that says how to correct it."""

    # a key of FINDING_TEXTS
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """In the active language."""
        text = gettext(FINDING_TEXTS[self.code])
        rule = str(self.params.get("rule", ""))
        return text % {**self.params, "rule": gettext(rule) if rule else ""} if self.params else text


def finding(code: str, **params: object) -> Finding:
    """A mistake and what its sentence names."""
    return Finding(code=code, params=params)
