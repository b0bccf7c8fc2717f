(function () {
  "use strict";
  var data = JSON.parse(byId("scanforpay-data").textContent);
  var body = document.body, born = Date.now();
  /* The wallet's own script has set it: the object's name, its event, and the call. */
  var bridge = data.kind === "bridge" ? window.scanforpayBridge : null;
  var phase = "", asked = 0, timer = null, request = null, leaving = false;

  function byId(id) { return document.getElementById(id); }
  function hide(id, is) { var found = byId(id); if (found) { found.hidden = is; } }
  function on(id, run) { var found = byId(id); if (found) { found.addEventListener("click", run); } }
  function show(name) {
    var parts = document.querySelectorAll("[data-when]");
    for (var i = 0; i < parts.length; i++) {
      parts[i].hidden = (" " + parts[i].getAttribute("data-when") + " ").indexOf(" " + name + " ") < 0;
    }
    phase = name;
    body.setAttribute("data-view-state", name);
    if (bridge) { hide("scanforpay-retry", true); }
    var button = byId("scanforpay-pay");
    if (button) { button.disabled = name === "paying"; }
    tick();
  }
  function wait(seconds) { clearTimeout(timer); timer = setTimeout(ask, seconds * 1000); }

  /* The server's word. The bridge's answer is a hint only. */
  function ask() {
    clearTimeout(timer);
    if (request) { request.abort(); }
    var mine = request = new XMLHttpRequest();
    mine.open("GET", data.statusUrl);
    mine.timeout = 20000;
    mine.onload = function () {
      request = null;
      var answer = null;
      try { answer = JSON.parse(mine.responseText); } catch (error) { answer = null; }
      connection(true);
      if (mine.status !== 200 || !answer) { again(); } else { heard(answer); }
    };
    mine.onerror = mine.ontimeout = function () { request = null; connection(false); again(); };
    mine.send();
  }
  function connection(is) { hide("scanforpay-offline", is); }
  function heard(answer) {
    if (answer.state === "paid") { paid(answer.next); }
    else if (answer.state === data.state || phase === "paying") { again(); }
    else { location.reload(); }
  }
  /* After paying: 1 s, 2 s, 3 s ... 30 s. Behind a QR code every two seconds, later every five. When its time is up
     a payment made in the last moment still shows for a minute. */
  function again() {
    asked += 1;
    if (bridge && data.state === "pending") {
      if (phase !== "confirming" && phase !== "slow") { return; }
      if (asked > 30) { if (phase !== "slow") { show("slow"); } wait(30); return; }
      if (asked > 3) { hide("scanforpay-retry", false); }
      wait(asked);
    } else if (data.state === "pending") { wait(asked < 150 ? 2 : 5); }
    else if (asked < 12) { wait(5); }
  }
  function paid(next) {
    body.setAttribute("data-state", "paid");
    if (!byId("scanforpay-paid")) { location.reload(); return; }
    show("paid");
    hide("scanforpay-going", !next);
    hide("scanforpay-staying", !!next);
    hide("scanforpay-back", !next);
    if (next) { byId("scanforpay-back").href = next; goOn(next); }
  }
  function goOn(next) {
    if (leaving) { return; }
    leaving = true;
    setTimeout(function () { location.replace(next); }, 2000);
  }

  /* -- the bridge: the object first, then its event; one call at a time -- */
  var wanted = false, listening = false, turn = 0, patience = null;
  function pay() {
    if (phase === "paying" || leaving) { return; }
    show("paying");
    wanted = true;
    if (window[bridge.object]) { ready(); return; }
    if (!listening) { listening = true; document.addEventListener(bridge.ready, ready, false); }
    clearTimeout(patience);
    patience = setTimeout(function () { if (wanted) { wanted = false; show("no_bridge"); } }, 8000);
  }
  function ready() {
    if (!wanted || !window[bridge.object]) { return; }
    wanted = false;
    clearTimeout(patience);
    var mine = ++turn, told = false;
    function answer(isCancelled) {
      if (told || mine !== turn || phase === "paid") { return; }
      told = true;
      if (isCancelled) { asked = 0; show("cancelled"); wait(0.5); } else { confirming(); }
    }
    /* A bridge that never answers proves nothing: the server is asked. */
    patience = setTimeout(function () { if (mine === turn && phase === "paying") { confirming(); } }, 30000);
    try { bridge.call(data.params, answer); } catch (error) { clearTimeout(patience); show("no_bridge"); }
  }
  function confirming() { asked = 0; show("confirming"); wait(0.3); }
  /* The call's parameters live two hours: an older page gets new ones. */
  function tapped() { if (Date.now() - born > 5400000) { location.reload(); } else { pay(); } }

  /* -- how much time is left -- */
  var over = false;
  function left(seconds) { return seconds - Math.floor((Date.now() - born) / 1000); }
  function two(number) { return (number < 10 ? "0" : "") + number; }
  function tick() {
    var seconds = left(data.secondsLeft), clock = byId("scanforpay-clock");
    if (clock) {
      clock.textContent = two(Math.floor(seconds / 60)) + ":" + two(seconds % 60);
      if (seconds > 3600 || seconds < 0) { hide("scanforpay-left", true); }
      else if (/ready|cancelled|no_bridge|waiting/.test(phase)) { hide("scanforpay-left", false); }
    }
    if (phase === "waiting" && data.codeSecondsLeft !== undefined && left(data.codeSecondsLeft) <= 0) { show("used_up"); }
    if (seconds < 0 && !over && phase !== "paying") { over = true; ask(); }
  }

  on("scanforpay-pay", tapped);
  if (bridge) { on("scanforpay-retry", tapped); }
  on("scanforpay-again", ask);
  /* A platform's address may live five minutes only: an older page gets a new one first. */
  on("scanforpay-tap", function (event) {
    if (byId("scanforpay-tap").href && Date.now() - born > 240000) { event.preventDefault(); location.reload(); }
  });
  on("scanforpay-copy", function () {
    var button = byId("scanforpay-copy"), link = byId("scanforpay-link");
    function told() { button.textContent = button.getAttribute("data-done"); }
    function select() {
      var range = document.createRange(), selection = window.getSelection();
      range.selectNodeContents(link);
      selection.removeAllRanges(); selection.addRange(range);
      try { if (document.execCommand("copy")) { told(); } } catch (error) { /* it stays selected */ }
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(link.textContent).then(told, select);
    } else { select(); }
  });
  document.addEventListener("submit", function () { leaving = true; body.setAttribute("data-leaving", ""); });
  /* iOS shows a page from its back-forward cache with the script's old state: whatever it showed, ask again. */
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    leaving = false;
    body.removeAttribute("data-leaving");
    if (phase === "paying") { turn += 1; confirming(); } else { ask(); }
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && !leaving) { ask(); } });
  window.addEventListener("online", ask);
  window.addEventListener("offline", function () { connection(false); });

  if (data.state === "paid") { if (data.next) { goOn(data.next); } return; }
  if (data.state === "expired") { wait(2); return; }
  if (data.state !== "pending") { return; }
  if (navigator.onLine === false) { connection(false); }
  setInterval(tick, 1000);
  if (bridge) { pay(); } else { show(data.kind ? "ready" : "waiting"); wait(2); }
})();
