"""The type of requests to views of the desk."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class StaffRequest(HttpRequest):
    """A request of a signed-in user. `htmx` is true where a page requests a part of itself.

    `unread_news` is set where the page has read the number that its head shows.
    """

    user: User
    htmx: HtmxDetails
    unread_news: int
