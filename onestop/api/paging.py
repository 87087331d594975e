"""How lists are cut into pages: no page is large enough to take everything at once."""

from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import LimitOffsetPagination


class Paging(LimitOffsetPagination):
    max_limit = 200
    # The framework's own are lazy too, but its stubs say str.
    limit_query_description = _("Số kết quả trong một trang; nhiều nhất 200.")  # type: ignore[assignment] # see above
    offset_query_description = _("Bỏ qua chừng này kết quả đầu.")  # type: ignore[assignment] # see above
