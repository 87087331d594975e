"""What a view of the desk is handed."""

from django.http import HttpRequest

from .models import User


class StaffRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User
