function (config) {
  "use strict";
  var WORDS = {
    "en": {lang: "en", bar: "Demo: no phone at hand?", wechat: "Open in WeChat", alipay: "Open in Alipay"},
    "zh-hans": {lang: "zh-Hans", bar: "演示：手边没有手机？", wechat: "在微信中打开", alipay: "在支付宝中打开"},
    "zh-hant": {lang: "zh-Hant", bar: "示範：手邊沒有手機？", wechat: "在微信中開啟", alipay: "在支付寶中開啟"},
    "ja": {lang: "ja", bar: "デモ：スマートフォンがない場合", wechat: "WeChat で開く", alipay: "Alipay で開く"}
  };
  var words = WORDS[document.documentElement.lang.toLowerCase()] || WORDS.en;
  var APPS = [
    {app: "wechat", wallet: "Wechat", text: words.wechat, color: "#067a3e"},
    {app: "alipay", wallet: "Alipay", text: words.alipay, color: "#0e5fd8"}
  ];

  function button(one, page) {
    var primary = page.wallet === one.wallet;
    var made = document.createElement("button");
    made.type = "button";
    made.id = "sandbox-open-" + one.app;
    made.textContent = one.text;
    made.dataset.primary = String(primary);
    Object.assign(made.style, {
      minHeight: "44px", padding: "0 14px", borderRadius: "6px", font: "inherit", cursor: "pointer",
      border: "1px solid " + (primary ? one.color : "#6b7480"),
      color: primary ? "#fff" : "#1c2530", background: primary ? one.color : "#fff"
    });
    made.addEventListener("click", function () {
      var query = new URLSearchParams({app: one.app, url: page.scanUrl});
      window.open(config.phoneUrl + "?" + query, "scanforpay-" + one.app, "popup,width=390,height=844");
    });
    return made;
  }

  function show() {
    var bar = document.createElement("div");
    bar.id = "sandbox-bar";
    bar.lang = words.lang;
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", "Demo");
    Object.assign(bar.style, {
      position: "fixed", left: "0", right: "0", bottom: "0", zIndex: "2147483646", boxSizing: "border-box", display: "flex", flexWrap: "wrap", gap: "8px 12px",
      alignItems: "center", justifyContent: "center", padding: "10px 16px", color: "#3d4752", background: "#eef1f4",
      borderTop: "1px solid #cfd6dd", font: "14px/1.4 system-ui, sans-serif"
    });
    var label = document.createElement("span");
    label.textContent = words.bar;
    bar.append(label);
    APPS.forEach(function (one) { bar.append(button(one, document.body.dataset)); });
    document.body.append(bar);
    // The last line of the page stays within reach.
    document.body.style.paddingBottom = bar.offsetHeight + 12 + "px";
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", show);
  } else {
    show();
  }
}
