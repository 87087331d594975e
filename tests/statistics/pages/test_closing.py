"""Closing a period on its page: who may, what is shown first, what is refused, and what is then on record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from onestop.common.time import VIETNAM
from onestop.dossiers.models import Dossier
from onestop.staff.models import Role, User
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import closable_periods, publish
from packets.collecting.collect import collect
from packets.models import Packet
from tests import people
from tests.packets.portals import a_portal

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOVEMBER_5 = datetime(2026, 11, 5, 9, tzinfo=VIETNAM)
OCTOBER = Period(2026, 10)
CLOSE, PUBLISHED = reverse("statistics:close-period"), reverse("statistics:published")


@pytest.fixture(autouse=True)
def november_5() -> Iterator[None]:
    with time_machine.travel(NOVEMBER_5, tick=False):
        yield


def received(day: int, month: int = 10) -> Dossier:
    return people.a_dossier_accepted(datetime(2026, month, day, 8, tzinfo=VIETNAM))


def leader() -> User:
    """Leads the province."""
    return people.a_person("dung", Role.MANAGER, people.province, full_name="Lý Dũng")


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())  # type: ignore[attr-defined] # an answer of the test client


def closing(period: str, agency: str = "H22") -> str:
    return f"{CLOSE}?period={period}&agency={agency}"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (people.lan, 403),
        (people.ha, 403),
        (people.nga, 403),
        (people.thanh, 403),
        (people.tu, 403),
        (leader, 302),
        (people.phuc, 302),
        (people.root, 302),
    ],
)
def test_leaders_and_administrators_of_the_province_close_its_periods(who: Callable[[], User], status: int) -> None:
    received(1)
    client = as_(who())
    assert client.get(closing("2026-10")).status_code == (200 if status == 302 else status)
    assert not Publication.objects.exists()
    assert client.post(closing("2026-10")).status_code == status
    assert Publication.objects.count() == (1 if status == 302 else 0)


def test_another_province_is_closed_by_nobody_of_this_one() -> None:
    received(1)
    people.a_dossier_accepted(datetime(2026, 10, 2, 8, tzinfo=VIETNAM), agency=people.another_province())
    assert as_(people.phuc()).post(closing("2026-10", "H23")).status_code == 404
    assert as_(people.root()).post(closing("2026-10", "H23")).status_code == 302


def test_the_page_says_first_what_is_frozen_and_to_whom_it_is_reported() -> None:
    received(1)
    a_portal(name="Cổng quốc gia").agencies.add(people.province())
    shown = text(as_(people.phuc()).get(closing("2026-10")))
    assert "Chốt số liệu tháng 10/2026" in shown
    assert "Nhận trong kỳ</th><td>1</td>" in shown
    assert "Cơ cấu cơ quan trực thuộc đến hết ngày 31/10/2026 không thay đổi được nữa." in shown
    assert "Số liệu được gửi lên: Cổng quốc gia." in shown
    assert "Chưa có cổng nào nhận số liệu" not in shown


def test_what_is_closed_is_published_on_record_and_leads_to_its_packets() -> None:
    received(1)
    portal = a_portal(name="Cổng quốc gia")
    portal.agencies.add(people.province())
    client = as_(people.phuc())
    answer = client.post(closing("2026-10"))
    publication = Publication.objects.get()
    assert answer["Location"] == reverse("statistics:publication", args=[publication.pk])
    assert (publication.period, publication.revision, publication.new_reception) == (OCTOBER, 1, 1)
    assert LogEntry.objects.get(object_id=str(publication.pk)).user == people.phuc()
    shown = text(client.get(answer["Location"]))
    assert "Đã chốt và công bố số liệu tháng 10/2026, lần 1." in shown
    assert "Ngô Phúc" in shown
    collect(portal)
    packets = Packet.objects.filter(publication=publication)
    assert packets.count() == 2
    for packet in packets:
        address = reverse("packets:detail", args=[packet.pk])
        assert f'href="{address}"' in text(as_(leader()).get(answer["Location"]))
        # Whose role does not follow the synchronisation finds no link that would be refused.
        assert f'href="{address}"' not in text(as_(people.phuc()).get(answer["Location"]))


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("2026-11", "chưa kết thúc nên chưa chốt được"),
        ("2026", "chưa kết thúc nên chưa chốt được"),
        ("2026-Q3", "là một quý"),
        ("2026-09", "không có số liệu kỳ 2026-09 để công bố"),
        ("mai", "không phải là kỳ"),
        ("", "không phải là kỳ"),
    ],
)
def test_what_cannot_be_closed_is_refused_in_a_sentence(period: str, why: str) -> None:
    received(1)
    client = as_(people.phuc())
    for answer in (client.get(closing(period)), client.post(closing(period))):
        assert answer.status_code == 200
        shown = text(answer)
        assert why in shown
        assert '<button class="primary' not in shown
    assert not Publication.objects.exists()


def test_a_changed_past_is_shown_beside_the_published_one_and_published_again() -> None:
    received(1)
    publish(people.province(), OCTOBER)
    client = as_(people.phuc())
    shown = text(client.get(closing("2026-10")))
    assert "Số liệu hiện nay đúng như lần công bố 1" in shown
    assert '<button class="primary' not in shown
    late = received(2)
    shown = text(client.get(closing("2026-10")))
    assert "Nhận trong kỳ</th><td>2</td><td>1</td><td><strong>+1</strong></td>" in shown
    assert "Công bố lại tháng 10/2026" in shown
    client.post(closing("2026-10"))
    second = Publication.objects.get(revision=2)
    shown = text(client.get(reverse("statistics:publication", args=[second.pk])))
    assert "<strong>+1</strong>" in shown
    assert str(late.code) in shown
    first = reverse("statistics:publication", args=[Publication.objects.get(revision=1).pk])
    assert f'href="{first}"' in shown
    assert "đã có lần công bố mới hơn" in text(client.get(first))


def test_closing_twice_publishes_once() -> None:
    received(1)
    client = as_(people.phuc())
    client.post(closing("2026-10"))
    shown = text(client.post(closing("2026-10"), follow=True))
    assert "không thay đổi so với lần công bố 1" in shown
    assert Publication.objects.count() == 1
    assert LogEntry.objects.count() == 1


def test_a_publication_is_read_in_its_own_province_alone() -> None:
    received(1)
    publication, _made = publish(people.province(), OCTOBER)
    address = reverse("statistics:publication", args=[publication.pk])
    assert as_(people.lan()).get(address).status_code == 200
    stranger = people.a_person("xa", Role.MANAGER, people.another_province)
    assert as_(stranger).get(address).status_code == 404


def test_periods_are_offered_that_are_over_and_reported_and_not_yet_closed() -> None:
    received(1, month=8)
    assert closable_periods(people.province()) == [Period(2026, 10), Period(2026, 9), Period(2026, 8)]
    publish(people.province(), Period(2026, 9))
    assert closable_periods(people.province()) == [Period(2026, 10), Period(2026, 8)]
    shown = text(as_(people.phuc()).get(PUBLISHED))
    assert "Xem và chốt tháng 10/2026" in shown
    assert '<option value="2026-08">Tháng 8/2026</option>' in shown
    assert "Xem và chốt" not in text(as_(people.lan()).get(PUBLISHED))


def test_the_pages_of_figures_lead_who_may_to_the_page_that_closes() -> None:
    received(1)
    way = f'<a href="{PUBLISHED}?agency=H22">Xem và chốt</a>'
    assert way in text(as_(people.phuc()).get("/statistics/"))
    assert way not in text(as_(people.thanh()).get("/statistics/"))
    publish(people.province(), OCTOBER)
    received(2)
    again = "Xem và công bố lại"
    assert again in text(as_(people.phuc()).get("/statistics/?period=2026-10"))
    assert again not in text(as_(people.thanh()).get("/statistics/?period=2026-10"))
