"""alipay.system.oauth.token: the buyer for a code."""

import secrets
from collections.abc import Mapping
from typing import Any

from scanforpay_django import clock
from scanforpay_django.sandbox import oauth
from scanforpay_django.sandbox.clock import wall_clock

from .envelope import Asked
from .errors import GatewayError


def token(asked: Asked) -> Mapping[str, Any]:
    """grant_type and code stand beside the common parameters."""
    params = asked.params
    if params.get("grant_type") != "authorization_code":
        raise GatewayError("40002", "isv.grant-type-invalid", "grant_type must be authorization_code")
    payer = oauth.redeem(asked.app, params.get("code", ""))
    if isinstance(payer, oauth.CodeProblem):
        raise GatewayError("40002", "isv.code-invalid", payer.value)
    reply = {
        "access_token": f"authbseB{secrets.token_hex(16)}",
        "auth_start": wall_clock(clock.now()),
        "expires_in": 1296000,
        "open_id": payer.open_id,
        "re_expires_in": 2592000,
        "refresh_token": f"authbseB{secrets.token_hex(16)}",
    }
    return reply if asked.app.open_id_only else {**reply, "user_id": payer.payer_id}
