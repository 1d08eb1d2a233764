"""``python -m lms.interop.course_check FOLDER [ro|en]``: the report, and exit status 1 on problems."""

from __future__ import annotations

import sys
from pathlib import Path

from lms.interop.course_check import check_folder
from lms.interop.course_check.printing import report_lines
from lms.interop.markdown_renderer import Renderer


def main(arguments: list[str]) -> int:
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    language = arguments[1] if len(arguments) > 1 else "ro"
    with Renderer() as renderer:
        report = check_folder(Path(arguments[0]), renderer.render)
    sys.stdout.write("\n".join(report_lines(report, language)) + "\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
