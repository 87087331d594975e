"""The columns of the list of dossiers. A column of the page is one or several columns of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from onestop.common.downloads import SheetColumn
from onestop.common.spreadsheets import INSTANT, TEXT, Value
from onestop.common.wording import on_one_line
from onestop.dossiers.models import Dossier
from onestop.staff.models import User


@dataclass(frozen=True)
class Part:
    """One column of a file."""

    heading: Promise
    value: Callable[[Dossier], Value]
    width: int = 24
    number_format: str = TEXT

    @property
    def in_a_sheet(self) -> SheetColumn:
        return SheetColumn(str(self.heading), self.width, self.number_format)


@dataclass(frozen=True)
class ListColumn:
    """`template` shows the column of a `dossier` on a page; without one the page shows the text of the file.

    `sort`: the order of the list by this column, a key of `filters.SORTS`; empty where the list has none.
    """

    name: str
    heading: Promise
    parts: Sequence[Part]
    template: str = ""
    sort: str = ""

    def text(self, dossier: Dossier) -> str:
        values = (part.value(dossier) for part in self.parts)
        return " · ".join(
            f"{localtime(value):%d/%m/%Y %H:%M}" if isinstance(value, datetime) else str(value or "")
            for value in values
        )


def _plain(name: str, heading: Promise, text: Callable[[Dossier], str], width: int = 24) -> ListColumn:
    return ListColumn(name, heading, [Part(heading, lambda dossier: on_one_line(text(dossier)), width)])


def _instant(name: str, heading: Promise, at: Callable[[Dossier], datetime | None], sort: str = "") -> ListColumn:
    return ListColumn(name, heading, [Part(heading, at, 17, INSTANT)], sort=sort)


CODE = ListColumn(
    "code",
    _("Mã hồ sơ"),
    [Part(_("Mã hồ sơ"), lambda dossier: dossier.code or "", 28)],
    "dossiers/cells/code.html",
    "code",
)
# In the order of the list; the code is always shown.
COLUMNS: Final = [
    CODE,
    ListColumn(
        "applicant",
        _("Chủ hồ sơ và thủ tục"),
        [
            Part(_("Chủ hồ sơ"), lambda dossier: on_one_line(dossier.applicant_name), 30),
            Part(_("Mã thủ tục"), lambda dossier: dossier.procedure.code, 14),
            Part(_("Thủ tục"), lambda dossier: on_one_line(dossier.procedure.name), 60),
        ],
        "dossiers/cells/applicant.html",
    ),
    _plain("summary", _("Trích yếu"), lambda dossier: dossier.summary, 40),
    ListColumn(
        "state",
        _("Trạng thái"),
        [Part(_("Trạng thái"), lambda dossier: str(dossier.get_state_display()))],
        "dossiers/cells/state.html",
    ),
    ListColumn(
        "due",
        _("Hẹn trả"),
        [Part(_("Hẹn trả"), lambda dossier: dossier.due_at, 17, INSTANT)],
        "dossiers/due.html",
        "due",
    ),
    ListColumn(
        "unit",
        _("Đơn vị"),
        [Part(_("Đơn vị"), lambda dossier: on_one_line(dossier.unit.name), 40)],
        "dossiers/cells/unit.html",
    ),
    _plain("officer", _("Cán bộ xử lý"), lambda dossier: str(dossier.officer or "")),
    _plain("channel", _("Hình thức nộp"), lambda dossier: dossier.get_channel_display()),
    # In stored form in a file, so that it can be dialled and compared.
    ListColumn(
        "phone",
        _("Điện thoại"),
        [Part(_("Điện thoại"), lambda dossier: dossier.phone, 26)],
        "dossiers/cells/phone.html",
    ),
    _plain("address", _("Địa chỉ"), lambda dossier: dossier.full_address, 40),
    _plain("submitter", _("Người nộp"), lambda dossier: dossier.submitter_name, 30),
    _instant("accepted", _("Tiếp nhận"), lambda dossier: dossier.accepted_at, "accepted"),
    _instant("finished", _("Kết thúc"), lambda dossier: dossier.finished_at),
    _instant("moved", _("Cập nhật"), lambda dossier: dossier.moved_at, "moved"),
]
USUAL: Final = ("applicant", "state", "due", "unit")


def chosen(names: Sequence[str]) -> list[ListColumn]:
    """The code, then the columns of these names, in the order of the list; the usual columns without names."""
    shown = names or USUAL
    return [column for column in COLUMNS if column is CODE or column.name in shown]


def without_own_unit(columns: Sequence[ListColumn], dossiers: Sequence[Dossier], user: User) -> list[ListColumn]:
    """The columns of a page; without the unit if it is always the user's own, unless columns were chosen."""
    is_own = bool(dossiers) and all(dossier.unit_id == user.agency_id for dossier in dossiers)
    return [column for column in columns if column.name != "unit" or user.list_columns or not is_own]
