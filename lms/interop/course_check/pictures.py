"""Pictures and downloads: of a known kind, and drawings that cannot act."""

from __future__ import annotations

import re

from lms.domain.authoring import AuthoredCourse
from lms.interop.course_check.report import Findings

PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".webp")
DOWNLOADS = (".xlsx", ".ods", ".csv", ".docx", ".odt", ".pdf")

_ACTS = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<script|<foreignObject|<iframe|<\?xml-stylesheet|\son[a-z]+\s*="
    rb"|javascript:|(?:href|src)\s*=\s*[\"'](?!#)|@import|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)


def check_pictures(course: AuthoredCourse, findings: Findings) -> None:
    for path, content in course.assets.items():
        kinds = DOWNLOADS if path.startswith("files/") else PICTURES
        if not path.endswith(kinds):
            findings.problem(path, "asset-kind", allowed=", ".join(kinds))
        elif path.endswith(".svg") and (found := _ACTS.search(content)):
            findings.problem(path, "svg-acts", value=found[0].decode("ascii", "replace").strip())
