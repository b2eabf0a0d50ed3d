"use strict";
// Reads the page aloud where the telephone can, and leaves at the key Esc. Without scripts the page is the same.
(() => {
  const button = document.querySelector("[data-say]");
  const area = document.querySelector("[data-aloud]");
  const voice = window.speechSynthesis;
  if (button && area && voice && window.SpeechSynthesisUtterance) {
    const label = button.querySelector("span");
    const words = label.textContent;
    const quiet = () => { label.textContent = words; };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (voice.speaking) {
        voice.cancel();
        quiet();
        return;
      }
      const parts = [...area.querySelectorAll("h1, h2, h3, p, label")].filter((part) => part.offsetParent && !part.contains(button));
      const said = new SpeechSynthesisUtterance(parts.map((part) => part.innerText.trim()).filter(Boolean).join(". "));
      said.lang = document.documentElement.lang === "en" ? "en" : "es-CO";
      said.rate = 0.9;
      said.onend = quiet;
      label.textContent = button.dataset.stop;
      voice.speak(said);
    });
    window.addEventListener("pagehide", () => voice.cancel());
  }
  const leave = document.querySelector("form.leave");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && leave) {
      leave.submit();
    }
  });
})();
