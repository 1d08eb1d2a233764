/* Pages with codes and links that are shown once: a button that prints, a button that copies.
 *
 * The buttons are hidden in the page and appear where they work: without a script the browser's own menu prints, and
 * without a secure address (plain http) a browser lets no script copy.
 */
for (const button of document.querySelectorAll("[data-lms-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const row of document.querySelectorAll("[data-lms-copy-row]")) {
  if (!navigator.clipboard) break;
  const button = row.querySelector("[data-lms-copy]");
  const said = row.querySelector("[data-lms-copied]");
  const field = document.getElementById(button.dataset.lmsCopy);
  row.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = said.dataset.lmsCopied;
    } catch {
      field.focus();
      field.select();
    }
  });
}
