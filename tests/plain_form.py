"""Forms as a browser without JavaScript fills and sends them: everything in them, and one button."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


@dataclass
class PlainForm:
    """One form of a page; ``fields`` are what pressing a button would send."""

    action: str = ""
    id: str = ""
    fields: MultiDict[str, Any] = field(default_factory=MultiDict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """(name, value) of those that can be pressed."""

    def fill(self, **values: Any) -> PlainForm:
        """Type into fields (``_`` stands for ``-``); a list sets several values."""
        for name, value in values.items():
            known = name if name in self.fields else name.replace("_", "-")
            self.fields.setlist(known, value if isinstance(value, list) else [value])
        return self

    def press(self, value: str, name: str = "do") -> MultiDict[str, Any]:
        """What is sent with this button; it must be there and not disabled."""
        assert (name, value) in self.buttons, f"no button {name}={value}: {self.buttons}"
        sent = MultiDict(self.fields)
        sent.add(name, value)
        return sent


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PlainForm] = []
        self.form: PlainForm | None = None
        self.text: str | None = None
        self.select = ""
        self.chosen: str | None = None
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = PlainForm(at.get("action", ""), at.get("id", ""))
            self.forms.append(self.form)
        elif self.form is None or "disabled" in at:
            return
        elif tag == "input":
            self._input(at)
        elif tag == "textarea":
            self.text, self.select = "", at.get("name", "")
        elif tag == "select":
            self.select, self.chosen, self.first = at["name"], None, None
        elif tag == "option" and self.select:
            value = at.get("value", "")
            self.first = value if self.first is None else self.first
            self.chosen = value if "selected" in at else self.chosen
        elif tag == "button" and at.get("type", "submit") == "submit":
            self.form.buttons.append((at.get("name", ""), at.get("value", "")))

    def _input(self, at: dict[str, str]) -> None:
        assert self.form is not None
        kind = at.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in at:
            return
        if kind not in ("file", "submit") and at.get("name"):
            self.form.fields.add(at["name"], at.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif self.form is None:
            return
        elif tag == "textarea" and self.text is not None:
            # The line end right after the opening tag is not part of the text.
            text = self.text.replace("\r\n", "\n").removeprefix("\n")
            self.form.fields.add(self.select, text)
            self.text, self.select = None, ""
        elif tag == "select":
            value = self.chosen if self.chosen is not None else self.first
            self.form.fields.add(self.select, value or "")
            self.select = ""


def forms_of(answer: Any) -> list[PlainForm]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(answer.get_data(as_text=True))
    return reader.forms


def form_of(answer: Any, *, id: str = "", action: str = "") -> PlainForm:  # noqa: A002 - HTML's word
    """The one form with this id, or whose address ends like this."""
    found = [
        form
        for form in forms_of(answer)
        if (id and form.id == id) or (action and form.action.endswith(action))
    ]
    assert len(found) == 1, f"{len(found)} forms with {id or action} in {answer.request.path}"
    return found[0]
