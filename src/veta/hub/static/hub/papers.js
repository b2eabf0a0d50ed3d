"use strict";
// Says what was chosen in a field that takes several files, before it is sent. Without scripts the browser counts them.
(() => {
  for (const field of document.querySelectorAll("input[data-papers]")) {
    const list = document.createElement("ul");
    list.setAttribute("aria-live", "polite");
    field.after(list);
    field.addEventListener("change", () => {
      const size = new Intl.NumberFormat(document.documentElement.lang || "es-CO", { maximumFractionDigits: 1 });
      list.replaceChildren(...[...field.files].map((file) => {
        const line = document.createElement("li");
        line.textContent = `${file.name} (${size.format(file.size / 1024)} KiB)`;
        return line;
      }));
    });
  }
})();
