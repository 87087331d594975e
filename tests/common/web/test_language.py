import pytest
from django.test import Client
from django.urls import reverse


@pytest.mark.django_db
def test_it_speaks_vietnamese_whatever_the_browser_prefers_until_somebody_chooses_english() -> None:
    browser = Client(headers={"accept-language": "en-US,en;q=0.9"})
    page = reverse("sign-in")
    assert browser.get(page)["Content-Language"] == "vi"
    assert '<html lang="vi">' in browser.get(page).content.decode()
    browser.post(reverse("set_language"), {"language": "en"})
    assert '<html lang="en">' in browser.get(page).content.decode()
    browser.post(reverse("set_language"), {"language": "fr"})
    assert browser.get(page)["Content-Language"] == "vi"


@pytest.mark.django_db
def test_a_cookie_that_names_no_language_of_ours_changes_nothing() -> None:
    browser = Client()
    browser.cookies["django_language"] = "xx"
    assert browser.get(reverse("sign-in"))["Content-Language"] == "vi"
