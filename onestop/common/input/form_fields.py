"""Text fields of forms. Each tidies and checks its text with the functions of `text`."""

from __future__ import annotations

from django import forms

from .text import check_line, check_lines, tidy_line, tidy_lines


class LineField(forms.CharField):
    """Text in one line. Raises ValidationError (`hidden_character`) as `check_line` does."""

    tidy = staticmethod(tidy_line)
    default_validators = [check_line]

    def to_python(self, value: object) -> str | None:
        text = super().to_python(value)
        return self.tidy(text) if isinstance(text, str) else text


class LinesField(LineField):
    """Text that may have several lines."""

    tidy = staticmethod(tidy_lines)
    default_validators = [check_lines]


class EmailField(LineField, forms.EmailField):
    """An address for mail, which people often paste with invisible blanks."""

    default_validators = [*LineField.default_validators, *forms.EmailField.default_validators]
