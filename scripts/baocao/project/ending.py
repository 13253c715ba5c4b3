"""What a request to end does to a running command."""

from __future__ import annotations

import signal
import sys


def end_cleanly() -> None:
    """Let a request to end do what Ctrl-C does: end what was started, remove what was written."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: object) -> None:
    sys.exit(128 + number)
