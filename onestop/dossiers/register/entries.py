"""The register (sổ theo dõi hồ sơ: form 07 of TT 03/2025, 06 of TT 01/2018): every dossier and its outcome.

It is not stored: every line is computed from the dossiers as they are now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from onestop.catalog.models import Agency, Field, Phase
from onestop.common.downloads import MOST_ROWS, READ_AT_ONCE
from onestop.common.input import phones
from onestop.common.time import start_of
from onestop.common.wording import on_one_line
from onestop.dossiers.deadlines.promises import promised_names
from onestop.dossiers.documents.kinds import CIRCULARS
from onestop.dossiers.models import Dossier, Move, Paper, State, Transition
from onestop.staff.models import User

# A PDF may have fewer lines than a workbook: ReportLab keeps every page in memory until the last is drawn.
MOST_PRINTED = 10_000


class Entry(NamedTuple):
    """One line of the register, its cells in the order of the form. Instants are in the office's time."""

    number: int
    code: str
    summary: str
    sets: int | None
    owner: str
    address: str
    phone: str
    received: datetime | None
    due: datetime | None
    returned: datetime | None
    receiver: str
    field: str
    outcome: str


class RegisterColumn(NamedTuple):
    """`width`: in mm. All together fill A4 landscape between its margins, which is 277 mm."""

    heading: str
    width: int


# The columns of the cells of an entry. Official papers are in Vietnamese.
COLUMNS = (
    RegisterColumn("STT", 9),
    RegisterColumn("Mã hồ sơ", 26),
    RegisterColumn("Trích yếu", 42),
    RegisterColumn("Số bộ", 9),
    RegisterColumn("Chủ hồ sơ", 31),
    RegisterColumn("Địa chỉ", 37),
    RegisterColumn("Điện thoại", 19),
    RegisterColumn("Ngày nhận", 17),
    RegisterColumn("Ngày hẹn trả", 17),
    RegisterColumn("Ngày trả", 17),
    RegisterColumn("Người nhận", 22),
    RegisterColumn("Lĩnh vực", 17),
    RegisterColumn("Kết quả", 14),
)
TITLE = "SỔ THEO DÕI HỒ SƠ"
FORM_NUMBERS = {Agency.FormSet.TT01_2018: "06", Agency.FormSet.TT03_2025: "07"}


@dataclass(frozen=True)
class Register:
    """The dossiers accepted from `first_day` to `last_day`, both included, that `user` may see.

    With an `agency`, only those that it or one below it received; with a `field`, only those of its procedures.
    """

    user: User
    first_day: date
    last_day: date
    agency: Agency | None = None
    field: Field | None = None

    @property
    def period(self) -> str:
        return f"Từ ngày {self.first_day:%d/%m/%Y} đến hết ngày {self.last_day:%d/%m/%Y}"

    @property
    def scope(self) -> str:
        agency = self.agency.name if self.agency else "mọi cơ quan trong phạm vi được xem"
        field = self.field.name if self.field else "mọi lĩnh vực"
        return f"Cơ quan tiếp nhận: {agency} · Lĩnh vực: {field}"

    @property
    def source(self) -> str:
        """The form and the circular, as the agency that prints it has chosen."""
        agency = self.user.agency or self.agency
        form_set = Agency.FormSet(agency.form_set) if agency else Agency.FormSet.TT03_2025
        return f"Mẫu số {FORM_NUMBERS[form_set]} · {CIRCULARS[form_set]}"

    def dossiers(self) -> QuerySet[Dossier]:
        """The dossiers in the order of the register, each with what its `entry` needs."""
        start, end = start_of(self.first_day), start_of(self.last_day + timedelta(days=1))
        dossiers = Dossier.objects.visible_to(self.user).filter(
            is_test=False, accepted_at__gte=start, accepted_at__lt=end
        )
        if self.agency:
            dossiers = dossiers.received_within(self.agency)
        if self.field:
            dossiers = dossiers.filter(procedure__field=self.field)
        # Who accepted the dossier, under their name of that time.
        acceptances = Transition.objects.filter(dossier=OuterRef("pk"), move=Move.ACCEPT)
        receivers = acceptances.order_by("pk").values_list("actor_name", flat=True)[:1]
        # How many sets of papers were handed in: as many as copies of the paper with the fewest.
        papers = Paper.objects.filter(dossier=OuterRef("pk"), phase=Phase.RECEPTION, received_at__isnull=False)
        # No ordering: it would split the groups.
        by_dossier = papers.order_by().values("dossier").annotate(sets=Min("quantity"))
        numbers_of_sets = by_dossier.values_list("sets", flat=True)
        return (
            dossiers.select_related("procedure__field", "commune__province")
            # Without the procedure's long texts, which would be read again with each of its dossiers.
            .defer("search", "procedure__legal_basis", "procedure__subjects", "procedure__search")
            .annotate(
                receiver=Subquery(receivers),
                sets=Subquery(numbers_of_sets),
                promised=Subquery(promised_names(OuterRef("pk"))),
            )
            .order_by("accepted_at", "code")
        )

    def entries(self) -> Iterator[Entry]:
        """Every line, numbered from 1. Only `READ_AT_ONCE` dossiers are in memory at a time."""
        dossiers = self.dossiers().iterator(chunk_size=READ_AT_ONCE)
        return (entry(number, dossier) for number, dossier in enumerate(dossiers, 1))

    def number(self) -> int:
        """The number of entries, counted up to one more than a file may contain."""
        return self.dossiers().values("pk")[: MOST_ROWS + 1].count()


def entry(number: int, dossier: Dossier) -> Entry:
    """The line of one of `Register.dossiers`."""
    annotated = vars(dossier)
    return Entry(
        number,
        dossier.code or "",
        on_one_line(dossier.summary or annotated["promised"] or dossier.procedure.name),
        annotated["sets"],
        on_one_line(dossier.applicant_name),
        on_one_line(dossier.full_address),
        phones.shown(on_one_line(dossier.phone)),
        _local(dossier.accepted_at),
        _local(dossier.due_at),
        _local(dossier.returned_at),
        on_one_line(annotated["receiver"] or ""),
        on_one_line(dossier.procedure.field.name),
        outcome(dossier),
    )


def outcome(dossier: Dossier) -> str:
    """Whether the dossier is in time, in the words of a register."""
    if dossier.state in (State.WITHDRAWN, State.STOPPED):
        return str(State(dossier.state).label)
    if dossier.finished_at is not None:
        return _("trễ hạn") if dossier.was_late else _("đúng hạn")
    if dossier.is_paused:
        return _("tạm dừng")
    return _("quá hạn") if dossier.is_overdue else _("đang giải quyết")


def _local(at: datetime | None) -> datetime | None:
    return at and timezone.localtime(at)
