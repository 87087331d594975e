"""The operators' daily mail: whom it tells what, when it is sent, and that one worker sends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_django
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection

from onestop.staff.models import Role, User
from packets.models import DeliveryState, Packet, Portal
from packets.models.reasons import ADVICE, Reason
from packets.monitoring.mailing import is_due, send
from tests import people
from tests.packets.mail_server import a_mail_server
from tests.packets.portals import a_portal, as_accepted, collected, in_time, is_faring

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TUESDAY = datetime(2026, 10, 13, 9, tzinfo=HANOI)
MONDAY = TUESDAY + timedelta(days=6)


@pytest.fixture(autouse=True)
def a_tuesday_morning() -> Iterator[None]:
    with in_time(TUESDAY):
        yield


def with_address(person: User) -> User:
    User.objects.filter(pk=person.pk).update(email=f"{person.username}@hagiang.example")
    person.refresh_from_db()
    return person


def sent(**options: Any) -> list[EmailMessage]:
    """What a sending of today's digest puts into mailboxes."""
    mail.outbox.clear()
    send(**options)
    return list(mail.outbox)


def some_stopped(number: int = 1, **traits: Any) -> Portal:
    """A portal that wants files, and as many dossiers without any."""
    portal = Portal.objects.first() or a_portal(require_attachment=True, name="Cổng Quốc gia")
    for _number in range(number):
        people.a_dossier(**traits)
    collected(portal)
    return portal


def all_is_well(portal: Portal, since: datetime = TUESDAY) -> None:
    """Everything was accepted, the last of it at `since`."""
    as_accepted(Packet.objects.filter(portal=portal))
    is_faring(portal, last_success_at=since, number=2, seal="ab" * 32)


# ---- what it says


def test_an_operator_is_told_what_stopped_why_who_mends_it_and_where_to_look(
    settings: pytest_django.Settings,
) -> None:
    settings.PUBLIC_URL = "https://motcua.example.vn"
    with_address(people.tu())
    portal = some_stopped()
    is_faring(portal, last_success_at=TUESDAY - timedelta(hours=2), number=41, seal="5e" * 32)
    [letter] = sent()
    assert (letter.to, letter.subject) == (["tu@hagiang.example"], "Đồng bộ: 1 gói dừng")
    lines = letter.body.splitlines()
    assert lines[0] == "== Cổng Quốc gia – CẦN XỬ LÝ"
    assert lines[1].startswith("1 gói đã dừng")
    assert "Gói dừng: https://motcua.example.vn/packets/list/?portal=practice&state=stopped" in lines
    assert f"* 1 gói: {Reason.NO_ATTACHMENT.label}. {ADVICE[Reason.NO_ATTACHMENT]}" in lines
    assert f"  - hồ sơ {Packet.objects.filter(state='stopped').get().subject}" in lines
    assert "Được nhận gần nhất: 07:00 13/10/2026" in lines
    assert f"Bằng chứng: gói số 41, dấu {'5e' * 32}" in lines


def test_nothing_about_a_person_is_in_it() -> None:
    with_address(people.tu())
    person = {"applicant_name": "Đặng Văn Ước", "phone": "0912345678", "identity_no": "002099000123"}
    portal = some_stopped(1, **person)
    refused = Packet.objects.filter(state="ready", portal=portal)
    refused.update(state="stopped", due_at=None, reason=Reason.REFUSED, detail="0912345678 Đặng Văn Ước: sai")
    [letter] = sent()
    assert str(Reason.REFUSED.label) in letter.body
    assert [value for value in person.values() if value in f"{letter.subject} {letter.body}"] == []


def test_twenty_are_named_and_the_rest_counted() -> None:
    with_address(people.tu())
    some_stopped(23)
    [letter] = sent()
    assert letter.body.count("  - hồ sơ H22.101") == 20
    assert "  và 3 gói nữa\n" in letter.body


def test_what_waits_longer_than_an_hour_is_late_and_what_waits_less_is_not() -> None:
    with_address(people.tu())
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    with in_time(TUESDAY + timedelta(minutes=59)):
        assert sent() == []
    Packet.objects.filter(due_at__isnull=False).update(reason=Reason.BUSY)
    with in_time(TUESDAY + timedelta(minutes=61)):
        [letter] = sent(again=True)
    assert letter.subject == "Đồng bộ: 2 gói chờ quá một giờ"
    assert "* 2 gói chờ quá một giờ, lâu nhất từ 09:00 13/10/2026\n* Cổng đang quá tải. " in letter.body


def test_a_paused_portal_that_keeps_packets_waiting_is_told_of_too() -> None:
    with_address(people.tu())
    people.a_dossier()
    portal = a_portal()
    collected(portal)
    Portal.objects.update(is_active=False)
    with in_time(TUESDAY + timedelta(hours=2)):
        [letter] = sent()
    assert "Cổng đang tạm dừng, 2 gói đang chờ." in letter.body


def test_a_portal_that_is_well_stands_beside_one_that_is_not() -> None:
    with_address(people.tu())
    all_is_well(a_portal(code="khac", name="Cổng khác"))
    a_portal(require_attachment=True)
    people.a_dossier()
    collected(Portal.objects.get(code="practice"))
    [letter] = sent()
    assert "== Cổng khác – hoạt động bình thường\n" in letter.body
    assert "== practice – CẦN XỬ LÝ\n" in letter.body


# ---- who gets it


def test_each_is_told_of_what_they_see_and_nobody_else_is() -> None:
    some_stopped()
    people.a_dossier(agency=people.department(), by=people.root())
    collected(Portal.objects.get())
    with_address(people.tu())
    with_address(people.root())
    with_address(people.ha())
    with_address(a_person("tam", people.ward()))
    with_address(a_person("xa", people.another_province()))
    gone = with_address(a_person("cu", people.province()))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    a_person("khong-thu", people.province())
    assert {letter.to[0].partition("@")[0]: letter.subject for letter in sent()} == {
        "tu": "Đồng bộ: 2 gói dừng",
        "root": "Đồng bộ: 2 gói dừng",
        "tam": "Đồng bộ: 1 gói dừng",
    }


def a_person(username: str, agency: Any) -> User:
    return people.a_person(username, Role.OPERATOR, agency)


def test_a_portal_of_another_province_is_not_in_it() -> None:
    some_stopped()
    Portal.objects.get().agencies.set([people.another_province()])
    with_address(people.tu())
    assert sent() == []


def test_that_nobody_has_an_address_is_logged_once_a_day_and_only_if_there_is_something_to_tell(
    caplog: pytest.LogCaptureFixture,
) -> None:
    people.tu()
    portal = some_stopped()
    sent()
    sent()
    assert caplog.messages == ["nobody is told how delivery fares: no operator or superuser has an e-mail address"]
    all_is_well(portal, TUESDAY - timedelta(days=30))
    sent(again=True)
    assert len(caplog.messages) == 1


# ---- when


@pytest.mark.parametrize(
    ("before", "accepted", "today", "goes"),
    [
        (None, TUESDAY, TUESDAY, True),  # the very first
        (None, None, TUESDAY, False),
        (TUESDAY, MONDAY - timedelta(days=1), MONDAY, True),  # on Monday
        (TUESDAY, MONDAY, MONDAY + timedelta(days=2), True),  # or when it was missed
        (MONDAY, MONDAY, MONDAY + timedelta(days=1), False),  # once a week
        (TUESDAY, TUESDAY - timedelta(days=2), MONDAY, False),  # nothing new to seal
    ],
)
def test_when_all_is_well_the_first_digest_of_a_week_is_the_anchor_of_what_was_accepted(
    before: datetime | None, accepted: datetime | None, today: datetime, goes: bool
) -> None:
    with_address(people.tu())
    portal = a_portal()
    if accepted is not None:
        all_is_well(portal, accepted)
    is_faring(portal, digested_on=before and before.date())
    with in_time(today):
        letters = sent()
    assert [letter.subject for letter in letters] == [
        "Đồng bộ: bình thường, mốc bằng chứng hằng tuần" for _once in range(goes)
    ]
    assert all(f"Bằng chứng: gói số 2, dấu {'ab' * 32}" in letter.body for letter in letters)


def test_it_is_due_once_a_day_from_its_hour_on_by_the_office_s_clock(settings: pytest_django.Settings) -> None:
    settings.DIGEST_HOUR = 7
    a_portal()
    midnight = datetime(2026, 10, 14, tzinfo=HANOI)
    due = []
    for hour in (0, 6.9, 7, 8, 23.9, 24, 31):
        with in_time(midnight + timedelta(hours=hour)):
            due.append(is_due())
            if due[-1]:
                send()
    assert due == [False, False, True, False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_sends() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("threads of one process share no SQLite database in memory; needs PostgreSQL")
    with_address(people.tu())
    some_stopped()
    a_portal(code="hai")
    all_ready = Barrier(6)

    def work() -> None:
        all_ready.wait()
        send()
        connection.close()

    workers = [Thread(target=work) for _number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [letter.to for letter in mail.outbox] == [["tu@hagiang.example"]]
    assert set(DeliveryState.objects.values_list("digested_on", flat=True)) == {TUESDAY.date()}


# ---- the mail server


@pytest.fixture
def over_smtp(settings: pytest_django.Settings) -> pytest_django.Settings:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 0.3
    return settings


def test_it_arrives_over_smtp_as_it_was_written(over_smtp: pytest_django.Settings) -> None:
    with_address(people.tu())
    some_stopped()
    with a_mail_server() as server:
        over_smtp.EMAIL_PORT = server.port
        assert send() == 1
    [letter] = server.inbox
    assert (letter["Subject"], letter["From"]) == ("Đồng bộ: 1 gói dừng", over_smtp.DEFAULT_FROM_EMAIL)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().startswith("== Cổng Quốc gia – CẦN XỬ LÝ\n1 gói đã dừng")


def test_what_could_not_be_sent_is_sent_later_the_same_day(over_smtp: pytest_django.Settings) -> None:
    with_address(people.tu())
    portal = some_stopped()
    yesterday = TUESDAY.date() - timedelta(days=1)
    is_faring(portal, digested_on=yesterday)
    with a_mail_server() as server:
        over_smtp.EMAIL_PORT = server.port
    with pytest.raises(OSError, match="refused"):
        send()
    assert DeliveryState.objects.get().digested_on == yesterday
    assert is_due()
    with a_mail_server() as server:
        over_smtp.EMAIL_PORT = server.port
        assert send() == 1
        assert not is_due()
    assert len(server.inbox) == 1


def test_a_server_that_says_nothing_is_given_up(over_smtp: pytest_django.Settings) -> None:
    with_address(people.tu())
    some_stopped()
    with a_mail_server(silent=True) as server:
        over_smtp.EMAIL_PORT = server.port
        with pytest.raises(OSError, match="timed out"):
            send()
    assert is_due()


def test_an_address_that_is_refused_keeps_nothing_from_the_others_and_nobody_is_told_twice(
    over_smtp: pytest_django.Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with_address(people.root())
    with_address(people.tu())
    some_stopped()
    with a_mail_server(refused=("root@hagiang.example",)) as server:
        over_smtp.EMAIL_PORT = server.port
        assert send() == 1
    assert [letter["To"] for letter in server.inbox] == ["tu@hagiang.example"]
    assert not is_due()
    assert caplog.messages == ["the digest to root@hagiang.example could not be sent: SMTPRecipientsRefused"]


# ---- by hand


def said(*words: str) -> str:
    out = StringIO()
    call_command("send_digest", *words, stdout=out)
    return out.getvalue()


def test_a_dry_run_prints_the_mails_and_changes_nothing() -> None:
    with_address(people.tu())
    some_stopped()
    printed = said("--dry-run")
    assert printed.startswith("Tới: tu@hagiang.example\nĐồng bộ: 1 gói dừng\n\n== Cổng Quốc gia – CẦN XỬ LÝ\n")
    assert mail.outbox == []
    assert is_due()


def test_by_hand_it_is_sent_again_and_the_worker_need_not_any_more() -> None:
    with_address(people.tu())
    some_stopped()
    assert said() == said() == "Đã gửi 1 thư.\n"
    assert len(mail.outbox) == 2
    assert not is_due()


def test_by_hand_one_hears_that_there_is_nothing_to_send_or_that_it_failed(over_smtp: pytest_django.Settings) -> None:
    with_address(people.tu())
    assert said() == said("--dry-run") == "Không có gì để báo, hoặc không ai có địa chỉ e-mail.\n"
    some_stopped()
    with a_mail_server() as server:
        over_smtp.EMAIL_PORT = server.port
    with pytest.raises(CommandError, match="Không gửi được thư nào"):
        said()
