"""Alipay's cross-border gateway ("mapi"), from the platform's side: Alipay and AlipayHK in foreign currency."""
