"""The printed forms of TT 01/2018/TT-VPCP and TT 03/2025/TT-VPCP, as PDF."""

from .issuing import FormUnavailable, print_form, printable
from .kinds import FORMS, FormKind

__all__ = ["FORMS", "FormKind", "FormUnavailable", "print_form", "printable"]
