/* Keeps what is typed into a form in this tab until the server has it: a sign-in that ran out, a stale page or a wrong
 * click loses nothing.
 *
 * What is kept belongs to one person: the page of anybody else forgets it, and so does signing out (the server asks the
 * browser for the same, which only a secure address obeys). A form is known by the address it is sent to. A page with a
 * message, or marked data-lms-stored, comes after what was sent last has been dealt with. Passwords and files are
 * never kept.
 */
const KEEP_AFTER_MS = 400;
const SENT = "lms-sent";
const mine = document.body.dataset.lmsPerson;

function stored(name) {
  try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
}

function store(name, value) {
  try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* no room: the page itself still has the text */ }
}

function forget(name) {
  try { sessionStorage.removeItem(name); } catch { /* nothing is kept there */ }
}

/* What this tab keeps of anybody but this person; answers of a test (quiz.js) are kept under the same kind of name. */
function forgetAllBut(person) {
  try {
    for (const name of Object.keys(sessionStorage)) {
      if (/^lms-(?:kept|unsent):/.test(name) && name.split(":")[1] !== person) forget(name);
    }
  } catch { /* nothing is kept there */ }
}

if (mine) forgetAllBut(mine);
document.addEventListener("submit", (event) => {
  if ("lmsSignOut" in event.target.dataset && !event.defaultPrevented) forgetAllBut("");
});

const sent = mine ? stored(SENT) : null;
if (mine) forget(SENT);
if (sent && document.querySelector(".lms-notices .lms-notice, [data-lms-stored]")) forget(sent);

/* Marks what is kept of a form as on its way; by whoever sends it. */
export function sending(place) {
  store(SENT, place);
}

export function placeOf(address) {
  return `lms-kept:${mine}:${new URL(address || "", location.href).pathname}`;
}

/* Keeps one form. read() gives its [name, value] pairs, putBack(pairs) brings them into the page again. With isDirty, what
 * the form holds is typed and not stored. Returns { touched, keep, isDirty }. */
export function keeping(form, read, putBack, isDirty) {
  const place = placeOf(form.getAttribute("action"));
  let dirty = isDirty;
  let waiting = 0;
  const keep = () => store(place, { fields: read() });
  const plain = (pairs) => JSON.stringify(pairs.map(([name, value]) => [name, String(value).replace(/\r\n/g, "\n").trim()]).filter(([name]) => name !== "expected"));

  function touched() {
    dirty = true;
    clearTimeout(waiting);
    waiting = setTimeout(keep, KEEP_AFTER_MS);
  }

  function button(text, css, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = css;
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
  }

  function offer(copy) {
    const box = document.createElement("div");
    box.className = "lms-notice lms-notice-warning";
    const text = document.createElement("p");
    text.textContent = form.dataset.lmsUnsaved;
    const actions = document.createElement("div");
    actions.className = "lms-actions mt-2";
    actions.append(
      button(form.dataset.lmsRestore, "btn btn-sm btn-outline-primary", () => { box.remove(); putBack(copy.fields); }),
      button(form.dataset.lmsForget, "btn btn-sm btn-link", () => { forget(place); box.remove(); }),
    );
    const inner = document.createElement("div");
    inner.append(text, actions);
    box.append(inner);
    document.querySelector(".lms-notices").append(box);
  }

  form.addEventListener("input", touched);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(waiting);
    keep();
    sending(place);
  });
  const copy = stored(place);
  if (copy && !dirty) {
    if (plain(copy.fields) !== plain(read())) offer(copy);
    else if (sent === place) dirty = true; // what was sent came back, and is saved no more than before
    else forget(place);
  }
  return { touched, keep, isDirty: () => dirty };
}
