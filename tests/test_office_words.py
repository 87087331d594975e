"""Office words everywhere: in every text of the sources in both languages, in mails, in prints, in the scripts.

What the pages show is read in `test_every_page_in_words`. The lists are those of `forbidden_words`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.core import mail
from django.utils import translation

from onestop.dossiers.documents import print_form, printable
from onestop.dossiers.models import State
from onestop.staff.models import User
from packets.models.portal_change import PortalChange
from packets.monitoring.mailing import send
from packets.portals import change_mail

from . import people
from .dossiers.documents.test_documents import text_of
from .forbidden_words import forbidden
from .packets.portals import a_portal, collected
from .test_translations import (
    CATALOGUE,
    PAGES,
    ROOT,
    SCRIPTS,
    Message,
    is_vietnamese,
    messages_in_python,
    messages_in_template,
    named,
)

# What partners, whoever practises against the practice portal, and whoever types commands on the server read.
OTHERS = ("onestop/api/", "onestop/rest/", "onestop/partners/", "packets/api/", "packets/sandbox/", "packets/schemas/")
COMMANDS = ("packets/dialects/", "packets/switches/", "packets/monitoring/remaining.py", "packets/evidence/")


def is_for_the_office(path: Path) -> bool:
    name = named(path)
    return not name.startswith(OTHERS) and not {"management", "migrations"} & set(path.parts)


# After these words a command may stand.
FOR_THE_ADMINISTRATOR = "Dành cho quản trị hệ thống"
OFFICE_PAGES = [path for path in PAGES if is_for_the_office(path)]
OFFICE_SCRIPTS = [path for path in SCRIPTS if is_for_the_office(path)]
IN_BROWSER = sorted((ROOT / "static/onestop").glob("*.js"))


def messages(path: Path) -> set[Message]:
    source = path.read_text(encoding="utf-8")
    return messages_in_template(source) if path.suffix == ".html" else messages_in_python(source)


def on_paper(text: str) -> str:
    """Without the two terms of the printed models that the screens replace by longer ones."""
    return text.replace("Người duyệt", "").replace("Thư điện tử", "")


def texts_in_code(source: str) -> Iterator[str]:
    """Every Vietnamese text of a Python file, marked or not, also the parts of f-strings; docstrings are none."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if is_vietnamese(node.value) and not node.value.startswith(FOR_THE_ADMINISTRATOR):
            yield node.value


@pytest.fixture(scope="module")
def english() -> dict[str, list[str]]:
    catalogue = polib.pofile(CATALOGUE)
    return {entry.msgid: [entry.msgstr, *entry.msgstr_plural.values()] for entry in catalogue}


@pytest.mark.parametrize("path", [*OFFICE_PAGES, *OFFICE_SCRIPTS], ids=named)
def test_no_text_of_the_sources_has_a_forbidden_word(path: Path, english: dict[str, list[str]]) -> None:
    marked = messages(path)
    assert list(forbidden((message.text for message in marked), "vi")) == []
    translated = (text for message in marked for text in english.get(message.text, []))
    assert list(forbidden(translated, "en")) == []


@pytest.mark.parametrize("path", [path for path in OFFICE_SCRIPTS if not named(path).startswith(COMMANDS)], ids=named)
def test_nor_has_a_text_that_is_not_translated(path: Path) -> None:
    """Mails, prints, names of sheets and columns, texts that the demo and the starter questions bring."""
    texts = texts_in_code(path.read_text(encoding="utf-8"))
    assert list(forbidden(map(on_paper, texts) if "documents" in path.parts else texts, "vi")) == []


def test_a_page_with_a_command_says_for_whom_it_is() -> None:
    with_command = [path for path in OFFICE_PAGES if "manage.py" in path.read_text(encoding="utf-8")]
    assert with_command
    assert [path for path in with_command if FOR_THE_ADMINISTRATOR not in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", IN_BROWSER, ids=named)
def test_nor_has_a_script_of_the_pages(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert list(forbidden((line for line in source.splitlines() if is_vietnamese(line)), "vi")) == []


@pytest.mark.django_db
def test_no_mail_has_one() -> None:
    portal = a_portal(require_attachment=True, name="Cổng Quốc gia")
    User.objects.filter(pk=people.tu().pk).update(email="tu@hagiang.example")
    people.a_dossier()
    collected(portal)
    change = PortalChange.objects.create(
        portal=portal, code=portal.code, who="Lê Thu Hà", act=PortalChange.Act.CHANGED, changes={}
    )
    assert send(again=True) == 1
    letters = [*mail.outbox, *change_mail.mails(change)]
    assert len(letters) == 2
    lines = [line for letter in letters for line in (str(letter.subject), *letter.body.splitlines())]
    assert list(forbidden([line for line in lines if not line.startswith(FOR_THE_ADMINISTRATOR)], "vi")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_print_has_one(language: str) -> None:
    """Printed forms are Vietnamese by law, whatever the language of who prints them."""
    procedure = people.a_procedure_with_papers_and_fees()
    with translation.override(language):
        printed = [
            print_form(dossier, kind, transition, people.lan())
            for state in State
            for dossier in [people.a_dossier_in(state, procedure=procedure)]
            for kind, transition in printable(dossier)
        ]
        assert len({form.kind for form in printed}) > 4
        assert list(forbidden(map(on_paper, map(text_of, printed)), "vi")) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Chưa có gói tin nào, tiến trình sync_packets chưa chạy.", "vi"),
        ('{"Status": 500, "Message": "lỗi"}', "vi"),
        ("Hãy gõ lại.", "vi"),
        ("Đã làm 2, không làm được 0, chưa làm 0.", "vi"),
        ("Bởi vai trò", "vi"),
        ("This field is required.", "en"),
        ("The National Public Service Portal is told.", "en"),
    ],
)
def test_the_search_finds_what_it_is_for(text: str, language: str) -> None:
    assert list(forbidden([text], language))


@pytest.mark.parametrize(
    "text", ["Hồ sơ thử không được báo cáo.", "Tính theo ngày đã làm việc", "Người ký duyệt", "Hiện bảng phím tắt"]
)
def test_and_leaves_what_an_office_writes(text: str) -> None:
    assert list(forbidden([text], "vi")) == []
