from django.urls import path, re_path

from . import audit
from .counter import views as counter
from .counter.received import received
from .desk import communes, hand_over, settle
from .desk import views as desk
from .desk.undo import undo
from .documents import many
from .documents import views as documents
from .documents.labels import views as labels
from .files import views as files
from .lists import home, news, saved, search
from .lists import views as lists
from .public import views as public
from .register import views as register
from .texts import views as texts

app_name = "dossiers"

urlpatterns = [
    path("tra-cuu/", public.ask, name="ask"),
    path("tra-cuu/<str:token>/", public.look_up, name="look-up"),
    path("", home.home, name="home"),
    path("dossiers/", lists.dossier_list, name="list"),
    path("dossiers.xlsx", lists.dossiers_xlsx, name="list-xlsx"),
    path("dossiers.csv", lists.dossiers_csv, name="list-csv"),
    path("dossiers/columns/", saved.choose_columns, name="choose-columns"),
    path("dossiers/kept/", saved.keep, name="keep-list"),
    path("dossiers/kept/<int:pk>/drop/", saved.drop, name="drop-list"),
    path("find/", search.find, name="find"),
    path("news/", news.news, name="news"),
    path("news/read/", news.mark_read, name="news-read"),
    path("dossiers/receive/", counter.procedure_search, name="procedure-search"),
    path("dossiers/procedures/", counter.procedure_suggestions, name="procedure-suggestions"),
    path("dossiers/officers/", hand_over.officers, name="officers"),
    path("dossiers/communes/", communes.commune_suggestions, name="communes"),
    path("dossiers/card-address/", communes.card_address, name="card-address"),
    path("dossiers/earlier/", counter.earlier_dossier, name="earlier-dossier"),
    # Published codes hold dots and, some of them, letters.
    re_path(r"^dossiers/receive/(?P<code>[\w.-]+)/$", counter.receive, name="receive"),
    re_path(r"^dossiers/receive/(?P<code>[\w.-]+)/promise/$", counter.promise, name="promise"),
    path("dossiers/<uuid:uuid>/", desk.detail, name="detail"),
    path("dossiers/<uuid:uuid>/received/", received, name="received"),
    path("dossiers/<uuid:uuid>/deadline/", desk.deadline, name="deadline"),
    path("dossiers/<uuid:uuid>/files/<int:ordinal>/", files.attachment, name="attachment"),
    path("dossiers/<uuid:uuid>/files/<int:ordinal>/preview/", files.preview, name="preview"),
    path("dossiers/<uuid:uuid>/fees/<int:pk>/<slug:act>/", settle.settle_fee, name="settle-fee"),
    path("dossiers/<uuid:uuid>/notes/", settle.write_note, name="write-note"),
    path("dossiers/<uuid:uuid>/opinions/ask/", settle.ask_opinion, name="ask-opinion"),
    path("dossiers/<uuid:uuid>/undo/<int:step>/", undo, name="undo"),
    path("administration/texts/", texts.ready_texts, name="ready-texts"),
    path("administration/texts/add/", texts.add_ready_text, name="ready-text-add"),
    path("administration/texts/<int:pk>/", texts.ready_text, name="ready-text"),
    path("log/", audit.moves, name="log"),
    path("log/readings/", audit.readings, name="log-readings"),
    path("log/sign-ins/", audit.sign_ins, name="log-sign-ins"),
    path("register/", register.register, name="register"),
    path("register.xlsx", register.register_xlsx, name="register-xlsx"),
    path("register.pdf", register.register_pdf, name="register-pdf"),
    path("opinions/", settle.open_opinions, name="opinions"),
    path("opinions/<int:pk>/", settle.answer_opinion, name="answer-opinion"),
    path("dossiers/print/", many.print_many, name="print-many"),
    path("dossiers/printed/", many.printed_many, name="printed-many"),
    path("dossiers/labels/choose/", labels.choose_labels, name="choose-labels"),
    path("dossiers/labels/", labels.label_page, name="labels"),
    path("dossiers/<uuid:uuid>/print/<slug:kind>/<int:transition>/", documents.print_one, name="print"),
    path("dossiers/<uuid:uuid>/printed/<int:pk>/", documents.printed, name="printed"),
    path("dossiers/<uuid:uuid>/<slug:move>/", desk.move, name="move"),
]
