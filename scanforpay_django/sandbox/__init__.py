"""A WeChat Pay and an Alipay that run on this machine and speak the real protocols.

It is the other side of the wire: it shares nothing with the wallets but RSA and AES-GCM primitives, and
builds every text that is signed itself, from the platforms' documents, so that a wrong text on our side does
not verify here.
"""
