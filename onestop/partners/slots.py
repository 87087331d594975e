"""What the guide says about partners, for whoever registers them in Django's admin."""

from __future__ import annotations

from onestop.staff.guide.topics import Chapter, Topic, add_to_guide

add_to_guide(
    Topic(
        Chapter.OUTSIDE,
        20,
        "partners",
        "Hệ thống đối tác",
        "guide/partners.html",
        ("admin:partners_partner_changelist", "admin:partners_partner_add", "admin:partners_partner_change"),
    )
)
