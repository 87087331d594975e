"""The printed forms of TT 01/2018/TT-VPCP and TT 03/2025/TT-VPCP, as PDF."""

from .forms import KINDS, kinds_in
from .issuing import FormsMissing, FormUnavailable, print_form, print_latest, printable, read_for_printing
from .kinds import FormKind

__all__ = [
    "KINDS",
    "FormKind",
    "FormUnavailable",
    "FormsMissing",
    "kinds_in",
    "print_form",
    "print_latest",
    "printable",
    "read_for_printing",
]
