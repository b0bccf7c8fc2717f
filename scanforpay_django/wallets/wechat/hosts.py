"""The addresses that every WeChat Pay family shares."""

# Source: developers.weixin.qq.com, "Web page authorization".
SIGN_IN_HOSTS = {
    "authorize": "https://open.weixin.qq.com/connect/oauth2/authorize",
    "token": "https://api.weixin.qq.com/sns/oauth2/access_token",
}


def sandbox_hosts(mount: str) -> dict[str, str]:
    """The same at the sandbox app, under ``mount``."""
    return {
        "api": f"{{sandbox}}/{mount}",
        "authorize": f"{{sandbox}}/{mount}/connect/oauth2/authorize",
        "token": f"{{sandbox}}/{mount}/sns/oauth2/access_token",
    }
