"""Alipay's OpenAPI v2 gateway and its OAuth, from the platform's side."""
