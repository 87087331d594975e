"""The office's web application on a working day of its own, so that pages and pictures are alike on every day."""

from datetime import timedelta

import time_machine

from .clock import TODAY

# What filled the office had a clock of its own, which began at the same time: here it is later than all that it did.
FILLED_WITHIN = timedelta(minutes=2)
time_machine.travel(TODAY + FILLED_WITHIN).start()

from onestop.wsgi import application  # noqa: E402 what it reads of the time while it starts is today's already

__all__ = ["application"]
