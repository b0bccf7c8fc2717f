(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("scanforpay-data").textContent);
  var root = document.documentElement, framed = window.parent !== window;
  function tell(message) { if (framed) { window.parent.postMessage(JSON.stringify(message), data.frameOrigin); } }
  /* WeChat waits three seconds for this, then shows its own page. It measures in a frame that is 640 wide. */
  var height = Math.ceil(document.querySelector("main").scrollHeight * 640 / (root.clientWidth || 640));
  tell(data.known
    ? {action: "onIframeReady", displayStyle: "SHOW_CUSTOM_PAGE", height: height}
    : {action: "onIframeReady", displayStyle: "SHOW_OFFICIAL_PAGE"});
  var back = document.getElementById("scanforpay-back");
  if (back && framed) {
    /* A frame may not lead its page away: WeChat does it. */
    back.addEventListener("click", function (event) {
      event.preventDefault();
      tell({action: "jumpOut", jumpOutUrl: data.back});
    });
  }
  if (data.look) {
    setTimeout(function () {
      var query = location.search.replace(/&look=\d+/, "");
      location.replace(location.pathname + query + "&look=" + data.look);
    }, data.look * 1000);
  }
})();
