/* AlipayJSBridge. Source: myjsapi.alipay.com, tradePay. resultCode is a string: 6001 is cancelled by the customer, 99 a left
   "forgot password" page; 9000, 8000, 6004, 4000 and 6002 say nothing that could be relied on. */
window.scanforpayBridge = {
  object: "AlipayJSBridge",
  ready: "AlipayJSBridgeReady",
  call: function (params, answer) {
    window.AlipayJSBridge.call("tradePay", params, function (found) {
      var code = String(found && found.resultCode);
      answer(code === "6001" || code === "99");
    });
  }
};
