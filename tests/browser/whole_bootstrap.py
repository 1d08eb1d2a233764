"""The page as it would be with the whole of Bootstrap: what was left out of it changes nothing.

Compared is one element of each kind, told by tag, class and state of itself, its parent and its
parent's parent, as it stands on the screen: not hovered, not pressed, not printed.
"""

from __future__ import annotations

from typing import Final

from house.bootstrap_parts import WHOLE
from playwright.sync_api import Page

_SWAP_AND_COMPARE: Final = """
whole => {
  if (!document.querySelector("link[href$='/css/base.css']")) return [];  // a host's own page
  const link = document.querySelector("link[href$='/css/bootstrap.css']");
  if (!link) return ["no sheet of Bootstrap"];
  const named = element => !element ? "" : [element.tagName, element.className.baseVal
    ?? element.className, element.type, element.disabled, element.readOnly].join();
  const kinds = new Map();
  for (const element of document.querySelectorAll("html, body, body *")) {
    const parent = element.parentElement;
    const kind = [element, parent, parent && parent.parentElement].map(named).join(" < ");
    if (!kinds.has(kind)) kinds.set(kind, element);
  }
  const faces = [...kinds.values()].flatMap(element =>
    [null, "::before", "::after", "::marker", "::placeholder", "::file-selector-button"]
      .filter(pseudo => !pseudo || pseudo.length < 9 || element.matches("input, textarea, select"))
      .map(pseudo => [element, pseudo]));
  const read = () => faces.map(([element, pseudo]) => {
    const style = getComputedStyle(element, pseudo);
    if ((pseudo === "::before" || pseudo === "::after") && style.content === "none") return {};
    return Object.fromEntries([...style].filter(name => !name.startsWith("--"))
      .map(name => [name, style.getPropertyValue(name)]));
  });
  const put = rules => {
    const sheet = link.sheet;
    while (sheet.cssRules.length) sheet.deleteRule(0);
    for (const rule of rules) sheet.insertRule(rule, sheet.cssRules.length);
  };
  const rules = sheet => [...sheet.cssRules].map(rule => rule.cssText);
  const parts = rules(link.sheet);
  const other = new CSSStyleSheet();
  other.replaceSync(whole);
  // A change that is on its way would be read as its beginning.
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after, *::placeholder, *::file-selector-button"
    + " { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets.push(still);
  const before = read();
  put(rules(other));
  const after = read();
  put(parts);
  document.adoptedStyleSheets.pop();
  return faces.flatMap(([element, pseudo], at) =>
    Object.keys({...before[at], ...after[at]})
      .filter(name => before[at][name] !== after[at][name])
      .map(name => `${element.outerHTML.slice(0, 80)} ${pseudo || ""} ${name}: `
        + `${before[at][name]}, with all of Bootstrap ${after[at][name]}`));
}
"""


def unlike_the_whole(page: Page) -> list[str]:
    """What would look otherwise, a line for every property of an element, at most five."""
    found: list[str] = page.evaluate(_SWAP_AND_COMPARE, WHOLE.read_text(encoding="utf-8"))
    return found[:5]
