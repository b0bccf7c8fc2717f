/* WeixinJSBridge. Source: pay.weixin.qq.com, "JSAPI: invoke the payment". err_msg is get_brand_wcpay_request:ok, :cancel or
   :fail; "ok" is documented as not reliable. */
window.scanforpayBridge = {
  object: "WeixinJSBridge",
  ready: "WeixinJSBridgeReady",
  call: function (params, answer) {
    window.WeixinJSBridge.invoke("getBrandWCPayRequest", params, function (found) {
      answer(String(found && found.err_msg) === "get_brand_wcpay_request:cancel");
    });
  }
};
