"""Finding a dossier from any page: by a scan, its code, a number of applicant or submitter, or words.

By POST: an identity number or a phone must not be in an address, which is written into logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from onestop.common.input import identity_numbers, identity_scans, phones
from onestop.common.input.text import tidy_line
from onestop.common.web.methods import post_only
from onestop.dossiers.codes.reading import code_within, end_of_code
from onestop.dossiers.deadlines.remaining import share_calendars
from onestop.dossiers.models import Dossier, DossierQuerySet
from onestop.staff.models import AccessLog, User
from onestop.staff.requests import StaffRequest

SHOWN: Final = 20
# As long as the text that a reader types from an identity card.
LONGEST: Final = identity_scans.LONGEST
# The address in a receipt's QR code, with the token.
_SCANNED: Final = re.compile(r"/tra-cuu/([\w-]{16,32})/?$")
# An identity number (old or new), a tax code, a passport; phones. In stored form.
_IDENTITY_NO: Final = re.compile(r"[0-9]{8,15}|[0-9]{10}-[0-9]{3}|[A-Z]{1,2}[0-9]{6,8}")
_PHONES: Final = re.compile(r"\+?[0-9]{8,15}(?:; \+?[0-9]{8,15})*")


@post_only
@never_cache
def find(request: StaffRequest) -> HttpResponse:
    """Opens the dossier if only one matches; else lists the newest matches."""
    text = tidy_line(request.POST.get("q", "").replace("\0", "")[:LONGEST])
    matches = meant(text, request.user)
    if matches:
        AccessLog.note(request.user, AccessLog.Act.SEARCH, number=len(matches[:SHOWN]))
    if len(matches) == 1:
        return redirect("dossiers:detail", matches[0].uuid)
    share_calendars(matches[:SHOWN])
    card = identity_scans.scanned(text)
    # Of a card, the page shows the number only, no other personal data.
    searched = card.number if card else text
    context = {"sought": searched, "dossiers": matches[:SHOWN], "is_more": len(matches) > SHOWN, "shown": SHOWN}
    return render(request, "dossiers/found.html", context)


def meant(text: str, user: User) -> list[Dossier]:
    """The newest dossiers that match `text`: at most one more than the page shows."""
    for matches in meanings(text, user) if text else ():
        if dossiers := list(matches.select_related("procedure", "agency", "unit")[: SHOWN + 1]):
            return dossiers
    return []


def meanings(text: str, user: User) -> Iterator[DossierQuerySet]:
    """The readings of `text` as queries over the dossiers that the user sees; the next counts if one has no result."""
    seen = Dossier.objects.visible_to(user)
    if scanned := _SCANNED.search(text):
        yield seen.filter(token=scanned[1])
    elif card := identity_scans.scanned(text):
        yield seen.filter(Q(identity_no__in=card.numbers) | Q(submitter_identity_no__in=card.numbers))
    else:
        # The end of a code is no number of anybody's, although its digits could be one.
        if code_within(text) is None and end_of_code(text) is None and (numbered := by_number(text)):
            yield seen.filter(numbered)
        yield seen.matching(text)


def by_number(text: str) -> Q | None:
    """By an identity number, tax code or phone of applicant or submitter, in any spelling; None for other texts."""
    identity_no, phone = identity_numbers.canonical(text), phones.canonical(text)
    is_phone = _PHONES.fullmatch(phone) is not None
    if not is_phone and not _IDENTITY_NO.fullmatch(identity_no):
        return None
    condition = Q(identity_no=identity_no) | Q(phone=phone)
    condition |= Q(submitter_identity_no=identity_no) | Q(submitter_phone=phone)
    for one in phones.phones_in(phone) if is_phone else ():
        condition |= Q(phone=one) | Q(submitter_phone=one)
        condition |= Q(phone__contains=phones.SEPARATOR.strip()) & Q(phone__contains=one)
    return condition
