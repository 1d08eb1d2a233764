/* Helps whoever writes a lesson or a question; every button works as a plain form without it.
 *
 * - Buttons that only rearrange the form (add, move, take out, another kind, preview) are answered in place: the whole
 *   form goes to its own address, and of the page that comes back the parts marked data-lms-live replace their like.
 * - The preview follows a little after one stops typing.
 * - What is typed is kept for this tab until it is saved: a sign-in that ran out, or a closed page, loses nothing.
 */
import { keeping, placeOf, sending } from "./kept.js";

const PREVIEW_AFTER_MS = 1200;
const LIVE = /^(?:(?:up|down|remove|add|remove-option|remove-mistake)-.+|back|preview|kind|source|cards|check)$/;
const form = document.querySelector("form[data-lms-editor]");

if (form) {
  const isBack = "lmsDirty" in form.dataset; // with faults, or asked for a preview: nothing is saved yet
  let leaving = false;
  let waiting = 0;
  let asking = null;
  const kind = form.querySelector('button[value="kind"]');
  if (kind) kind.hidden = true; // choosing is enough here

  const fields = () => {
    const data = new FormData(form);
    data.delete("picture");
    return data;
  };
  const written = () => [...fields()].filter(([name]) => name !== "csrf_token" && !name.startsWith("removed-"));
  const drawnInPlace = (word) => LIVE.test(word) && document.querySelector(`[data-lms-live="${word === "preview" ? "preview" : "text"}"]`);
  const say = (text) => {
    const line = document.querySelector("[data-lms-said]");
    if (line) line.textContent = text;
  };

  async function ask(word) {
    if (asking) asking.abort();
    asking = new AbortController();
    const data = fields();
    data.set("do", word);
    const response = await fetch(location.pathname + location.search, { method: "POST", body: data, signal: asking.signal, headers: { Accept: "text/html" }, redirect: "error" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("[data-lms-live]")) throw new Error("another page");
    return { ok: response.ok, page };
  }

  function replace(page, name) {
    const fresh = page.querySelector(`[data-lms-live="${name}"]`);
    const old = document.querySelector(`[data-lms-live="${name}"]`);
    if (fresh && old) old.replaceChildren(...document.importNode(fresh, true).childNodes);
    return old;
  }

  async function press(button, stays = false) {
    const word = button.value;
    clearTimeout(waiting);
    button.setAttribute("aria-busy", "true");
    try {
      const { ok, page } = await ask(word);
      if (!ok) throw new Error("refused");
      replace(page, "preview");
      if (word === "preview") {
        document.getElementById("preview").focus();
        say(button.textContent.trim());
      } else {
        const inside = document.querySelector('[data-lms-live="text"]').contains(button);
        const text = replace(page, "text");
        if (word === "check") { // nothing has changed: the answer is heard, and one stays where one is
          if (inside) text.querySelector('[value="check"]').focus();
          say(text.querySelector(".lms-notice")?.textContent.trim() || "");
          return;
        }
        const target = text.querySelector("[autofocus]") || text.querySelector("textarea, input:not([type=hidden])");
        if (target && !stays) target.focus();
        kept.touched();
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!navigator.onLine) { say(form.dataset.lmsOffline); return; }
      // The server has something to say that concerns the whole page: let the browser show it.
      leaving = true;
      form.dataset.lmsPlain = "1";
      form.requestSubmit(button);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  async function follow() {
    try {
      const { ok, page } = await ask("preview");
      if (ok) replace(page, "preview");
    } catch { /* the preview stays as it was; saving tells what is wrong */ }
  }

  form.addEventListener("submit", (event) => {
    const word = event.submitter ? event.submitter.value : "";
    if (drawnInPlace(word) && !("lmsPlain" in form.dataset)) {
      event.preventDefault();
      press(event.submitter);
      return;
    }
    leaving = true;
  });
  form.addEventListener("input", () => {
    if (!document.querySelector('[data-lms-live="preview"]')) return;
    clearTimeout(waiting);
    waiting = setTimeout(follow, PREVIEW_AFTER_MS);
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-lms-redraw]")) return;
    // Who walks through the list with the arrow keys stays in it.
    press(kind, true);
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept.isDirty() && !leaving) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });

  function putBack(pairs) {
    const again = document.createElement("form");
    again.method = "post";
    again.hidden = true;
    const token = form.querySelector("[name=csrf_token]").value;
    for (const [name, value] of [...pairs, ["csrf_token", token], ["do", "preview"]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      again.append(field);
    }
    leaving = true;
    sending(placeOf(form.getAttribute("action")));
    document.body.append(again);
    again.submit();
  }

  if (isBack && document.querySelector('[data-lms-live="preview"]')) follow();
  const kept = keeping(form, written, putBack, isBack);
}
