"""Texts, numbers, money, shares and spans of time as people read them, in the language of the reader."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY = timedelta(days=1)
# Of the office, which works eight hours a day.
WORKING_DAY = timedelta(hours=8)


# ---- text


def on_one_line(text: str) -> str:
    """Accents composed with their letters, and no control signs: spreadsheets refuse them, fonts have no glyph.

    Letters of no known script stay: a paper shows a gap for them, and nothing is left out unnoticed.
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if composed.isprintable():
        return composed
    return "".join(sign for sign in composed if unicodedata.category(sign) not in ("Cc", "Cf"))


# ---- numbers


def grouped(number: int) -> str:
    """12.345. Django's own Vietnamese number format groups no digits."""
    return f"{number:,}".replace(",", str(get_format("THOUSAND_SEPARATOR")))


def dong(amount: int) -> str:
    """1.500.000 đồng, with the points of Vietnamese money also in English."""
    return _("%(amount)s đồng") % {"amount": f"{amount:,}".replace(",", ".")}


def decimal(tenths: int) -> str:
    return f"{tenths // 10}{get_format('DECIMAL_SEPARATOR')}{tenths % 10}"


def percent(tenths: int) -> str:
    return f"{decimal(tenths)}%"


# ---- shares of a whole: one decimal, and together exactly 100


def shares(counts: Sequence[int]) -> list[float]:
    """Each count's percent, adding up to exactly 100: the largest remainders take what rounding left. Of 0, all 0."""
    total = sum(counts)
    if not total:
        return [0.0] * len(counts)
    tenths = [1000 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda index: -(1000 * counts[index] % total))
    for index in by_remainder[: 1000 - sum(tenths)]:
        tenths[index] += 1
    return [tenth / 10 for tenth in tenths]


def pair(part: int, whole: int) -> tuple[int, int]:
    """`part` of `whole`, half up, and the rest of it, in tenths of a percent: together 1000. Both 0 of nothing."""
    if not whole:
        return 0, 0
    tenths = (2000 * part + whole) // (2 * whole)
    return tenths, 1000 - tenths


# ---- time


def days_in_words(days: int) -> str:
    return ngettext("%(count)d ngày", "%(count)d ngày", days) % {"count": days}


def hours_in_words(hours: int) -> str:
    return ngettext("%(count)d giờ", "%(count)d giờ", hours) % {"count": hours}


def minutes_in_words(minutes: int) -> str:
    return ngettext("%(count)d phút", "%(count)d phút", minutes) % {"count": minutes}


def span_in_words(span: timedelta) -> str:
    """The greatest unit only: 2 ngày. Nobody who has two days left plans by the minute."""
    if span.days:
        return days_in_words(span.days)
    hours, seconds = divmod(span.seconds, 3600)
    return hours_in_words(hours) if hours else minutes_in_words(seconds // 60)


def span_in_full(span: timedelta, day: timedelta = DAY) -> str:
    """Days and hours, or hours and minutes: 2 ngày 5 giờ. `day`: how long one is, see WORKING_DAY."""
    days, rest = divmod(int(span.total_seconds()), int(day.total_seconds()))
    hours, minutes = divmod(rest // 60, 60)
    words = [days_in_words(days)] if days else []
    words += [hours_in_words(hours)] if hours else []
    if (minutes and not days) or not words:
        words.append(minutes_in_words(minutes))
    return " ".join(words)
