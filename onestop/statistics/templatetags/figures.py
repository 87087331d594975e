"""How a page shows a figure: with grouped digits, and linked to the dossiers that it counts."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from onestop.catalog.models import Agency
from onestop.common.wording import decimal, grouped, pair, percent
from onestop.staff.models import User
from onestop.statistics.models import Publication
from onestop.statistics.pages import wording
from onestop.statistics.pages.forms import query_of
from onestop.statistics.pages.report import ReportRow
from onestop.statistics.periods import Period
from onestop.statistics.publishing import may_close
from onestop.statistics.scope import FigureScope
from onestop.statistics.scoring import Points, Score
from onestop.votes.results import VoteCount

register = template.Library()

register.filter("grouped", grouped)
register.filter("decimal", decimal)
register.filter("percent", percent)
register.filter("time_in_words", wording.time_in_words)
register.filter("scope_in_words", wording.scope_in_words)
register.filter("provisional_mark", wording.provisional_mark)


@register.simple_tag
def figure(row: ReportRow, name: str) -> SafeString:
    """The number with a link to its dossiers; without a link if there are none, or if the row has no scope."""
    number: int = getattr(row.figures, name)
    if not number or row.scope is None:
        return format_html("{}", grouped(number))
    address = reverse("statistics:dossiers") + query_of(row.scope, row.period, figure=name)
    return format_html('<a href="{}">{}</a>', address, grouped(number))


@register.simple_tag
def row_name(row: ReportRow, whole: FigureScope, period: Period) -> SafeString:
    """The name of a row, cut to two lines, with a link to the page of its own figures."""
    if row.scope is None or (row.scope == whole and row.period == period):
        return format_html("{}", row.name)
    address = reverse("statistics:overview") + query_of(row.scope, row.period)
    return format_html('<a class="clamp" href="{}" title="{}">{}</a>', address, row.name, row.name)


@register.filter
def content(tally: VoteCount) -> tuple[int, int]:
    """The shares of those who were content or more, and of those who were not, in tenths of a percent."""
    return pair(tally.very_good + tally.good, tally.answers)


@register.filter
def as_published(value: object) -> str:
    """A figure, or the ratings of each question in one line."""
    if isinstance(value, int):
        return grouped(value)
    if not isinstance(value, list):
        return str(value)
    return "; ".join(f"{each['question']} {each['very_good']}/{each['good']}/{each['bad']}" for each in value) or "–"


@register.filter
def of_publication(publication: Publication, name: str) -> str:
    return grouped(getattr(publication, name))


@register.filter
def signed(number: int) -> str:
    """With its sign, as a difference is written: +12, −3."""
    return f"+{grouped(number)}" if number > 0 else f"−{grouped(-number)}"


@register.simple_tag(takes_context=True)
def closes(context: template.Context, agency: Agency) -> bool:
    """Whether the user of the page may close periods of `agency`."""
    user = context["user"]
    return isinstance(user, User) and may_close(user, agency)


@register.filter
def points_of(score: Score, indicator: int) -> Points | None:
    return score.points.get(indicator)
