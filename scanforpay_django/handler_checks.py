"""Whether a handler's effect can be one transaction with the mark that its call is done."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import router

from scanforpay_django import handlers
from scanforpay_django.conf import CHECK_TAG
from scanforpay_django.models import HandlerCall


@register(CHECK_TAG)
def check_handlers(**_kwargs: Any) -> list[CheckMessage]:
    """E038: a handler whose app keeps its rows in another database; no transaction spans two of them."""
    ours = router.db_for_write(HandlerCall)
    return [
        Error(
            f"The handler {handler.name} may not run in a transaction: {app.label} keeps rows in {', '.join(others)}, "
            f"the mark that its call is done is in {ours}.",
            hint=f"Write @checkout.on_{handler.event}(atomic=False): it is then called at least once.",
            id="scanforpay.E038",
        )
        for handler in handlers.get_handlers()
        if handler.atomic and (app := apps.get_containing_app_config(handler.name)) is not None
        if (others := sorted({router.db_for_write(model) for model in app.get_models()} - {ours}))
    ]
