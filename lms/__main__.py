"""``python -m lms`` is the ``lms`` command."""

from lms.cli import run

if __name__ == "__main__":
    run()
