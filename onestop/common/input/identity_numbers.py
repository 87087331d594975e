"""Identity numbers, tax codes and passports: one stored form for each, and the objections to a number.

A number is stored without blanks and dots (`052085570548`), the tax code of a branch with its dash (`0101234567-001`),
a passport in capitals (`C1234567`). A citizen's number has twelve digits (Luật Căn cước 2023 điều 12), an older one
nine; a tax code has ten or thirteen (Thông tư 86/2024/TT-BTC điều 5).
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from onestop.common.errors import sentence

from .identity_scans import scanned
from .numbers import Objection, is_one_digit, is_scientific, plainly, spreadsheet
from .text import tidy_line

_LABEL: Final = re.compile(
    r"(?:số\s+)?(?:thẻ\s+)?(?:căn cước(?: công dân)?|cccd|cmnd|cmtnd|cmt|cc|mã số thuế|mst|số định danh(?: cá nhân)?"
    r"|định danh|đdcn|hộ chiếu|passport|hc|số|id)(?:\s+số)?\s*[.:]*\s+(?=\S*[0-9])"
    r"|(?:cccd|cmnd|cmtnd|mst)[.:]?(?=[0-9])",
    re.IGNORECASE,
)
_WRITTEN: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9 .\-]*[A-Z0-9])?")
_NAMED: Final = re.compile(r"[0-9]{9}|[0-9]{12}|[A-Z]{1,2}[0-9]{6,8}")
_TAX_CODE: Final = re.compile(r"[0-9]{10}(?:-[0-9]{3})?|[0-9]{12}")


def canonical(text: str) -> str:
    """`text` in its stored form; of a card's scan line, the number. Text that is no number is only tidied."""
    if card := scanned(text):
        return card.number
    plain = _LABEL.sub("", plainly(text)).strip().upper()
    if is_scientific(plain):
        return plain.replace(" ", "")
    if not _WRITTEN.fullmatch(plain) or not re.search(r"[0-9]", plain):
        return tidy_line(text)
    bare = re.sub(r"[ .\-]", "", plain)
    return f"{bare[:10]}-{bare[10:]}" if re.fullmatch(r"[0-9]{13}", bare) else bare


def shown(kept: str) -> str:
    """The number in groups of three digits, where it has nine or twelve."""
    if re.fullmatch(r"[0-9]{9}|[0-9]{12}", kept):
        return " ".join(kept[start : start + 3] for start in range(0, len(kept), 3))
    return kept


def objection(kept: str, kind: str) -> Objection | None:
    """The objection to a stored number of an applicant of the `ApplicantKind` `kind`, or None."""
    if not kept:
        return None
    if is_scientific(kept):
        return spreadsheet()
    if not re.search(r"[0-9]", kept):
        message = _("Số giấy tờ phải có chữ số; nếu không có số nào thì để trống.")
        return Objection("no_digit", message, is_final=True)
    if is_one_digit(kept) and re.fullmatch(r"[0-9-]+", kept):
        return Objection("one_digit", _("Số giấy tờ chỉ có một chữ số lặp lại."), is_final=True)
    if len(kept) < 5:
        return Objection("too_short", _("Số giấy tờ quá ngắn."), is_final=True)
    if kind == "citizen":
        return _of_citizen(kept)
    if kind in ("business", "organisation"):
        return _of_business(kept)
    return None


def _of_citizen(kept: str) -> Objection | None:
    if _NAMED.fullmatch(kept):
        return None
    if re.fullmatch(r"[0-9]{11}", kept):
        message = _(
            "Số này có 11 chữ số, căn cước có 12: có lẽ bảng tính đã bỏ số 0 ở đầu, số đúng là %(number)s. "
            "Giấy tờ nước ngoài thì chọn loại đối tượng “khác”."
        )
        return Objection("lost_zero", sentence(message, number=shown(f"0{kept}")), is_final=True)
    if re.fullmatch(r"[1-9][0-3][0-9]{8}", kept):
        message = _(
            "Số này có 10 chữ số: có lẽ bảng tính đã bỏ hai số 0 ở đầu căn cước %(number)s, hoặc là mã số thuế."
        )
        return Objection("lost_zero", sentence(message, number=shown(f"00{kept}")))
    if re.fullmatch(r"[0-9]{8}", kept):
        message = _("Số này có 8 chữ số: có lẽ bảng tính đã bỏ số 0 ở đầu chứng minh nhân dân %(number)s.")
        return Objection("lost_zero", sentence(message, number=shown(f"0{kept}")))
    message = _("Căn cước có 12 chữ số, chứng minh nhân dân có 9, hộ chiếu có chữ cái đầu; số này có %(count)d ký tự.")
    return Objection("unusual", sentence(message, count=len(kept)))


def _of_business(kept: str) -> Objection | None:
    if _TAX_CODE.fullmatch(kept):
        return None
    if re.fullmatch(r"[0-9]{9}", kept):
        message = _("Số này có 9 chữ số, mã số thuế có 10: có lẽ bảng tính đã bỏ số 0 ở đầu, số đúng là %(number)s.")
        return Objection("lost_zero", sentence(message, number=f"0{kept}"))
    message = _("Mã số thuế có 10 chữ số, của đơn vị trực thuộc có 13 (0101234567-001); số này có %(count)d ký tự.")
    return Objection("unusual", sentence(message, count=len(kept)))
