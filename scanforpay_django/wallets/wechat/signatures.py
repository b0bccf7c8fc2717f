"""WeChat Pay API v3: the texts that are signed."""


def wechat_request_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a request's Authorization signs: five lines, each ended. ``path`` with its query, as sent."""
    head = f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode()
    return head + body + b"\n"


def answer_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What an answer's or notification's Wechatpay-Signature signs: three lines, each ended."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def bridge_text(app_id: str, timestamp: str, nonce: str, package: str) -> bytes:
    """What paySign signs: four lines, each ended. ``package`` is ``prepay_id=...``."""
    return f"{app_id}\n{timestamp}\n{nonce}\n{package}\n".encode()
