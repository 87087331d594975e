"""Lists of dossiers: narrowed and sorted as the contract names it, page by page."""

from __future__ import annotations

import pytest

from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, State
from tests import people
from tests.api.caller import caller, faults, read

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def all_codes(path: str) -> list[str]:
    """The codes of all pages of a list, two rows a page."""
    call, found = caller(), []
    following: str | None = f"{path}&limit=2"
    while following:
        page = read(call.get(following))
        found += [row["code"] for row in page["results"]]
        following = page["next"]
    return found


def test_a_list_is_narrowed_by_due_date_unit_channel_and_words() -> None:
    here, there = people.a_dossier(applicant_name="Hoàng Thị Mai"), people.a_dossier(channel="online")
    lifecycle.hand_over(there, people.binh(), unit=people.ward_desk())
    Dossier.objects.filter(pk=here.pk).update(due_at="2030-01-01T10:00:00Z")
    Dossier.objects.filter(pk=there.pk).update(due_at="2030-01-02T10:00:00Z")
    assert all_codes("dossiers?due_from=2030-01-02T00:00:00Z") == [there.code]
    assert all_codes("dossiers?due_before=2030-01-02T10:00:00Z") == [here.code]
    assert all_codes("dossiers?unit=H22.101.01") == [there.code]
    assert all_codes("dossiers?unit=H22.101") == [there.code, here.code]
    assert all_codes("dossiers?channel=online") == [there.code]
    assert all_codes("dossiers?channel=online&channel=direct") == [there.code, here.code]
    assert all_codes("dossiers?q=mai%20hoang") == [here.code]
    assert all_codes(f"dossiers?q={there.code}") == [there.code]
    assert faults(caller().get("dossiers?channel=pigeon")) == {"channel": "invalid_choice"}


def test_a_list_is_sorted_by_due_date_or_change() -> None:
    dossiers = [people.a_dossier() for _number in range(5)]
    for day, dossier in zip((3, 1, 5, 1, 4), dossiers, strict=True):
        Dossier.objects.filter(pk=dossier.pk).update(due_at=f"2030-01-0{day}T10:00:00Z")
    ended = people.a_dossier_in(State.WITHDRAWN)
    first = [dossiers[number].code for number in (1, 3, 0, 4, 2)]
    assert all_codes("dossiers?sort=due_at") == first
    assert ended.code not in first
    by_change = [dossier.code for dossier in Dossier.objects.order_by("changed_at", "pk")]
    assert all_codes("dossiers?sort=changed_at") == by_change
    assert all_codes("dossiers?sort=-changed_at") == by_change[::-1]
    assert all_codes("dossiers?sort=-changed_at&updated_since=2020-01-01T00:00:00Z") == by_change[::-1]
    assert faults(caller().get("dossiers?sort=phone")) == {"sort": "invalid_choice"}
