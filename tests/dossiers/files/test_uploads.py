"""Which files are taken: honest ones of every kind, and none that is something else than it says."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from struct import pack
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from onestop.catalog.models import Phase
from onestop.common.errors import InputRefused
from onestop.common.input.text import visible
from onestop.dossiers.files.names import stored_name
from onestop.dossiers.files.uploads import attach_all, check_upload
from onestop.dossiers.models import Attachment
from tests import people

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
TYPES, RELATIONS = "[Content_Types].xml", "_rels/.rels"
RIGHT_TO_LEFT = "\u202e"


def named(name: str, content: bytes = people.PDF) -> File[bytes]:
    """As the API gives it: with the name that the client claims, untouched."""
    return File(BytesIO(content), name)


# ---- files


def a_zip(*names: str, before: bytes = b"", content: bytes = b"<xml/>", comment: bytes = b"") -> bytes:
    file = BytesIO()
    file.write(before)
    with ZipFile(file, "a" if before else "w", ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


def a_docx(*more: str, main: str = "word/document.xml") -> bytes:
    return a_zip(TYPES, RELATIONS, main, *more)


def a_workbook(rows: int = 3) -> bytes:
    book, file = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for number in range(rows):
        sheet.append([number, "Đặng Văn Ước", "phường Trần Phú, tỉnh Hà Giang"])
    book.save(file)
    return file.getvalue()


def an_image(kind: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, kind)
    return file.getvalue()


def a_pdf() -> bytes:
    file = BytesIO()
    canvas = Canvas(file)
    canvas.drawString(100, 700, "Don de nghi")
    canvas.save()
    return file.getvalue()


def an_entry(name: bytes, size: int, extra: bytes = b"") -> bytes:
    """A row of an archive's directory that declares `size` bytes unpacked from 10."""
    numbers = pack("<HHHHHHLLL", 20, 20, 0, 8, 0, 0, 0, 10, size)
    return b"PK\x01\x02" + numbers + pack("<HHHHHLL", len(name), len(extra), 0, 0, 0, 0, 0) + name + extra


def an_end(entries: int, size: int, offset: int) -> bytes:
    return b"PK\x05\x06" + pack("<HHHHLLH", 0, 0, entries, entries, size, offset, 0)


def a_declared(sizes: Mapping[bytes, int], padding: int = 60) -> bytes:
    """An archive whose directory says what comes out, whatever is in it."""
    body = b"PK\x03\x04" + b"\0" * padding
    directory = b"".join(an_entry(name, size) for name, size in sizes.items())
    return body + directory + an_end(len(sizes), len(directory), len(body))


def a_declared_docx(size: int) -> bytes:
    return a_declared({TYPES.encode(): 100, b"word/document.xml": size})


def a_zip_of(directory: bytes, entries: int = 1) -> bytes:
    """An archive with that directory, which says that it has so many `entries`."""
    body = b"PK\x03\x04" + b"\0" * 60
    return body + directory + an_end(entries, len(directory), len(body))


def a_long_directory(size: int) -> bytes:
    """An archive whose directory of the long form (ZIP64) claims `size` bytes."""
    body = b"PK\x03\x04" + b"\0" * 60
    long = b"PK\x06\x06" + pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, size, len(body))
    locator = b"PK\x06\x07" + pack("<LQL", 0, len(body), 1)
    return body + long + locator + an_end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


MANY = {b"%05d.xml" % number: 0 for number in range(10_001)}
MB = 1024**2

HONEST: dict[str, Callable[[], bytes]] = {
    "đơn.pdf": lambda: people.PDF,
    "bản quét.pdf": a_pdf,
    "có phần thêm vào sau.pdf": lambda: a_pdf() + b"\0" * 70_000,
    "nhắc đến PK.pdf": lambda: people.PDF + b" PK\x05\x06 " + b"." * 40 + b"PK\x05\x06",
    "rỗng ở cuối.pdf": lambda: people.PDF + an_end(0, 0, 0),
    "ghi chú.pdf": lambda: b"%PDF-1.4\n%\xff\xd8\xff <html> MZ\n" + people.PDF,
    "ảnh.jpg": lambda: an_image("JPEG"),
    "Ảnh Chụp.JPEG": lambda: an_image("JPEG") + an_image("JPEG"),
    "ảnh.png": lambda: an_image("PNG"),
    "bản quét.tif": lambda: an_image("TIFF"),
    "bản quét.tiff": lambda: b"MM\x00*" + b"\0" * 100,
    "tờ khai.docx": a_docx,
    "từ Word trên mạng.docx": lambda: a_docx(main="word/document22.xml"),
    "bảng kê.xlsx": a_workbook,
    "cũ.doc": lambda: OLE,
    "cũ.xls": lambda: OLE,
    "hồ sơ.zip": lambda: a_zip("Tờ khai.pdf", "ảnh/1: mặt trước..jpg", "ảnh/"),
    "có lời ghi.zip": lambda: a_zip("a.pdf", comment=b"ghi chu" * 9_000),
    "có mã chạy.zip": lambda: a_zip("word/vbaProject.bin"),
    "đúng giới hạn.zip": lambda: a_declared(dict(list(MANY.items())[1:])),
    "lớn mà không phải bom.zip": lambda: a_declared({b"a": 100 * MB}),
    "1 GB.zip": lambda: a_declared({b"a": 1024 * MB}, padding=6 * MB),
}

UNLIKE = "không đúng với phần mở rộng"
TOO_MUCH = "giải nén ra quá nhiều tệp hoặc quá lớn"
TWO_IN_ONE = "chứa thêm một tệp loại khác"
UNSAFE_PATH = "đường dẫn không an toàn"
MACRO = "có macro"

HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("rỗng.pdf", lambda: b"", "rỗng"),
    ("chương trình.pdf", lambda: b"MZ\x90\x00", UNLIKE),
    ("chương trình.exe", lambda: b"MZ\x90\x00", "chỉ nhận các loại"),
    ("trang.pdf", lambda: b"<html><script>" + people.PDF, UNLIKE),
    ("trang.html", lambda: people.PDF, "chỉ nhận các loại"),
    ("ảnh.gif", lambda: b"GIF89a/*", "chỉ nhận các loại"),
    ("GIF và JS.png", lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", UNLIKE),
    ("ELF.jpg", lambda: b"\x7fELF", UNLIKE),
    ("lệnh.tif", lambda: b"#!/bin/sh", UNLIKE),
    ("không đầu.png", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\x04tEXt", UNLIKE),
    ("nửa chừng.doc", lambda: b"\xd0\xcf\x11\xe0", UNLIKE),
    ("PDF và ZIP.pdf", lambda: a_zip("a.exe", before=a_pdf()), TWO_IN_ONE),
    ("PDF rồi ZIP.pdf", lambda: a_pdf() + a_zip("a.exe"), TWO_IN_ONE),
    ("PNG và ZIP.png", lambda: a_zip("a.class", before=an_image("PNG")), TWO_IN_ONE),
    ("JPEG rồi ZIP.jpg", lambda: an_image("JPEG") + a_zip("a.exe", comment=b"x" * 65_535), TWO_IN_ONE),
    ("TIFF rồi ZIP.tif", lambda: an_image("TIFF") + a_zip("a.exe") + b"\0" * 100, TWO_IN_ONE),
    ("ZIP dạng dài.pdf", lambda: people.PDF + a_long_directory(100), TWO_IN_ONE),
    ("JPEG và PDF.jpg", lambda: b"\xff\xd8\xff\xfe\x00\x20" + people.PDF, TWO_IN_ONE),
    ("văn bản.docx", lambda: b"PK\x03\x04" + b"\0" * 100, UNLIKE),
    ("bảng.docx", a_workbook, UNLIKE),
    ("tờ khai.xlsx", a_docx, UNLIKE),
    ("không có loại.docx", lambda: a_zip("word/document.xml"), UNLIKE),
    ("không có gì.zip", lambda: an_end(0, 0, 0), UNLIKE),
    ("chỉ có đầu.zip", lambda: b"PK\x03\x04" + an_end(0, 0, 4), UNLIKE),
    ("hai lần nén.zip", lambda: a_zip("a.pdf") + a_zip("b.exe"), UNLIKE),
    ("phiên bản lạ.zip", lambda: a_zip("a.pdf").replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"), UNLIKE),
    ("tên hỏng.zip", lambda: a_zip("ả.pdf").replace("ả".encode(), b"\xff\xff\xff"), UNLIKE),
    ("có macro.docx", lambda: a_docx("word/vbaProject.bin"), MACRO),
    ("có macro.xlsx", lambda: a_zip(TYPES, "xl/workbook.xml", "XL/VBAPROJECT.BIN"), MACRO),
    ("bom.docx", lambda: a_declared_docx(1024 * MB + 1), TOO_MUCH),
    ("bom nhỏ.docx", lambda: a_declared_docx(101 * MB), TOO_MUCH),
    ("bom.zip", lambda: a_zip("a.txt", content=bytes(101 * MB)), TOO_MUCH),
    ("nhiều bom.zip", lambda: a_declared({b"%d" % n: 4_000_000_000 for n in range(100)}), TOO_MUCH),
    ("quá nhiều tệp.zip", lambda: a_declared(MANY), TOO_MUCH),
    ("mục lục quá dài.zip", lambda: a_declared({b"%d" % n + b"a" * 60_000: 0 for n in range(90)}), TOO_MUCH),
    ("mục lục khống.zip", lambda: a_long_directory(2**62), UNLIKE),
    ("đường dẫn.docx", lambda: a_docx("../a.xml"), UNSAFE_PATH),
]

HOSTILE_NAMES = {
    "": "chỉ nhận",
    ".": "bắt đầu bằng dấu chấm",
    "..": "bắt đầu bằng dấu chấm",
    ".pdf": "bắt đầu bằng dấu chấm",
    ".htaccess.pdf": "bắt đầu bằng dấu chấm",
    "../đơn.pdf": "dấu / hoặc",
    "/etc/đơn.pdf": "dấu / hoặc",
    "..\\đơn.pdf": "dấu / hoặc",
    "C:\\đơn.pdf": "dấu / hoặc",
    "đơn.pdf\0.exe": "ký tự ẩn",
    "đơn.exe\0.pdf": "ký tự ẩn",
    "đơn\n.pdf": "ký tự ẩn",
    "đơn\x85.pdf": "ký tự ẩn",
    f"đơn.exe{RIGHT_TO_LEFT}fdp.pdf": "ký tự ẩn",
    f"đơn{RIGHT_TO_LEFT}fdp.exe": "ký tự ẩn",
    "\u2066đơn\u2069.pdf": "ký tự ẩn",
    "\ud800đơn.pdf": "ký tự ẩn",
    "a" * 252 + ".pdf": "dài hơn 255",
    "a" * 1_000_000 + ".pdf": "dài hơn 255",
    "a" + "\u0301\u0323" * 500_000 + ".pdf": "dài hơn 255",
    "đơn.pdf.exe": "chỉ nhận",
    "đơn.pdf.": "kết thúc bằng dấu chấm hoặc khoảng trắng",
    "đơn.pdf ": "kết thúc bằng dấu chấm hoặc khoảng trắng",
    "đơn.pdf. ": "kết thúc bằng dấu chấm hoặc khoảng trắng",
    "đơn": "chỉ nhận",
    "đơn.exe.pdf": "của chương trình",
    "đơn.EXE .pdf": "của chương trình",
    "đơn.scr.x.pdf": "của chương trình",
}

HONEST_NAMES = [
    "Đơn đề nghị (bản 2), ngày 01.02.2026 [ký].pdf",
    unicodedata.normalize("NFD", "Tờ khai đăng ký khai sinh của Nguyễn Thị Ước.PDF"),
    "tờ khai 📄👨\u200d👩\u200d👧 số 1.pdf",
    "hóa đơn tiki.com.pdf",
    "a" * 251 + ".pdf",
    unicodedata.normalize("NFD", "ế" * 251 + ".pdf"),
    "v1..pdf",
]


def stored_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_taken_and_left_at_its_beginning(name: str) -> None:
    content = HONEST[name]()
    file = named(name, content)
    check_upload(file)
    assert file.read() == content


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content", "why"), [pytest.param(*row, id=row[0]) for row in HOSTILE])
def test_a_hostile_file_is_refused_by_its_name_and_nothing_is_stored(
    name: str, content: Callable[[], bytes], why: str
) -> None:
    dossier = people.a_dossier()
    with pytest.raises(InputRefused, match=why) as refused:
        attach_all(dossier, [named("đơn.pdf"), named(name, content())], Phase.RECEPTION, timezone.now())
    assert f"“{name}”" in str(refused.value)
    assert not Attachment.objects.exists()
    assert not stored_files()


@pytest.mark.parametrize(
    "directory",
    [an_entry(b"", 0) * 100_000, an_entry(b"a", 0) + an_entry(b"a", 0, b"\0" * 65_532) * 70],
    ids=["more entries than it says", "long extra fields"],
)
def test_a_directory_that_takes_long_to_read_is_refused_before_an_object_is_made_of_an_entry(
    directory: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    cut_up = ZipInfo._decodeExtra  # type: ignore[attr-defined] # what takes long

    def counted(entry: ZipInfo, *rest: object) -> None:
        made.append(entry.filename)
        cut_up(entry, *rest)

    monkeypatch.setattr(ZipInfo, "_decodeExtra", counted)
    with pytest.raises(ValidationError, match=TOO_MUCH):
        check_upload(named("hồ sơ.zip", a_zip_of(directory)))
    assert made == []
    check_upload(named("hồ sơ.zip", a_zip_of(an_entry(b"a", 0))))
    assert made == ["a"]


@pytest.mark.parametrize(
    "entry", [b"../a", b"a/../../b", b"a/..", b"/etc/a", b"C:/a", b"c:a", b"a\\b", b"a.pdf\0.exe"]
)
def test_an_archive_that_leads_out_of_its_folder_is_refused(entry: bytes) -> None:
    with pytest.raises(ValidationError, match=UNSAFE_PATH):
        check_upload(named("hồ sơ.zip", a_declared({entry: 1})))


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda name: ascii(name[:20]))
def test_a_hostile_name_is_refused_legibly_and_nothing_is_stored(name: str) -> None:
    dossier = people.a_dossier()
    with pytest.raises(InputRefused, match=HOSTILE_NAMES[name]) as refused:
        attach_all(dossier, [named(name)], Phase.RECEPTION, timezone.now())
    ((reason,),) = refused.value.fields.values()
    message = str(reason)
    assert len(message.encode()) < 700
    assert RIGHT_TO_LEFT not in message
    assert "\0" not in message
    assert not Attachment.objects.exists()
    assert not stored_files()


@pytest.mark.django_db
@pytest.mark.parametrize("name", HONEST_NAMES, ids=lambda name: ascii(name[:20]))
def test_an_honest_name_is_kept_composed(name: str) -> None:
    dossier = people.a_dossier()
    attach_all(dossier, [named(name)], Phase.RECEPTION, timezone.now())
    assert dossier.attachments.get().name == unicodedata.normalize("NFC", name)


ANY_NAME = st.builds(
    "{}{}".format,
    st.text(st.characters(codec=None, categories=None) | st.sampled_from("./\\ e\u0302\u0301\u202e\0"), max_size=260),
    st.sampled_from([".pdf", ".PDF", ".exe.pdf", ""]),
)


@pytest.mark.django_db
@trying(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ANY_NAME)
@example(unicodedata.normalize("NFD", "Tờ khai.pdf"))
def test_whatever_name_is_taken_is_stored_composed_and_inside_the_dossiers_folder(name: str) -> None:
    dossier = people.a_dossier()
    try:
        attach_all(dossier, [named(name)], Phase.RECEPTION, timezone.now())
    except InputRefused:
        assert not dossier.attachments.exists()
        return
    stored = dossier.attachments.get()
    assert stored.name == visible(name)
    assert stored_name(stored.name) == stored.name
    assert Path(stored.file.path).parent == Path(settings.MEDIA_ROOT) / "dossiers" / str(dossier.uuid)


@trying(max_examples=300)
@given(st.sampled_from(["a.docx", "a.pdf"]), st.data())
def test_a_damaged_file_is_taken_or_refused_and_never_an_error(name: str, data: st.DataObject) -> None:
    content = bytearray(a_docx() if name == "a.docx" else a_pdf()[:500] + a_zip("a"))
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValidationError):
        check_upload(named(name, bytes(content)))
