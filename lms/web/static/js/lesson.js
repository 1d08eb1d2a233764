/* Keeps the place reached in a lesson, and answers self-checks where they stand.
 *
 * The place goes to the server when the reader comes to another heading and when the page is left, never more often than
 * every few seconds and only when it changed. Nothing scrolls by itself: "Continue" leads to the kept heading by its
 * address. Without this script a self-check is a plain form and the place is not kept.
 */
const article = document.querySelector("[data-lms-lesson]");
const bar = document.querySelector(".lms-reading-progress");
const QUIET_MS = 2500;
const FIRST_MS = 8000;
const headings = [...article.querySelectorAll(".lms-prose :is(h2, h3, h4, h5, h6)[id^='lms-']")];
const token = () => document.querySelector("input[name=csrf_token]").value;

function read() {
  const prose = article.querySelectorAll(".lms-prose, .lms-check-panel");
  const top = article.getBoundingClientRect().top + window.scrollY;
  const last = prose.length ? prose[prose.length - 1].getBoundingClientRect().bottom + window.scrollY : top + 1;
  const seen = window.scrollY + window.innerHeight - top;
  const percent = window.scrollY <= 0 && last - top > window.innerHeight ? 0 : (seen / Math.max(1, last - top)) * 100;
  return Math.max(0, Math.min(100, Math.round(percent)));
}

function anchor() {
  let found = "";
  for (const heading of headings) {
    if (heading.getBoundingClientRect().top > window.innerHeight * 0.4) break;
    found = heading.id.slice(4);
  }
  return found;
}

let sent = "";
let sentAnchor = null;
let timer = 0;

function tell(leaving) {
  clearTimeout(timer);
  timer = 0;
  const place = { anchor: anchor(), percent: String(read()) };
  const now = `${place.anchor} ${place.percent}`;
  if (now === sent) return;
  sent = now;
  sentAnchor = place.anchor;
  fetch(article.dataset.lmsLesson, { method: "POST", body: new URLSearchParams(place), credentials: "same-origin", keepalive: leaving, redirect: "error",
    headers: { Accept: "application/json", "X-CSRF-Token": token() } }).catch(() => { sent = ""; });
}

let drawn = false;
function onScroll() {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => {
    drawn = false;
    if (bar) bar.value = read();
    if (sentAnchor !== null && anchor() !== sentAnchor && !timer) timer = setTimeout(() => tell(false), QUIET_MS);
  });
}

window.addEventListener("scroll", onScroll, { passive: true });
window.addEventListener("resize", onScroll);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && sentAnchor !== null) tell(true); });
window.addEventListener("pagehide", () => { if (sentAnchor !== null) tell(true); });
setTimeout(() => tell(false), FIRST_MS);
onScroll();

/* ---- self-checks --------------------------------------------------------------------------------------------- */
async function check(form) {
  const problem = form.querySelector("[data-lms-problem]");
  const button = form.querySelector("button[type=submit]");
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  let response = null;
  let answer = {};
  try {
    response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", redirect: "error", headers: { Accept: "application/json" } });
    answer = await response.json();
  } catch { /* said below */ }
  button.removeAttribute("aria-busy");
  if (response && response.status === 401) {
    // Signed out meanwhile: the plain form leads through the sign-in.
    form.submit();
    return;
  }
  if (!response || !response.ok || !answer.html) {
    problem.textContent = answer.message || form.dataset.lmsFailed;
    problem.hidden = false;
    return;
  }
  const panel = form.closest(".lms-check-panel");
  const fresh = new DOMParser().parseFromString(answer.html, "text/html").querySelector(".lms-check-panel");
  panel.replaceWith(fresh);
  const feedback = fresh.querySelector("[data-lms-feedback]");
  if (feedback) feedback.focus({ preventScroll: true });
  feedback?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-lms-check]")) return;
  event.preventDefault();
  check(event.target);
}, true);
