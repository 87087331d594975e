"""Finding a dossier from any page: by what was scanned, its code, a number of the applicant's, or words.

Asked for by POST: an identity number or a phone must not stand in an address, which is written into logs.
"""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from onestop.staff.models import Reading, User
from onestop.staff.requests import StaffRequest

from .models import Dossier, DossierQuerySet
from .numbering import is_dossier_code

SHOWN: Final = 20
LONGEST: Final = 300
# What a receipt's QR code leads to, and the token in it.
_SCANNED: Final = re.compile(r"/tra-cuu/([\w-]{16,32})/?$")
# An identity number (old or new), a tax code or a phone, however its digits are set apart.
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 .-]{7,18}[0-9]")


@require_POST
@never_cache
def find(request: StaffRequest) -> HttpResponse:
    """The dossier itself where only one is meant; else the newest of those found."""
    text = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST]
    found = list(meant(text, request.user).select_related("procedure", "unit")[: SHOWN + 1]) if text else []
    if found:
        Reading.note(request.user, Reading.Act.SEARCH, number=len(found[:SHOWN]))
    if len(found) == 1:
        return redirect("dossiers:detail", found[0].uuid)
    context = {"sought": text, "dossiers": found[:SHOWN], "is_more": len(found) > SHOWN, "shown": SHOWN}
    return render(request, "dossiers/found.html", context)


def meant(text: str, user: User) -> DossierQuerySet:
    """Those that `text` means, of those that the user sees."""
    seen = Dossier.objects.in_sight_of(user)
    if scanned := _SCANNED.search(text):
        return seen.filter(token=scanned[1])
    if is_dossier_code(text.upper()):
        return seen.filter(code=text.upper())
    if _NUMBER.fullmatch(text):
        return seen.filter(numbered(text))
    return seen.matching(text)


def numbered(text: str) -> Q:
    """By the applicant's identity number, tax code or phone, written with or without what sets digits apart."""
    digits = re.sub(r"[ .-]", "", text)
    written = {text, digits, re.sub(r"^\+84", "0", digits)}
    return Q(identity_no__in=written) | Q(phone__in=written)
