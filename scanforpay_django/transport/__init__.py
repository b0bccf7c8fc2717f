"""The one way out: checked addresses, limits of time and size, a log without secrets."""

from scanforpay_django.transport.http import HttpAnswer, HttpClient
from scanforpay_django.transport.sender import Outcome, Sender
from scanforpay_django.transport.urls import Target, UrlRefused, parse_url, split_url

__all__ = ["HttpAnswer", "HttpClient", "Outcome", "Sender", "Target", "UrlRefused", "parse_url", "split_url"]
