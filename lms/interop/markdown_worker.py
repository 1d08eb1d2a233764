"""The child process of `markdown_renderer.Renderer`: one JSON line in, one JSON line out.

It is the only place where untrusted Markdown is worked on, so that whatever a text does to the
parser, the parent can end it. It knows no secrets: the parent starts it with a bare environment.
"""

import faulthandler
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from lms.domain.errors import Refusal
from lms.interop.markdown import render

READY = b'{"ready": true}\n'


def serve(requests: BinaryIO, replies: BinaryIO, abandoned_after: float) -> None:
    """Answer requests until the parent closes the pipe.

    The parent ends a text that takes too long. Should the parent itself be gone by then, the
    watchdog ends this process after `abandoned_after` seconds on one text.
    """
    replies.write(READY)
    replies.flush()
    with Path(os.devnull).open("w") as nowhere:
        for line in requests:
            faulthandler.dump_traceback_later(abandoned_after, exit=True, file=nowhere)
            reply = json.dumps(_answer(json.loads(line))).encode("ascii")
            faulthandler.cancel_dump_traceback_later()
            replies.write(reply + b"\n")
            replies.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": request["id"]}
    try:
        answer["rendered"] = render(request["text"], inline=request["inline"]).to_json()
    except Refusal as refusal:
        answer["refused"] = [type(refusal).__name__, refusal.code, refusal.params]
    except Exception as error:  # noqa: BLE001  # whatever a library does on a strange text
        # The text is refused, with the fault named; the process goes on.
        answer["refused"] = ["TooComplex", "text-not-rendered", {"fault": type(error).__name__}]
    return answer


def main() -> None:
    """Serve on the standard pipes; nothing else may write to the reply pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal is the parent's business
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr
    serve(sys.stdin.buffer, replies, abandoned_after=float(sys.argv[1]))


if __name__ == "__main__":
    main()
