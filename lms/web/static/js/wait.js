/* Says how long until the next attempt opens. The server decides; this only counts the seconds it named. */
for (const box of document.querySelectorAll("[data-lms-wait]")) {
  const text = box.querySelector("[data-lms-wait-text]");
  const total = Number(box.dataset.lmsWait);
  const began = performance.now();
  const tick = () => {
    const left = Math.ceil(total - (performance.now() - began) / 1000);
    text.textContent = left > 0 ? box.dataset.lmsWord.replace("%s", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`) : box.dataset.lmsOpen;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}
