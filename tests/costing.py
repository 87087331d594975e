"""Runs a command and tells the processor time of all the processes that it started."""

import contextlib
import ctypes
import os
import resource
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def reap() -> None:
    """Waits for the processes that have ended: only then does the system count what they used."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    # Chromium leaves processes behind. On Linux they become children of this one; elsewhere they are not counted.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    code = subprocess.call(sys.argv[1:])  # noqa: S603 what the Makefile and .ci/run ask for
    reap()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"Processor time: {(used.ru_utime + used.ru_stime) / 60:.1f} minutes", flush=True)
    sys.exit(code)
