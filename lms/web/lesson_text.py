"""Stored HTML on a page: addresses of this mount and words of this reader put in.

Learners read what is published, trainers what is still a draft: the texts are shown by the same
code, only the addresses of lessons and files differ.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from lms.interop.markdown_links import Address, resolve
from lms.interop.picture_size import Size
from lms.web.i18n import N_
from lms.web.i18n import gettext as _

CALLOUT_TITLES = {
    "example": N_("Worked example"),
    "mistake": N_("Frequent mistake"),
    "law": N_("Legal reference"),
    "attention": N_("Attention"),
    "then": N_("Then (2014–2020)"),
    "now": N_("Now (2021–2027)"),
    "table": N_("Table"),
}


class Texts:
    """Stored HTML of one module with this mount's addresses and this reader's words put in."""

    def __init__(
        self,
        *,
        lesson: Address,
        file: Address,
        image: Address,
        size: Callable[[str], Size | None],
        glossary: str,
    ) -> None:
        """``lesson`` gets a lesson's key, ``file`` a name in ``files/``, ``image`` and ``size`` a
        path within the module's ``img/``; ``glossary`` is the address of the page with all terms."""
        self._lesson, self._file, self._image, self._size = lesson, file, image, size
        self._glossary = glossary
        self._titles = {kind: _(text) for kind, text in CALLOUT_TITLES.items()}

    def lesson(self, stored: str) -> str:
        """A part of a lesson; its terms and sources stand at the end of the same page."""
        return resolve(
            stored,
            lesson=self._lesson,
            file=self._file,
            image=self._image,
            size=self._size,
            titles=self._titles,
        )

    def item(self, stored: str) -> Markup:
        """A text of a question; its terms and sources stand on the glossary's page."""
        html = self.lesson(stored)
        if 'href="#lms-' in html:
            html = html.replace('href="#lms-', f'href="{self._glossary}#lms-')
        return Markup(html)  # noqa: S704 - sanitised when it was saved, addresses escaped above


def plain(text: str) -> str:
    """Words without their markup, for attributes and options of a list."""
    return text.striptags() if isinstance(text, Markup) else text
