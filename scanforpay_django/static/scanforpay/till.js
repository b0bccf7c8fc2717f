/* The till's page: asks for news each second, and says payments aloud where the browser can speak. */
(function () {
  "use strict";
  var list = document.getElementById("scanforpay-till");
  var heard = document.getElementById("scanforpay-heard");
  var silent = document.getElementById("scanforpay-silent");
  var button = document.getElementById("scanforpay-aloud");
  var isAloud = false;
  var known = null;
  var misses = 0;

  if (window.speechSynthesis) {
    button.hidden = false;
    button.addEventListener("click", function () {
      isAloud = !isAloud;
      button.setAttribute("aria-pressed", String(isAloud));
      // Browsers speak only after a person has touched the page.
      if (isAloud) { say(" "); }
    });
  }

  function say(text) {
    var words = new SpeechSynthesisUtterance(text);
    words.lang = list.getAttribute("data-language");
    window.speechSynthesis.speak(words);
  }

  function show(news) {
    Object.keys(news.paid).forEach(function (order) {
      if (known && !known[order]) {
        heard.textContent = news.paid[order];
        if (isAloud) { say(news.paid[order]); }
      }
    });
    known = news.paid;
    if (list.getAttribute("data-html") !== news.html) {
      list.setAttribute("data-html", news.html);
      list.innerHTML = news.html;
    }
  }

  function ask() {
    fetch(list.getAttribute("data-news"), { credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      })
      .then(function (news) { misses = 0; show(news); })
      .catch(function () { misses += 1; })
      .then(function () {
        silent.hidden = misses < 3;
        setTimeout(ask, misses ? 3000 : 1000);
      });
  }

  ask();
})();
