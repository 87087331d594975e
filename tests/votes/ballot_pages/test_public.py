"""The ballot behind a receipt's token: on a phone, without signing in, without a script, and about nobody."""

from __future__ import annotations

import logging
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from onestop.common.web.throttling import key_of
from onestop.dossiers.models import Dossier
from onestop.staff.models import Brake
from onestop.votes.ballot_pages.logs import WithoutBallots
from onestop.votes.ballots import cast
from onestop.votes.models import Answer, Ballot, BallotSlip, QuestionSet, Rating
from tests import people
from tests.votes.test_ballots import a_question_set, given

pytestmark = pytest.mark.django_db


class Inputs(HTMLParser):
    """What a browser without scripts would let a person fill in: name -> values on offer."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.offered: dict[str, list[str]] = {}
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.checked: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids.add(given.get("id") or "")
        if tag in ("input", "textarea") and given.get("name"):
            self.offered.setdefault(str(given["name"]), []).append(given.get("value") or "")
            if "checked" in given:
                self.checked[str(given["name"])] = str(given["value"])


def address(dossier: Dossier) -> str:
    return reverse("votes:rate", args=[dossier.token])


def shown(dossier: Dossier) -> str:
    answer = Client().get(address(dossier))
    assert answer.status_code == 200
    return answer.content.decode()


def filled(question_set: QuestionSet, *ratings: int | str, **reasons: str) -> dict[str, str]:
    answers = {f"q{ordinal}": str(rating) for ordinal, rating in enumerate(ratings, 1)}
    return {"question_set": str(question_set.pk), **answers, **reasons}


def sent(dossier: Dossier, fields: dict[str, str]) -> Any:
    answer = Client().post(address(dossier), fields)
    return answer


# ---- filling in


def test_whoever_holds_the_receipt_rates_without_signing_in_and_without_a_script() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    page = shown(dossier)
    inputs = Inputs(page)
    assert "script" not in inputs.tags
    assert inputs.offered["q1"] == inputs.offered["q2"] == ["1", "2", "3"]
    assert "Câu 1?" in page
    assert "Phiếu đánh giá ẩn danh" in page
    answer = sent(dossier, filled(question_set, 1, 3, reason2="Chờ lâu"))
    assert answer.status_code == 302
    assert "Cảm ơn ông/bà" in Client().get(answer["Location"]).content.decode()
    answers = Answer.objects.order_by("question__ordinal").values_list("rating", "reason")
    assert list(answers) == [(Rating.VERY_GOOD, ""), (Rating.BAD, "Chờ lâu")]


def test_each_level_has_words_and_a_shape_of_its_own() -> None:
    a_question_set(questions=1)
    page = shown(people.a_dossier())
    for words in ("Rất hài lòng", "Hài lòng", "Không hài lòng"):
        assert words in page
    faces = re.findall(r"<svg class=\"face.*?</svg>", page, re.DOTALL)
    assert len({re.sub(r"face-\d", "", face) for face in faces}) == 3


def test_faults_stand_at_the_top_with_links_to_their_fields_and_what_was_answered_is_kept() -> None:
    dossier, question_set = people.a_dossier(), a_question_set(questions=3)
    page = sent(dossier, filled(question_set, 1, 3)).content.decode()
    assert not Ballot.objects.exists()
    inputs = Inputs(page)
    assert inputs.checked == {"q1": "1", "q2": "3"}
    links = re.findall(r'<a href="#(\w+)">(.*?)</a>', page)
    assert links == [
        ("id_reason2", "Câu 2: Vui lòng cho biết lý do không hài lòng."),
        ("id_q3_0", "Câu 3: Chưa trả lời câu hỏi này."),
    ]
    assert {target for target, _words in links} <= inputs.ids


def test_a_reason_that_was_typed_is_kept_when_something_else_is_wrong() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    page = sent(dossier, filled(question_set, 3, reason1="Đi lại <nhiều> lần")).content.decode()
    assert "Đi lại &lt;nhiều&gt; lần</textarea>" in page


def test_a_reason_left_over_from_a_level_that_was_taken_back_is_not_stored() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    sent(dossier, filled(question_set, 2, 2, reason1="Nghĩ lại thì không"))
    assert set(Answer.objects.values_list("rating", "reason")) == {(Rating.GOOD, "")}


def test_a_reason_of_a_thousand_letters_in_lines_is_taken_though_browsers_send_two_signs_for_a_line_s_end() -> None:
    dossier, question_set = people.a_dossier(), a_question_set(questions=1)
    reason = "dòng\r\n" * 200
    assert len(reason) > 1000
    assert sent(dossier, filled(question_set, 3, reason1=reason)).status_code == 302
    assert Answer.objects.get().reason == ("dòng\n" * 200).strip()


@pytest.mark.parametrize("rating", ["0", "4", "x", "1\0"])
def test_a_level_that_nobody_offered_is_refused_by_its_question(rating: str) -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    answer = sent(dossier, filled(question_set, rating, 1))
    assert answer.status_code == 200
    assert "Câu 1:" in answer.content.decode()
    assert not Ballot.objects.exists()


def test_answers_to_a_set_that_was_replaced_meanwhile_are_not_taken_for_answers_to_the_new_one() -> None:
    dossier, old = people.a_dossier(), a_question_set("cũ")
    fields = filled(old, 1, 1)
    a_question_set("mới")
    page = sent(dossier, fields).content.decode()
    assert "Bộ câu hỏi vừa được thay" in page
    assert not Inputs(page).checked
    assert not Ballot.objects.exists()


# ---- once


def test_a_page_loaded_anew_sends_nothing_twice_and_who_comes_back_is_told_so() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    thanks = sent(dossier, filled(question_set, 1, 1))["Location"]
    for _again in range(2):
        assert Client().get(thanks).status_code == 200
    assert "đã được đánh giá" in shown(dossier)
    answer = sent(dossier, filled(question_set, 2, 2))
    assert answer.status_code == 200
    assert "đã được đánh giá" in answer.content.decode()
    assert Ballot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time; needs PostgreSQL")
def test_of_two_ballots_sent_at_once_one_is_kept_and_one_is_told_twenty_times_over() -> None:
    question_set = a_question_set()
    for _round in range(20):
        dossier, barrier, outcomes = people.a_dossier(), Barrier(2), list[Any]()

        def send(dossier: Dossier = dossier, barrier: Barrier = barrier, to: list[Any] = outcomes) -> None:
            try:
                barrier.wait()
                to.append(sent(dossier, filled(question_set, 1, 1)))
            finally:
                connection.close()

        threads = [Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told, kept = sorted(outcomes, key=lambda answer: answer.status_code)
        assert (told.status_code, kept.status_code) == (200, 302)
        assert "đã được đánh giá" in told.content.decode()
        assert BallotSlip.objects.filter(dossier=dossier).count() == 1
    assert (Ballot.objects.count(), Answer.objects.count()) == (20, 40)


# ---- when there is nothing to fill in


def test_what_is_not_accepted_yet_is_not_rated_yet() -> None:
    question_set = a_question_set()
    dossier = people.a_registered_dossier()
    assert "chưa được tiếp nhận" in shown(dossier)
    assert "chưa được tiếp nhận" in sent(dossier, filled(question_set, 1, 1)).content.decode()
    assert not Ballot.objects.exists()


def test_where_no_set_is_in_use_the_page_says_so() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    QuestionSet.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert "không có đợt lấy ý kiến" in shown(dossier)
    assert "không có đợt lấy ý kiến" in sent(dossier, filled(question_set, 1, 1)).content.decode()


def test_a_set_of_today_by_the_clock_of_vietnam_is_asked() -> None:
    dossier = people.a_dossier()
    a_question_set()
    QuestionSet.objects.update(starts_on=date(2036, 11, 1))
    with time_machine.travel("2036-10-31T16:59:00Z", tick=False):
        assert "không có đợt lấy ý kiến" in shown(dossier)
    with time_machine.travel("2036-10-31T17:01:00Z", tick=False):
        assert "Câu 1?" in shown(dossier)


@pytest.mark.parametrize("page", ["votes:rate", "votes:thanks"])
def test_a_wrong_token_or_a_test_dossier_is_not_there(page: str) -> None:
    dossier = people.a_dossier()
    a_question_set()
    assert Client().get(reverse(page, args=["x" * 22])).status_code == 404
    Dossier.objects.update(is_test=True)
    assert Client().get(reverse(page, args=[dossier.token])).status_code == 404
    assert Client().post(reverse("votes:rate", args=[dossier.token])).status_code == 404


# ---- nobody learns who


def test_the_page_is_kept_by_nobody_and_listed_nowhere_and_a_browser_that_heeds_it_can_still_send_its_form() -> None:
    dossier, question_set, browser = people.a_dossier(), a_question_set(), Client(enforce_csrf_checks=True)
    answer = browser.get(address(dossier))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    # Under `no-referrer` a browser sends `Origin: null`, which is refused.
    assert answer["Referrer-Policy"] == "same-origin"
    fields = filled(question_set, 1, 1) | {"csrfmiddlewaretoken": answer.context["csrf_token"]}
    assert browser.post(address(dossier), fields, HTTP_ORIGIN="null").status_code == 403
    assert browser.post(address(dossier), fields, HTTP_ORIGIN="http://testserver").status_code == 302


def test_nothing_of_a_person_stands_on_the_page_and_no_session_is_begun() -> None:
    a_question_set()
    dossier = people.a_dossier(applicant_name="Đặng Thị Én", identity_no="052190001234", phone="0905000111")
    answer = Client().get(address(dossier))
    assert not [word for word in ("Đặng Thị Én", "052190001234", "0905000111") if word in answer.content.decode()]
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_the_log_does_not_tell_when_a_dossier_was_about_to_be_rated() -> None:
    def passes(path: str, level: int) -> bool:
        record = logging.LogRecord("django.request", level, "", 0, "Too Many Requests: %s", (path,), None)
        record.request = RequestFactory().get(path)
        return bool(WithoutBallots().filter(record))

    assert not passes("/danh-gia/abc/", logging.WARNING)
    assert passes("/danh-gia/abc/", logging.ERROR)
    assert passes("/dossiers/abc/", logging.WARNING)
    assert WithoutBallots().filter(logging.LogRecord("onestop", logging.INFO, "", 0, "ok", (), None))
    assert any(isinstance(part, WithoutBallots) for handler in logging.root.handlers for part in handler.filters)


# ---- the way there, and languages


def test_the_look_up_leads_to_it_once_the_dossier_is_accepted() -> None:
    for dossier, leads in ((people.a_dossier(), True), (people.a_registered_dossier(), False)):
        page = Client().get(reverse("dossiers:look-up", args=[dossier.token])).content.decode()
        assert (f'href="{address(dossier)}"' in page) is leads


def test_it_can_be_read_in_english_by_a_switch_that_leads_back() -> None:
    a_question_set()
    dossier = people.a_dossier()
    assert f'name="next" value="{address(dossier)}"' in shown(dossier)
    browser = Client()
    browser.post(reverse("set_language"), {"language": "en", "next": address(dossier)})
    assert '<html lang="en">' in browser.get(address(dossier)).content.decode()


# ---- too many


@pytest.fixture
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.RATES, "ballot", "2/min")


@pytest.mark.usefixtures("two_a_minute")
def test_who_sends_too_many_is_told_to_wait_and_how_long() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    for _time in range(2):
        assert sent(dossier, filled(question_set, 1)).status_code == 200
    answer = sent(dossier, filled(question_set, 1, 1))
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "Vui lòng chờ trong giây lát" in answer.content.decode()
    assert not Ballot.objects.exists()
    assert shown(dossier)


@pytest.mark.usefixtures("two_a_minute")
def test_an_hour_later_one_may_send_again() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    for _time in range(3):
        sent(dossier, filled(question_set, 1))
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert sent(dossier, filled(question_set, 1, 1)).status_code == 302


@pytest.mark.usefixtures("two_a_minute")
def test_another_address_is_not_held_up_and_a_claimed_one_counts_for_nothing() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    for number in range(3):
        answer = Client().post(
            address(dossier), filled(question_set, 1), headers={"X-Forwarded-For": f"203.0.113.{number}"}
        )
    assert answer.status_code == 429
    elsewhere = Client().post(address(dossier), filled(question_set, 1, 1), REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 302


@pytest.mark.usefixtures("two_a_minute")
def test_behind_our_own_proxy_the_address_that_it_saw_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rest_framework.settings.api_settings.NUM_PROXIES", 1)
    dossier, question_set = people.a_dossier(), a_question_set()

    def sent_from(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return Client().post(address(dossier), filled(question_set, 1), headers=headers).status_code

    assert [sent_from(f"198.51.100.{number}, 203.0.113.1") for number in range(3)] == [200, 200, 429]
    assert sent_from("203.0.113.2") == 200


def test_what_is_counted_names_no_address_and_stands_in_no_table() -> None:
    assert "203.0.113.7" not in key_of("ballot", "203.0.113.7")
    assert key_of("ballot", "203.0.113.7") != key_of("ballot", "203.0.113.8")
    dossier, question_set = people.a_dossier(), a_question_set()
    assert sent(dossier, filled(question_set, 1)).status_code == 200
    assert not Brake.objects.exists()


def test_a_dossier_that_only_tests_something_is_not_rated_by_any_way() -> None:
    dossier, question_set = people.a_dossier(), a_question_set()
    Dossier.objects.update(is_test=True)
    dossier.refresh_from_db()
    with pytest.raises(Exception, match="Chỉ đánh giá được"):
        cast(dossier, question_set, given(1, 1))
