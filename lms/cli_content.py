"""``lms content``: course files checked, loaded, written back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from lms.interop.course_check.printing import report_lines
from lms.interop.course_files import Problem, sentence
from lms.paths import COURSES
from lms.settings import read_settings
from lms.upgrade import ready_engine

FOLDERS = click.argument(
    "folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
LANGUAGE = click.option(
    "--language",
    type=click.Choice(["ro", "en"]),
    default="ro",
    show_default=True,
    help="Language of what is said about the files.",
)


@click.group()
def content() -> None:
    """Course files: check, load, write back.

    FOLDERS are course folders or folders of courses; without any, the courses that come with
    Parcurs.
    """


@content.command()
@FOLDERS
@LANGUAGE
@click.option("--quiet", is_flag=True, help="Only problems, no statistics and no warnings.")
def check(folders: tuple[Path, ...], language: str, quiet: bool) -> None:
    """Say what is wrong, with file and line. Exit code 1 when something is."""
    from lms.content import course_folders
    from lms.interop.course_check import check_folder

    broken = False
    for folder in course_folders(folders or (COURSES,)):
        report = check_folder(folder)
        broken = broken or bool(report.problems)
        click.echo(f"{folder}:")
        if quiet:
            _tell(report.problems, language)
        else:
            click.echo("\n".join(report_lines(report, language)))
    if broken:
        raise SystemExit(1)


@content.command()
@FOLDERS
@LANGUAGE
@click.option("--publish", is_flag=True, help="Show it to everyone at once.")
def load(folders: tuple[Path, ...], language: str, publish: bool) -> None:
    """Store what changed since the last load as drafts; --publish shows it to everyone.

    Nothing of a course with a problem is loaded. What was changed in the browser and not in the
    files stays as it is.
    """
    from lms import content as contents
    from lms.interop.markdown import Renderer

    found = contents.course_folders(folders or (COURSES,))
    with ready_engine(read_settings()) as engine, Renderer() as renderer:
        for folder in found:
            try:
                course = contents.read(folder)
            except contents.ContentFault as fault:
                _refuse(folder, fault.problems, language)
            report = contents.check(course)
            if report.problems:
                # Again with the files, so that every problem has its line.
                from lms.interop.course_check import check_folder

                _refuse(folder, check_folder(folder).problems, language)
            loaded = contents.load(engine, course, renderer, publish=publish, now=datetime.now(UTC))
            done = loaded.report
            click.echo(
                f"{loaded.course}: {done.new} new, {done.changed} changed, "
                f"{done.unchanged} unchanged, {done.archived} taken out"
                + (f"; published as number {loaded.published}" if loaded.published else "")
            )
            for part in done.kept:
                click.echo(f"  left as it was edited in the browser: {part}")


@content.command()
@click.argument("course")
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The course's folder; only what differs is written.",
)
def dump(course: str, to: Path) -> None:
    """Write a course, with what trainers edited in the browser, to its files."""
    from lms import content as contents

    with ready_engine(read_settings()) as engine:
        changed = contents.dump(engine, course, to)
    for path in changed:
        click.echo(path)
    click.echo(f"{len(changed)} files written or removed.")


def _tell(problems: tuple[Problem, ...], language: str) -> None:
    for found in problems:
        click.echo(f"  {sentence(found, language)}")


def _refuse(folder: Path, problems: tuple[Problem, ...], language: str) -> None:
    click.echo(f"{folder}:")
    _tell(problems, language)
    raise SystemExit(1)
