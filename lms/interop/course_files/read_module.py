"""module.yaml, lessons, tests and exercises of one module folder."""

from __future__ import annotations

from lms.domain.authoring import AuthoredExercise, AuthoredLesson, AuthoredQuiz, CriterionRule
from lms.domain.curriculum import Badge, CoursePlace, Outcome, Translations
from lms.domain.quizzes import DrawRule, QuizSettings
from lms.domain.rubrics import LEVELS, Rubric, RubricCriterion
from lms.interop.course_files.fields import MAX_TEXT, Collector, Record
from lms.interop.course_files.problems import Place
from lms.interop.course_files.strict_yaml import UnreadableError, parse

FENCE = "---"


def read_outcomes(record: Record, address: str) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    for part in record.records("outcomes", required=True):
        outcome = Outcome(part.key(), part.text("text"))
        part.mark(f"{address}/outcomes/{outcome.key}")
        if any(outcome.key == other.key for other in outcomes):
            part.report(part.line, "entry-twice", key="outcomes", value=outcome.key)
        part.close()
        outcomes.append(outcome)
    return tuple(outcomes)


def read_criteria(record: Record, address: str) -> tuple[CriterionRule, ...]:
    rules: list[CriterionRule] = []
    for place, part in enumerate(record.records("criteria", required=True)):
        part.mark(f"{address}/criteria/{place}")
        given = [kind for kind in ("read", "pass") if part.has(kind)]
        if len(given) != 1:
            part.report(part.line, "criterion-kind")
        for kind in ("read", "pass"):
            target = part.key(kind, required=False)
            if target and len(given) == 1:
                rules.append(CriterionRule(kind, target))
        part.close()
    return tuple(rules)


def read_badge(record: Record, address: str) -> Badge:
    record.mark(f"{address}/badge", "badge")
    part = record.record("badge")
    badge = Badge(part.text("title"), part.key("symbol"))
    part.close()
    return badge


def read_module_english(record: Record) -> Translations:
    """``module.en.yaml``: only what was translated."""
    texts: Translations = {
        name: text
        for name in ("title", "short", "summary", "badge")
        if (text := record.text(name, required=False))
    }
    for name in ("outcomes", "activities"):
        if mapping := {k: v for k, v in record.plain(name).items() if v}:
            texts[name] = mapping
    record.close()
    return texts


def read_quiz(record: Record) -> AuthoredQuiz | None:
    """A test of a module, drawn from its bank."""
    return _quiz(record, None)


def read_course_test(record: Record) -> AuthoredQuiz | None:
    """A test of the whole course: as a module's, and it says where it stands."""
    return _quiz(record, record.choice("place", tuple(CoursePlace)))


def _begin(record: Record) -> tuple[str, str]:
    """Key and address of an activity, both now known to the collector, with every part's place."""
    key = record.key()
    record.sink.claim(key, record.place)
    address = f"activity/{key}"
    record.mark(address)
    for name in record.values:
        record.mark(f"{address}/{name}", name)
    return key, address


def _quiz(record: Record, place: str | None) -> AuthoredQuiz | None:
    key, address = _begin(record)
    quiz = AuthoredQuiz(
        key=key,
        title=record.text("title"),
        minutes=record.whole("minutes", 1, 600),
        intro=record.text("intro", required=False),
        settings=QuizSettings(
            pass_percent=record.whole("pass", 1, 100, default=70),
            draw=_draw(record, address, of_course=place is not None),
            items=record.texts("items"),
            wait_minutes=record.whole("wait_minutes", 0, 10_080, default=10),
            attempts=record.whole("attempts", 1, 100, default=0) if record.has("attempts") else 0,
            time_limit_minutes=(
                record.whole("time_limit_minutes", 1, 600)
                if record.has("time_limit_minutes")
                else 0
            ),
        ),
        place=CoursePlace(place) if place else None,
    )
    if not (record.has("draw") or record.has("items")):
        record.report(record.line, "quiz-empty")
    record.asked += ["attempts", "time_limit_minutes"]
    record.close()
    return quiz if key else None


def _draw(record: Record, address: str, *, of_course: bool) -> tuple[DrawRule, ...]:
    rules = []
    for place, part in enumerate(record.records("draw")):
        part.mark(f"{address}/draw/{place}")
        rules.append(
            DrawRule(
                count=part.whole("count", 1, 100),
                outcome=part.key("outcome", required=False),
                difficulty=part.whole("difficulty", 1, 3) if part.has("difficulty") else 0,
                tag=part.text("tag", required=False),
                module=part.key("module", required=False) if of_course else "",
            )
        )
        part.asked.append("difficulty")
        part.close()
    return tuple(rules)


def read_lesson(sink: Collector, file: str, text: str) -> AuthoredLesson | None:
    """Front matter between two lines ``---``, then Markdown."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        sink.report(file, 1, "front-matter-missing")
        return None
    closing = next((n for n, line in enumerate(lines) if n and line.rstrip() == FENCE), 0)
    if not closing:
        sink.report(file, 1, "front-matter-open")
        return None
    try:
        record = Record(sink, file, parse("\n".join(lines[1:closing]) + "\n", file, skip=1))
    except UnreadableError as error:
        sink.problems.append(error.fault)
        return None
    key, address = _begin(record)
    body = "\n".join(lines[closing + 1 :])
    above = len(body) - len(body.lstrip("\n"))
    sink.places.add(f"{address}/body", Place(file, closing + 2 + above, len(lines)))
    if len(body.encode()) > MAX_TEXT:
        sink.report(file, closing + 2, "text-too-long", key="text", limit=MAX_TEXT // 1000)
        body = ""
    lesson = AuthoredLesson(
        key=key,
        title=record.text("title"),
        minutes=record.whole("minutes", 1, 600),
        as_of=record.day("as_of"),
        summary=record.text("summary"),
        body=body.strip("\n").rstrip(),
        outcomes=record.texts("outcomes"),
        facts=record.texts("facts"),
        figures=_figures(record, address),
    )
    record.close()
    return lesson if key else None


def read_exercise(record: Record) -> AuthoredExercise | None:
    key, address = _begin(record)
    exercise = AuthoredExercise(
        key=key,
        title=record.text("title"),
        minutes=record.whole("minutes", 1, 600),
        as_of=record.day("as_of"),
        summary=record.text("summary"),
        outcomes=record.texts("outcomes"),
        facts=record.texts("facts"),
        figures=_figures(record, address),
        task=record.text("task"),
        example=record.text("example"),
        rubric=_rubric(record, address),
    )
    record.close()
    return exercise if key else None


def _rubric(record: Record, address: str) -> Rubric:
    rubric: list[RubricCriterion] = []
    for part in record.records("rubric", required=True):
        criterion = RubricCriterion(part.key(), part.text("title"), _levels(part))
        part.mark(f"{address}/rubric/{criterion.key}")
        if any(criterion.key == other.key for other in rubric):
            part.report(part.line, "entry-twice", key="rubric", value=criterion.key)
        part.close()
        rubric.append(criterion)
    return tuple(rubric)


def _levels(part: Record) -> tuple[str, ...]:
    levels = part.texts("levels", required=True)
    if part.has("levels") and len(levels) != LEVELS:
        part.report(part.line, "levels-count", found=len(levels), wanted=LEVELS)
    return levels


def _figures(record: Record, address: str) -> tuple[tuple[str, str], ...]:
    figures = []
    for place, part in enumerate(record.records("figures")):
        part.mark(f"{address}/figures/{place}")
        figures.append((_calculation(part), part.number_text("equals")))
        part.close()
    return tuple(figures)


def _calculation(part: Record) -> str:
    """``27 / 60 * 100`` may stand without quotation marks: it is a text either way."""
    return part.text("calc")
