"""The rows that everything begins with: a partner's sign key, and numbers that are free."""

from django.views.decorators.debug import sensitive_variables

from scanforpay_django.models import Partner, SignKey, Store

FIRST_PARTNER_NO = 10001
#: of a store's number, as published clients send it
STORE_NO_LENGTH = 15
# A longer number is no count.
_MAX_COUNTED_DIGITS = 9


@sensitive_variables()
def issue_key(partner: Partner, name: str) -> tuple[SignKey, str]:
    """A new sign key, and its secret: nothing can show it later."""
    key, secret = SignKey(partner=partner, name=name), SignKey.generate()
    key.set_secret(secret)
    key.save()
    return key, secret


def find_partner_no() -> str:
    """The number after the highest that is a plain number."""
    numbers = Partner.objects.order_by().values_list("partner_no", flat=True)
    counted = [int(one) for one in numbers if one.isdecimal() and len(one) <= _MAX_COUNTED_DIGITS]
    return str(max([FIRST_PARTNER_NO - 1, *counted]) + 1)


def find_store_no(partner: Partner) -> str:
    """The partner's number, filled up with a count: 15 characters that no store has."""
    # A partner's number that leaves no room for the count gives up its end.
    begin = partner.partner_no[: STORE_NO_LENGTH - 4]
    alike = Store.objects.filter(store_no__startswith=begin).order_by()
    taken = set(alike.values_list("store_no", flat=True))
    count = 1
    while (number := f"{begin}{count:0{STORE_NO_LENGTH - len(begin)}}") in taken:
        count += 1
    return number
