"""The intranet with Parcurs under /formare, served: ``python -m host.townhall.serving PORT FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import lms
from host.townhall import db, describe, fill, make_app


def main(port: int, folder: Path) -> None:
    own = f"sqlite:///{folder / 'formare.db'}"
    app = make_app(
        f"sqlite:///{folder / 'intranet.db'}",
        SQLALCHEMY_BINDS={"formare": own},
        SHOW_COURSES=True,
    )
    lms.LMS(
        app,
        db=db,
        bind_key="formare",
        url_prefix="/formare",
        identify=describe,
        home=("Intranet", "/"),
    )
    fill(app)
    for words in (["lms", "upgrade"], ["lms", "content", "load", "--publish"]):
        done = app.test_cli_runner().invoke(args=words)
        if done.exit_code:
            sys.exit(done.output)
    print(f"Parcurs from {Path(lms.__file__).parent}", flush=True)
    app.run(port=port, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
