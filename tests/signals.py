"""Signals for programs under test."""

import signal


def usual_signals() -> None:
    """For `preexec_fn`: a program started in the background, or by nohup, hands on that it ignores some."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, signal.SIG_DFL)
