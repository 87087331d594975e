"""The data of one form: a move of a dossier, and the records as they were at that move, whatever came later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils.text import capfirst

from onestop.catalog.models import Agency, Phase
from onestop.dossiers.deadlines.moments import corrected, in_force
from onestop.dossiers.deadlines.promises import Promise, promise_to
from onestop.dossiers.models import ApplicantKind, Dossier, DueDate, Fee, Paper, Transition

from .kinds import CIRCULARS, DESK_NAMES, FormSet, FormTitle
from .typeface.typography import bold, day_in_words, plain

_SALUTATIONS = {
    ApplicantKind.CITIZEN: "Ông/Bà",
    ApplicantKind.BUSINESS: "Quý doanh nghiệp",
    ApplicantKind.ORGANISATION: "Quý tổ chức",
    ApplicantKind.OTHER: "Ông/Bà/Tổ chức",
}


@dataclass(frozen=True)
class FormContext:
    dossier: Dossier
    transition: Transition
    form_set: FormSet
    form: FormTitle

    @cached_property
    def at(self) -> datetime:
        """When the move was made; if that was corrected, the right moment."""
        return corrected(self.dossier.transitions.all())[self.transition.pk]

    @property
    def agency(self) -> Agency:
        """The agency that issues the form: it received the dossier and answers for it."""
        return self.dossier.agency

    @property
    def desk(self) -> str:
        return f"{DESK_NAMES[self.form_set]}, {self.agency.name}"

    @property
    def source(self) -> str:
        return f"Mẫu số {self.form.number} · {CIRCULARS[self.form_set]}"

    @property
    def salutation(self) -> str:
        return _SALUTATIONS[ApplicantKind(self.dossier.applicant_kind)]

    @property
    def procedure(self) -> str:
        """The procedure's name, without the word “Thủ tục”, which forms print themselves."""
        return capfirst(self.promise.name.removeprefix("Thủ tục "))

    @cached_property
    def promise(self) -> Promise:
        """What the applicant had been promised at that time: the procedure's name and limit."""
        return promise_to(self.dossier, [row for row in self._due_dates if row.since <= self.at])

    @property
    def signer(self) -> str:
        """The person who made the move; empty for a move of the system or a partner."""
        return self.transition.actor_name if self.transition.actor_id else ""

    @property
    def look_up(self) -> str:
        """The address where the applicant follows the dossier."""
        return f"{settings.PUBLIC_URL}/tra-cuu/{self.dossier.token}/"

    @property
    def received(self) -> str:
        """Markup of the first sentence of a letter: which dossier it is about."""
        came = self.dossier.accepted_at or self.dossier.registered_at
        code = f" {bold(self.dossier.code)}" if self.dossier.code else ""
        return (
            f"{capfirst(day_in_words(came))}, {plain(self.agency.name)} tiếp nhận hồ sơ{code} của {self.salutation} "
            f"về thủ tục {plain(self.procedure)}."
        )

    def due_date(self) -> DueDate | None:
        """The due date in force after the move."""
        return next((row for row in reversed(self._due_dates) if row.since <= self.at), None)

    @cached_property
    def _due_dates(self) -> list[DueDate]:
        return in_force(self.dossier.due_dates.all())

    # Chosen here and not by the database, so that many forms are drawn from rows that were read together.

    def papers(self) -> list[Paper]:
        """The papers that were handed in at that time."""
        return [
            paper
            for paper in self.dossier.papers.all()
            if paper.phase != Phase.RETURN
            and (paper.supplement_id is None or (paper.received_at is not None and paper.received_at <= self.at))
        ]

    def fees(self) -> list[Fee]:
        """The fees that were demanded at that time."""
        return [fee for fee in self.dossier.fees.all() if fee.demanded_at <= self.at]

    def number_of_files(self) -> int:
        """How many files the dossier had at that time."""
        return sum(attachment.uploaded_at <= self.at for attachment in self.dossier.attachments.all())
