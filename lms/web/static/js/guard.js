/* Keeps a double click from sending a form twice or an offline one into nowhere, and brings the list of errors to the reader.
 *
 * A form that has been sent is marked busy until the page is left. The mark goes after eight seconds, when the page is
 * shown again (back button) or when the browser is offline, so a second try is never blocked for long. The server
 * remains the judge of duplicates; this only spares people the second receipt. Leave a form out with
 * data-lms-guard="off". Scripts that send a form themselves call preventDefault(); such a form is not touched.
 * Sent without a connection, the browser would put its own page in place of ours, and with it what was typed.
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
  if (!navigator.onLine && document.body.dataset.lmsOffline) {
    event.preventDefault();
    sayOffline(form, event.submitter);
    return;
  }
  const button = event.submitter;
  if (button) button.setAttribute("aria-busy", "true");
  busy.set(form, { button, timer: setTimeout(() => release(form), RETRY_AFTER_MS) });
});

function sayOffline(form, button) {
  if (document.querySelector("[data-lms-no-line]")) return;
  const note = document.createElement("p");
  note.className = "lms-notice lms-notice-warning";
  note.dataset.lmsNoLine = "";
  note.setAttribute("role", "alert");
  // Beside the form and not in it: some forms are one line of a row. Those of the head speak at the top of the page.
  const area = form.closest("main") ? form : document.querySelector(".lms-notices");
  if (area === form) form.after(note);
  else area.append(note);
  note.textContent = document.body.dataset.lmsOffline;
  if (button) button.focus();
}

window.addEventListener("online", () => {
  for (const note of document.querySelectorAll("[data-lms-no-line]")) note.remove();
});

function releaseAll() {
  for (const form of [...busy.keys()]) release(form);
}
window.addEventListener("pageshow", releaseAll);
window.addEventListener("offline", releaseAll);

const errors = document.querySelector("[data-lms-focus]");
if (errors) errors.focus();
