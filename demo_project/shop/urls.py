"""The toy shop's addresses."""

from django.urls import path

from demo_project.shop import views

app_name = "shop"
urlpatterns = [
    path("", views.front, name="front"),
    path("shop/buy", views.buy, name="buy"),
    path("shop/notify", views.notify, name="notify"),
    path("shop/back", views.back, name="back"),
    path("shop/orders/<str:number>", views.sale, name="sale"),
    path("shop/orders/<str:number>/state", views.state, name="state"),
]
