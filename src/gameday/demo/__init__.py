"""The demo shop: a few small local processes under steady traffic, made to be broken.

It imports nothing else of gameday. ``python -m gameday.demo`` runs it, or embed it::

    with Shop(Path("/tmp/shop")) as shop:
        print(shop.env["SHOP_CHECKOUT_URL"])
"""

from gameday.demo.shop import Shop, ShopError

__all__ = ["Shop", "ShopError"]
