(function () {
  "use strict";
  // Without this script the phone's own keyboard is used.
  var form = document.getElementById("scanforpay-counter");
  var field = document.getElementById("scanforpay-amount");
  var keys = form.querySelector(".keys");
  var act = document.querySelector(".act");
  var places = Number(form.getAttribute("data-places"));
  var onAPhone = window.matchMedia && window.matchMedia("(pointer: coarse)").matches;

  function fits(text) {
    var parts = text.split(".");
    return parts.length < 3 && parts[0].length < 10 && (parts.length < 2 || (places && parts[1].length <= places));
  }

  function show(text) {
    if (fits(text)) { field.value = text; }
    // The currency stands beside the digits, however many there are.
    field.style.width = Math.max(field.value.length, 4) * 0.62 + "em";
    act.disabled = !(parseFloat(field.value) > 0);
  }

  function press(key) {
    var text = field.value;
    if (key === "back") { show(text.slice(0, -1)); return; }
    if (key === "." && !text) { text = "0"; }
    show((text === "0" && key !== "." ? "" : text) + key);
  }

  keys.hidden = false;
  // The page's own keys are larger, and no keyboard covers the button.
  if (onAPhone) { field.setAttribute("inputmode", "none"); }
  keys.addEventListener("click", function (event) {
    var key = event.target.closest ? event.target.closest("[data-key]") : null;
    if (key) { press(key.getAttribute("data-key")); }
  });
  field.addEventListener("input", function () { show(field.value.replace(/[^0-9.]/g, "")); });
  form.addEventListener("submit", function () { act.disabled = true; });
  // The browser's way back shows the page as it was left.
  window.addEventListener("pageshow", function () { show(field.value); });
  show(field.value);
})();
