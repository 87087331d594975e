"""Internal notes: for colleagues, in every state, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from onestop.common.append_only import AppendOnlyError
from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle, notes
from onestop.dossiers.documents import print_form, printable
from onestop.dossiers.lifecycle.engine import MoveRefused
from onestop.dossiers.models import Dossier, InternalNote, NewsItem, State
from onestop.staff.models import AccessLog, User
from packets.models import Packet
from tests import people
from tests.edges.papers import text_of
from tests.packets.portals import a_portal, collected
from tests.packets.webhooks import a_webhook

pytestmark = pytest.mark.django_db

MARKER = "Chỉ nội bộ Quạ Đen"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(dossier: Dossier) -> str:
    return reverse("dossiers:detail", args=[dossier.uuid])


def note_page(dossier: Dossier) -> str:
    return reverse("dossiers:write-note", args=[dossier.uuid])


@pytest.mark.parametrize("state", State)
def test_a_note_is_written_in_every_state_without_a_move(state: State) -> None:
    dossier = people.a_dossier_in(state)
    moves, changed_at = dossier.transitions.count(), Dossier.objects.get().changed_at
    client = as_(people.binh())
    assert "Thêm ghi chú nội bộ" in client.get(page_of(dossier)).content.decode()
    answer = client.post(note_page(dossier), {"text": MARKER}, follow=True)
    assert MARKER in answer.content.decode()
    note = InternalNote.objects.get()
    assert (note.author, note.author_name, note.author_position) == (people.binh(), "Lê Bình", "Công chức tư pháp")
    assert dossier.transitions.count() == moves
    after = Dossier.objects.get()
    assert (after.state, after.changed_at) == (state, changed_at)


def test_notes_stand_in_the_history_at_their_time_and_say_what_they_are() -> None:
    dossier = people.a_dossier()
    notes.write(dossier, people.lan(), text="Ghi sớm")
    lifecycle.start(dossier, people.binh())
    notes.write(dossier, people.ha(), text="Ghi muộn")
    page = as_(people.binh()).get(page_of(dossier)).content.decode()
    history = page[page.index('class="timeline"') :]
    places = [history.index(text) for text in ("Ghi muộn", "Bắt đầu xử lý", "Ghi sớm", "Tiếp nhận")]
    assert places == sorted(places)
    assert history.count("<strong>Ghi chú nội bộ</strong>") == 2
    beside = as_(people.binh()).get(reverse("dossiers:move", args=[dossier.uuid, "approve"])).content.decode()
    assert "Ghi muộn" in beside


@pytest.mark.parametrize(
    ("who", "status"), [(people.minh, 404), (people.thanh, 403), (people.tu, 403), (people.nga, 403), (people.ha, 302)]
)
def test_those_who_work_on_dossiers_that_they_see_write_notes(who: Callable[[], User], status: int) -> None:
    dossier = people.a_dossier()
    assert as_(who()).post(note_page(dossier), {"text": MARKER}).status_code == status
    assert InternalNote.objects.count() == (status == 302)
    with pytest.raises(MoveRefused):
        notes.write(dossier, people.minh(), text=MARKER)


def test_an_auditor_reads_notes_and_is_offered_no_form() -> None:
    dossier = people.a_dossier()
    notes.write(dossier, people.lan(), text=MARKER)
    page = as_(people.thanh()).get(page_of(dossier)).content.decode()
    assert MARKER in page
    assert "Thêm ghi chú nội bộ" not in page
    # Who read it: opening the dossier is what the access log tells of.
    assert AccessLog.objects.filter(user=people.thanh(), act=AccessLog.Act.OPEN, subject=dossier.uuid).exists()


def test_a_note_is_never_changed_and_never_blank() -> None:
    dossier = people.a_dossier()
    note = notes.write(dossier, people.lan(), text=MARKER)
    with pytest.raises(AppendOnlyError):
        note.save()
    with pytest.raises(AppendOnlyError):
        note.delete()
    with pytest.raises(AppendOnlyError):
        dossier.internal_notes.update(text="khác")
    with pytest.raises(AppendOnlyError):
        dossier.internal_notes.all().delete()
    with pytest.raises(InputRefused):
        notes.write(dossier, people.lan(), text=" \n ")
    answer = as_(people.lan()).post(note_page(dossier), {"text": " "})
    assert "Nhập nội dung ghi chú." in answer.content.decode()
    assert InternalNote.objects.count() == 1


def test_the_officer_and_earlier_writers_who_still_see_the_dossier_hear_of_a_note() -> None:
    dossier = people.a_dossier()
    lifecycle.start(dossier, people.binh())
    notes.write(dossier, people.ha(), text="Một")
    notes.write(dossier, people.lan(), text="Hai")
    told = [(item.user.username, item.note and item.note.text) for item in NewsItem.objects.order_by("pk")]
    assert told == [("binh", "Một"), ("binh", "Hai"), ("ha", "Hai")]
    # Minh works at the department: he wrote while it was there, and sees nothing of it now.
    lifecycle.hand_over(dossier, people.ha(), officer=people.minh())
    notes.write(dossier, people.minh(), text="Ba")
    lifecycle.hand_over(dossier, people.minh(), officer=people.binh())
    NewsItem.objects.all().delete()
    notes.write(dossier, people.ha(), text="Bốn")
    assert {item.user.username for item in NewsItem.objects.all()} == {"binh", "lan"}


def test_no_paper_citizen_partner_portal_or_file_gets_a_note() -> None:
    """Every way out of the office, with a note on the dossier at each step."""
    client, dossier = as_(people.ha()), people.a_dossier(papers=[], fees=[people.a_fee()])
    webhook, portal = a_webhook(), a_portal()

    def noted() -> None:
        notes.write(dossier, people.ha(), text=MARKER)

    noted()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu tờ khai")
    noted()
    lifecycle.receive_supplement(dossier, people.lan())
    noted()
    lifecycle.hand_over(dossier, people.ha(), officer=people.binh())
    noted()
    lifecycle.deny(dossier, people.ha(), comment="Không đủ điều kiện")
    noted()
    dossier = Dossier.objects.get()
    printed = [print_form(dossier, kind, move, people.ha()) for kind, move in printable(dossier)]
    out = {f"printed {form.kind}": text_of(form) for form in printed}
    assert len(out) >= 3
    for portal_or_webhook in (portal, webhook):
        collected(portal_or_webhook)
    packets = list(Packet.objects.all())
    assert {packet.portal_id for packet in packets} == {portal.pk, webhook.pk}
    out |= {
        f"packet {packet.pk}": f"{packet.body} {packet.meta if hasattr(packet, 'meta') else ''}" for packet in packets
    }
    token = people.a_token(people.a_partner())
    api = Client(headers={"authorization": token})
    pages = {
        "look-up": Client().get(reverse("dossiers:look-up", args=[dossier.token])),
        "api detail": api.get(f"/api/v1/dossiers/{dossier.uuid}"),
        "api history": api.get(f"/api/v1/dossiers/{dossier.uuid}/history"),
        "api list": api.get("/api/v1/dossiers"),
        "list csv": client.get("/dossiers.csv"),
        "log csv": as_(people.thanh()).get("/log/", {"csv": "1"}),
        "register": client.get("/register/"),
        "received": as_(people.lan()).get(f"/dossiers/{dossier.uuid}/received/"),
    }
    for name, answer in pages.items():
        assert answer.status_code == 200, name
        out[name] = answer.getvalue().decode("utf-8")
        assert out[name], name
    for address in ("/dossiers.xlsx", "/register.xlsx"):
        with ZipFile(BytesIO(client.get(address).getvalue())) as workbook:
            out[address] = "".join(workbook.read(part).decode("utf-8") for part in workbook.namelist())
    register = pypdfium2.PdfDocument(client.get("/register.pdf").getvalue())
    out["/register.pdf"] = " ".join(each.get_textpage().get_text_range() for each in register)
    assert "Đặng Văn Ước" in out["api detail"]
    escaped = MARKER.encode("unicode_escape").decode()
    assert [name for name, text in out.items() if MARKER in text or escaped in text or "Quạ" in text] == []
