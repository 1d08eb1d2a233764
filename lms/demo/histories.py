"""What the fictional colleagues have done since their workshop, through the learners' services.

Everything happens on working days within office hours, between the workshop and now. Who came
early and who late, and which question somebody gets wrong, is drawn from a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from lms.demo.answers import fields_for
from lms.demo.people import History
from lms.domain.curriculum import Activity, Module
from lms.services import exercises, quizzes, reading, versions
from lms.services.learning import Enrolled, get_enrolled

OFFICE = ZoneInfo("Europe/Bucharest")
OPENS, CLOSES = 8 * 60, 16 * 60
"""Office hours, in minutes of the day."""
DAYS_UNTIL_STARTED = (1, 1, 2, 3, 4, 6, 8, 11)
DAYS_BETWEEN_MODULES = (2, 3, 4, 6, 8, 10)
LAST_MINUTES = timedelta(minutes=20)
"""Nothing happens later than so long ago: an open page is not changed under the visitor's eyes."""


NOTE = "Căutăm sursa fiecărei cifre și trecem pe fișă cine răspunde."
TEAM = "Colegi de la proiecte și de la asistență socială"
"""What the fictional teams write about their sheets."""


class Calendar:
    """Somebody's working days: each thing they do comes after the one before."""

    def __init__(self, start: datetime, now: datetime, rng: random.Random) -> None:
        self._at = start
        self._latest = now - LAST_MINUTES
        self._rng = rng

    def pause(self, days: float) -> None:
        """So many days until they come back to the course."""
        self._at = _in_office(self._at + timedelta(days=days * self._rng.uniform(0.6, 1.4)))

    def after(self, minutes: float) -> datetime:
        """The moment so many minutes of work later."""
        spent = timedelta(minutes=minutes * self._rng.uniform(0.7, 1.5))
        latest = self._latest - timedelta(seconds=self._rng.randrange(600))
        # Squeezed against the present rather than past it, when the demonstration is young.
        self._at = min(_in_office(self._at + spent), max(latest, self._at + timedelta(seconds=5)))
        return self._at.astimezone(UTC)

    def before_closing(self, minutes: int) -> None:
        """Come back tomorrow rather than begin what cannot be finished today."""
        local = self._at.astimezone(OFFICE)
        if local.hour * 60 + local.minute + minutes > CLOSES:
            self._at = _in_office(local.replace(hour=CLOSES // 60, minute=0))


def _in_office(moment: datetime) -> datetime:
    local = moment.astimezone(OFFICE)
    minute = local.hour * 60 + local.minute
    if minute >= CLOSES:
        local = (local + timedelta(days=1)).replace(hour=8, minute=minute % 50)
    elif minute < OPENS:
        local = local.replace(hour=8, minute=minute % 50)
    while local.weekday() >= 5:
        local += timedelta(days=1)
    return local


class Learner:
    """One colleague at work in the course."""

    def __init__(
        self, session: Session, person_id: int, course: str, calendar: Calendar, rng: random.Random
    ) -> None:
        self.session = session
        self.person_id = person_id
        self.enrolled: Enrolled = get_enrolled(session, person_id, course)
        self.calendar = calendar
        self.rng = rng

    @property
    def modules(self) -> tuple[Module, ...]:
        return self.enrolled.manifest.modules

    def live(self, history: History) -> None:
        """Do what the history says."""
        first, second = self.modules[0], self.modules[min(1, len(self.modules) - 1)]
        self.calendar.pause(self.rng.choice(DAYS_UNTIL_STARTED))
        match history:
            case History.OPENED:
                self.open_lesson(first.lessons[0], 45)
            case History.FIRST_LESSONS:
                self.read(first, self.rng.randint(2, len(first.lessons) - 1))
            case History.TEST_OPEN:
                self.read(first)
                self.take_test(first, wrong=0, stop_after=5)
            case History.FAILED:
                self.read(first)
                self.take_test(first, wrong=6)
            case History.ONE:
                self.finish(first)
            case History.ONE_AND_LESSONS:
                self.look_around()
                self.finish(first)
                self.calendar.pause(self.rng.choice(DAYS_BETWEEN_MODULES))
                self.read(second, min(2, len(second.lessons) - 1))
                self.open_lesson(second.lessons[min(2, len(second.lessons) - 1)], 40)
            case History.FAILED_THEN_TWO:
                self.read(first)
                self.take_test(first, wrong=5)
                self.calendar.pause(1)
                self.take_test(first, wrong=1)
                self.calendar.pause(self.rng.choice(DAYS_BETWEEN_MODULES))
                self.finish(second)
            case History.TWO:
                self.finish(first)
                self.calendar.pause(self.rng.choice(DAYS_BETWEEN_MODULES))
                self.finish(second)

    def finish(self, module: Module) -> None:
        """Read it all, judge one's own sheet and pass the tests."""
        self.read(module)
        self.judge_sheets(module)
        self.take_test(module, wrong=self.rng.choice((0, 1, 1, 2)))

    def read(self, module: Module, how_many: int | None = None) -> None:
        for lesson in module.lessons[:how_many]:
            self.open_lesson(lesson, 60)
            reading.mark_read(self.session, self.enrolled, lesson.key, self.calendar.after(4))
            self.calendar.after(self.rng.choice((1, 2, 90)))

    def open_lesson(self, lesson: Activity, percent: int) -> None:
        rendered = versions.activity_content(self.session, lesson.version_id)["rendered"]
        anchors = [heading[2] for heading in rendered["headings"]]
        anchor = anchors[len(anchors) * percent // 101] if anchors else ""
        at = self.calendar.after(lesson.minutes)
        reading.note_place(self.session, self.enrolled, lesson.key, anchor, percent, at)

    def look_around(self) -> None:
        """The test before the course: every second question right."""
        for test in self.enrolled.manifest.before:
            self.calendar.before_closing(60)
            self._sit(test, lambda asked: range(0, asked, 2))

    def judge_sheets(self, module: Module) -> None:
        """What a team says of its workbook sheet after a first round: much is nearly there."""
        for exercise in module.exercises:
            rubric = exercises.sheet(self.session, exercise)["rubric"]
            levels = {c["key"]: str((2, 3, 1, 2, 3)[n % 5]) for n, c in enumerate(rubric)}
            exercises.assess(
                self.session, self.enrolled, exercise.key, levels, NOTE, TEAM,
                idempotency_key=f"demo-{exercise.key}", now=self.calendar.after(exercise.minutes),
            )  # fmt: skip

    def take_test(self, module: Module, *, wrong: int, stop_after: int | None = None) -> None:
        """Sit the module's tests with so many wrong answers; ``stop_after`` leaves one open."""
        for quiz in module.quizzes:
            self.calendar.before_closing(60)
            self._sit(quiz, lambda asked: self.rng.sample(range(asked), wrong), stop_after)

    def _sit(
        self,
        test: Activity,
        mistakes: Callable[[int], Collection[int]],
        stop_after: int | None = None,
    ) -> None:
        """``mistakes`` picks the wrong ones among so many questions, counted from 0."""
        started = self.calendar.after(3)
        attempt = quizzes.start(self.session, self.enrolled, test.key, "ro", started)
        sitting = quizzes.sitting(self.session, self.person_id, attempt.uuid)
        mistaken = set(mistakes(len(sitting.slots)))
        for place, slot in enumerate(sitting.slots[:stop_after]):
            self._answer(attempt.uuid, slot, right=place not in mistaken)
        if stop_after is None:
            quizzes.submit(
                self.session, self.person_id, self.enrolled, attempt.uuid, self.calendar.after(1)
            )

    def _answer(self, uuid: str, slot: quizzes.Slot, *, right: bool) -> None:
        quizzes.answer(
            self.session,
            self.person_id,
            uuid,
            slot.row.position,
            fields_for(slot.body, slot.row.layout, right=right),
            sequence=0,
            key=f"demo-{slot.row.position}",
            now=self.calendar.after(0.8),
        )
