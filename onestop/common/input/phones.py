"""Phones: one stored form for each, however people type it, and the objections to a phone.

Stored is the national number without blanks (`0905123456`), for a phone abroad the international one (`+14155552671`),
for several phones a list (`0905123456; 0912345678`). Pages show the digits in groups (`0905 123 456`).

The numbers follow the national numbering plan (Thông tư 22/2014/TT-BTTTT with its changes). Mobile numbers of eleven
digits got ten digits in 2018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from onestop.common.errors import sentence

from .numbers import Objection, is_one_digit, is_scientific, plainly, spreadsheet
from .text import tidy_line

SEPARATOR: Final = "; "
MOST_PHONES: Final = 3

_LABEL: Final = re.compile(
    r"(?:số\s+)?(?:đtdđ|đtcđ|sđt|đt|dtdd|sdt|dt|điện thoại(?: di động)?|dien thoai|di động|tel|phone|mobile|zalo)"
    r"(?:\s+số)?\s*[.:]*\s*(?=[+(0-9])",
    re.IGNORECASE,
)
_GROUP: Final = re.compile(r"\+?[0-9]+")
# The characters that may stand between the digits of one number, and between two numbers.
_WITHIN: Final = re.compile(r"[\s.\-()_]*")
_BETWEEN: Final = re.compile(r"(?:[\s.\-()_;,/|&+]|\bvà\b|\bhoặc\b|\bor\b|\band\b)*", re.IGNORECASE)
# Whole numbers, as they are dialled within the country or written internationally.
_COMPLETE: Final = re.compile(
    r"0[35789][0-9]{8}"  # mobile
    r"|02[0-9]{9}"  # at home: area and subscriber
    r"|1[89]00[0-9]{4,6}"  # services
    r"|\+(?!84)[1-9][0-9]{6,14}"  # abroad
)
# The beginnings of mobile numbers of eleven digits, and their new beginnings since 2018.
_OLD_MOBILE: Final = {
    **{f"016{digit}": f"03{digit}" for digit in "23456789"},
    **{"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078"},
    **{"0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082"},
    **{"0186": "056", "0188": "058", "0199": "059"},
}


def canonical(text: str) -> str:
    """`text` in its stored form. Text that cannot be read as phones is only tidied. A second call changes nothing."""
    plain = _LABEL.sub("", plainly(text))
    if is_scientific(plain):
        return plain.upper().replace(" ", "")
    groups = list(_GROUP.finditer(plain))
    ends = [0, *(group.end() for group in groups)]
    gaps = [plain[end : group.start()] for end, group in zip(ends, groups, strict=False)] + [plain[ends[-1] :]]
    if not groups or not all(_BETWEEN.fullmatch(gap) for gap in gaps):
        return tidy_line(text)
    written = [group[0] for group in groups]
    if phones := next(_partitions(written, MOST_PHONES), None):
        return SEPARATOR.join(dict.fromkeys(phones))
    if all(_WITHIN.fullmatch(gap) for gap in gaps):
        return _national("".join(written))
    return tidy_line(plain)


def phones_in(kept: str) -> list[str]:
    """Each phone of a stored value."""
    return kept.split(SEPARATOR) if kept else []


def shown(kept: str) -> str:
    """The phones with their digits in groups, as people read them aloud."""
    return SEPARATOR.join(_grouped(phone) for phone in phones_in(kept))


def ends_with(kept: str, digits: str) -> bool:
    """Whether one of the stored phones ends with `digits`. Finds phones in text that was stored as typed, too."""
    written = [*phones_in(kept), *re.findall(r"[0-9][0-9 .-]{5,}[0-9]", kept)]
    return bool(digits) and any(re.sub(r"[^0-9]", "", phone).endswith(digits) for phone in written)


def objection(kept: str) -> Objection | None:
    """The objection to stored phones; None where each is complete, or where there is none."""
    if not kept:
        return None
    if is_scientific(kept):
        return spreadsheet()
    if not re.fullmatch(r"\+?[0-9]+(?:[\s.\-()_;,/|&]+\+?[0-9]+)*", kept):
        message = _("Số điện thoại chỉ gồm chữ số. Tên người nghe máy, số máy lẻ ghi vào “ghi chú về người nộp”.")
        return Objection("not_a_phone", message, is_final=True)
    return next((objection for phone in phones_in(kept) if (objection := _objection(phone))), None)


def _objection(phone: str) -> Objection | None:
    digits = re.sub(r"[^0-9]", "", phone)
    if is_one_digit(phone):
        return Objection("one_digit", _("Số điện thoại chỉ có một chữ số lặp lại."), is_final=True)
    if len(digits) <= 3:
        return Objection("too_short", _("Số điện thoại quá ngắn."), is_final=True)
    if _COMPLETE.fullmatch(phone):
        return None
    if len(digits) > 15 and digits == phone.lstrip("+"):
        return Objection("too_long", _("Số điện thoại quá dài: không số nào có hơn 15 chữ số."), is_final=True)
    if len(phone) == 11 and (new := _OLD_MOBILE.get(phone[:4])):
        message = _("Đây là số di động 11 chữ số cũ; từ 2018 số này là %(number)s.")
        return Objection("old_number", sentence(message, number=_grouped(new + phone[4:])))
    message = _("Số điện thoại này có %(count)d chữ số; di động có 10 (0905 123 456), cố định có 11 (0219 3866 123).")
    return Objection("unusual", sentence(message, count=len(digits)))


def _partitions(groups: list[str], most: int) -> Iterator[list[str]]:
    """The ways to read groups of digits as at most `most` complete phones; the way with the fewest comes first."""
    if (whole := _national("".join(groups))) and _COMPLETE.fullmatch(whole):
        yield [whole]
    if most > 1:
        for cut in range(1, len(groups)):
            first = _national("".join(groups[:cut]))
            if _COMPLETE.fullmatch(first):
                for rest in _partitions(groups[cut:], most - 1):
                    yield [first, *rest]


def _national(digits: str) -> str:
    """The number as it is dialled within the country; a phone abroad with `+`. Anything else stays as it is."""
    if "+" in digits[1:]:
        return digits
    if re.match(r"00[1-9]", digits):
        digits = f"+{digits[2:]}"
    bare = digits.removeprefix("+84") if digits.startswith("+84") else digits.removeprefix("84")
    if bare != digits:
        # Some write the zero that is left out abroad: +84 (0)905 …
        bare = bare.removeprefix("0")
        if _COMPLETE.fullmatch(f"0{bare}"):
            return f"0{bare}"
    # A spreadsheet removes the zero at the beginning. No other number has this form.
    if re.fullmatch(r"[35789][0-9]{8}|2[0-9]{9}", digits):
        return f"0{digits}"
    return digits


def _grouped(phone: str) -> str:
    if re.fullmatch(r"02[48][0-9]{8}", phone):
        return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
    if re.fullmatch(r"02[0-9]{9}", phone):
        return f"{phone[:4]} {phone[4:8]} {phone[8:]}"
    if re.fullmatch(r"0[35789][0-9]{8}", phone):
        return f"{phone[:4]} {phone[4:7]} {phone[7:]}"
    if re.fullmatch(r"1[89]00[0-9]{4,6}", phone):
        return f"{phone[:4]} {phone[4:]}"
    return phone
