"""Files that people have: which are taken at every door, which a browser shows, and what is said of the others.

A new case is one line of `TAKEN` or `REFUSED`.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test import Client
from django.urls import reverse
from PIL import Image, features

from onestop.dossiers.files.kinds import KINDS
from onestop.dossiers.models import Dossier
from onestop.partners.scopes import ApiScope
from packets.delivery.sender import deliver
from packets.models import Packet
from tests import people
from tests.api.caller import caller, read
from tests.dossiers.files.test_uploads import OLE, a_docx, a_pdf, a_workbook, a_zip, an_image
from tests.packets.portals import a_portal, collected
from tests.practice_portal import Sandbox

pytestmark = pytest.mark.django_db

Content = Callable[[], bytes]

KEPT = ""


def an_iso_file(brand: bytes, *compatible: bytes) -> bytes:
    """As phones write photographs and films: a box that names the brand, then what nobody here reads."""
    names = brand + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(names)).to_bytes(4, "big") + b"ftyp" + names + b"\0\0\0\x08mdat" + b"." * 40


def a_drawing(version: bytes = b"AC1032") -> bytes:
    return version + b"\0" * 5 + b"\x0d\x01" + b"." * 200


@cache
def _signer() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "UBND phường Trần Phú")])
    now = datetime(2026, 1, 1)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=900))
    return dated.sign(key, SHA256()), key


def a_signature(content: bytes, encoding: Encoding = Encoding.DER, *, apart: bool = True) -> bytes:
    certificate, key = _signer()
    options = [pkcs7.PKCS7Options.Binary, *([pkcs7.PKCS7Options.DetachedSignature] if apart else [])]
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, SHA256())
    return builder.sign(encoding, options)


def a_signed_xml(inside: str = "<HDon><Ten>Đặng Văn Ước</Ten></HDon>", head: str = "<?xml version='1.0'?>") -> bytes:
    signature = (
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/><SignatureValue>AAAA</SignatureValue>'
        "</Signature>"
    )
    return f"{head}<HoSo>{inside}{signature}</HoSo>".encode()


def a_webp() -> bytes:
    assert features.check("webp")
    return an_image("WEBP")


# Name, content, whether the procedure must take drawings, and right answer: as what a browser shows it, or that it is
# given out to keep only.
TAKEN: list[tuple[str, Content, bool, str]] = [
    ("ảnh.HEIC", lambda: an_iso_file(b"heic", b"mif1", b"heic"), False, KEPT),
    ("IMG_0001.heif", lambda: an_iso_file(b"mif1", b"mif1", b"heic"), False, KEPT),
    ("ảnh.liền nhau.HEIF", lambda: an_iso_file(b"msf1", b"hevc"), False, KEPT),
    ("scan.jfif", lambda: an_image("JPEG"), False, "image/jpeg"),
    ("SCAN.JFIF", lambda: an_image("JPEG"), False, "image/jpeg"),
    ("ảnh tải về.webp", a_webp, False, "image/webp"),
    ("ẢNH .WebP", a_webp, False, "image/webp"),
    ("bản vẽ.dwg", a_drawing, True, KEPT),
    ("BẢN VẼ R12.DWG", lambda: a_drawing(b"AC1009"), True, KEPT),
    ("hồ sơ.pdf.p7s", lambda: a_signature(people.PDF), False, KEPT),
    ("hồ sơ.pdf.p7s", lambda: a_signature(people.PDF, Encoding.PEM), False, KEPT),
    ("một dòng.p7s", lambda: b64encode(a_signature(people.PDF)), False, KEPT),
    ("cắt dòng.p7s", lambda: b"\r\n".join(_lines(b64encode(a_signature(people.PDF)))), False, KEPT),
    ("công văn.docx.P7M", lambda: a_signature(a_docx(), apart=False), False, KEPT),
    ("công văn.pdf.p7m", lambda: a_signature(a_pdf(), apart=False), False, KEPT),
    ("độ dài ngỏ.p7s", lambda: b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80", False, KEPT),
    ("hóa đơn.xml", a_signed_xml, False, KEPT),
    ("không khai báo.XML", lambda: a_signed_xml(head=""), False, KEPT),
    ("có BOM.xml", lambda: b"\xef\xbb\xbf" + a_signed_xml(), False, KEPT),
    ("dài.xml", lambda: a_signed_xml("<a>" + "x" * 300_000 + "</a>"), False, KEPT),
    ("xuống dòng trước.pdf", lambda: b"\r\n\n" + a_pdf(), False, "application/pdf"),
    ("có BOM.pdf", lambda: b"\xef\xbb\xbf" + a_pdf(), False, "application/pdf"),
    ("máy in.pdf", lambda: b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + a_pdf(), False, "application/pdf"),
    ("thư.pdf", lambda: b"Content-Type: application/pdf\r\n\r\n" + a_pdf(), False, "application/pdf"),
    ("rác.pdf", lambda: b"\0\x01 rac " + a_pdf(), False, "application/pdf"),
    ("1023 byte trước.pdf", lambda: b" " * 1023 + a_pdf(), False, "application/pdf"),
    ("bình thường.pdf", a_pdf, False, "application/pdf"),
    ("chữ thập phân.PDF", a_pdf, False, "application/pdf"),
    ("bản quét.tif", lambda: an_image("TIFF"), False, KEPT),
    ("tờ khai.docx", a_docx, False, KEPT),
]

# Name, content, and the words that must be said; no procedure takes any of these.
REFUSED: list[tuple[str, Content, str]] = [
    ("ảnh.jpg", lambda: an_iso_file(b"heic", b"mif1"), "đây là ảnh HEIC"),
    ("ảnh.jpg", a_webp, "đây là ảnh WebP"),
    ("ảnh.png", lambda: an_image("JPEG"), "đây là ảnh JPEG"),
    ("scan.jfif", lambda: an_image("PNG"), "đây là ảnh PNG"),
    ("ảnh.heic", lambda: an_image("JPEG"), "đây là ảnh JPEG"),
    ("ảnh.heic", lambda: an_iso_file(b"avif", b"mif1", b"avif"), "đây là ảnh AVIF"),
    ("ảnh.heic", lambda: an_iso_file(b"mif1", b"mif1", b"avif"), "đây là ảnh AVIF"),
    ("ảnh.heic", lambda: an_iso_file(b"isom", b"mp42"), "đây là phim, âm thanh MP4"),
    ("ảnh.webp", lambda: b"RIFF\x24\0\0\0WAVEfmt ", "không đúng với phần mở rộng của nó."),
    ("ảnh.webp", lambda: an_image("GIF"), "đây là ảnh GIF"),
    ("ảnh.webp", lambda: a_webp() + a_zip("a.exe"), "chứa thêm một tệp loại khác"),
    ("ảnh.heic", lambda: an_iso_file(b"heic") + a_pdf(), "chứa thêm một tệp loại khác"),
    ("ảnh.heic", lambda: an_iso_file(b"heic") + a_zip("a.exe"), "chứa thêm một tệp loại khác"),
    ("bản vẽ.dwg", lambda: b"AC1032 la ten phien ban", "không đúng với phần mở rộng của nó."),
    ("bản vẽ.dwg", lambda: b"  0\r\nSECTION\r\n", "không đúng với phần mở rộng của nó."),
    ("bản vẽ.dwg", a_pdf, "đây là tệp PDF"),
    ("bản vẽ.pdf", a_drawing, "đây là bản vẽ AutoCAD (DWG)"),
    ("bản vẽ.dwg", lambda: a_drawing() + a_zip("a.exe"), "chứa thêm một tệp loại khác"),
    ("hồ sơ.p7s", a_pdf, "đây là tệp PDF"),
    ("hồ sơ.pdf", lambda: a_signature(people.PDF), "đây là chữ ký số (PKCS#7)"),
    ("chứng thư.p7s", lambda: _signer()[0].public_bytes(Encoding.DER), "không đúng với phần mở rộng của nó."),
    ("chứng thư.p7s", lambda: _signer()[0].public_bytes(Encoding.PEM), "không đúng với phần mở rộng của nó."),
    ("thư.exe.p7s", lambda: a_signature(b"MZ"), "có phần mở rộng của chương trình"),
    ("chưa ký.xml", lambda: b"<?xml version='1.0'?><HoSo/>", "chưa được ký số"),
    ("trang.xml", lambda: a_signed_xml('<h:a xmlns:h="http://www.w3.org/1999/xhtml"/>'), "trang web hoặc có phần tự"),
    ("vẽ.xml", lambda: a_signed_xml("<s xmlns='http://www.w3.org/2000/svg'/>"), "trang web hoặc có phần tự chạy"),
    ("giấu.xml", lambda: a_signed_xml("<s xmlns='http://www.w3.org/2000/sv&#103;'/>"), "trang web hoặc có phần"),
    ("kiểu.xml", lambda: a_signed_xml(head="<?xml version='1.0'?><?xml-stylesheet href='a'?>"), "có phần tự chạy"),
    ("thực thể.xml", lambda: a_signed_xml(head="<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>"), "tự chạy"),
    ("giữa hai khúc.xml", lambda: a_signed_xml("x" * 65_460 + "<scr" + "ipt/>"), "có phần tự chạy"),
    ("UTF-16.xml", lambda: b"<a>" + a_signed_xml().decode().encode("utf-16"), "không ở bảng mã UTF-8"),
    ("UTF-16.xml", lambda: a_signed_xml().decode().encode("utf-16"), "không đúng với phần mở rộng"),
    ("trang.xml", lambda: b"<!DOCTYPE html><html></html>", "đây là trang web (HTML)"),
    ("trang.xml", lambda: b"<html><body></body></html>", "đây là trang web (HTML)"),
    ("hình.xml", lambda: b"<svg onload='alert(1)'/>", "đây là trang web (HTML)"),
    ("hình.svg", lambda: b"<svg/>", "chỉ nhận các loại"),
    ("tờ khai.docx", lambda: OLE, "đây là tệp Word, Excel đời cũ hoặc có mật khẩu"),
    ("tờ khai.docx", a_workbook, "đây là tệp Excel (.xlsx)"),
    ("tờ khai.xlsx", a_docx, "đây là tệp Word (.docx)"),
    ("tờ khai.xlsx", lambda: a_zip("a.pdf"), "đây là tệp nén ZIP"),
    ("tờ khai.pdf", a_docx, "đây là tệp nén ZIP, hoặc tệp Word, Excel"),
    ("tờ khai.doc", a_docx, "đây là tệp nén ZIP, hoặc tệp Word, Excel"),
    ("tờ khai.doc", lambda: b"{\\rtf1", "đây là văn bản RTF"),
    ("nén.zip", lambda: b"Rar!\x1a\x07\x01\0", "đây là tệp nén RAR"),
    ("trước là trang.pdf", lambda: b"<html><script>" + a_pdf(), "đây là trang web (HTML)"),
    ("trước là thẻ.pdf", lambda: b"xin chao <img src=x>" + a_pdf(), "chứa thêm một tệp loại khác"),
    ("trước là ảnh.pdf", lambda: b"\xff\xd8\xff\xe0" + a_pdf(), "đây là ảnh JPEG"),
    ("trước là lệnh.pdf", lambda: b"#!/bin/sh\n" + a_pdf(), "đây là tập lệnh"),
    ("trước là chương trình.pdf", lambda: b"MZ\x90\0" + a_pdf(), "đây là chương trình Windows"),
    ("1024 byte trước.pdf", lambda: b" " * 1024 + a_pdf(), "không đúng với phần mở rộng của nó"),
    ("a.tar.gz", lambda: zlib.compress(b"a"), "chỉ nhận các loại"),
    ("a.avif", lambda: an_iso_file(b"avif"), "chỉ nhận các loại"),
    ("a.dxf", lambda: b"  0\r\nSECTION", "chỉ nhận các loại"),
]


def _lines(text: bytes) -> list[bytes]:
    return [text[at : at + 76] for at in range(0, len(text), 76)]


def signed_in() -> Client:
    client = Client()
    client.force_login(people.lan())
    return client


# ---- the doors: each takes a file for a procedure, and tells what was wrong with it, or nothing


def at_the_counter(name: str, content: bytes, **procedure: Any) -> str:
    typed = {
        "channel": "direct",
        "agency": people.ward().pk,
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Thị Én",
        "return_method": "direct",
        "uploads": SimpleUploadedFile(name, content),
    }
    code = people.a_procedure(**procedure).code
    answer = signed_in().post(f"/dossiers/receive/{code}/", typed)
    return "" if answer.status_code == 302 else str(answer.context["form"].errors["uploads"])


def on_the_dossiers_page(name: str, content: bytes, **procedure: Any) -> str:
    dossier = people.a_dossier(procedure=people.a_procedure(**procedure))
    typed = {"applicant_kind": "citizen", "applicant_name": "Đặng Thị Én", "return_method": "direct"}
    address = reverse("dossiers:move", args=[dossier.uuid, "amend"])
    answer = signed_in().post(address, {**typed, "uploads": SimpleUploadedFile(name, content)})
    return "" if answer.status_code == 302 else str(answer.context["form"].errors["uploads"])


def by_a_partner(name: str, content: bytes, **procedure: Any) -> str:
    dossier = people.a_dossier(procedure=people.a_procedure(**procedure))
    path = f"dossiers/{dossier.uuid}/attachments?name={quote(name)}"
    answer = caller(ApiScope.ATTACHMENTS_WRITE).upload(path, content)
    if answer.status_code == 201:
        return ""
    return " ".join(error["detail"] for error in read(answer, 400)["errors"])


DOORS = [at_the_counter, on_the_dossiers_page, by_a_partner]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("name", "content", "drawing", "shown"), TAKEN)
def test_what_people_have_is_taken_and_kept_as_it_is(
    door: Callable[..., str], name: str, content: Content, drawing: bool, shown: str
) -> None:
    given = content()
    assert door(name, given, takes_drawings=drawing) == ""
    stored = Dossier.objects.get().attachments.get()
    with stored.file.open("rb") as file:
        assert (stored.name, file.read()) == (name, given)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("name", "content", "said"), REFUSED)
def test_what_is_not_what_its_name_says_is_refused_in_a_sentence_that_says_what_it_is(
    door: Callable[..., str], name: str, content: Content, said: str
) -> None:
    assert said in door(name, content(), takes_drawings=True)
    assert not any(dossier.attachments.exists() for dossier in Dossier.objects.all())


@pytest.mark.parametrize("door", DOORS)
def test_drawings_are_taken_only_where_the_procedure_says_so(door: Callable[..., str]) -> None:
    assert "thủ tục này không nhận bản vẽ DWG" in door("nhà.dwg", a_drawing(), takes_drawings=False)


# ---- shown, or only given out


def a_dossier_with(name: str, content: bytes, drawing: bool = False) -> Dossier:
    procedure = people.a_procedure(takes_drawings=drawing)
    return people.a_dossier(procedure=procedure, files=[SimpleUploadedFile(name, content)])


@pytest.mark.parametrize(("name", "content", "drawing", "shown"), TAKEN)
def test_a_file_is_shown_as_what_it_is_or_given_out_as_nothing_that_runs(
    name: str, content: Content, drawing: bool, shown: str
) -> None:
    given, client = content(), signed_in()
    dossier = a_dossier_with(name, given, drawing)
    preview = client.get(reverse("dossiers:preview", args=[dossier.uuid, 1]))
    assert preview.status_code == (200 if shown else 404)
    kept = client.get(reverse("dossiers:attachment", args=[dossier.uuid, 1]))
    assert isinstance(kept, FileResponse)
    assert kept.getvalue() == given
    assert kept.headers["Content-Type"] == (shown or "application/octet-stream")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in kept.headers["Content-Security-Policy"]
    page = client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    assert ("trình duyệt không hiển thị được loại tệp này" in page) == (not shown)
    if shown:
        assert isinstance(preview, FileResponse)
        assert preview.getvalue() == given
        assert preview.headers["Content-Type"] == shown
        assert preview.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("name", "content", "drawing", "shown"), [case for case in TAKEN if case[3]])
def test_what_is_shown_can_be_drawn(name: str, content: Content, drawing: bool, shown: str) -> None:
    """By what browsers draw with: PDFium, and readers of images."""
    if shown == "application/pdf":
        document = pypdfium2.PdfDocument(content())
        assert document[0].get_textpage().get_text_bounded().strip() == "Don de nghi"
        document.close()
    else:
        assert Image.open(BytesIO(content())).size == (40, 30)


def test_the_page_offers_to_choose_what_the_procedure_takes() -> None:
    for drawing in (False, True):
        code = people.a_procedure(takes_drawings=drawing).code
        field = signed_in().get(f"/dossiers/receive/{code}/").context["form"].fields["uploads"]
        offered = set(field.widget.attrs["accept"].split(","))
        assert offered == {*KINDS} - (set() if drawing else {".dwg"})
        assert ("DWG" in str(field.help_text)) == drawing


def test_every_kind_travels_in_a_packet_as_it_is(practice_portal: Sandbox) -> None:
    files = {f"{number}{PurePath(name).suffix}": content() for number, (name, content, _d, _s) in enumerate(TAKEN)}
    procedure = people.a_procedure(takes_drawings=True)
    dossier = people.a_dossier(procedure=procedure, files=[SimpleUploadedFile(*file) for file in files.items()])
    portal = a_portal(practice_portal.address)
    collected(portal)
    deliver(portal)
    assert set(Packet.objects.values_list("state", flat=True)) == {"accepted"}
    (held,) = practice_portal.held("document", dossier.code or "")
    told = {part["AttachmentName"]: part["Base64"] for part in held["Attachments"]}
    assert told == {name: f"sha256:{people.sha256_of(content)}:{len(content)}" for name, content in files.items()}
