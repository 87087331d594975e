"""Writes text, numbers, money, shares and spans of time for people, in the language in force."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY = timedelta(days=1)
# The office works eight hours a day.
WORKING_DAY = timedelta(hours=8)


# ---- text


def on_one_line(text: str) -> str:
    """`text` with composed accents and without control characters: spreadsheets refuse them, fonts have no glyph.

    Letters of unknown scripts stay: a printed paper shows a gap for them, so a reader notices that one is missing.
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    if composed.isprintable():
        return composed
    return "".join(sign for sign in composed if unicodedata.category(sign) not in ("Cc", "Cf"))


def initials(name: str) -> str:
    """“HCM” for “Hồ Chí Minh”."""
    return "".join(word[0] for word in name.replace("-", " ").split()).upper()


# ---- numbers


def grouped(number: int) -> str:
    """12.345. Django's own Vietnamese number format does not group digits."""
    return f"{number:,}".replace(",", str(get_format("THOUSAND_SEPARATOR")))


def with_points(amount: int) -> str:
    """1.500.000, with the points of Vietnamese money in English, too."""
    return f"{amount:,}".replace(",", ".")


def dong(amount: int) -> str:
    """1.500.000 đồng."""
    return _("%(amount)s đồng") % {"amount": with_points(amount)}


def decimal(tenths: int) -> str:
    return f"{tenths // 10}{get_format('DECIMAL_SEPARATOR')}{tenths % 10}"


def percent(tenths: int) -> str:
    return f"{decimal(tenths)}%"


# ---- shares of a whole: one decimal, and together exactly 100


def shares(counts: Sequence[int]) -> list[float]:
    """Each count's percent, with a sum of exactly 100: the largest remainders are rounded up. All 0 of nothing."""
    total = sum(counts)
    if not total:
        return [0.0] * len(counts)
    tenths = [1000 * count // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda index: -(1000 * counts[index] % total))
    for index in by_remainder[: 1000 - sum(tenths)]:
        tenths[index] += 1
    return [tenth / 10 for tenth in tenths]


def pair(part: int, whole: int) -> tuple[int, int]:
    """`part` of `whole`, rounded half up, and the rest, in tenths of a percent: together 1000. Both 0 of nothing."""
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
    """The greatest unit only: 2 ngày. With two days left, minutes do not matter."""
    if span.days:
        return days_in_words(span.days)
    hours, seconds = divmod(span.seconds, 3600)
    return hours_in_words(hours) if hours else minutes_in_words(seconds // 60)


def span_in_full(span: timedelta, day: timedelta = DAY) -> str:
    """Days and hours, or hours and minutes: 2 ngày 5 giờ. `day` is the length of one day, see WORKING_DAY."""
    days, rest = divmod(int(span.total_seconds()), int(day.total_seconds()))
    hours, minutes = divmod(rest // 60, 60)
    words = [days_in_words(days)] if days else []
    words += [hours_in_words(hours)] if hours else []
    if (minutes and not days) or not words:
        words.append(minutes_in_words(minutes))
    return " ".join(words)
