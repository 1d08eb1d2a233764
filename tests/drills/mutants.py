"""Show that the drills can fail: both deliberate breakages must turn each of them red.

``python -m drills.mutants [seconds]``; exits with 0 when each of them was caught.
"""

from __future__ import annotations

import sys

from drills import kill, storm, town

BREAKAGES = ("late", "twice")


def caught(breakage: str, seconds: float) -> bool:
    figures = kill.run(breakage, seconds)
    print(
        f"{breakage}: acknowledged {figures.acknowledged}, lost {figures.lost}, "
        f"doubled {figures.doubled}, kills {figures.kills}"
    )
    return figures.lost > 0 if breakage == "late" else figures.doubled > 0


def caught_in_the_storm(breakage: str, url: str) -> bool:
    figures = storm.run(url, 20, 5, breakage)
    print(f"storm, {breakage}: lost {figures.lost}, doubled {figures.doubled}")
    return figures.lost > 0 if breakage == "late" else figures.doubled > 0


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 12
    missed = [breakage for breakage in BREAKAGES if not caught(breakage, length)]
    for kind in ("sqlite", "postgresql"):
        for name in BREAKAGES:
            with town.database(kind) as address:
                if not caught_in_the_storm(name, address):
                    missed.append(f"{name} in the storm on {kind}")
    for breakage in missed:
        print(f"NOT CAUGHT: {breakage}")
    sys.exit(1 if missed else 0)
