"""What ratings add to the public look-up page of a dossier, and to the page *Quản trị*."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onestop.common.slots import fills
from onestop.dossiers.models import Dossier
from onestop.staff.administration.entries import AdminEntry, add_to_administration
from onestop.staff.guide.topics import Chapter, Topic, add_to_guide

from .ballot_pages.public import new_pass

# Imported for the permission they declare.
from .question_pages import rules as rules

add_to_administration(
    AdminEntry(
        50,
        _("Bộ câu hỏi đánh giá"),
        _("Câu hỏi mà người dân trả lời khi đánh giá việc giải quyết hồ sơ."),
        "votes:question-sets",
        "set_questions",
    )
)


@fills("look-up-page")
def way_to_rate(request: HttpRequest, dossier: Dossier, token: str) -> str:
    """The link to the ballot once the dossier is accepted: by the receipt's `token`, else by a pass of an hour."""
    if dossier.accepted_at is None:
        return ""
    address = reverse("votes:rate", args=[token]) if token else reverse("votes:rate-by-pass", args=[new_pass(dossier)])
    return render_to_string("votes/way_to_rate.html", {"address": address}, request)


add_to_guide(
    Topic(
        Chapter.FIGURES,
        40,
        "ratings",
        "Đánh giá của người dân",
        "guide/ratings.html",
        ("votes:results", "votes:kiosk"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        60,
        "question-sets",
        "Bộ câu hỏi đánh giá",
        "guide/question_sets.html",
        ("votes:question-sets", "votes:question-set-add", "votes:question-set"),
    ),
)
