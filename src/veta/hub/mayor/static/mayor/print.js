"use strict";
// A button that prints; without scripts the browser's own does.
(() => {
  const button = document.querySelector("[data-print]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
