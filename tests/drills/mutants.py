"""Show that the kill drill can fail: both deliberate breakages must turn it red.

``python -m drills.mutants [seconds]``; exits with 0 when each of them was caught.
"""

from __future__ import annotations

import sys

from drills import kill

BREAKAGES = ("late", "twice")


def caught(breakage: str, seconds: float) -> bool:
    figures = kill.run(breakage, seconds)
    print(
        f"{breakage}: acknowledged {figures.acknowledged}, lost {figures.lost}, "
        f"doubled {figures.doubled}, kills {figures.kills}"
    )
    return figures.lost > 0 if breakage == "late" else figures.doubled > 0


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 12
    missed = [breakage for breakage in BREAKAGES if not caught(breakage, length)]
    for breakage in missed:
        print(f"NOT CAUGHT: {breakage}")
    sys.exit(1 if missed else 0)
