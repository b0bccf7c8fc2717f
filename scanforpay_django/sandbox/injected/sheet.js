function (config) {
  "use strict";
  var WORDS = {
    "en": {
      lang: "en", wechat: "WeChat Pay", alipay: "Alipay", sandbox: " (sandbox)", now: "Pay now", confirm: "Confirm payment",
      cancel: "Cancel", close: "Close", silent: "The sandbox does not answer: "
    },
    "zh-hans": {
      lang: "zh-Hans", wechat: "微信支付", alipay: "支付宝", sandbox: "（沙箱）", now: "立即支付", confirm: "确认付款",
      cancel: "取消", close: "关闭", silent: "沙箱没有响应："
    },
    "zh-hant": {
      lang: "zh-Hant", wechat: "微信支付", alipay: "支付寶", sandbox: "（沙箱）", now: "立即支付", confirm: "確認付款",
      cancel: "取消", close: "關閉", silent: "沙箱沒有回應："
    },
    "ja": {
      lang: "ja", wechat: "WeChat Pay", alipay: "Alipay", sandbox: "（サンドボックス）", now: "支払う", confirm: "支払いを確認",
      cancel: "キャンセル", close: "閉じる", silent: "サンドボックスが応答しません："
    }
  };
  var words = WORDS[document.documentElement.lang.toLowerCase()] || WORDS.en;
  var LOOKS = {
    wechat: {color: "#07C160", ink: "#04200f", name: words.wechat, pay: words.now, radius: "12px"},
    alipay: {color: "#1677FF", ink: "#fff", name: words.alipay, pay: words.confirm, radius: "16px"},
    alipayhk: {color: "#1677FF", ink: "#fff", name: "AlipayHK", pay: words.confirm, radius: "16px"}
  };
  var look = LOOKS[config.app];
  var shown = false;

  function element(tag, text, styles) {
    var made = document.createElement(tag);
    if (text) { made.textContent = text; }
    Object.assign(made.style, styles);
    return made;
  }

  function ask(kind, params, outcome) {
    return fetch(config.payUrl, {
      method: "POST",
      credentials: "same-origin",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({kind: kind, params: params, outcome: outcome})
    }).then(function (answer) {
      if (!answer.ok) { throw new Error("HTTP " + answer.status); }
      return answer.json();
    }).catch(function (error) {
      return {result: "fail", message: words.silent + error.message};
    });
  }

  function button(id, text, filled) {
    // Large and dark enough on either colour to be read: white on WeChat's green is not.
    var made = element("button", text, {
      display: "block", width: "100%", minHeight: "48px", margin: "12px 0 0", padding: "0 16px",
      border: "0", borderRadius: "8px", font: "inherit", fontSize: "19px", fontWeight: "700", cursor: "pointer",
      color: filled ? look.ink : "#333", background: filled ? look.color : "#f2f2f2"
    });
    made.id = id;
    made.type = "button";
    return made;
  }

  function build(facts) {
    var veil = element("div", "", {
      position: "fixed", inset: "0", zIndex: "2147483647", display: "flex", alignItems: "flex-end",
      justifyContent: "center", background: "rgba(0,0,0,.55)"
    });
    var sheet = element("div", "", {
      boxSizing: "border-box", width: "100%", maxWidth: "480px", maxHeight: "92vh", overflowY: "auto",
      padding: "14px 20px calc(20px + env(safe-area-inset-bottom))", color: "#111", background: "#fff",
      borderRadius: look.radius + " " + look.radius + " 0 0", textAlign: "center",
      font: "16px/1.5 system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
    });
    sheet.id = "sandbox-sheet";
    sheet.tabIndex = -1;
    sheet.lang = words.lang;
    sheet.setAttribute("role", "dialog");
    sheet.setAttribute("aria-modal", "true");
    sheet.setAttribute("aria-labelledby", "sandbox-title");
    var title = element("h2", look.name + words.sandbox, {
      margin: "0 0 14px", font: "inherit", fontSize: "14px", fontWeight: "600", color: "#5a5a5a"
    });
    title.id = "sandbox-title";
    var message = element("p", "", {margin: "14px 0 0", color: "#b3261e", overflowWrap: "anywhere"});
    message.id = "sandbox-message";
    message.setAttribute("role", "alert");
    var pay = button("sandbox-pay", look.pay, true);
    var cancel = button("sandbox-cancel", words.cancel, false);
    sheet.append(title);
    if (facts.amount !== null && facts.amount !== undefined) {
      sheet.append(
        element("div", facts.merchant, {fontSize: "17px", overflowWrap: "anywhere"}),
        element("div", facts.display, {fontSize: "38px", fontWeight: "700", lineHeight: "1.3"}),
        element("div", facts.description, {color: "#5a5a5a", overflowWrap: "anywhere"})
      );
    }
    sheet.append(message, pay, cancel);
    veil.append(sheet);
    return {veil: veil, sheet: sheet, message: message, pay: pay, cancel: cancel};
  }

  function trap(parts, onEscape) {
    parts.veil.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { event.preventDefault(); onEscape(); }
      if (event.key !== "Tab") { return; }
      var stops = [parts.pay, parts.cancel].filter(function (one) { return one.isConnected && !one.disabled; });
      if (!stops.length) { event.preventDefault(); parts.sheet.focus(); return; }
      var at = stops.indexOf(document.activeElement);
      event.preventDefault();
      stops[(at + (event.shiftKey ? stops.length - 1 : 1)) % stops.length].focus();
    });
  }

  function fail(parts, text) {
    parts.message.textContent = text;
    parts.pay.remove();
    parts.cancel.textContent = words.close;
    parts.cancel.disabled = false;
    parts.cancel.focus();
  }

  function open(kind, params, facts, done) {
    var parts = build(facts);
    var before = document.activeElement;
    var failed = facts.result !== "ok";

    function finish(result, answer) {
      parts.veil.remove();
      shown = false;
      if (before && before.isConnected) { before.focus(); }
      done(result, answer);
    }

    function choose(outcome) {
      parts.pay.disabled = true;
      parts.cancel.disabled = true;
      parts.sheet.focus();
      ask(kind, params, outcome).then(function (answer) {
        if (outcome === "cancel") { finish("cancel"); return; }
        if (answer.result === "ok") { finish("ok", answer); return; }
        failed = true;
        fail(parts, answer.message);
      });
    }

    function leave() {
      if (parts.cancel.disabled) { return; }
      if (failed) { finish("fail"); } else { choose("cancel"); }
    }

    parts.pay.addEventListener("click", function () { choose("pay"); });
    parts.cancel.addEventListener("click", leave);
    trap(parts, leave);
    document.body.append(parts.veil);
    if (failed) { fail(parts, facts.message); } else { parts.pay.focus(); }
  }

  window.scanforpaySandboxSheet = function (kind, params, done) {
    if (shown) { return; }
    shown = true;
    ask(kind, params, "look").then(function (facts) { open(kind, params, facts, done); });
  };

  window.scanforpaySandboxReady = function (name) {
    function fire() { document.dispatchEvent(new Event(name)); }
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", function () { setTimeout(fire, 0); });
    } else {
      setTimeout(fire, 0);
    }
  };
}
