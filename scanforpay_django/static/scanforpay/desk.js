/* The desk's script: buttons that copy, and what a payment link's page, or that of a first real payment, says of its order. Without it both are left out. */
document.querySelectorAll("[data-sp-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const word = button.querySelector("[aria-live]");
    const before = word.textContent;
    await navigator.clipboard.writeText(button.dataset.spCopy);
    word.textContent = button.dataset.spCopied;
    setTimeout(() => { word.textContent = before; }, 2000);
  });
});

document.querySelectorAll("[data-sp-all]").forEach((label) => {
  const all = label.querySelector("input");
  const boxes = () => document.querySelectorAll(`input[type=checkbox][name="${label.dataset.spAll}"]`);
  label.hidden = false;
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
});

document.querySelectorAll("[data-sp-state]").forEach((note) => {
  const look = async () => {
    try {
      const answer = await fetch(note.dataset.spState, { headers: { Accept: "application/json" } });
      const state = answer.ok ? await answer.json() : {};
      if (state.html && state.html !== note.innerHTML) note.innerHTML = state.html;
      if (state.stage) {
        document.querySelectorAll("[data-sp-when]").forEach((part) => {
          part.hidden = !part.dataset.spWhen.split(" ").includes(state.stage);
        });
      }
      if (state.ends) return;
    } catch {
      // The next look may succeed.
    }
    setTimeout(look, 3000);
  };
  setTimeout(look, 3000);
});
