"""The fictional town hall: believable, alive today, made by the real services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import Databases
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lms.demo.answers import fields_for
from lms.demo.histories import OFFICE
from lms.demo.people import ACCOUNTS, COLLEAGUES, DEPARTMENTS, INSTITUTION, Colleague, History
from lms.demo.preparing import COURSE, Show, prepare
from lms.domain.access import Action, may
from lms.domain.completion import ModuleState
from lms.domain.text import fold
from lms.models import (
    Attempt,
    Cohort,
    Credential,
    CriterionMet,
    HelpRequest,
    Person,
    Reading,
    Response,
)
from lms.services import departments, learning, passwords, people, sign_in
from lms.services.learning import Overview
from lms.upgrade import open_engine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Show:
    folder = tmp_path_factory.mktemp("demo")
    url = databases.new()
    return prepare(folder, password="o parolă de probă", port=None, database_url=url)


@pytest.fixture(scope="module")
def town(show: Show) -> Iterator[Engine]:
    engine = open_engine(show.settings)
    yield engine
    engine.dispose()


@pytest.fixture
def session(town: Engine) -> Iterator[Session]:
    with Session(town) as session:
        yield session


def find(session: Session, colleague: Colleague) -> Person:
    found = sign_in.find_person(session, colleague.email or colleague.staff_number or "")
    assert found is not None, colleague
    return found


def overview(session: Session, person: Person) -> Overview | None:
    enrolled = learning.find_enrolled(session, person.id, COURSE)
    if enrolled is None:
        return None
    today = datetime.now(OFFICE).date()
    return learning.overview(enrolled, learning.read_ledger(session, enrolled), today)


def account(session: Session, name: str) -> Person:
    return find(session, next(c for c in ACCOUNTS if c.account == name))


def test_some_forty_colleagues_in_eight_departments(session: Session) -> None:
    assert len(COLLEAGUES) == 40
    assert len(DEPARTMENTS) == 8
    tree = departments.list_tree(session)
    assert tree[0].department.name == INSTITUTION
    assert len(tree) == 9
    assert max(node.depth for node in tree) == 2
    assert all(node.people for node in tree), "an empty department shows nothing"
    assert all(node.heads for node in tree)
    listed = people.list_all(session, status=people.Status.ALL)
    assert len(listed) == 46
    assert any("ș" in p.name.lower() or "ț" in p.name.lower() for p in listed)
    assert any(p.email is None for p in listed), "somebody shares a mailbox"


def test_no_name_is_a_common_romanian_one() -> None:
    real = "popescu ionescu popa pop radu dumitru stan stoica gheorghe matei ciobanu rusu marin"
    surnames = {part for c in (*ACCOUNTS, *COLLEAGUES) for part in fold(c.name).split()[1:]}
    assert not surnames & set(real.split())


def test_the_six_come_in_with_the_one_password(session: Session, show: Show) -> None:
    for colleague in ACCOUNTS:
        assert passwords.verify(find(session, colleague).password_hash, show.password)
        assert f"{colleague.email}" in show.as_text()
    assert show.password in show.as_text()
    assert not show.settings.secure_cookies
    assert show.settings.host == "127.0.0.1"
    assert show.settings.trusted_hosts == ("127.0.0.1", "localhost")


def test_each_of_the_six_has_the_rights_of_their_role(session: Session) -> None:
    now = datetime.now(UTC)
    can: dict[str, set[Action]] = {}
    for colleague in ACCOUNTS:
        token = sign_in.open(session, find(session, colleague), False, now)
        found = sign_in.find_session(session, token, now)
        assert found is not None
        can[colleague.account] = {a for a in Action if may(found.viewer, a)}
    session.rollback()
    assert can == {
        "angajat": {Action.LEARN},
        "angajat2": {Action.LEARN},
        "formator": {Action.LEARN, Action.TEACH},
        "manager": {Action.LEARN, Action.SEE_TEAM},
        "hr": {Action.LEARN, Action.SEE_TEAM, Action.MANAGE_PEOPLE},
        "admin": {Action.LEARN, Action.MANAGE_PEOPLE, Action.ADMINISTER},
    }


def test_the_employee_is_in_the_middle_of_module_two(session: Session) -> None:
    seen = overview(session, account(session, "angajat"))
    assert seen is not None
    first, second = seen.modules[:2]
    assert first.state is ModuleState.DONE
    assert second.state is ModuleState.IN_PROGRESS
    assert seen.ledger.badges.keys() == {first.module.id}
    assert seen.next_step is not None
    assert seen.next_step.module.id == second.module.id
    place = seen.ledger.places[second.module.lessons[2].id]
    assert place[0], "stopped at a heading"
    assert 0 < place[1] < 100


def test_the_second_employee_has_just_been_enrolled(session: Session) -> None:
    seen = overview(session, account(session, "angajat2"))
    assert seen is not None
    assert {p.state for p in seen.modules} == {ModuleState.NOT_STARTED}
    assert not seen.ledger.attempts
    assert datetime.now(UTC) - seen.enrolled.enrolled_at < timedelta(days=2)


def test_the_table_shows_every_kind_of_progress(session: Session) -> None:
    found: Counter[str] = Counter()
    for colleague in COLLEAGUES:
        seen = overview(session, find(session, colleague))
        if seen is not None:
            for progress in seen.modules[:2]:
                late = " overdue" if progress.overdue else ""
                found[f"{progress.module.number} {progress.state}{late}"] += 1
    for kind in (
        "1 done", "1 in-progress overdue", "1 not-started overdue",
        "2 done", "2 in-progress", "2 not-started",
    ):  # fmt: skip
        assert found[kind] >= 3, found
    assert not found["2 in-progress overdue"], "module 2 is due in the coming days"


def test_histories_are_what_they_say(session: Session) -> None:
    for colleague in COLLEAGUES:
        seen = overview(session, find(session, colleague))
        if colleague.history is History.NOT_IN_COURSE:
            assert seen is None
            continue
        assert seen is not None
        attempts = seen.ledger.attempts
        match colleague.history:
            case History.TWO:
                assert seen.done == 2, colleague.name
            case History.FAILED_THEN_TWO:
                assert seen.done == 2, colleague.name
                assert len(attempts) == 3
            case History.FAILED:
                assert seen.done == 0, colleague.name
                assert [a.is_open for a in attempts] == [False]
            case History.TEST_OPEN:
                assert [a.is_open for a in attempts] == [True]
            case History.ONE | History.ONE_AND_LESSONS:
                assert seen.done == 1, colleague.name
            case _:
                assert seen.done == 0
                assert not attempts


def test_everything_happened_on_working_days_and_in_the_past(session: Session) -> None:
    now = datetime.now(UTC)
    moments = [
        *session.scalars(select(Reading.opened_at)),
        *session.scalars(select(Reading.read_at).where(Reading.read_at.is_not(None))),
        *session.scalars(select(Attempt.started_at)),
        *session.scalars(select(Attempt.submitted_at).where(Attempt.submitted_at.is_not(None))),
        *session.scalars(select(Response.received_at)),
        *session.scalars(select(CriterionMet.met_at)),
        *session.scalars(select(Credential.issued_at)),
    ]
    assert len(moments) > 500
    local = [moment.astimezone(OFFICE) for moment in moments if moment is not None]
    assert max(local) < now
    assert all(moment.weekday() < 5 for moment in local)
    assert all(7 <= moment.hour <= 16 for moment in local)
    for attempt in session.scalars(select(Attempt).where(Attempt.submitted_at.is_not(None))):
        assert attempt.submitted_at is not None
        took = attempt.submitted_at - attempt.started_at
        assert timedelta(minutes=3) < took < timedelta(hours=1)


def test_deadlines_lie_around_today(session: Session) -> None:
    today = datetime.now(OFFICE).date()
    cohorts = session.scalars(select(Cohort).order_by(Cohort.ends_on)).all()
    assert len(cohorts) == 2
    assert all(cohort.ends_on.weekday() == 4 for cohort in cohorts)
    assert timedelta(days=28) <= today - cohorts[0].ends_on <= timedelta(days=34)
    assert cohorts[1].ends_on < today


def test_somebody_waits_for_hr_and_somebody_has_left(session: Session) -> None:
    assert len(session.scalars(select(HelpRequest)).all()) == 1
    gone = session.scalars(select(Person).where(Person.suspended_at.is_not(None))).all()
    assert [p.name for p in gone] == ["Cornel Plecatu"]


def test_twice_changes_nothing(show: Show, session: Session, tmp_path: Path) -> None:
    before = len(session.scalars(select(Response.id)).all())
    session.rollback()
    again = prepare(
        tmp_path, password=show.password, port=None, database_url=show.settings.database_url
    )
    assert again.made_at == show.made_at
    assert len(session.scalars(select(Response.id)).all()) == before
    assert not (tmp_path / "demo-password").exists(), "a password was given"


def test_answers_are_right_and_wrong_when_they_should_be(session: Session) -> None:
    """For every question of the course, since the histories depend on it."""
    import random

    from lms.services import curriculum, versions

    manifest = curriculum.published(session, COURSE).manifest
    contents = versions.item_contents(session, [item.version_id for item in manifest.pool])
    rng = random.Random(1)
    checked = 0
    for item in contents.values():
        for question in item.questions:
            body = question.body
            layout = body.layout(rng)
            for right in (True, False):
                response = body.read(fields_for(body, layout, right=right), layout, "ro")
                score = body.score(response)
                assert (score == 1) is right, (question.key, right, score)
                checked += 1
    assert checked > 80
