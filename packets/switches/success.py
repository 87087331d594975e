"""Checks what an operator configures about a portal's success replies: the same rules in every form and command."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Names joined by dots: “result.code”.
_PATH = re.compile(r"[^\s.]+(\.[^\s.]+){0,4}")


def is_path(value: str) -> None:
    """Raises ValidationError unless `value` names a field of a reply."""
    if not _PATH.fullmatch(value):
        raise ValidationError(_("Phải là tên trường, hoặc các tên nối bằng dấu chấm, ví dụ: code hoặc result.code."))


def are_answers(value: object) -> None:
    """Raises ValidationError unless `value` is a list of whole numbers, texts, true or false."""
    values = value if isinstance(value, list) else []
    if not values or not all(isinstance(one, int) or (isinstance(one, str) and one.strip()) for one in values):
        raise ValidationError(
            _('Phải là danh sách có ít nhất một số nguyên, chữ, true hoặc false; ví dụ [0, 1, 200] hoặc ["OK"].')
        )


def fit_the_standard(values: list[object]) -> None:
    """Raises ValidationError unless all `values` are whole numbers, as the standard's own field is."""
    # Exactly int: in Python a bool is an int too, so true would count as 1.
    if not all(type(value) is int for value in values):
        raise ValidationError(
            _("Status theo chuẩn là số nguyên, ví dụ [0, 1, 200]; giá trị khác cần khai trường của trả lời.")
        )
