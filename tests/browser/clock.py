"""The day on which the offices of these tests are open."""

from datetime import datetime

from onestop.common.time import VIETNAM

TODAY = datetime(2026, 11, 24, 10, 0, tzinfo=VIETNAM)  # a Tuesday
