"""The topics of the guide: every app adds those of its own pages, from its `slots.py`.

The texts stand in `templates/guide/`, one file a topic, in Vietnamese alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from onestop.common.slots import load_all


class Chapter(models.IntegerChoices):
    """In the order in which the guide has them. The names are Vietnamese like the texts, and are not translated."""

    BEGINNING = 1, "Làm quen với hệ thống"
    DOSSIERS = 2, "Tiếp nhận, giải quyết và trả kết quả"
    LISTS = 3, "Tra cứu, danh sách và sổ theo dõi"
    FIGURES = 4, "Thống kê và đánh giá"
    REPORTING = 5, "Đồng bộ lên Cổng"
    ADMINISTRATION = 6, "Quản trị"
    OUTSIDE = 7, "Người dân và hệ thống đối tác"


@dataclass(frozen=True, order=True)
class Topic:
    """What the guide says about a few pages that belong together.

    `order` is the place in the chapter, the smallest first. `pages` are names of views: whoever asks for help on one
    of them gets this topic. `part`: the argument of these views, if any, by whose value the text is divided into
    elements with the id `slug-value`.
    """

    chapter: Chapter
    order: int
    slug: str = field(compare=False)
    title: str = field(compare=False)
    template: str = field(compare=False)
    pages: tuple[str, ...] = field(default=(), compare=False)
    part: str = field(default="", compare=False)

    @property
    def address(self) -> str:
        return reverse("guide-topic", args=[self.slug])


_TOPICS: list[Topic] = []


def add_to_guide(*topics: Topic) -> None:
    _TOPICS.extend(topics)


def topics() -> list[Topic]:
    """All topics, in the order of the guide."""
    load_all()
    return sorted(_TOPICS)


def chapters() -> Iterator[tuple[Chapter, list[Topic]]]:
    for chapter, members in groupby(topics(), key=lambda topic: topic.chapter):
        yield chapter, list(members)


def help_address(request: HttpRequest) -> str:
    """The address of what the guide says about the page of `request`; of the whole guide, if it says nothing."""
    shown = request.resolver_match
    if shown is not None:
        for topic in topics():
            if shown.view_name in topic.pages:
                value = shown.kwargs.get(topic.part)
                return f"{topic.address}#{topic.slug}-{value}" if value else topic.address
    return reverse("guide")
