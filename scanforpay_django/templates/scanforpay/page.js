(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("scanforpay-data").textContent);
  var body = document.body;
  var bridge = /_bridge$/.test(data.kind || ""), born = Date.now();
  var asked = 0, timer = null, busy = false, leaving = false, started = false;

  function byId(id) { return document.getElementById(id); }
  function show(name) {
    var parts = document.querySelectorAll("[data-when]");
    for (var i = 0; i < parts.length; i++) {
      parts[i].hidden = (" " + parts[i].getAttribute("data-when") + " ").indexOf(" " + name + " ") < 0;
    }
    body.setAttribute("data-view-state", name);
    var button = byId("scanforpay-pay");
    if (button) { button.disabled = name === "paying"; }
  }
  function wait(seconds) { clearTimeout(timer); timer = setTimeout(ask, seconds * 1000); }
  function goOn(next) {
    if (leaving) { return; }
    leaving = true;
    setTimeout(function () { location.replace(next); }, 2000);
  }
  /* The server's word. The bridge's answer is a hint only. */
  function ask() {
    clearTimeout(timer);
    var request = new XMLHttpRequest();
    request.open("GET", data.statusUrl);
    request.timeout = 20000;
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (request.status !== 200 || !answer) { return again(); }
      heard(answer);
    };
    request.onerror = request.ontimeout = function () { offline(true); again(); };
    request.send();
  }
  function offline(is) { var note = byId("scanforpay-offline"); if (note) { note.hidden = !is; } }
  function heard(answer) {
    offline(false);
    if (answer.state === "paid") {
      body.setAttribute("data-state", "paid");
      if (!byId("scanforpay-paid")) { location.reload(); return; }
      var back = byId("scanforpay-back");
      if (back) { back.hidden = !answer.next; if (answer.next) { back.href = answer.next; } }
      byId("scanforpay-going").hidden = !answer.next;
      byId("scanforpay-staying").hidden = !!answer.next;
      show("paid");
      if (answer.next) { goOn(answer.next); }
    } else if (answer.state !== data.state) {
      location.reload();
    } else { again(); }
  }
  /* Behind a QR code: every two seconds, later every five. After paying: 1 s, 2 s, 3 s ... 30 s. */
  function again() {
    asked += 1;
    if (bridge) {
      if (body.getAttribute("data-view-state") !== "confirming") { return; }
      if (asked > 30) { show("slow"); wait(30); return; }
      if (asked > 3) { var retry = byId("scanforpay-retry"); if (retry) { retry.hidden = false; } }
      wait(asked);
    } else { wait(asked < 150 ? 2 : 5); }
  }
  function confirming() { busy = false; asked = 0; show("confirming"); wait(0.3); }
  function cancelled() { busy = false; show("cancelled"); askOnce(); }
  function askOnce() { clearTimeout(timer); timer = setTimeout(ask, 500); }

  function whenReady(name, event, run) {
    var done = false;
    function once() { if (!done) { done = true; run(); } }
    if (window[name]) { once(); return; }
    document.addEventListener(event, once, false);
    setTimeout(function () { if (!done) { busy = false; show("no_bridge"); } }, 8000);
  }
  function pay() {
    if (busy || leaving) { return; }
    busy = true; started = true;
    show("paying");
    if (data.kind === "wechat_bridge") {
      whenReady("WeixinJSBridge", "WeixinJSBridgeReady", function () {
        window.WeixinJSBridge.invoke("getBrandWCPayRequest", data.params, function (answer) {
          var word = String(answer && answer.err_msg);
          if (word === "get_brand_wcpay_request:cancel") { cancelled(); } else { confirming(); }
        });
      });
    } else {
      whenReady("AlipayJSBridge", "AlipayJSBridgeReady", function () {
        window.AlipayJSBridge.call("tradePay", data.params, function (answer) {
          var word = String(answer && answer.resultCode);
          if (word === "6001" || word === "99") { cancelled(); } else { confirming(); }
        });
      });
    }
  }
  var button = byId("scanforpay-pay");
  if (button) { button.addEventListener("click", pay); }
  /* A platform's address may live five minutes only: an older page gets a new one first. */
  var tap = byId("scanforpay-tap");
  if (tap && tap.href) {
    tap.addEventListener("click", function (event) {
      if (Date.now() - born > 240000) { event.preventDefault(); location.reload(); }
    });
  }
  var copy = byId("scanforpay-copy"), link = byId("scanforpay-link");
  if (copy && link) {
    copy.addEventListener("click", function () {
      function told() { copy.textContent = copy.getAttribute("data-done"); }
      function select() {
        var range = document.createRange();
        range.selectNodeContents(link);
        var selection = window.getSelection();
        selection.removeAllRanges(); selection.addRange(range);
        try { if (document.execCommand("copy")) { told(); } } catch (error) { /* it stays selected */ }
      }
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(link.textContent).then(told, select);
      } else { select(); }
    });
  }
  /* iOS shows a page from its back-forward cache with the script's old state: ask again. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) { leaving = false; ask(); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && (started || !bridge)) { ask(); } });
  window.addEventListener("online", ask);

  if (data.state === "paid") { if (data.next) { goOn(data.next); } return; }
  if (data.state !== "pending") { return; }
  if (bridge) { show("ready"); pay(); } else { show(data.kind ? "ready" : "waiting"); wait(2); }
})();
