"""The addresses of admin's pages."""

from django.urls import reverse


def url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:scanforpay_{model._meta.model_name}_{page}", args=args)
