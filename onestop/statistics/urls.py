from django.urls import path, re_path

from .pages import classes, closing, files, hall, hall_screens, published, views
from .pages.home_card import home_card

app_name = "statistics"

urlpatterns = [
    path("statistics/", views.overview, name="overview"),
    path("statistics.xlsx", files.overview_xlsx, name="overview-xlsx"),
    path("statistics.csv", files.overview_csv, name="overview-csv"),
    path("statistics/dossiers/", views.dossiers, name="dossiers"),
    path("statistics/dossiers.xlsx", files.dossiers_xlsx, name="dossiers-xlsx"),
    path("statistics/dossiers.csv", files.dossiers_csv, name="dossiers-csv"),
    path("statistics/classes/", classes.classes, name="classes"),
    path("statistics/month/", home_card, name="home-card"),
    path("statistics/published/", published.published, name="published"),
    path("statistics/published/<int:pk>/", published.publication, name="publication"),
    # As long as a token is at most: it is also the key under which the numbers are kept.
    re_path(r"^man-hinh/(?P<token>[A-Za-z0-9_-]{1,32})/$", hall.hall_screen, name="hall-screen"),
    path("administration/hall-screens/", hall_screens.hall_screens, name="hall-screens"),
    path("administration/hall-screens/<int:pk>/", hall_screens.hall_screen_of, name="hall-screen-of"),
    path("statistics/published/close/", closing.close_period, name="close-period"),
]
