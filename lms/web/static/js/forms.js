/* Forms of a few fields that are kept in this tab until they are stored (kept.js): filled again where they stand. */
import { keeping, placeOf, sending } from "./kept.js";

/* A personal numeric code (CNP) in a pasted list is never stored anywhere, and so not here either. */
const CNP = /(?<!\d)[1-9]\d{12}(?!\d)/g;
const WEIGHTS = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];

function isCnp(digits) {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(digits[at]), 0) % 11;
  return (sum === 10 ? 1 : sum) === Number(digits[12]);
}

function read(form) {
  const secret = new Set([...form.querySelectorAll("input[type=hidden], input[type=password]")].map((one) => one.name));
  return [...new FormData(form)]
    .filter(([name, value]) => !secret.has(name) && typeof value === "string")
    .map(([name, value]) => [name, value.replace(CNP, (digits) => (isCnp(digits) ? "" : digits))]);
}

for (const form of document.querySelectorAll("form[data-lms-kept]")) {
  const kept = keeping(form, () => read(form), (pairs) => {
    for (const [name, value] of pairs) {
      const field = form.elements.namedItem(name);
      if (field) field.value = value;
    }
    const around = form.closest("details");
    if (around) around.open = true;
    form.querySelector("textarea, input:not([type=hidden]), select").focus();
    kept.touched();
  }, "lmsDirty" in form.dataset);
}

/* What a later page confirms for an earlier one, as the preview of a list does for the list. */
for (const form of document.querySelectorAll("form[data-lms-sends]")) {
  form.addEventListener("submit", () => sending(placeOf(form.dataset.lmsSends)));
}
