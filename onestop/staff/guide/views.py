"""The pages of the guide: all of it, for reading on and for print, and one topic, for the panel beside a page."""

from __future__ import annotations

from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from onestop.staff.requests import StaffRequest

from .topics import Chapter, Topic, chapters, topics


class GuideText(NamedTuple):
    topic: Topic
    text: SafeString


@require_GET
def guide(request: StaffRequest) -> HttpResponse:
    texts = [(chapter, [_text(request, topic) for topic in members]) for chapter, members in chapters()]
    return render(request, "staff/guide.html", {"chapters": texts})


@require_GET
def guide_topic(request: StaffRequest, slug: str) -> HttpResponse:
    topic = next((topic for topic in topics() if topic.slug == slug), None)
    if topic is None:
        raise Http404
    context = {"chapter": Chapter(topic.chapter), "text": _text(request, topic)}
    return render(request, "staff/guide_topic.html", context)


def _text(request: StaffRequest, topic: Topic) -> GuideText:
    """In Vietnamese, with what slots add to it: its names of buttons are those of the Vietnamese pages."""
    with translation.override("vi"):
        return GuideText(topic, render_to_string(topic.template, request=request))
