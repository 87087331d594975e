"""The parts of forms: the national heading, the codes, lines, tables, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.text import capfirst
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from onestop.catalog.models import Phase
from onestop.common.input import birth_dates, identity_numbers, phones
from onestop.common.wording import dong
from onestop.dossiers.lifecycle.approving import Decision
from onestop.dossiers.models import Fee, Paper

from .context import FormContext
from .sheet import Sheet
from .typeface.faces import BOLD
from .typeface.typography import CENTER, JUSTIFY, LEFT, RIGHT, Alignment, bold, day_in_words, paragraph, plain

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"

WHOLE = (0, 0), (-1, -1)
THIN = 0.5
BARE = TableStyle(
    [
        ("VALIGN", *WHOLE, "TOP"),
        ("ALIGN", *WHOLE, "CENTER"),
        ("LEFTPADDING", *WHOLE, 0),
        ("RIGHTPADDING", *WHOLE, 0),
        ("TOPPADDING", *WHOLE, 0),
        ("BOTTOMPADDING", *WHOLE, 0),
    ]
)
# No line between rows: `table` draws one where a row begins.
RULED = TableStyle(
    [
        ("VALIGN", *WHOLE, "TOP"),
        ("LINEBEFORE", (1, 0), (-1, -1), THIN, "black"),
        ("LINEBELOW", (0, 0), (-1, 0), THIN, "black"),
        ("LEFTPADDING", *WHOLE, 3),
        ("RIGHTPADDING", *WHOLE, 3),
        ("TOPPADDING", *WHOLE, 1.5),
        ("BOTTOMPADDING", *WHOLE, 2.5),
    ]
)


class FramedTable(Table):
    """Draws a frame around the part on each page; the library's own frame leaves a split row open."""

    def draw(self) -> None:
        super().draw()
        width, height = self.wrap(0, 0)
        self.canv.setLineWidth(THIN)
        self.canv.rect(0, 0, width, height)


# Only a row higher than this may be split at the end of a page.
SLICE = 50 * mm

# Heading, width (0 for the one column that takes the rest), alignment.
Column = tuple[str, float, Alignment]


# ---- the head


# The registry numbers outgoing letters by hand or by a system of its own.
UNNUMBERED = "Số: ............/............"


def head(sheet: Sheet, context: FormContext, number: str = "") -> list[Flowable]:
    """Agency and country side by side, number and day below them, then the title (layout of NĐ 30/2020).

    `number`: without it, the head shows the dossier's code, if there is one.
    """
    code = context.dossier.code
    number = number or (f"Mã hồ sơ: {plain(code)}" if code else UNNUMBERED)
    size = sheet.letters - 1
    gap = 4 * mm
    right = stringWidth(COUNTRY, BOLD, size) + 1
    left = sheet.width - right - gap
    day = f"<i>{capfirst(day_in_words(context.at))}</i>"
    parent = context.agency.parent
    agency: list[Flowable] = [
        *([paragraph(plain(parent.name.upper()), size, align=CENTER)] if parent else []),
        paragraph(bold(context.agency.name.upper()), size, align=CENTER),
        _rule(left / 3),
    ]
    country: list[Flowable] = [
        paragraph(bold(COUNTRY), size, align=CENTER),
        paragraph(bold(MOTTO), size + 0.5, align=CENTER),
        _rule(stringWidth(MOTTO, BOLD, size + 0.5)),
    ]
    rows: list[list[Flowable | list[Flowable] | str]] = [
        [agency, "", country],
        [paragraph(number, size, align=CENTER), "", paragraph(day, size, align=CENTER)],
    ]
    large = sheet.letters + 2
    words = _balanced(context.form.title.upper(), large, sheet.width)
    title = paragraph(f"<b>{words}</b>", large, align=CENTER, before=7, after=5)
    return [Table(rows, [left, gap, right], style=BARE), title]


def _balanced(title: str, size: float, room: float) -> str:
    """In one line, or in two of about the same length."""

    def width(words: Sequence[str]) -> float:
        return stringWidth(" ".join(words), BOLD, size)

    words = title.split()
    if width(words) <= room:
        return title
    cut = min(range(1, len(words)), key=lambda cut: max(width(words[:cut]), width(words[cut:])))
    return f"{' '.join(words[:cut])}<br/>{' '.join(words[cut:])}"


def _rule(width: float) -> Flowable:
    return HRFlowable(width=width, thickness=0.6, color="black", spaceBefore=2.5, spaceAfter=4)


def codes(sheet: Sheet, context: FormContext, *, with_look_up: bool = True) -> list[Flowable]:
    """The dossier code as a barcode and as text; the address of the public look-up as a QR code."""
    square = 19 * mm if with_look_up else 0
    room = sheet.width - square
    left: list[Flowable] = []
    right: list[Flowable] = []
    if code := context.dossier.code:
        # Wide enough for scanners, or as the room allows. A barcode needs a quiet zone of ten bars on each side.
        bars = Code128(code, barWidth=1, quiet=0).width + 20
        bar = min(0.33 * mm, room / bars)
        left = [
            Code128(code, barWidth=bar, barHeight=9 * mm, lquiet=10 * bar, rquiet=10 * bar),
            paragraph(bold(code), sheet.letters, align=CENTER),
        ]
    if with_look_up:
        # A code of level M can be read even if a stamp or a fold covers a seventh of it.
        qr_code = QrCode(context.look_up, width=square, height=square, qrLevel="M")
        right = [qr_code, paragraph("Quét để tra cứu", 7.5, align=CENTER)]
    if not left and not right:
        return []
    style = TableStyle([*BARE.getCommands(), ("VALIGN", *WHOLE, "MIDDLE")])
    return [Table([[left, right]], [room, square], style=style, spaceAfter=4)]


# ---- the body


def line(sheet: Sheet, label: str, value: object, *, strong: bool = False) -> list[Flowable]:
    """“Nhãn: nội dung”; no line for an empty value."""
    if not plain(value or ""):
        return []
    text = bold(value) if strong else plain(value)
    return [paragraph(f"{label}: {text}", sheet.letters, after=1.5)]


def short_lines(sheet: Sheet, *pairs: tuple[str, object]) -> list[Flowable]:
    """Several `line`s in a row."""
    texts = [f"{label}: {plain(value)}" for label, value in pairs if value]
    return [paragraph("\xa0\xa0\xa0\xa0 ".join(texts), sheet.letters, after=1.5)] if texts else []


def sentences(sheet: Sheet, markup: str) -> Flowable:
    """A paragraph of running text."""
    return paragraph(markup, sheet.letters, align=JUSTIFY, after=3, indent=8 * mm)


def typed(sheet: Sheet, text: str, label: str = "") -> list[Flowable]:
    """A text that a person typed, one paragraph for each line."""
    written = [plain(line) for line in f"{label}{text.strip()}".splitlines() if line.strip()]
    return [sentences(sheet, line) for line in written]


def applicant(sheet: Sheet, context: FormContext) -> list[Flowable]:
    """The applicant, how to reach them, who hands in for them, and their request."""
    dossier = context.dossier
    return [
        *line(sheet, "Chủ hồ sơ", dossier.applicant_name, strong=True),
        *line(sheet, "Ngày sinh", birth_dates.shown(dossier.birth_date)),
        *line(sheet, "Số định danh (mã số thuế)", identity_numbers.shown(dossier.identity_no)),
        *line(sheet, "Địa chỉ", dossier.full_address),
        *short_lines(sheet, ("Điện thoại", phones.shown(dossier.phone)), ("Thư điện tử", dossier.email)),
        *submitter(sheet, context),
        *request(sheet, context),
    ]


def submitter(sheet: Sheet, context: FormContext) -> list[Flowable]:
    """Who hands in for the applicant, in what capacity and on what authority; nothing where nobody does."""
    dossier = context.dossier
    if not dossier.submitter_name:
        return []
    capacity = dossier.get_submitter_capacity_display()
    return [
        *line(sheet, "Người nộp hồ sơ", f"{dossier.submitter_name} ({capacity})"),
        *short_lines(
            sheet,
            ("Số định danh của người nộp", identity_numbers.shown(dossier.submitter_identity_no)),
            ("Điện thoại", phones.shown(dossier.submitter_phone)),
        ),
        *line(sheet, "Văn bản ủy quyền", dossier.submitter_authorisation),
    ]


def request(sheet: Sheet, context: FormContext) -> list[Flowable]:
    procedure = f"{context.procedure} ({context.dossier.procedure.code})"
    return [*line(sheet, "Thủ tục", procedure), *line(sheet, "Nội dung yêu cầu", context.dossier.summary)]


def in_whose_name(decision: Decision) -> str:
    """Who decided, and which partner's system sent the decision, if one did."""
    source = f" (theo thông báo của hệ thống {decision.sent_by})" if decision.sent_by else ""
    return f"Người duyệt: {decision}{source}"


def table(
    sheet: Sheet,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    *,
    size: float | None = None,
) -> Flowable:
    """A table of markup that flows over pages, with its heading on each."""
    size = size or sheet.letters - 0.5
    left_over = sheet.width - sum(width for _heading, width, _align in columns)
    widths = [width or left_over for _heading, width, _align in columns]
    lines: list[list[Flowable | str]] = [
        [paragraph(f"<b>{heading}</b>", size, align=CENTER) for heading, _width, _align in columns]
    ]
    begins = []
    for row in rows:
        begins.append(("LINEABOVE", (0, len(lines)), (-1, len(lines)), THIN, "black"))
        cells = [paragraph(text, size, align=align) for text, (_h, _w, align) in zip(row, columns, strict=True)]
        # In pieces that each fit on a page: the text of a single cell may be longer than a page.
        stacks = [_stack(cell, width - 6) for cell, width in zip(cells, widths, strict=True)]
        for piece in range(max(map(len, stacks))):
            lines.append([stack[piece] if piece < len(stack) else "" for stack in stacks])
    style = TableStyle([*RULED.getCommands(), *begins])
    return FramedTable(lines, widths, style=style, repeatRows=1, spaceBefore=4, spaceAfter=5)


def _stack(cell: Flowable, width: float) -> list[Flowable]:
    _width, height = cell.wrap(width, SLICE)
    if height <= SLICE:
        return [cell]
    first, rest = cell.split(width, SLICE)
    return [first, *_stack(rest, width)]


def paper_table(sheet: Sheet, heading: str, papers: Iterable[Paper]) -> Flowable:
    columns: list[Column] = [
        ("TT", 8 * mm, CENTER),
        (heading, 0, LEFT),
        ("Số lượng", 16 * mm, CENTER),
        ("Hình thức", 25 * mm, LEFT),
    ]
    rows = [
        (str(number), plain(paper.name), str(paper.quantity), paper.get_form_display() if paper.form else "")
        for number, paper in enumerate(papers, 1)
    ]
    return table(sheet, columns, rows)


def fee_table(sheet: Sheet, fees: Sequence[Fee], at: datetime) -> Flowable:
    """The fees, which of them were paid or waived at `at`, and the sum of those that were not waived."""
    columns: list[Column] = [
        ("Phí, lệ phí", 0, LEFT),
        ("Số tiền", 26 * mm, RIGHT),
        ("Ghi chú", 44 * mm, LEFT),
    ]
    rows = [(plain(fee.name), dong(fee.amount), plain(_fee_note(fee, at))) for fee in fees]
    total = sum(fee.amount for fee in fees if not _by(fee.waived_at, at))
    return table(sheet, columns, [*rows, ("<b>Cộng</b>", bold(dong(total)), "")])


def _fee_note(fee: Fee, at: datetime) -> str:
    if _by(fee.paid_at, at):
        return f"đã nộp, biên lai {fee.receipt_no}" if fee.receipt_no else "đã nộp"
    if _by(fee.waived_at, at):
        return "được miễn"
    return "nộp khi trả kết quả" if fee.phase == Phase.RETURN else "chưa nộp"


def _by(happened: datetime | None, at: datetime) -> bool:
    return happened is not None and happened <= at


def boxes(sheet: Sheet, *pairs: tuple[str, str]) -> Flowable:
    """The most important values for the applicant, side by side, each label above its value."""
    cells = [
        [
            paragraph(label, sheet.letters - 1, align=CENTER),
            paragraph(bold(value), sheet.letters + 1, align=CENTER, after=1),
        ]
        for label, value in pairs
    ]
    return FramedTable([cells], [sheet.width / len(pairs)] * len(pairs), style=RULED, spaceBefore=4, spaceAfter=5)


# ---- the foot


class Signer(NamedTuple):
    role: str
    hint: str = "(Ký, ghi rõ họ tên)"
    name: str = ""


def signatures(sheet: Sheet, left: Signer | None, right: Signer, before: Sequence[Flowable] = ()) -> Flowable:
    """Two signatures, or one at the right. `before` stays on the same page, so that nobody signs an empty page."""
    half = sheet.width / 2
    cells = [_signature(sheet, left) if left else "", _signature(sheet, right)]
    return KeepTogether([*before, Spacer(1, 4), Table([cells], [half, half], style=BARE)])


def _signature(sheet: Sheet, signer: Signer) -> list[Paragraph | Spacer]:
    return [
        paragraph(bold(signer.role.upper()), sheet.letters - 0.5, align=CENTER),
        paragraph(f"<i>{signer.hint}</i>", sheet.letters - 1, align=CENTER),
        Spacer(1, 12 * mm),
        paragraph(bold(signer.name), sheet.letters, align=CENTER),
    ]


def sealed_by_the_head(sheet: Sheet, before: Sequence[Flowable]) -> Flowable:
    """The end of a letter that the head of the agency signs."""
    size = sheet.letters - 1.5
    addressees = [
        paragraph("<b><i>Nơi nhận:</i></b>", size),
        paragraph("- Như trên;", size),
        paragraph("- Lưu: hồ sơ.", size),
    ]
    signer = _signature(sheet, Signer("Thủ trưởng cơ quan", "(Ký, ghi rõ họ tên, đóng dấu)"))
    half = sheet.width / 2
    return KeepTogether([*before, Spacer(1, 4), Table([[addressees, signer]], [half, half], style=BARE)])
