function () {
  "use strict";
  window.WeixinJSBridge = {
    invoke: function (name, params, done) {
      done = done || function () {};
      if (name !== "getBrandWCPayRequest") { done({err_msg: "system:function_not_exist"}); return; }
      window.scanforpaySandboxSheet("wechat_bridge", params, function (result) {
        done({err_msg: "get_brand_wcpay_request:" + result});
      });
    },
    call: function (name) { if (name === "closeWindow") { window.close(); } },
    on: function () {}
  };
  window.scanforpaySandboxReady("WeixinJSBridgeReady");
}
