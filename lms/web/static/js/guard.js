/* Keeps a double click from sending a form twice, and brings the list of errors to the reader.
 *
 * A form that has been sent is marked busy until the page is left. The mark goes after eight seconds, when the page is
 * shown again (back button) or when the browser is offline, so a second try is never blocked for long. The server
 * remains the judge of duplicates; this only spares people the second receipt. Leave a form out with
 * data-lms-guard="off". Scripts that send a form themselves call preventDefault(); such a form is not touched.
 */
const RETRY_AFTER_MS = 8000;
const busy = new Map();

function release(form) {
  const held = busy.get(form);
  if (!held) return;
  clearTimeout(held.timer);
  if (held.button) held.button.removeAttribute("aria-busy");
  busy.delete(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.lmsGuard === "off") return;
  if (busy.has(form)) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  if (button) button.setAttribute("aria-busy", "true");
  busy.set(form, { button, timer: setTimeout(() => release(form), RETRY_AFTER_MS) });
});

function releaseAll() {
  for (const form of [...busy.keys()]) release(form);
}
window.addEventListener("pageshow", releaseAll);
window.addEventListener("offline", releaseAll);

const errors = document.querySelector("[data-lms-focus]");
if (errors) errors.focus();
