"""`statistics`: the figures of any month, quarter or year, both as counted now and as published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Agency, AgencyQuerySet, Field, Placement, Procedure, SubmissionChannel
from onestop.common.wording import pair
from onestop.partners.scopes import ApiScope as Permission
from onestop.rest.fields import ChoiceInput, LineInput, Strict
from onestop.rest.rendering import local
from onestop.rest.views import ApiView
from onestop.statistics.counting.incremental import up_to_date
from onestop.statistics.figures.figures import Figures, grouped_figures
from onestop.statistics.models import Publication
from onestop.statistics.pages.report import LABELS
from onestop.statistics.periods import Period
from onestop.statistics.publishing import last_published
from onestop.statistics.scope import FigureScope

# The settings name this list for the description of the contract.
DIVISION_NAMES = ["procedure", "agency", "channel", "field"]
# The column by which a division groups, and the model with the names of its keys; channels have theirs in the code.
DIVISIONS: dict[str, tuple[str, type[Model] | None]] = {
    "procedure": ("procedure", Procedure),
    "agency": ("agency", Agency),
    "channel": ("channel", None),
    "field": ("procedure__field", Field),
}


# What `Period.parse` reads. Whether the period has begun is not said here: that changes by the day.
PERIODS = "^(190[1-9]|19[1-9][0-9]|[2-9][0-9]{3})(-(0[1-9]|1[0-2])|-Q[1-4])?$"


@extend_schema_field({"type": "string", "pattern": PERIODS})
class PeriodField(serializers.Field[Period, str, str, object]):
    """A month, a quarter or a year that has begun."""

    def to_internal_value(self, data: str) -> Period:
        try:
            period = Period.parse(data[:20])
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        if period.start > timezone.now():
            raise serializers.ValidationError(_("Kỳ này chưa bắt đầu nên chưa có số liệu."), "not_begun")
        return period


class FiguresInput(Strict):
    period = PeriodField(help_text=_("Tháng, quý hoặc năm: 2026-10, 2026-Q4, 2026."))
    agency = LineInput(
        required=False,
        help_text=_("Mã định danh, gồm cả các đơn vị trực thuộc. Không có: mọi cơ quan của đối tác cộng lại."),
    )
    by = ChoiceInput(
        choices=DIVISION_NAMES,
        required=False,
        help_text=_(
            "Chia ra theo thủ tục, cơ quan tiếp nhận, hình thức nộp hoặc lĩnh vực; các dòng cộng lại bằng tổng."
        ),
    )


class FiguresRow(serializers.Serializer[object]):
    in_time_percent = serializers.FloatField(help_text=_("Giải quyết đúng hạn trên đã giải quyết."))
    average_seconds = serializers.IntegerField(
        allow_null=True, help_text=_("Thời gian xử lý trung bình ở cơ quan; null khi chưa giải quyết hồ sơ nào.")
    )

    def get_fields(self) -> dict[str, Any]:  # Any: fields of different types
        counts = {name: serializers.IntegerField(help_text=label) for name, label in LABELS.items()}
        return {**counts, **super().get_fields()}


class DivisionRow(serializers.Serializer[object]):
    key = serializers.CharField(help_text=_("Mã của cơ quan, thủ tục hoặc lĩnh vực; hình thức nộp."))
    name = serializers.CharField()
    figures = FiguresRow()


class PublishedRow(serializers.ModelSerializer[Publication]):
    class Meta:
        model = Publication
        fields = ["revision", "published_at", *Publication.FIGURES, "ballots"]
        read_only_fields = fields


class StatisticsRow(serializers.Serializer[object]):
    period = serializers.CharField()
    agencies = serializers.ListField(child=serializers.CharField(), help_text=_("Số liệu gồm những cơ quan này."))
    provisional = serializers.BooleanField(help_text=_("Kỳ chưa hết, số liệu tính đến lúc này."))
    uncounted = serializers.IntegerField(help_text=_("Số bước xử lý vừa ghi còn chờ tính."))
    total = FiguresRow()
    by = serializers.ChoiceField(choices=DIVISION_NAMES, allow_null=True)
    rows = DivisionRow(many=True)
    published = PublishedRow(
        allow_null=True, help_text=_("Số liệu công bố lần gần nhất; chỉ có của tháng, năm của cơ quan cấp 1 đã chốt.")
    )


FIGURES = {
    "carried_over": 2,
    "new_reception": 10,
    "total": 12,
    "solved_in_time": 8,
    "solved_late": 1,
    "solved": 9,
    "pending": 2,
    "pending_late": 1,
    "still_open": 3,
    "refused": 0,
    "denied": 0,
    "withdrawn": 1,
    "stopped": 0,
    "in_time_percent": 88.9,
    "average_seconds": 86_400,
}
EXAMPLE = {
    "period": "2026-10",
    "agencies": ["H22"],
    "provisional": False,
    "uncounted": 0,
    "total": FIGURES,
    "by": "procedure",
    "rows": [{"key": "1.001193", "name": "Thủ tục đăng ký khai sinh", "figures": FIGURES}],
    "published": {
        "revision": 1,
        "published_at": "2026-11-01T07:00:00+07:00",
        "carried_over": 2,
        "new_reception": 10,
        "solved_in_time": 8,
        "solved_late": 1,
        "pending": 2,
        "pending_late": 1,
        "ballots": 4,
    },
}


class StatisticsView(ApiView):
    scopes = {"get": Permission.STATISTICS_READ}
    parameters = {"get": frozenset(FiguresInput().fields)}
    pagination_class = None

    @extend_schema(
        operation_id="statistics",
        summary=_("Số liệu tiếp nhận và giải quyết hồ sơ của một kỳ"),
        description=_(
            "Số liệu tính đến lúc hỏi của một tháng, quý hoặc năm, kèm số liệu đã công bố nếu có. "
            "`provisional` là true khi kỳ chưa kết thúc."
        ),
        parameters=[FiguresInput],
        responses=StatisticsRow,
        examples=[OpenApiExample("Tháng 10/2026", EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        query = self.validated_query(FiguresInput)
        overseen = self.colleague.agencies  # scope: statistics
        # An agency that the partner does not oversee is answered with 404, as if it did not exist.
        agency = get_object_or_404(overseen, code=query["agency"]) if "agency" in query else None
        agencies = topmost(overseen, query["period"]) if agency is None else [agency]
        with up_to_date() as uncounted:
            data = counted(agencies, query["period"], query.get("by"), timezone.now())
        return Response({**data, "uncounted": uncounted})


def topmost(agencies: AgencyQuerySet, period: Period) -> list[Agency]:
    """Those of `agencies` that were below no other of them on the last day of `period`.

    Figures of an agency include all agencies below it, so each dossier is counted once.
    """
    topmost: list[Placement] = []
    then = Placement.objects.on(period.last_day).filter(agency__in=agencies).select_related("agency")
    for placement in then.order_by("path"):
        if not topmost or not placement.path.startswith(topmost[-1].path):
            topmost.append(placement)
    return [placement.agency for placement in topmost]


def counted(agencies: Sequence[Agency], period: Period, by: str | None, now: datetime) -> dict[str, object]:
    """The answer for all `agencies` together, none of which is below another."""
    groups = defaultdict[object, Figures](Figures)
    for agency in agencies:
        grouping = [DIVISIONS[by][0]] if by else []
        for key, figures in grouped_figures(FigureScope(agency), period, grouping, now).items():
            groups[key[0] if by else None] += figures
    return {
        "period": str(period),
        "agencies": sorted(agency.code for agency in agencies),
        "provisional": now < period.end,
        "total": figures_row(sum(groups.values(), Figures())),
        "by": by,
        "rows": rows_of_groups(by, groups) if by else [],
        "published": published(agencies, period),
    }


def rows_of_groups(by: str, groups: Mapping[object, Figures]) -> list[dict[str, object]]:
    """One row for each group, in the order of their keys."""
    model = DIVISIONS[by][1]
    if model is None:
        known: dict[object, tuple[str, str]] = {
            channel.value: (channel.value, str(channel.label)) for channel in SubmissionChannel
        }
    else:
        rows_of = model._default_manager.filter(pk__in=list(groups)).values_list("pk", "code", "name")
        known = {pk: (code, name) for pk, code, name in rows_of}
    rows = sorted(((*known[key], figures) for key, figures in groups.items()), key=itemgetter(0))
    return [{"key": key, "name": name, "figures": figures_row(figures)} for key, name, figures in rows]


def figures_row(figures: Figures) -> dict[str, object]:
    data = {name: getattr(figures, name) for name in LABELS}
    in_time = pair(figures.solved_in_time, figures.solved)[0] / 10
    return {**data, "in_time_percent": in_time, "average_seconds": figures.average_seconds}


def published(agencies: Sequence[Agency], period: Period) -> dict[str, object] | None:
    """The last publication of exactly these figures; None where there is none."""
    if len(agencies) != 1 or period.is_quarter:
        return None
    publication = last_published(agencies[0], period)
    if publication is None:
        return None
    counts = {name: getattr(publication, name) for name in (*Publication.FIGURES, "ballots")}
    return {"revision": publication.revision, "published_at": local(publication.published_at), **counts}
