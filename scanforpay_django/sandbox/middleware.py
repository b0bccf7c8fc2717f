"""The phone in the demo."""

from django.utils.deprecation import MiddlewareMixin


class SandboxPhoneMiddleware(MiddlewareMixin):
    """Placeholder until the sandbox is built."""
