"""Where the platforms are. Their addresses are code and settings, never rows: see conf.platform_hosts."""

PRODUCTION = "production"
PLATFORM_SANDBOX = "platform_sandbox"
LOCAL_SANDBOX = "local_sandbox"

_WECHAT_SIGN_IN = {
    "authorize": "https://open.weixin.qq.com/connect/oauth2/authorize",
    "token": "https://api.weixin.qq.com/sns/oauth2/access_token",
}
# Hosts are settings, never rows: whoever may edit an account's hosts can fake "paid".
# WeChat Pay has no test environment for API v3, so it has no entry under platform_sandbox.
DEFAULT_PLATFORM_HOSTS: dict[str, dict[str, dict[str, str]]] = {
    PRODUCTION: {
        "Wechat": {
            "api": "https://api.mch.weixin.qq.com",
            # disaster recovery, for when the main host cannot be reached at all
            "api2": "https://api2.mch.weixin.qq.com",
            **_WECHAT_SIGN_IN,
        },
        "WechatGlobal": {"api": "https://apihk.mch.weixin.qq.com", **_WECHAT_SIGN_IN},
        "Alipay": {
            "gateway": "https://openapi.alipay.com/gateway.do",
            "authorize": "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm",
        },
        "AlipayGlobal": {"gateway": "https://intlmapi.alipay.com/gateway.do"},
        "AlipayHK": {"gateway": "https://intlmapi.alipay.com/gateway.do"},
    },
    PLATFORM_SANDBOX: {
        "Alipay": {
            "gateway": "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            "authorize": "https://openauth-sandbox.dl.alipaydev.com/oauth2/publicAppAuthorize.htm",
        },
        "AlipayGlobal": {"gateway": "https://mapi.alipaydev.com/gateway.do"},
        "AlipayHK": {"gateway": "https://mapi.alipaydev.com/gateway.do"},
    },
}


def default_hosts(environment: str, sandbox_url: str) -> dict[str, dict[str, str]]:
    """Wallet -> name of the address -> URL. ``sandbox_url`` is where the sandbox on this machine is mounted."""
    if environment != LOCAL_SANDBOX:
        return DEFAULT_PLATFORM_HOSTS.get(environment, {})
    wechat = {
        name: {
            "api": f"{sandbox_url}/{mount}",
            "authorize": f"{sandbox_url}/{mount}/connect/oauth2/authorize",
            "token": f"{sandbox_url}/{mount}/sns/oauth2/access_token",
        }
        for name, mount in (("Wechat", "wechat"), ("WechatGlobal", "wechat_global"))
    }
    return {
        **wechat,
        "Alipay": {
            "gateway": f"{sandbox_url}/alipay/gateway.do",
            "authorize": f"{sandbox_url}/alipay/oauth2/publicAppAuthorize.htm",
        },
        "AlipayGlobal": {"gateway": f"{sandbox_url}/alipay_global/gateway.do"},
        "AlipayHK": {"gateway": f"{sandbox_url}/alipay_global/gateway.do"},
    }
