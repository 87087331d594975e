from django.urls import path

from .administration.views import administration
from .catalogue import calendar, hours, procedures
from .guide.views import guide, guide_topic
from .own.views import end_own_sessions, own_page
from .signing_in import OwnPasswordView, SignInView, SignOutView
from .users import acts, views

urlpatterns = [
    path("sign-in/", SignInView.as_view(), name="sign-in"),
    path("sign-out/", SignOutView.as_view(), name="sign-out"),
    path("password/", OwnPasswordView.as_view(), name="own-password"),
    path("help/", guide, name="guide"),
    path("help/<slug:slug>/", guide_topic, name="guide-topic"),
    path("me/", own_page, name="own-page"),
    path("me/sessions/end/", end_own_sessions, name="own-sessions-end"),
    path("administration/", administration, name="administration"),
    path("administration/users/", views.users, name="users"),
    path("administration/users/add/", views.add_user, name="user-add"),
    path("administration/users/<int:pk>/", views.user, name="user"),
    path("administration/users/<int:pk>/password/", acts.new_password, name="user-password"),
    path("administration/users/<int:pk>/retire/", acts.retire, name="user-retire"),
    path("administration/users/<int:pk>/restore/", acts.restore, name="user-restore"),
    path("administration/users/<int:pk>/sessions/end/", acts.end_sessions_of, name="user-sessions-end"),
    path("administration/hours/", hours.working_hours, name="working-hours"),
    path("administration/hours/common/", hours.hours_of_all, name="hours-of-all"),
    path("administration/hours/<int:pk>/", hours.hours_of_agency, name="hours-of-agency"),
    path("administration/calendar/", calendar.year, name="calendar"),
    path("administration/calendar/record/", calendar.record_year, name="calendar-record"),
    path("administration/calendar/add/", calendar.add_day, name="calendar-add"),
    path("administration/calendar/<int:pk>/", calendar.change_day, name="calendar-day"),
    path("administration/calendar/<int:pk>/remove/", calendar.remove_day, name="calendar-remove"),
    path("administration/procedures/", procedures.procedures, name="procedures"),
    path("administration/procedures/<int:pk>/", procedures.procedure, name="procedure"),
]
