"""Lets a page of ours show a file within itself; every other answer forbids frames."""

from __future__ import annotations

from django.http import HttpResponseBase


def shown_within_our_pages(answer: HttpResponseBase) -> None:
    """The policy lets the file load and run nothing."""
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    answer["X-Content-Type-Options"] = "nosniff"
