"""Removes requests for ballots from the log, which would show when a dossier was rated."""

from __future__ import annotations

import logging
import re

# The addresses of ballots: the office's own pages, and the partner API.
BALLOTS = re.compile(r"/danh-gia/|/api/v1/dossiers/[^/]+/vote\Z")


class WithoutBallots(logging.Filter):
    """Django logs every refused request with time and address, and the address of a ballot contains its dossier."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return record.levelno >= logging.ERROR or not BALLOTS.match(path)
