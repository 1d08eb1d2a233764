"""``lms person``: the first administrator, rights, and ways in without the web pages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lms.domain.text import fold
from lms.models import Course, CourseTrainer, Department, DepartmentHead, Person
from lms.models.engine import begin_write
from lms.models.lending import lender
from lms.services import (
    access_codes,
    departments,
    enrolments,
    host_people,
    passwords,
    people,
    sign_in,
    trainers,
)
from lms.settings import read_settings
from lms.upgrade import ready_engine

WHO = click.argument("who", metavar="WHO")
"""An e-mail address, a staff number, or ``host:7``: the host application's person 7."""


JOINED = (
    "People come in by this application's own sign-in, which this account is joined to by its "
    "e-mail address only where link_by_email is on; else join it: lms person join WHO host:7."
)


def _check_opens() -> None:
    """Raises ClickException in a host, where nothing of ours lets anybody in."""
    if lender() is not None:
        raise click.ClickException(
            "Here people come in by the application's own sign-in: a code, a link or a password "
            "of ours would open nothing, so none was made."
        )


@click.group()
def person() -> None:
    """People and their rights.

    WHO is an e-mail address, a staff number or, in a host application, host:7 for its person 7.
    """


@person.command()
@click.argument("name")
@click.option("--email", help="E-mail address: the name of the account.")
@click.option("--staff-number", help="Staff number: the name of the account of who has no mailbox.")
@click.option("--subject", help="Who it is in the host application, such as host:7.")
@click.option("--department", help='Department, "Above / Below" when its name is not unique.')
@click.option("--language", type=click.Choice(["ro", "en"]), default="ro", show_default=True)
@click.option("--admin", is_flag=True, help="Make them administrator.")
@click.option("--trainer", multiple=True, metavar="COURSE", help="Make them trainer of a course.")
def add(
    name: str,
    email: str | None,
    staff_number: str | None,
    subject: str | None,
    department: str | None,
    language: str,
    admin: bool,
    trainer: tuple[str, ...],
) -> None:
    """Add a person and print the one-time code they come in with; in a host they need none."""
    now = datetime.now(UTC)
    with _writing() as session:
        place = _department(session, department) if department else None
        made = people.add(
            session,
            people.Details(name, email, staff_number, place),
            language=language,
            is_admin=admin,
            subject=subject,
            actor=None,
            now=now,
        )
        for key in trainer:
            trainers.appoint(session, _course(session, key), made, actor=None, now=now)
        needs_code = not subject and lender() is None
        code = access_codes.issue_codes(session, [made], None, now)[0][1] if needs_code else ""
    if code:
        click.echo(f"Added {name}. One-time code, good for {access_codes.CODE_LIFETIME.days} days:")
        click.echo(f"  {code}")
        return
    click.echo(f"Added {name}." if subject else f"Added {name}. {JOINED}")


@person.command()
@WHO
@click.option("--admin/--no-admin", default=None, help="Administrator, or no longer.")
@click.option("--trainer", multiple=True, metavar="COURSE", help="Trainer of a course.")
@click.option("--no-trainer", multiple=True, metavar="COURSE", help="No longer its trainer.")
@click.option("--head", multiple=True, metavar="DEPARTMENT", help="Head of a department.")
@click.option("--deputy", multiple=True, metavar="DEPARTMENT", help="Deputy head of one.")
@click.option("--no-head", multiple=True, metavar="DEPARTMENT", help="Neither head nor deputy.")
def grant(  # one parameter for each option
    who: str,
    admin: bool | None,
    trainer: tuple[str, ...],
    no_trainer: tuple[str, ...],
    head: tuple[str, ...],
    deputy: tuple[str, ...],
    no_head: tuple[str, ...],
) -> None:
    """Give or take rights: administrator, trainer of a course, head of a department."""
    now = datetime.now(UTC)
    with _writing() as session:
        departments.hold(session)  # before anybody's row, as everybody does who needs both
        found = _person(session, who)
        if admin is not None:
            people.set_admin(session, found, admin, actor=None, now=now)
        for key in trainer:
            trainers.appoint(session, _course(session, key), found, actor=None, now=now)
        for key in no_trainer:
            trainers.dismiss(session, _course(session, key), found, actor=None, now=now)
        for role, named in ((departments.HEAD, head), (departments.DEPUTY, deputy)):
            for name in named:
                place = _department(session, name)
                departments.appoint(session, place, found, role, actor=None, now=now)
        for name in no_head:
            departments.dismiss(session, _department(session, name), found, actor=None, now=now)
        rights = _rights(session, found)
        shown = found.name
    click.echo(f"{shown}: {rights}")


@person.command()
@WHO
@click.argument("course")
def enrol(who: str, course: str) -> None:
    """Enrol somebody into a published course, without a cohort."""
    with _writing() as session:
        found, chosen = _person(session, who), _course(session, course)
        enrolments.get_offer(session, chosen.key)
        enrolments.enrol(session, chosen, found, actor=None, now=datetime.now(UTC))
        name = found.name
    click.echo(f"{name} is enrolled into {course}.")


@person.command(name="list")
@click.argument("query", default="")
@click.option("--rights", is_flag=True, help="Only people with more rights than a learner.")
def list_people(query: str, rights: bool) -> None:
    """People by name: account, department, rights. QUERY are words of what is looked for."""
    with ready_engine(read_settings()) as engine, Session(engine) as session:
        statement = people.matching(query, None, people.Status.ALL)
        statement = statement.options(joinedload(Person.department))
        for found in session.scalars(statement.order_by(Person.name_key, Person.id)):
            has = _rights(session, found)
            if rights and has == LEARNER:
                continue
            place = found.department.name if found.department else "-"
            ended = ", suspended" if found.suspended_at else ""
            account = found.email or found.staff_number or found.subject or "-"
            click.echo(f"{found.name}\t{account}\t{place}\t{has}{ended}")


@person.command()
@click.argument("who", nargs=-1, required=True, metavar="WHO...")
def code(who: tuple[str, ...]) -> None:
    """Print a fresh one-time code for each; earlier ones no longer open anything."""
    _check_opens()
    with _writing() as session:
        wanted = [_person(session, one) for one in who]
        issued = access_codes.issue_codes(session, wanted, None, datetime.now(UTC))
        lines = [f"{found.name}\t{secret}" for found, secret in issued]
    click.echo("\n".join(lines))


@person.command()
@WHO
@click.argument("subject")
def join(who: str, subject: str) -> None:
    """Give an account to the host's person SUBJECT (host:7).

    For somebody who waits on HR's list under an address that the host has not verified, or who has
    another id in the host than before.
    """
    with _writing() as session:
        found = _person(session, who)
        host_people.join(session, found, subject, datetime.now(UTC))
        name = found.name
    click.echo(f"{name} is {subject} now.")


@person.command()
@WHO
def link(who: str) -> None:
    """Print a fresh one-time link, good for a few days; opening it consumes nothing."""
    _check_opens()
    settings = read_settings()
    with _writing() as session:
        token = access_codes.issue_link(session, _person(session, who), None, datetime.now(UTC))
    from lms.app import create_app
    from lms.web.rendering import url

    app = create_app(settings)
    host = settings.trusted_hosts[0] if settings.trusted_hosts else f"localhost:{settings.port}"
    scheme = "https" if settings.secure_cookies else "http"
    with app.test_request_context(base_url=f"{scheme}://{host}/"):
        path = url("account.link", token=token)
    click.echo(f"{scheme}://{host}{path}")


@person.command()
@WHO
def password(who: str) -> None:
    """Set somebody's password, asked for here or read from a pipe. Their sign-ins end."""
    _check_opens()
    if sys.stdin.isatty():
        chosen = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    with ready_engine(read_settings()) as engine, Session(engine) as session:
        people.check_password(_person(session, who), chosen)
    hashed = passwords.make_hash(chosen)
    with _writing() as session:
        found = _person(session, who)
        now = datetime.now(UTC)
        people.set_password(session, found, hashed, keep_sign_in_id=None, now=now, is_own=False)
        name = found.name
    click.echo(f"{name} has a new password.")


LEARNER = "learner"


def _rights(session: Session, found: Person) -> str:
    has = ["administrator"] if found.is_admin else []
    taught = (
        select(Course.key)
        .join(CourseTrainer, CourseTrainer.course_id == Course.id)
        .where(CourseTrainer.person_id == found.id)
        .order_by(Course.key)
    )
    has += [f"trainer of {key}" for key in session.scalars(taught)]
    headed = (
        select(DepartmentHead.role, Department.name)
        .join(Department, Department.id == DepartmentHead.department_id)
        .where(DepartmentHead.person_id == found.id)
        .order_by(Department.path)
    )
    has += [f"{role} of {name}" for role, name in session.execute(headed)]
    return ", ".join(has) or LEARNER


def _person(session: Session, account: str) -> Person:
    found = sign_in.find_person(session, account) or session.scalar(
        select(Person).where(Person.subject == account)
    )
    if found is None:
        raise click.ClickException(f"Nobody has the e-mail address or staff number {account!r}.")
    return found


def _course(session: Session, key: str) -> Course:
    found = session.scalar(select(Course).where(Course.key == key))
    if found is None:
        known = ", ".join(session.scalars(select(Course.key).order_by(Course.key))) or "none yet"
        raise click.ClickException(f"There is no course {key!r} (there are: {known}).")
    return found


def _department(session: Session, named: str) -> Department:
    """A department by its name, or by the end of its way down the tree."""
    found = departments.find_by_way(session, [fold(part) for part in named.split("/")])
    if not found:
        raise click.ClickException(f"There is no department {named!r}.")
    if len(found) > 1:
        raise click.ClickException(
            f'Several departments are called {named!r}: name the one above too, "Above / Below".'
        )
    return found[0]


@contextmanager
def _writing() -> Iterator[Session]:
    """One writing transaction; commits at the end, unless something was refused."""
    with (
        ready_engine(read_settings()) as engine,
        Session(engine, expire_on_commit=False) as session,
    ):
        begin_write(session)
        yield session
        session.commit()
