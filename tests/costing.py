"""Runs a command and tells the processor time of all the processes that it started and waited for."""

import resource
import subprocess
import sys

if __name__ == "__main__":
    code = subprocess.call(sys.argv[1:])  # noqa: S603 what the Makefile asks for
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"Processor time: {(used.ru_utime + used.ru_stime) / 60:.1f} minutes", flush=True)
    sys.exit(code)
