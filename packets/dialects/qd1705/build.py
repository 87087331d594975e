"""Builds the packets of Decision 1705/QĐ-BTTTT from our records. How one portal differs is its `variation`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time

from msgspec import UNSET

from onestop.catalog.models import Agency, Phase
from onestop.common.input import birth_dates
from onestop.common.time import VIETNAM
from onestop.common.wording import pair, shares
from onestop.dossiers.models import (
    ApplicantKind,
    Attachment,
    Dossier,
    DossierQuerySet,
    Fee,
    Move,
    Paper,
    ReturnMethod,
    State,
    SubmitterCapacity,
    Supplement,
    Transition,
    TransitionQuerySet,
)
from onestop.statistics.models import Publication

from .messages import (
    AttachmentPart,
    DocFee,
    DocPaper,
    DocumentTraces,
    Statistic,
    SupplementaryPart,
    SyncDocument,
    VoteQuestion,
    Votes,
)

# Our values in the standard's numbers. A portal with other numbers has its own `codes`.
STATUS = {
    State.REGISTERED: 0,
    State.ACCEPTED: 1,
    State.IN_PROGRESS: 1,
    State.COMPLETED: 2,
    State.RETURNED: 2,
    State.REFUSED: 4,
    State.WITHDRAWN: 4,
    State.STOPPED: 4,
    State.AWAITING_SUPPLEMENT: 8,
    State.AWAITING_PAYMENT: 8,
}
APPLICANTS_TYPE = {
    ApplicantKind.CITIZEN: 1,
    ApplicantKind.BUSINESS: 2,
    ApplicantKind.ORGANISATION: 3,
    ApplicantKind.OTHER: 4,
}
NOON = time(12)
RETURNED_TYPE = {ReturnMethod.DIRECT: 0, ReturnMethod.POST: 1}
PHASE = {Phase.RECEPTION: 1, Phase.SUPPLEMENT: 2, Phase.RETURN: 4}


def dossiers_to_report(dossiers: DossierQuerySet) -> DossierQuerySet:
    """`dossiers` with all that `document` reads, in a fixed number of queries."""
    return dossiers.select_related("procedure", "agency__level1", "unit", "commune__province").prefetch_related(
        "attachments", "fees", "papers", "supplements"
    )


def moves_to_report(moves: TransitionQuerySet) -> TransitionQuerySet:
    """`moves` with all that `trace` reads."""
    return moves.select_related("dossier", "unit__level1")


def document(dossier: Dossier, content: Callable[[Attachment], str]) -> SyncDocument:
    """The dossier's whole state. `content` returns the text for a file's content; "" leaves the content out."""
    supplements, papers, fees = list(dossier.supplements.all()), dossier.papers.all(), dossier.fees.all()
    incharge = _level1(dossier.agency)
    return SyncDocument(
        DocTypeCode=dossier.procedure.code,
        DocTypeName=dossier.procedure.name,
        DocCode=dossier.code or "",
        CitizenName=dossier.applicant_name,
        CitizenInfo=_citizen_info(dossier) or UNSET,
        ApplicantsId=dossier.identity_no,
        ApplicantsType=APPLICANTS_TYPE[ApplicantKind(dossier.applicant_kind)],
        Address=dossier.full_address or UNSET,
        Email=dossier.email or UNSET,
        Phone=dossier.phone,
        Compendium=dossier.summary or UNSET,
        DateReceived=_date(dossier.accepted_at),
        DateAppointed=_date(dossier.due_at),
        IsSuccess=dossier.approved is True,
        SuccessDate=_date(dossier.decided_at),
        ApproverName=dossier.approver_name or UNSET,
        ApproverPosition=dossier.approver_position or UNSET,
        SuccessNote=dossier.decision_note or UNSET,
        IsReturned=_text(dossier.returned_at is not None),
        ReturnedDate=_date(dossier.returned_at),
        ReturnNote=dossier.return_note or UNSET,
        ReturnedType=RETURNED_TYPE[ReturnMethod(dossier.return_method)],
        FinishedDate=_date(dossier.finished_at) or UNSET,
        Status=STATUS[State(dossier.state)],
        ProcessingOrganName=dossier.unit.name,
        HasSupplementary=_text(bool(supplements)),
        RequireSupplementaryDate=_date(supplements[-1].asked_at) if supplements else UNSET,
        Attachments=[_attachment(attachment, content(attachment)) for attachment in dossier.attachments.all()],
        DocFees=_fees(fee for fee in fees if fee.supplement_id is None) or UNSET,
        DocPapers=_papers(paper for paper in papers if paper.supplement_id is None and paper.received_at) or UNSET,
        Supplementaries=[_supplementary(supplement, papers, fees) for supplement in supplements] or UNSET,
        OrganInchargeIdLevel1=incharge.code,
        OrganInchargeName=incharge.name,
    )


def trace(transition: Transition) -> DocumentTraces:
    """One move, from its own row alone."""
    dossier = transition.dossier
    incharge = _level1(transition.unit)
    return DocumentTraces(
        DocumentId=str(dossier.uuid),
        DocCode=dossier.code or "",
        UserName=transition.actor_name,
        UserPosition=transition.actor_position,
        DateCreated=_date(transition.at),
        Comment=transition.comment or str(Move(transition.move).label),
        Status=STATUS[State(transition.to_state)],
        OrganizationInchargeIdLevel1=incharge.code,
        OrganizationInchargeName=incharge.name,
    )


def votes(publication: Publication) -> Votes:
    """A period's ratings, dated at noon of the period's last day: the packet has no other field for its period.

    Noon is on the same day in every time zone in which a receiver may store it, and also after rounding. The last
    millisecond of a month becomes the next month in a database that stores instants to 1/300 s or to a second.
    """
    questions = [(t["question"], (t["very_good"], t["good"], t["bad"])) for t in publication.tallies]
    overall = shares([sum(counts[level] for _content, counts in questions) for level in range(3)])
    parts = []
    for content, counts in questions:
        very_good, good, bad = shares(counts)
        parts.append(VoteQuestion(Content=content, PercentVeryGood=very_good, PercentGood=good, PercentBad=bad))
    return Votes(
        DateCreated=_date(datetime.combine(publication.period.last_day, NOON, VIETNAM)),
        TotalVoted=publication.ballots,
        PercentVeryGood=overall[0],
        PercentGood=overall[1],
        PercentBad=overall[2],
        Questions=parts or UNSET,
        OrganizationInchargeIdLevel1=publication.agency.code,
        OrganizationInchargeName=publication.agency.name,
    )


def statistic(publication: Publication) -> Statistic:
    """A period's figures. Its note says whether they are provisional (not published) or a revision."""
    solved = publication.solved_in_time + publication.solved_late
    pending = publication.pending + publication.pending_late
    in_time, late = pair(publication.solved_in_time, solved)
    overdue, not_overdue = pair(publication.pending_late, pending)
    if publication.pk is None:
        note = "Số liệu tạm tính, chưa công bố"
    else:
        note = f"Số liệu điều chỉnh lần {publication.revision - 1}" if publication.revision > 1 else ""
    return Statistic(
        Month=publication.month,
        Year=publication.year,
        IsMonthStatistic=publication.period.is_month,
        NewReception=publication.new_reception,
        PreExtisting=publication.carried_over,
        Total=publication.carried_over + publication.new_reception,
        TotalSolved=solved,
        SolvedInTime=publication.solved_in_time,
        SolvedInTimePercent=in_time / 10,
        SolvedLate=publication.solved_late,
        SolvedLatePercent=late / 10,
        TotalPending=pending,
        Pending=publication.pending,
        PendingLate=publication.pending_late,
        PendingLatePercent=overdue / 10,
        PendingPercent=not_overdue / 10,
        Note=note,
        OrganizationInchargeIdlevel1=publication.agency.code,
        OrganizationInchargeName=publication.agency.name,
    )


def _citizen_info(dossier: Dossier) -> str:
    """What the standard has no field for: the note, the birth date, and who hands in for the applicant.

    Of the submitter the name and the capacity alone: the portal reports to the applicant.
    """
    born = f"Ngày sinh: {birth_dates.shown(dossier.birth_date)}" if dossier.birth_date else ""
    capacity = SubmitterCapacity(dossier.submitter_capacity) if dossier.submitter_capacity else None
    by = f"Người nộp: {dossier.submitter_name} ({capacity.label})" if capacity else ""
    return "\n".join(filter(None, (dossier.applicant_note, born, by)))


def _attachment(attachment: Attachment, content: str) -> AttachmentPart:
    return AttachmentPart(
        Attachmentld=attachment.ordinal,
        AttachmentName=attachment.name,
        IsDeleted=False,
        Base64=content,
        # Sending checks every file's digest first (see `payload`), so a file that is sent is verified.
        IsVerified=bool(content),
    )


def _fees(fees: Iterable[Fee]) -> list[DocFee]:
    """The fees that the applicant has paid or must pay. A waived fee is listed with the price 0."""
    return [
        DocFee(
            FeeName=fee.name,
            FeeType=PHASE[Phase(fee.phase)],
            Price=0.0 if fee.waived_at is not None else float(fee.amount),
        )
        for fee in fees
    ]


def _papers(papers: Iterable[Paper]) -> list[DocPaper]:
    return [
        DocPaper(PaperName=paper.name, Amount=paper.quantity, PaperType=PHASE[Phase(paper.phase)]) for paper in papers
    ]


def _supplementary(supplement: Supplement, papers: Iterable[Paper], fees: Iterable[Fee]) -> SupplementaryPart:
    """A supplement with those of the dossier's papers and fees that belong to it."""
    return SupplementaryPart(
        SupplementaryId=supplement.ordinal,
        SendUser=supplement.asked_by,
        SendComment=supplement.request,
        SendDate=_date(supplement.asked_at),
        ReceivedUser=supplement.received_by or UNSET,
        ReceivedComment=supplement.received_note or UNSET,
        ReceivedDate=_date(supplement.received_at),
        IsReceived=supplement.received_at is not None,
        Papers=_papers(paper for paper in papers if paper.supplement_id == supplement.pk) or UNSET,
        Fees=_fees(fee for fee in fees if fee.supplement_id == supplement.pk) or UNSET,
        OldDateAppointed=_date(supplement.old_due_at),
        NewDateAppointed=_date(supplement.new_due_at) or UNSET,
    )


def _level1(agency: Agency) -> Agency:
    return agency.level1 or agency


def _date(at: datetime | None) -> str:
    if at is None:
        return ""
    return at.astimezone(VIETNAM).isoformat(timespec="milliseconds").replace("+07:00", "+0700")


def _text(value: bool) -> str:
    return "true" if value else "false"
