function (config) {
  "use strict";
  function go(url) { if (url) { window.location.assign(url); } }

  function open() {
    window.scanforpaySandboxSheet(config.kind, config.params, function (result, answer) {
      if (result === "ok") { go((answer && answer.next) || config.next); return; }
      if (result === "cancel") { go(config.cancel || config.next); }
    });
  }

  if (config.leaveSeconds) {
    setTimeout(function () { go(config.next); }, config.leaveSeconds * 1000);
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", open);
  } else {
    open();
  }
}
