/* Saves each answer of a test as it is given and says, in words, what became of it.
 *
 * Only the server's receipt makes "Saved at …". What it has not acknowledged waits in this tab's sessionStorage, bound
 * to the person and the attempt, and is sent again, oldest first, until it is acknowledged: after a lost connection, a
 * reload, an expired sign-in. One request at a time for each question. A request whose fate is unknown is repeated with
 * its own key before anything newer goes, so the server stores it once and the numbers of the answers stay in step.
 * A newer answer from another window is never overwritten. Without this script every button of the page saves by itself.
 */
const page = document.querySelector("[data-lms-test]");
const form = document.querySelector("[data-lms-answers]");
const submitForm = document.querySelector("[data-lms-submit]");
const word = (name) => page.getAttribute(`data-word-${name}`) || "";
const base = page.dataset.base;
const STORE = `lms-unsent:${page.dataset.person}:${page.dataset.attempt}`;
const TYPING_MS = 900;
const READING_MS = 3000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const ICONS = { saved: "cloud-check", saving: "cloud-arrow-up", unsaved: "exclamation-circle-fill", offline: "cloud-slash" };

const questions = new Map();
let stopped = "";
let retry = 0;
let retryTimer = 0;
let leaving = false;
let lastSaved = "";

/* ---- what waits --------------------------------------------------------------------------------------------- */
function keep() {
  const waiting = [...questions.values()].flatMap((q) => q.queue).sort((a, b) => a.at - b.at);
  try {
    if (waiting.length) sessionStorage.setItem(STORE, JSON.stringify(waiting));
    else sessionStorage.removeItem(STORE);
  } catch { /* storage full or forbidden: the answers still wait in this page */ }
}

function kept() {
  try {
    const entries = JSON.parse(sessionStorage.getItem(STORE) || "[]");
    return Array.isArray(entries) ? entries : [];
  } catch {
    return [];
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function questionAt(position, url) {
  let q = questions.get(position);
  if (!q) {
    q = { position, url, box: null, sequence: null, queue: [], busy: false, typing: 0, state: "", unread: false, warned: false, at: "", lostAt: -Infinity };
    questions.set(position, q);
  }
  return q;
}

const waiting = () => [...questions.values()].some((q) => q.queue.length || q.busy || q.typing);

/* ---- saying it ----------------------------------------------------------------------------------------------- */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${page.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

function write(element, kind, text) {
  if (!element || element.dataset.said === kind + text) return;
  element.dataset.said = kind + text;
  element.className = kind ? `lms-receipt lms-receipt-${kind}` : "lms-receipt";
  element.replaceChildren(...(kind ? [icon(ICONS[kind]), document.createTextNode(text)] : []));
}

function show() {
  let worst = "";
  const rank = ["", "saving", "offline", "unsaved"];
  for (const q of questions.values()) {
    const state = q.queue.length || q.busy || q.typing ? (stopped ? "unsaved" : retry ? "offline" : "saving") : "";
    const own = document.querySelector(`[data-lms-state="${q.position}"]`);
    if (q.state) write(own, "unsaved", word(q.state));
    else if (state) write(own, state, word(state));
    else if (q.at) write(own, "saved", word("saved").replace("%s", q.at));
    if (rank.indexOf(state) > rank.indexOf(worst)) worst = state;
  }
  const bar = document.querySelector("[data-lms-receipt]");
  const lost = [...questions.values()].find((q) => q.state);
  if (lost) write(bar, "unsaved", word(lost.state));
  else if (worst) write(bar, worst, word(worst));
  else if (lastSaved) write(bar, "saved", word("saved").replace("%s", lastSaved));
}

function trouble(id, text, label, href) {
  const area = document.querySelector("[data-lms-trouble]");
  if (!area || area.querySelector(`[data-about="${id}"]`)) return;
  const note = document.createElement("div");
  note.className = "lms-notice lms-notice-warning";
  note.dataset.about = id;
  const body = document.createElement("div");
  const line = document.createElement("p");
  line.textContent = text;
  body.append(line);
  if (label) {
    const way = document.createElement("p");
    const link = document.createElement("a");
    link.href = href || location.href;
    link.textContent = label;
    link.addEventListener("click", () => { leaving = true; });
    way.append(link);
    body.append(way);
  }
  note.append(icon("exclamation-triangle"), body);
  area.append(note);
}

function settle(id) {
  for (const note of document.querySelectorAll(`[data-lms-trouble] [data-about="${id}"]`)) note.remove();
}

function problem(q, text) {
  const group = q.box && q.box.querySelector("fieldset");
  if (!group) return;
  let line = group.querySelector("[data-lms-refused]");
  if (!text) {
    if (line) line.remove();
    return;
  }
  if (!line) {
    line = document.createElement("p");
    line.className = "lms-error mt-2";
    line.dataset.lmsRefused = "";
    line.setAttribute("role", "alert");
    group.append(line);
  }
  line.textContent = text;
}

function understood(q, receipt) {
  const line = q.box && q.box.querySelector(".lms-understood");
  if (!line) return;
  const input = q.box.querySelector("input:not([type=hidden])");
  q.unread = !receipt.is_understood;
  if (q.unread) line.replaceChildren(icon("exclamation-triangle"), document.createTextNode(` ${word("unread")}`));
  else if (receipt.understood) {
    const value = document.createElement("strong");
    value.textContent = receipt.understood;
    const unit = q.box.querySelector(".lms-numeric-unit");
    line.replaceChildren(document.createTextNode(`${word("understood")} `), value, document.createTextNode(unit ? ` ${unit.textContent}` : ""));
  } else line.replaceChildren();
  if (q.unread) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

function mark(position, is, on) {
  const cell = document.querySelector(`[data-lms-cell="${position}"]`);
  if (!cell) return;
  cell.classList.toggle(is, on);
  const count = document.querySelector("[data-lms-answered]");
  if (count) count.textContent = document.querySelectorAll(".lms-qcell.is-answered").length;
  const sign = cell.querySelector(".icon");
  if (is === "is-flagged" && on && !sign) cell.insertBefore(icon("flag-fill"), cell.querySelector(".visually-hidden"));
  if (is === "is-flagged" && !on && sign) sign.remove();
  const said = [];
  if (cell.classList.contains("is-answered")) said.push(word("answered"));
  if (cell.classList.contains("is-flagged")) said.push(word("flagged"));
  cell.querySelector(".visually-hidden").textContent = said.map((text) => `, ${text}`).join("");
}

/* ---- sending ------------------------------------------------------------------------------------------------- */
function fieldsOf(q) {
  const prefix = q.box.dataset.prefix;
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (name === prefix) fields.push(["q", value]);
    else if (name.startsWith(`${prefix}-`)) fields.push([`q${name.slice(prefix.length)}`, value]);
  }
  return fields;
}

function changed(q) {
  clearTimeout(q.typing);
  q.typing = 0;
  const fields = fieldsOf(q);
  const same = JSON.stringify(fields);
  const last = q.queue.length ? q.queue[q.queue.length - 1] : null;
  if (last ? JSON.stringify(last.fields) === same : q.last === same) return show();
  // Only the newest answer waits behind the one that may already be on its way.
  if (last && !last.sent) q.queue.pop();
  q.queue.push({ position: q.position, url: q.url, fields, key: newKey(), base: q.sequence, at: Date.now(), sent: false });
  q.state = "";
  q.warned = false;
  problem(q, "");
  keep();
  show();
  if (!retry) send(q);
}

async function send(q) {
  if (q.busy || stopped || !q.queue.length) return;
  const entry = q.queue[0];
  if (q.sequence === null) q.sequence = entry.base;
  const body = new URLSearchParams(entry.fields);
  body.set("sequence", entry.sent ? entry.base : q.sequence);
  body.set("key", entry.key);
  entry.base = entry.sent ? entry.base : q.sequence;
  entry.sent = true;
  q.busy = true;
  keep();
  show();
  let response = null;
  let answer = {};
  try {
    const token = document.querySelector("input[name=csrf_token]").value;
    response = await fetch(q.url, { method: "POST", body, credentials: "same-origin", redirect: "error", headers: { Accept: "application/json", "X-CSRF-Token": token } });
    answer = await response.json();
  } catch {
    if (response && response.ok) response = null;
  }
  q.busy = false;
  if (response && response.ok) acknowledged(q, entry, answer);
  else if (response && (response.status === 401 || answer.error === "csrf")) halt(response.status === 401 ? "signed-out" : "stale");
  else if (response && ["newer-answer", "attempt-closed", "time-over"].includes(answer.error)) conflict(q, answer);
  else if (response && response.status >= 400 && response.status < 500 && ![409, 429].includes(response.status)) refused(q, answer);
  else later();
  show();
}

function acknowledged(q, entry, receipt) {
  retry = 0;
  clearTimeout(retryTimer);
  q.queue.shift();
  q.sequence = receipt.sequence;
  q.last = JSON.stringify(entry.fields);
  q.at = lastSaved = receipt.saved_at;
  const hidden = q.box && form.elements[q.box.dataset.sequence];
  if (hidden) hidden.value = receipt.sequence;
  keep();
  mark(q.position, "is-answered", receipt.complete);
  if (!q.queue.length) understood(q, receipt);
  for (const other of questions.values()) send(other);
  if (!waiting()) settle("wait");
}

function conflict(q, answer) {
  if (answer.error === "newer-answer") {
    q.queue = [];
    q.state = "elsewhere";
    q.lostAt = performance.now();
    keep();
    trouble(`newer-${q.position}`, word("newer").replace("%s", q.position), word("reload"));
    return;
  }
  for (const other of questions.values()) {
    if (other.queue.length) other.state = "refused";
    other.queue = [];
  }
  keep();
  stopped = "closed";
  trouble("closed", answer.error === "time-over" ? word("over") : word("closed"), word("see-result"), page.dataset.result);
}

function refused(q, answer) {
  q.queue.shift();
  q.state = "refused";
  keep();
  problem(q, answer.message || word("refused"));
  send(q);
}

function halt(why) {
  stopped = why;
  if (why === "signed-out") {
    // This very page asks for the sign-in, and is there at once for who has signed in again in another window; a host's
    // sign-in has an address of its own.
    const host = `${page.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
    trouble(why, word("signed-out"), word("sign-in"), page.dataset.signOut ? location.pathname : host);
  } else trouble(why, word("stale"), word("reload-page"));
}

function later() {
  const wait = RETRY_MS[Math.min(retry, RETRY_MS.length - 1)];
  retry += 1;
  clearTimeout(retryTimer);
  retryTimer = setTimeout(sendAll, wait);
}

function sendAll() {
  const inOrder = [...questions.values()].filter((q) => q.queue.length).sort((a, b) => a.queue[0].at - b.queue[0].at);
  for (const q of inOrder) send(q);
}

/* ---- going on ------------------------------------------------------------------------------------------------ */
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function allSaved() {
  for (const q of questions.values()) if (q.typing) changed(q);
  for (let left = 80; left && waiting() && !stopped; left -= 1) {
    if (retry && left % 10 === 0) sendAll();
    await pause(100);
  }
  return !waiting() && ![...questions.values()].some((q) => q.state === "refused");
}

function addressOf(go) {
  if (/^[0-9]+$/.test(go)) return `${base}/${go}`;
  if (/^one-[0-9]+$/.test(go)) return `${base}/${go.slice(4)}`;
  return go === "summary" || go === "all" ? `${base}/${go}` : "";
}

async function goOn(event) {
  const button = event.submitter;
  const go = button && button.name === "go" ? button.value : "";
  const address = addressOf(go);
  event.preventDefault();
  if (button) button.setAttribute("aria-busy", "true");
  const pressed = performance.now();
  const saved = await allSaved();
  if (button) button.removeAttribute("aria-busy");
  if (stopped === "closed") {
    location.assign(page.dataset.result);
    return;
  }
  if (!saved) {
    if (!stopped) trouble("wait", word("wait"));
    show();
    return;
  }
  settle("wait");
  const lost = [...questions.values()].filter((q) => q.state === "elsewhere" && q.lostAt > pressed - READING_MS);
  if (lost.length) { // said just now: it must be read before this page goes
    for (const q of lost) q.lostAt = -Infinity;
    document.querySelector("[data-lms-trouble] a").focus();
    return;
  }
  const unread = [...questions.values()].find((q) => q.unread && !q.warned && q.box);
  if (unread && go !== "all") {
    unread.warned = true;
    unread.box.querySelector("input:not([type=hidden])").focus();
    return;
  }
  if (!address || (address === location.pathname && go === "all")) return;
  leaving = true;
  location.assign(address);
}

/* Sent from here, so that a server that is away leaves this page in place to say so, not the browser's own. Whatever else
 * is the matter, the server says on a page of its own: the form goes once more, plainly, and is scored only once. */
async function sendTest(button) {
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  settle("unsent");
  let response = null;
  try {
    response = await fetch(submitForm.action, { method: "POST", body: new URLSearchParams(new FormData(submitForm)), credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json" } });
  } catch {
    trouble("unsent", word("unsent"));
  }
  button.removeAttribute("aria-busy");
  if (!response) return;
  leaving = true;
  if (response.type === "opaqueredirect") location.assign(page.dataset.result);
  else submitForm.submit();
}

async function toggleFlag(button) {
  const position = button.dataset.lmsFlag;
  const on = button.getAttribute("aria-pressed") !== "true";
  const token = document.querySelector("input[name=csrf_token]").value;
  try {
    const response = await fetch(`${base}/${position}/flag`, { method: "POST", body: new URLSearchParams({ on: on ? "1" : "0" }), credentials: "same-origin", redirect: "error", headers: { Accept: "application/json", "X-CSRF-Token": token } });
    if (response.status === 401) return halt("signed-out");
    if (!response.ok) return trouble("flag", word("unmarked"));
  } catch {
    return trouble("flag", word("unmarked"));
  }
  settle("flag");
  button.setAttribute("aria-pressed", on ? "true" : "false");
  button.value = on ? "0" : "1";
  button.replaceChildren(icon(on ? "flag-fill" : "flag"), document.createTextNode(on ? word("unflag") : word("flag")));
  mark(position, "is-flagged", on);
}

function onSignOut(event) {
  const action = event.target.getAttribute("action") || "";
  if (action !== page.dataset.signOut) return;
  // eslint-disable-next-line no-alert -- the browser's own question is understood everywhere
  if (waiting() && !window.confirm(word("leave"))) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  leaving = true;
  sessionStorage.removeItem(STORE);
}

/* ---- time ---------------------------------------------------------------------------------------------------- */
function startTimer() {
  const box = document.querySelector("[data-lms-timer]");
  if (!box) return;
  const text = box.querySelector("[data-lms-left]");
  const face = box.querySelector(".lms-timer");
  const toggle = box.querySelector("[data-lms-timer-toggle]");
  const total = Number(box.dataset.lmsTimer);
  const began = performance.now();
  let told = total <= 60;
  const tick = () => {
    const left = Math.max(0, Math.ceil(total - (performance.now() - began) / 1000));
    text.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    face.classList.toggle("lms-timer-low", left <= 60);
    if (left <= 60 && !told) {
      told = true;
      trouble("minute", word("minute"));
    }
    if (left) setTimeout(tick, 1000);
    else {
      settle("minute");
      trouble("over", word("over"), word("see-result"), `${base}/summary`);
    }
  };
  toggle.hidden = false;
  toggle.textContent = word("hide");
  toggle.addEventListener("click", () => {
    face.hidden = !face.hidden;
    toggle.textContent = word(face.hidden ? "show" : "hide");
  });
  tick();
}

/* ---- the page ------------------------------------------------------------------------------------------------ */
function restore(q, entry) {
  if (!q.box) return;
  const prefix = q.box.dataset.prefix;
  const values = new Map();
  for (const [name, value] of entry.fields) {
    const own = prefix + name.slice(1);
    values.set(own, [...(values.get(own) || []), value]);
  }
  for (const control of q.box.querySelectorAll("input, select")) {
    const given = values.get(control.name) || [];
    if (control.type === "radio" || control.type === "checkbox") control.checked = given.includes(control.value);
    else control.value = given[0] || "";
  }
}

function begin() {
  for (const box of document.querySelectorAll("[data-lms-question]")) {
    const q = questionAt(box.dataset.lmsQuestion, box.dataset.url);
    q.box = box;
    q.sequence = Number(form.elements[box.dataset.sequence].value);
    q.last = JSON.stringify(fieldsOf(q));
    q.unread = Boolean(box.querySelector(".lms-understood .icon"));
    q.warned = q.unread;
    box.addEventListener("change", () => changed(q));
    box.addEventListener("input", (event) => {
      if (event.target.matches("input:not([type=radio]):not([type=checkbox])")) {
        clearTimeout(q.typing);
        q.typing = setTimeout(() => changed(q), TYPING_MS);
        show();
      }
    });
  }
  for (const entry of kept()) {
    const q = questionAt(String(entry.position), entry.url);
    // It follows the answer it was given after, not one that another window has saved since.
    if (!q.queue.length) entry.sent = true;
    q.queue.push(entry);
    restore(q, entry);
  }
  if (form) {
    form.addEventListener("submit", goOn);
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-lms-flag]");
      if (!button) return;
      event.preventDefault();
      toggleFlag(button);
    });
  }
  if (submitForm) {
    submitForm.addEventListener("submit", (event) => {
      event.preventDefault();
      if (waiting()) trouble("wait", word("wait"));
      else sendTest(event.submitter);
    });
  }
  document.addEventListener("submit", onSignOut, true);
  window.addEventListener("beforeunload", (event) => {
    for (const q of questions.values()) if (q.typing) changed(q); // who leaves all the same finds it again here
    if (!leaving && waiting()) event.preventDefault();
  });
  window.addEventListener("online", () => { retry = 0; sendAll(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  startTimer();
  sendAll();
  if (waiting()) show();
}

if (page) begin();
