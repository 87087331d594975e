"""What a view of the desk is handed."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class StaffRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through. `htmx` is true where a page asks for a part of itself."""

    user: User
    htmx: HtmxDetails
