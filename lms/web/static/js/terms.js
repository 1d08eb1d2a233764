/* Shows the meaning of a glossary term where it is read: on hover, on keyboard focus and on touch.
 *
 * A term is <a class="lms-term" href="#some-dt">; its meaning is the <dd> that follows that <dt> on the same page, so
 * without this script the link simply leads there. Escape closes; the pointer may move onto the tip (WCAG 1.4.13).
 * With a mouse or the keyboard the link still leads to the glossary; the first touch opens the tip instead.
 */
const SHOW_MS = 150;
const HIDE_MS = 300;
const GAP_PX = 8;
const EDGE_PX = 12;

let tip = null;
let owner = null;
let timer = 0;
let lastPointer = "mouse";

function meaning(term) {
  const id = decodeURIComponent(term.hash.slice(1));
  const target = id && document.getElementById(id);
  if (!target) return null;
  const dd = target.matches("dd") ? target : target.matches("dt") ? target.nextElementSibling : target.querySelector("dd");
  if (!dd) return null;
  const dt = target.matches("dt") ? target : target.querySelector("dt");
  return { title: dt ? dt.textContent.trim() : "", text: dd.textContent.trim() };
}

function hide() {
  clearTimeout(timer);
  if (!tip) return;
  owner.removeAttribute("aria-describedby");
  tip.remove();
  tip = null;
  owner = null;
}

function place() {
  const line = owner.getClientRects()[0];
  const box = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = Math.max(EDGE_PX, Math.min(line.left, room - box.width - EDGE_PX));
  const above = line.top - box.height - GAP_PX;
  const top = above > EDGE_PX ? above : line.bottom + GAP_PX;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${top + window.scrollY}px`;
}

function show(term) {
  clearTimeout(timer);
  if (owner === term) return;
  hide();
  const found = meaning(term);
  if (!found) return;
  tip = document.createElement("div");
  tip.className = "lms-tip";
  tip.id = "lms-tip";
  tip.setAttribute("role", "tooltip");
  if (found.title) {
    const title = document.createElement("strong");
    title.textContent = found.title;
    tip.append(title);
  }
  const text = document.createElement("p");
  text.textContent = found.text;
  tip.append(text);
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", later);
  document.body.append(tip);
  owner = term;
  term.setAttribute("aria-describedby", tip.id);
  place();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(hide, HIDE_MS);
}

for (const term of document.querySelectorAll("a.lms-term[href^='#']")) {
  term.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "touch") return;
    clearTimeout(timer);
    timer = setTimeout(() => show(term), SHOW_MS);
  });
  term.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") later();
  });
  term.addEventListener("focus", () => show(term));
  term.addEventListener("blur", later);
  term.addEventListener("click", (event) => {
    if (lastPointer === "touch" && event.detail > 0) {
      event.preventDefault();
      show(term);
    } else hide();
  });
}

document.addEventListener("pointerdown", (event) => {
  lastPointer = event.pointerType;
  if (tip && !tip.contains(event.target) && !(event.target instanceof Element && event.target.closest(".lms-term"))) hide();
}, true);
document.addEventListener("keydown", (event) => {
  lastPointer = "keyboard";
  if (event.key === "Escape" && tip) {
    event.stopPropagation();
    hide();
  }
});
window.addEventListener("resize", hide);
