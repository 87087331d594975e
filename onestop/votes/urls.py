from django.urls import path

from . import views
from .ballot_pages import kiosk, public
from .question_pages import views as question_pages

app_name = "votes"

urlpatterns = [
    path("danh-gia/<str:token>/", public.rate, name="rate"),
    path("danh-gia/<str:token>/cam-on/", public.thanks, name="thanks"),
    path("danh-gia/luot/<str:signed>/", public.rate_by_pass, name="rate-by-pass"),
    path("danh-gia/luot/<str:signed>/cam-on/", public.thanks_by_pass, name="thanks-by-pass"),
    path("danh-gia/quay/<str:signed>/", kiosk.start, name="kiosk-start"),
    path("danh-gia/quay/<str:signed>/cam-on/", kiosk.thanks, name="kiosk-thanks"),
    path("danh-gia/quay/<str:signed>/phieu/<str:one_time>/", kiosk.ballot, name="kiosk-ballot"),
    path("votes/kiosk/", kiosk.open_kiosk, name="kiosk"),
    path("votes/results/", views.results, name="results"),
    path("administration/questions/", question_pages.question_sets, name="question-sets"),
    path("administration/questions/add/", question_pages.add_question_set, name="question-set-add"),
    path("administration/questions/<int:pk>/", question_pages.question_set, name="question-set"),
]
