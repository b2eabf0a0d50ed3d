// The keyboard's own key goes on: to the next field that is empty, and from the last one to what the form does.

import { byId } from "./words.js";

const fields = (form) => [...form.querySelectorAll("input:not([type=radio])")].filter((each) => each.offsetParent !== null);

export function goOn(form) {
  for (const each of form.querySelectorAll("input:not([type=radio])")) each.enterKeyHint = "next";
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
    const all = fields(form);
    const place = all.indexOf(event.target);
    const next = place < 0 ? undefined : all.slice(place + 1).find((each) => !each.value);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

// Once it is known whose card it is and what is left, one weighs: unless the person is already at something else.
export function toTheScale() {
  const waits = ["look", "pin"].includes(document.activeElement?.id) && !byId("gross").value;
  if (waits && !byId("left").classList.contains("stop")) byId("gross").focus();
}
