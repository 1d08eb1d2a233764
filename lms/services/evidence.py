"""Why a tick is there: each criterion with the reading or attempt that met it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.curriculum import Activity, Criterion, Manifest, Module, Term
from lms.domain.text import fold
from lms.models import ActivityVersion, Attempt, CriterionMet, Reading


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One criterion of the published module, and what met it (or nothing yet)."""

    criterion: Criterion
    activity: Activity | None
    """None when the activity has left the course since."""
    met_at: datetime | None = None
    version: int = 0
    """Number of the version that was read or passed."""
    opened_at: datetime | None = None
    attempt_uuid: str = ""
    attempt_number: int = 0
    percent: int | None = None


def of_module(session: Session, enrolment_id: int, module: Module) -> list[EvidenceLine]:
    """The module's criteria in order, each with its evidence; one query.

    Found by criterion, not by module: a lesson read before it moved to this module counts here.
    """
    rows = session.execute(
        select(CriterionMet, ActivityVersion.number, Attempt, Reading)
        .join(ActivityVersion, ActivityVersion.id == CriterionMet.version_id)
        .outerjoin(Attempt, Attempt.id == CriterionMet.attempt_id)
        .outerjoin(Reading, Reading.id == CriterionMet.reading_id)
        .where(
            CriterionMet.enrolment_id == enrolment_id,
            CriterionMet.criterion.in_([c.key for c in module.criteria]),
        )
    )
    met: dict[str, tuple[CriterionMet, int, Attempt | None, Reading | None]] = {
        row.criterion: (row, number, made, read) for row, number, made, read in rows
    }
    activities = {a.key: a for a in module.activities}
    lines = []
    for criterion in module.criteria:
        activity = activities.get(criterion.activity)
        if criterion.key not in met:
            lines.append(EvidenceLine(criterion, activity))
            continue
        row, number, made, read = met[criterion.key]
        lines.append(
            EvidenceLine(
                criterion,
                activity,
                met_at=row.met_at,
                version=number,
                opened_at=read.opened_at if read else None,
                attempt_uuid=made.uuid if made else "",
                attempt_number=made.number if made else 0,
                percent=made.percent if made else None,
            )
        )
    return lines


def sorted_terms(manifest: Manifest) -> list[Term]:
    """The glossary in alphabetical order, diacritics aside."""
    return sorted(manifest.glossary, key=lambda term: fold(term.term))
