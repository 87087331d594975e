from django.urls import path, re_path

from . import (
    acts,
    finding,
    handing_over,
    home,
    list_habits,
    listing,
    log,
    previewing,
    printing,
    public,
    reception,
    registering,
    views,
)

app_name = "dossiers"

urlpatterns = [
    path("tra-cuu/", public.ask, name="ask"),
    path("tra-cuu/<str:token>/", public.look_up, name="look-up"),
    path("", home.home, name="home"),
    path("dossiers/", listing.dossier_list, name="list"),
    path("dossiers.xlsx", listing.dossiers_xlsx, name="list-xlsx"),
    path("dossiers.csv", listing.dossiers_csv, name="list-csv"),
    path("dossiers/columns/", list_habits.choose_columns, name="choose-columns"),
    path("dossiers/kept/", list_habits.keep, name="keep-list"),
    path("dossiers/kept/<int:pk>/drop/", list_habits.drop, name="drop-list"),
    path("find/", finding.find, name="find"),
    path("dossiers/receive/", reception.procedure_search, name="procedure-search"),
    path("dossiers/procedures/", reception.procedure_suggestions, name="procedure-suggestions"),
    path("dossiers/officers/", handing_over.officers, name="officers"),
    path("dossiers/earlier/", reception.earlier_dossier, name="earlier-dossier"),
    # Published codes hold dots and, some of them, letters.
    re_path(r"^dossiers/receive/(?P<code>[\w.-]+)/$", reception.receive, name="receive"),
    re_path(r"^dossiers/receive/(?P<code>[\w.-]+)/promise/$", reception.promise, name="promise"),
    path("dossiers/<uuid:uuid>/", views.detail, name="detail"),
    path("dossiers/<uuid:uuid>/files/<int:ordinal>/", previewing.attachment, name="attachment"),
    path("dossiers/<uuid:uuid>/files/<int:ordinal>/preview/", previewing.preview, name="preview"),
    path("dossiers/<uuid:uuid>/fees/<int:pk>/<slug:act>/", acts.settle_fee, name="settle-fee"),
    path("dossiers/<uuid:uuid>/opinions/ask/", acts.ask_opinion, name="ask-opinion"),
    path("log/", log.moves, name="log"),
    path("log/readings/", log.readings, name="log-readings"),
    path("register/", registering.register, name="register"),
    path("register.xlsx", registering.register_xlsx, name="register-xlsx"),
    path("register.pdf", registering.register_pdf, name="register-pdf"),
    path("opinions/", acts.opinions_asked, name="opinions"),
    path("opinions/<int:pk>/", acts.answer_opinion, name="answer-opinion"),
    path("dossiers/<uuid:uuid>/print/<slug:kind>/<int:transition>/", printing.print_one, name="print"),
    path("dossiers/<uuid:uuid>/printed/<int:pk>/", printing.printed, name="printed"),
    path("dossiers/<uuid:uuid>/<slug:move>/", views.move, name="move"),
]
