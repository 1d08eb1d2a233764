"""Course files: a folder of Markdown and YAML ⇄ :mod:`lms.domain.authoring`.

The format is described in ``docs/course-files.md``.
"""

from lms.interop.course_files.dump import dump_course
from lms.interop.course_files.fields import part_key
from lms.interop.course_files.problems import Place, Places, Problem
from lms.interop.course_files.reading import Reading, read_course, read_folder
from lms.interop.course_files.sentences import sentence

__all__ = [
    "Place",
    "Places",
    "Problem",
    "Reading",
    "dump_course",
    "part_key",
    "read_course",
    "read_folder",
    "sentence",
]
