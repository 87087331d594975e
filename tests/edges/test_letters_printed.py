"""Letters on paper and in files: drawn, or seen to be lacking and told to who prints; never left out in silence.

A new case is one line of `DRAWN` or `LACKING`.
"""

from __future__ import annotations

import csv
import unicodedata
from contextlib import closing
from io import BytesIO
from typing import Any, Final

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from onestop.common.spreadsheets import put, write_csv
from onestop.dossiers import lifecycle
from onestop.dossiers.documents import print_form
from onestop.dossiers.documents.forms import receipt
from onestop.dossiers.documents.typeface.faces import FACES, FONTS
from onestop.dossiers.documents.typeface.missing_letters import GAP, drawable, missing
from onestop.dossiers.documents.typeface.stacked import GLYPHS, apart
from onestop.dossiers.models import Dossier, Move
from onestop.dossiers.register.entries import Register
from onestop.dossiers.register.pdf import write_pdf
from onestop.dossiers.register.xlsx import write_xlsx
from tests import people

NFD: Final = "NFD"

# As it was typed or is stored, and right answer: as it reads on paper. Nothing of it is lacking.
DRAWN: list[tuple[str, str]] = [
    ("Nguyễn Thị Ước", "Nguyễn Thị Ước"),
    (unicodedata.normalize(NFD, "Đặng Thị Ước Nghĩa"), "Đặng Thị Ước Nghĩa"),
    ("Y Ƀlơ̆ng Êƀan", "Y Ƀlơ̆ng Êƀan"),
    ("H'Ơ̆k Niê Kdăm, Rơ Ô H'Čĕ", "H'Ơ̆k Niê Kdăm, Rơ Ô H'Čĕ"),
    (unicodedata.normalize(NFD, "ê̆ ô̆ ơ̆ ư̆ â̆ Ê̆ Ô̆ Ơ̆ Ư̆ Â̆"), "ê̆ ô̆ ơ̆ ư̆ â̆ Ê̆ Ô̆ Ơ̆ Ư̆ Â̆"),
    ("ƀ č ĕ ŏ ŭ ĭ ñ Ƀ Č Ĕ Ŏ Ŭ Ĭ Ñ", "ƀ č ĕ ŏ ŭ ĭ ñ Ƀ Č Ĕ Ŏ Ŭ Ĭ Ñ"),
    ("Чехов Юлия", "Чехов Юлия"),
    ("Ωμέγα", "Ωμέγα"),
    ("Müller-Lüdenscheidt, Łódź, Çelik", "Müller-Lüdenscheidt, Łódź, Çelik"),
    ("Công ty ABC™ ® © № ½ € ₫", "Công ty ABC™ ® © № ½ € ₫"),
    ("ＮＧＵＹＥＮ　ＶＡＮ　Ａ０１", "NGUYEN VAN A01"),
    ("㎡ ① 𝐀 Ⅻ ﹪", "m2 1 A XII %"),
    ("một\u2003hai\u3000ba\tbốn", "một hai ba bốn"),
    ("không\u00a0tách", "không\u00a0tách"),
    ("ẩn\u200b\u2060\ufeff\u00ad dấu", "ẩn dấu"),
    ("tim ❤\ufe0e".replace("❤", "♥"), "tim ♥"),
]

# As it was typed, as it reads on paper, and right answer: the letters that are told to be lacking.
LACKING: list[tuple[str, str, str]] = [
    ("阮文 An", f"{GAP}{GAP} An", "阮文"),
    ("Lâm ខ្មែរ", f"Lâm {GAP}{GAP}{GAP}", "ខមរ"),
    ("Đàng ꨀꨁ", f"Đàng {GAP}{GAP}", "ꨀꨁ"),
    ("An 😀", f"An {GAP}", "😀"),
    ("mẹ 👩\u200d👧", f"mẹ {GAP}{GAP}", "👩👧"),
    ("cờ 🇻🇳", f"cờ {GAP}{GAP}", "🇻🇳"),
    ("محمد", f"{GAP}{GAP}{GAP}", "محد"),
    ("ｶﾀｶﾅ", f"{GAP}{GAP}{GAP}", "ｶﾀﾅ"),
    ("phông cũ \ue000\uf0e0", f"phông cũ {GAP}{GAP}", "\ue000\uf0e0"),
    ("chưa có \U0003fffd", f"chưa có {GAP}", "\U0003fffd"),
    ("ไทย", f"{GAP}{GAP}{GAP}", "ไทย"),
]


@pytest.mark.parametrize(("typed", "drawn"), DRAWN)
def test_what_the_typeface_has_is_drawn(typed: str, drawn: str) -> None:
    assert apart(drawable(typed)) == unicodedata.normalize("NFC", drawn)
    assert missing([typed]) == []


@pytest.mark.parametrize(("typed", "_drawn", "told"), LACKING)
def test_what_it_lacks_is_a_gap_and_told(typed: str, _drawn: str, told: str) -> None:
    drawn = drawable(typed)
    assert GAP in drawn
    assert missing([typed, typed]) == list(dict.fromkeys(told))
    assert drawn.replace(GAP, "").strip() == _drawn.replace(GAP, "").strip()


def test_every_letter_with_its_own_glyph_is_in_every_cut() -> None:
    for name in FACES:
        font = pdfmetrics.getFont(name)
        assert isinstance(font, TTFont)
        known = font.face.charToGlyph
        assert [pair for pair, glyph in GLYPHS.items() if ord(glyph) not in known] == [], name
    for pair in GLYPHS:
        assert len(drawable(pair)) == len(drawable(unicodedata.normalize(NFD, pair))) == 1, pair


# ---- seen: ink where the letter is, and nowhere else


def page_of(text: str, font: str = FACES[0]) -> tuple[str, Any]:
    """What a reader copies from a page with that text, and its picture."""
    written = BytesIO()
    canvas = Canvas(written, (600, 60))
    canvas.setFont(font, 24)
    canvas.drawString(20, 20, drawable(text))
    canvas.save()
    with closing(pypdfium2.PdfDocument(written.getvalue())) as document:
        text = document[0].get_textpage().get_text_bounded()
        return text, document[0].render(scale=4, grayscale=True).to_pil()


def ink(picture: Any) -> tuple[int, int, int, int]:
    box: tuple[int, int, int, int] = picture.point(lambda tone: 255 if tone < 128 else 0).getbbox()
    return box


@pytest.mark.parametrize("font", FACES)
@pytest.mark.parametrize("letter", ["ê̆", "ơ̆", "Ơ̆", "ư̆", "Â̆", "i̱", "Ə̃"])
def test_an_accent_stands_over_its_letter_and_not_beside_it(letter: str, font: str) -> None:
    bare = unicodedata.normalize("NFC", letter)[0]
    with_accent, without = ink(page_of(letter, font)[1]), ink(page_of(bare, font)[1])
    width = without[2] - without[0]
    # The slanted cuts lean to the right.
    room = width * (0.35 if "Italic" in font else 0.15)
    assert abs(with_accent[0] - without[0]) <= room + 6
    assert with_accent[2] - without[2] <= room
    taller = with_accent[3] - with_accent[1] - (without[3] - without[1])
    assert taller > 8


@pytest.mark.parametrize(("typed", "drawn"), DRAWN)
def test_what_is_copied_from_the_paper_is_the_text(typed: str, drawn: str) -> None:
    copied, _picture = page_of(typed)
    assert unicodedata.normalize("NFC", copied.replace("\u00a0", " ").strip()) == unicodedata.normalize(
        "NFC", drawn.replace("\u00a0", " ")
    )


# ---- the papers


def readable(content: bytes) -> str:
    with closing(pypdfium2.PdfDocument(content)) as document:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def receipt_of(dossier: Dossier) -> str:
    with print_form(dossier, receipt.KIND, dossier.transitions.get(move=Move.ACCEPT), people.lan()).file.open(
        "rb"
    ) as file:
        return readable(file.read())


def page(dossier: Dossier) -> str:
    client = Client()
    client.force_login(people.lan())
    return client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()


@pytest.mark.django_db
def test_a_name_with_letters_of_jarai_is_printed_whole_and_nothing_is_warned_of() -> None:
    # As rows stand that were stored before text was composed at the door.
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name=unicodedata.normalize(NFD, "Rơ Mah H'Ơ̆k Ƀlơ̆ng"))
    dossier.refresh_from_db()
    assert unicodedata.normalize("NFC", "Rơ Mah H'Ơ̆k Ƀlơ̆ng") in unicodedata.normalize("NFC", receipt_of(dossier))
    assert "Phông chữ của mẫu in không có" not in page(dossier)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["applicant_name", "address", "summary"])
def test_who_prints_is_told_beside_the_button_and_the_paper_has_a_gap(field: str) -> None:
    traits: dict[str, Any] = {field: "阮 Trãi 😀"}
    dossier = people.a_dossier(**traits)
    told = page(dossier)
    assert "Phông chữ của mẫu in không có: 阮 (U+962E), 😀 (U+1F600)." in told
    assert f"{GAP} Trãi {GAP}" in receipt_of(dossier)
    # Also when it has been printed.
    assert "Phông chữ của mẫu in không có" in page(dossier)


@pytest.mark.django_db
def test_what_somebody_wrote_at_a_move_is_warned_of_too() -> None:
    dossier = people.a_dossier()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu bản dịch 中文")
    assert "中 (U+4E2D), 文 (U+6587)" in page(dossier)


@pytest.fixture
def a_register() -> Register:
    today = timezone.localdate()
    return Register(people.lan(), today, today, None, None)


@pytest.mark.django_db
def test_the_register_has_gaps_and_names_what_is_lacking_at_its_end(a_register: Register) -> None:
    people.a_dossier(applicant_name="阮 Trãi", address=unicodedata.normalize(NFD, "buôn Ƀlơ̆ng"))
    file = BytesIO()
    write_pdf(a_register, file)
    read = readable(file.getvalue())
    assert f"{GAP} Trãi" in read
    assert "không có, cần ghi tay: U+962E" in read
    assert "buôn Ƀlơ̆ng" in unicodedata.normalize("NFC", read)


@pytest.mark.django_db
def test_the_register_says_nothing_where_nothing_is_lacking(a_register: Register) -> None:
    people.a_dossier(applicant_name="Ksor H'Ơ̆k")
    file = BytesIO()
    write_pdf(a_register, file)
    assert "cần ghi tay" not in readable(file.getvalue())


# ---- workbooks and CSV

# What is stored, and right answer: what stands in the cell.
IN_CELLS: list[tuple[str, str]] = [
    ("chuông\x07 lùi\x08", "chuông lùi"),
    ("dòng một\x0bdòng hai", "dòng một\ndòng hai"),
    ("không\x00 có", "không có"),
    ("\x1b[31mđỏ", "[31mđỏ"),
    ("không phải chữ \ufffe\uffff", "không phải chữ"),
    ("nửa chữ \ud83d", "nửa chữ"),
    ("Rơ Ô H'Ƀlơ̆ng 阮 😀", "Rơ Ô H'Ƀlơ̆ng 阮 😀"),
    ("=1+1", "=1+1"),
]


@pytest.mark.parametrize(("stored", "seen"), IN_CELLS)
def test_no_letter_breaks_a_workbook(stored: str, seen: str) -> None:
    book, file = Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    put(sheet["A1"], stored)
    book.save(file)
    read = load_workbook(file).active
    assert read is not None
    assert str(read["A1"].value).strip() == seen


@pytest.mark.parametrize(("stored", "seen"), IN_CELLS)
def test_no_letter_breaks_a_csv(stored: str, seen: str) -> None:
    file = BytesIO()
    write_csv([[stored, "sau"]], file)
    ((first, last),) = csv.reader(file.getvalue().decode("utf-8-sig").splitlines(keepends=True))
    assert (first.removeprefix("'").strip(), last) == (seen, "sau")


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1f", "\x7f", "\u202e", "\ue000", "\ufffe"])
def test_what_stands_in_old_rows_breaks_no_file_and_no_page(sign: str, a_register: Register) -> None:
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(applicant_name=f"An{sign}Bình", summary=f"Khai{sign} sinh")
    for write in (write_pdf, write_xlsx):
        file = BytesIO()
        write(a_register, file)
        assert len(file.getvalue()) > 1000
    dossier.refresh_from_db()
    assert "Khai" in receipt_of(dossier)
    assert "Khai" in page(dossier)


def test_the_typeface_came_with_its_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()
