"""The product served for a drill, as it is or deliberately broken.

``python -m drills.served <breakage> [<address> <port>]``; without the last two the settings are the
environment's, as for ``lms serve``. ``none`` is the product itself. The breakages live here and nowhere in the product: they show that the drill can fail.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from typing import Any

from lms.app import create_app
from lms.serving import server
from lms.settings import Settings, read_settings

SECRET = "a key for drills only, a key for drills only"


def settings_of(url: str, port: int) -> Settings:
    return Settings(
        database_url=url,
        secret_key=SECRET,
        port=port,
        workers=3,
        threads=4,
        secure_cookies=False,
        log_level="ERROR",
    )


def load_late(settings: Settings) -> Any:
    """Broken: an answer is acknowledged first and committed a moment later."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from lms.models import Response
    from lms.models.engine import begin_write
    from lms.services import quizzes

    whole = quizzes.answer

    def answer_later(session: Any, *arguments: Any, **named: Any) -> Any:
        receipt = whole(session, *arguments, **named)
        engine = session.get_bind().engine
        stored = select(Response).where(Response.idempotency_key == named["key"])
        columns = [c.key for c in Response.__table__.columns if c.key != "id"]
        rows = [{key: getattr(r, key) for key in columns} for r in session.scalars(stored)]
        session.rollback()

        def write() -> None:
            time.sleep(0.3)
            with Session(engine) as own:
                begin_write(own)
                own.add_all(Response(**row) for row in rows)
                own.commit()

        threading.Thread(target=write).start()
        return receipt

    quizzes.answer = answer_later
    return server.Entrance(create_app(settings))


def load_twice(settings: Settings) -> Any:
    """Broken: badges are issued without looking, and sending twice scores twice."""
    from lms.models import Credential, Person
    from lms.services import credentials, quizzes

    def issue_blindly(session: Any, enrolled: Any, module: Any, now: Any) -> None:
        achievement = f"module:{module.key}" if module else f"course:{enrolled.course_key}"
        session.add(
            Credential(
                enrolment_id=enrolled.enrolment_id,
                achievement=achievement,
                module_id=module.id if module else None,
                manifest_id=enrolled.manifest_id,
                recipient_name=session.get_one(Person, enrolled.person_id).name,
                issued_at=now,
            )
        )
        session.flush()

    whole = quizzes.submit

    def submit_blindly(session: Any, person: int, enrolled: Any, uuid: str, now: Any) -> Any:
        done = whole(session, person, enrolled, uuid, now)
        if done.is_repeat:
            module = next(
                m for m, a in enrolled.manifest.route() if a.id == done.attempt.activity_id
            )
            credentials.issue(session, enrolled, module, now)
        return done

    credentials.issue = issue_blindly
    quizzes.submit = submit_blindly

    return server.Entrance(create_app(settings))


BREAKAGES = {"none": None, "late": load_late, "twice": load_twice}


def main(breakage: str, url: str = "", port: str = "0") -> None:
    broken = BREAKAGES[breakage]
    if broken is not None:
        # Workers are started anew and import this function by its name.
        server._load = broken
    server.serve(settings_of(url, int(port)) if url else read_settings())


if __name__ == "__main__":
    # Under its own name, so that a worker can import what it is told to load.
    importlib.import_module("drills.served").main(*sys.argv[1:])
