"""The office's web application on a working day of its own, so that pages and pictures are alike on every day."""

import time_machine

from .clock import TODAY

time_machine.travel(TODAY).start()

from onestop.wsgi import application  # noqa: E402 what it reads of the time while it starts is today's already

__all__ = ["application"]
