"""The two logs: every reading of applicants' data is noted, without the data; auditors read both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import time_machine
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.documents import print_form
from onestop.dossiers.documents.forms import receipt
from onestop.dossiers.models import Dossier
from onestop.staff.models import AccessLog, User
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def noted() -> list[tuple[str, str, str, int]]:
    """Who, what, of which dossier, how many."""
    codes = {dossier.uuid: dossier.applicant_name for dossier in Dossier.objects.all()}
    return [
        (reading.user.username, reading.act, codes[reading.subject] if reading.subject else "", reading.number)
        for reading in AccessLog.objects.select_related("user")
    ]


def a_known_dossier() -> Dossier:
    return people.a_dossier(
        applicant_name="Đặng Văn Ước", identity_no="001099000111", phone="0905123456", files=[people.a_file()]
    )


def read(answer: object) -> None:
    """To its end, as a browser does, which also closes it."""
    if isinstance(answer, FileResponse):
        answer.getvalue()


def open_it(client: Client, dossier: Dossier) -> None:
    client.get(reverse("dossiers:detail", args=[dossier.uuid]))


def open_its_file(client: Client, dossier: Dossier) -> None:
    read(client.get(reverse("dossiers:attachment", args=[dossier.uuid, 1])))


def look_at_its_file(client: Client, dossier: Dossier) -> None:
    read(client.get(reverse("dossiers:preview", args=[dossier.uuid, 1])))


def look_at_its_receipt(client: Client, dossier: Dossier) -> None:
    printed = print_form(dossier, receipt.KIND, dossier.transitions.latest("pk"), people.lan())
    read(client.get(reverse("dossiers:printed", args=[dossier.uuid, printed.pk])))


def find_it_by_number(client: Client, dossier: Dossier) -> None:
    client.post(reverse("dossiers:find"), {"q": dossier.identity_no})


def recall_its_applicant(client: Client, dossier: Dossier) -> None:
    client.post(reverse("dossiers:earlier-dossier"), {"identity_no": dossier.identity_no})


def export_the_list(client: Client, _dossier: Dossier) -> None:
    read(client.get("/dossiers.csv"))


def export_the_register(client: Client, _dossier: Dossier) -> None:
    read(client.get("/register.xlsx"))


def export_what_a_figure_counts(client: Client, _dossier: Dossier) -> None:
    read(client.get(reverse("statistics:dossiers-csv"), {"figure": "total"}))


OF_THE_DOSSIER = ("Đặng Văn Ước", 1)
OF_SEVERAL = ("", 1)


@pytest.mark.parametrize(
    ("look", "act", "of_what"),
    [
        (open_it, "open", OF_THE_DOSSIER),
        (open_its_file, "file", OF_THE_DOSSIER),
        (look_at_its_file, "file", OF_THE_DOSSIER),
        (look_at_its_receipt, "file", OF_THE_DOSSIER),
        (recall_its_applicant, "recall", OF_THE_DOSSIER),
        (find_it_by_number, "search", OF_SEVERAL),
        (export_the_list, "export", OF_SEVERAL),
        (export_the_register, "export", OF_SEVERAL),
        (export_what_a_figure_counts, "export", OF_SEVERAL),
    ],
)
def test_every_way_to_look_at_applicants_data_is_noted(
    look: Callable[[Client, Dossier], None], act: str, of_what: tuple[str, int]
) -> None:
    look(as_(people.lan()), a_known_dossier())
    assert noted() == [("lan", act, *of_what)]


def test_the_admin_notes_it_too() -> None:
    as_(people.root()).get(reverse("admin:dossiers_dossier_change", args=[a_known_dossier().pk]))
    assert noted() == [("root", "open", *OF_THE_DOSSIER)]


def test_what_was_not_shown_is_not_noted() -> None:
    dossier, stranger = a_known_dossier(), as_(people.minh())
    for look in (open_it, open_its_file, look_at_its_file, find_it_by_number):
        look(stranger, dossier)
    assert noted() == []


def test_the_log_of_readings_holds_no_personal_data() -> None:
    dossier = a_known_dossier()
    find_it_by_number(as_(people.lan()), dossier)
    open_it(as_(people.lan()), dossier)
    shown = as_(people.thanh()).get(reverse("dossiers:log-readings")).content.decode()
    assert str(dossier.code) in shown
    assert "Nguyễn Thị Lan" in shown
    for value in (dossier.identity_no, dossier.phone, dossier.applicant_name):
        assert value not in shown


@pytest.mark.parametrize("log", ["dossiers:log", "dossiers:log-readings"])
def test_the_logs_are_for_auditors(log: str) -> None:
    assert as_(people.thanh()).get(reverse(log)).status_code == 200
    assert as_(people.root()).get(reverse(log)).status_code == 200
    for person in (people.lan(), people.binh(), people.ha(), people.tu()):
        assert as_(person).get(reverse(log)).status_code == 403


def test_the_log_of_moves_is_narrowed_by_person_day_move_and_code() -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        first = people.a_dossier()
    with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=VIETNAM), tick=False):
        second = people.a_dossier()
        lifecycle.start(second, people.binh())
    client = as_(people.thanh())

    def rows(**asked: str) -> list[tuple[str | None, str]]:
        shown = client.get(reverse("dossiers:log"), asked).context["rows"]
        return [(dossier.code, transition.move) for transition, dossier in shown]

    assert rows()[0] == (second.code, "start")
    assert len(rows()) == 5
    assert rows(who="Lê Bình") == rows(who="binh") == [(second.code, "start")]
    assert rows(first_day="2026-03-02", last_day="2026-03-02") == [(first.code, "accept"), (first.code, "register")]
    assert rows(code=str(first.code)) == rows(first_day="2026-03-02", last_day="2026-03-02")
    assert rows(move="accept") == [(second.code, "accept"), (first.code, "accept")]
    assert rows(first_day="x") == []


def test_the_log_of_readings_is_narrowed_by_person_day_act_and_dossier() -> None:
    first, second = a_known_dossier(), people.a_dossier()
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=VIETNAM), tick=False):
        open_it(as_(people.lan()), first)
    with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=VIETNAM), tick=False):
        open_it(as_(people.ha()), second)
        export_the_list(as_(people.ha()), second)
    client = as_(people.thanh())

    def rows(**asked: str) -> list[tuple[str, str]]:
        shown = client.get(reverse("dossiers:log-readings"), asked).context["rows"]
        return [(reading.user.username, reading.act) for reading, _dossier in shown]

    assert rows() == [("ha", "export"), ("ha", "open"), ("lan", "open")]
    assert (
        rows(who="lan")
        == rows(first_day="2026-03-02", last_day="2026-03-02")
        == rows(dossier=str(first.uuid))
        == [("lan", "open")]
    )
    assert rows(act="export") == [("ha", "export")]
    assert rows(dossier="x") == []


def test_an_auditor_sees_what_their_own_province_did() -> None:
    other = people.a_dossier(agency=people.another_province(), by=people.root())
    lan_there = people.a_person("cà mau", people.lan().role, people.another_province())  # type: ignore[arg-type] # a role
    open_it(as_(lan_there), other)
    client = as_(people.thanh())
    assert client.get(reverse("dossiers:log")).context["rows"] == []
    assert client.get(reverse("dossiers:log-readings")).context["rows"] == []
    assert len(as_(people.root()).get(reverse("dossiers:log-readings")).context["rows"]) == 1


def test_the_logs_take_no_more_queries_for_more_rows(django_assert_max_num_queries: Callable[[int], object]) -> None:
    dossier, client = a_known_dossier(), as_(people.thanh())
    for _number in range(10):
        open_it(as_(people.lan()), people.a_dossier())
        open_it(as_(people.lan()), dossier)
    for log in ("dossiers:log", "dossiers:log-readings"):
        # session, user, its agency, rows, the dossiers of readings
        with django_assert_max_num_queries(5):  # type: ignore[attr-defined] # a context manager
            assert len(client.get(reverse(log)).context["rows"]) > 10


@pytest.mark.parametrize("log", ["log", "log-readings", "log-sign-ins"])
def test_a_log_is_taken_away_as_a_file_in_the_order_of_time(log: str) -> None:
    with time_machine.travel(datetime(2026, 3, 3, 9, tzinfo=VIETNAM), tick=False):
        dossier = people.a_dossier()
        open_it(as_(people.lan()), dossier)
    people.a_dossier_accepted(datetime(2026, 3, 2, 9, tzinfo=VIETNAM))
    client = as_(people.thanh())
    Client().post(reverse("sign-in"), {"username": people.thanh().username, "password": people.PASSWORD})
    address = reverse(f"dossiers:{log}")
    assert (
        'href="?first_day=2026-03-01&amp;csv=1"' in client.get(address, {"first_day": "2026-03-01"}).content.decode()
    )
    answer = client.get(address, {"csv": "1", "first_day": "2026-03-01"})
    assert isinstance(answer, FileResponse)
    heading, *rows = answer.getvalue().decode("utf-8-sig").splitlines()
    assert heading.startswith("Thời điểm,")
    assert rows
    moments = [row.partition(",")[0] for row in rows]
    assert moments == sorted(moments, reverse=True)
    assert AccessLog.objects.latest("pk").act == AccessLog.Act.EXPORT


def test_reversed_days_of_a_log_are_an_error() -> None:
    address = reverse("dossiers:log")
    reversed_days = {"first_day": "2026-03-05", "last_day": "2026-03-01"}
    client = as_(people.thanh())
    assert "Ngày cuối không được trước ngày đầu." in client.get(address, reversed_days).content.decode()
    assert client.get(address, {**reversed_days, "csv": "1"}).status_code == 302
