function () {
  "use strict";
  var CODES = {ok: "9000", cancel: "6001", fail: "4000"};
  window.AlipayJSBridge = {
    call: function (name, params, done) {
      done = done || function () {};
      if (name === "closeWebview" || name === "exitApp") { window.close(); return; }
      if (name !== "tradePay") { done({error: 1, errorMessage: "no such API"}); return; }
      window.scanforpaySandboxSheet("alipay_bridge", params, function (result) {
        done({resultCode: CODES[result]});
      });
    }
  };
  window.scanforpaySandboxReady("AlipayJSBridgeReady");
}
