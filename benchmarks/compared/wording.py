"""Where a peer's page does not lead on as it is written: the line of the page put in place, and what Django says."""

from collections.abc import Iterator

from benchmarks.compared.place import Place

# of the page that names it: what the project has, what the page has in its place
WRITTEN = {
    "django-payments": (
        ("install.rst: where include() and path() come from", "shop/urls.py",
         "from django.urls import include\n", "from django.conf.urls import include, path\n"),
        ("payment-model.rst: PAYMENT_MODEL", "shop/settings.py",
         '"shop.Payment"', '"shop.models.Payment"'),
        ("payment-model.rst: the annotation Iterable", "shop/models.py",
         "def get_purchased_items(self):", "def get_purchased_items(self) -> Iterable[PurchasedItem]:"),
    ),
    "django-getpaid": (
        ("getting-started.md: makemigrations before the settings", "shop/settings.py",
         'INSTALLED_APPS += ["getpaid", "getpaid.backends.dummy", "shop"]\nGETPAID_ORDER_MODEL = "shop.Order"\n', ""),
        ("getting-started.md: INSTALLED_APPS without the project's own app", "shop/settings.py",
         ', "shop"]', "]"),
        ("README.md: getpaid.forms.PaymentForm", "shop/views.py", "PaymentMethodForm", "PaymentForm"),
    ),
}  # fmt: skip
MAKE = "python manage.py makemigrations --dry-run shop && python manage.py check"
CHECK = {
    "django-payments": MAKE
    + ' && python manage.py shell -v 0 -c "import payments; payments.get_payment_model()"',
    "django-getpaid": MAKE,
}


def as_written(place: Place, name: str) -> Iterator[str]:
    """A line for each."""
    for title, file, ours, theirs in WRITTEN.get(name, ()):
        path = place.folder / file
        kept = path.read_text()
        if ours not in kept:
            raise RuntimeError(f"{file} has no {ours!r}")
        path.write_text(kept.replace(ours, theirs))
        ran = place.tried(CHECK[name])
        path.write_text(kept)
        last = (ran.stderr or ran.stdout).strip().splitlines()[-1]
        yield f"{title}: {'passes' if ran.returncode == 0 else last}"
