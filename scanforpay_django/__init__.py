"""WeChat Pay and Alipay on the phone, for a Django shop.

Glossary (the code keeps to it):

partner            a merchant; ``partnerNo`` on the wire
store              where a partner sells; ``storeNo`` on the wire
wallet             Wechat, Alipay, AlipayHK
wallet account     the credentials with which a store collects through a wallet
order              what the merchant asked for
payment            one attempt at one platform; an order may have several
refund             money going back from one payment
channel            where the pay page is open: WeChat, WeChat desktop, mini-program, WeCom, Alipay,
                   AlipayHK, mobile browser, desktop
platform           WeChat Pay's or Alipay's servers
cashier            our pay pages
notification       a message; to notify is the act: ``platform_notify`` comes in, ``merchant_notify`` goes out
settle             make an order paid, once
order_no           our number; ``partner_order_no`` is the merchant's
out_trade_no       what we tell the platform, one per payment; ``trade_no`` is what the platform calls it

Amounts are integers in the currency's minor unit, durations end in ``_seconds``, times are aware UTC.
"""

__version__ = "0.1.0"
