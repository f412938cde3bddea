"""Models and imagery providers of the Mapflow persona, and the account status that lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .mapflow_settings import Account, MapflowSettings

CREATED, UPDATED = "2025-01-14T08:00:00.000000Z", "2026-02-02T10:30:00.000000Z"


@dataclass(frozen=True)
class Block:
    """One part of a model; price in credits per km²."""

    name: str
    label: str
    optional: bool
    price: float

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "displayName": self.label, "description": None, "optional": self.optional, "price": self.price}


@dataclass(frozen=True)
class Model:
    """One model. `kind` says what it finds, `zooms` which zooms it takes."""

    model_id: str
    name: str
    text: str
    kind: str
    style: str
    zooms: tuple[int, int]
    blocks: tuple[Block, ...]
    custom: bool = False

    @property
    def base(self) -> float:
        """Price of the parts that are always on."""
        return sum(block.price for block in self.blocks if not block.optional)

    def price(self, enabled: set[str]) -> float:
        """Credits per km² with some optional parts on."""
        return self.base + sum(block.price for block in self.blocks if block.optional and block.name in enabled)

    def told(self, settings: MapflowSettings, style: bool = False) -> dict[str, Any]:
        """The model as the service tells it."""
        shape = settings.model_price
        told = {"id": self.model_id, "name": self.name, "description": self.text or None, "created": CREATED, "updated": UPDATED,
                "pricePerSqKm": 0.0 if shape == "blocks" else self.base}
        if shape != "model":
            told["blocks"] = [block.told() for block in self.blocks]
        return {**told, "styleName": self.style} if style else told


def _id(number: int) -> str:
    return f"0b8a6a54-7f0e-4a53-9a5c-3a2f7f2d{number}"


def _base(price: float) -> Block:
    return Block("Segmentation", "Segmentation", False, price)


HEIGHTS = Block("Heights", "Height estimation", True, 10.0)
OUTLINES = Block("Simplification", "Polygonization", True, 0.0)
MODELS = (
    Model(_id(1101), "🏠 Buildings", "Roof outlines", "buildings", "buildings", (17, 19), (
        _base(10.0), Block("Classification", "Classification", True, 0.0), OUTLINES,
        Block("OSM", "Merge with OpenStreetMap", True, 2.0), HEIGHTS)),
    Model(_id(1102), "🌲 Forest", "Tree cover", "forest", "forest", (18, 20), (_base(5.0), HEIGHTS)),
    Model(_id(1103), "🚗 Roads", "Road surfaces", "roads", "roads", (17, 18), (_base(7.0), OUTLINES)),
    Model(_id(1104), "🏗️ Construction sites", "", "construction", "construction", (17, 18), (_base(7.0),)),
    Model(_id(1105), "🌳 Tree crowns", "Single trees", "crowns", "forest", (19, 20), (_base(8.0),)),
    Model(_id(1106), "[multi] Buildings + Roads + Forest", "", "multi", "combo", (17, 19), (_base(15.0),)),
    Model(_id(1107), "Download open data", "Map data of the area", "open", "open_data", (0, 22), (_base(0.0),)),
    Model(_id(1108), "🏠 Buildings (Aerial)", "Our own model", "buildings", "buildings", (19, 21), (_base(12.0), HEIGHTS), custom=True),
)


@dataclass(frozen=True)
class Source:
    """An imagery provider; prices in credits per km² by zoom, `least` in km²."""

    number: int
    name: str
    label: str
    prices: tuple[tuple[int, float], ...] = ()
    least: float = 0.0
    searched: bool = False   # has a catalogue
    linked: bool = True      # may be used
    premium: bool = False
    mosaics: bool = False
    own: bool = False

    def price(self, zoom: int | None) -> float:
        """Credits per km² at a zoom; at the dearest one when it is not told."""
        prices = dict(self.prices)
        return prices.get(zoom or 0, max(prices.values(), default=0.0))

    def told(self, app: str, settings: MapflowSettings) -> dict[str, Any]:
        """The provider as the service tells it."""
        told = {"id": _id(self.number), "name": self.name, "displayName": self.label,
                "price": [{"zoom": zoom, "priceSqKm": price} for zoom, price in self.prices],
                "previewUrl": None if self.searched else f"{app}/tiles/{self.name}/{{z}}/{{x}}/{{y}}.png", "previewUrlMaxZoom": 19}
        return {**told, settings.min_area_key: self.least} if self.least else told


SOURCES = (
    Source(2201, "mapbox", "Mapbox Satellite", ((17, 1.0), (18, 3.0), (19, 9.0))),
    Source(2203, "arcgis_world_imagery", "ArcGIS World Imagery", ((17, 1.0), (18, 2.0), (19, 4.0))),
    Source(2204, "example_fine", "Example Fine Imagery", ((18, 6.0), (19, 12.0)), least=1.0, premium=True),
    Source(2205, "example_vhr", "Example VHR", ((17, 4.0), (18, 8.0)), least=0.5, searched=True),
    Source(2206, "example_premium", "Example Premium", ((18, 20.0),), least=5.0, searched=True, linked=False),
    Source(2207, "example_mosaic_2025", "Example Mosaic 2025", ((17, 2.0), (18, 4.0)), searched=True, mosaics=True),
    Source(2208, "my_imagery_images", "My images", searched=True, own=True),
    Source(2202, "my_imagery_mosaics", "My mosaics", searched=True, own=True, mosaics=True),
)


def source(name: Any) -> Source | None:
    """A provider by its name in any case."""
    return next((one for one in SOURCES if isinstance(name, str) and one.name == name.lower()), None)


def may_use(account: Account, one: Source) -> bool:
    """True when the plan of the account has this provider."""
    return one.linked and (account.premium or not one.premium)


def status(account: Account, app: str, settings: MapflowSettings) -> dict[str, Any]:
    """The answer of user/status."""
    models = [model.told(settings) for model in MODELS]
    if settings.status_shape == "nested":
        return {"user": {"id": user_id(account), "email": account.email, "credits": account.credits}, "models": models}
    mine = [one for one in SOURCES if may_use(account, one)]
    direct = [one.told(app, settings) for one in mine if not one.searched]
    told = {"email": account.email, "billingType": 0 if settings.billing_shape == "zero" else account.billing,
            "processedArea": account.processed, "remainingArea": account.area_limit - account.processed,
            "areaLimit": account.area_limit, "remainingCredits": account.credits, "maxAoisPerProcessing": settings.max_aois,
            "memoryLimit": settings.memory_limit, "templateAreaLimit": 900_000_000, "searchAreaLimit": settings.search_area_limit,
            "reviewWorkflowEnabled": settings.reviews, "models": models, "teams": [],
            "dataProviders": direct + direct[:1] if settings.repeat_providers else direct,
            "searchDataProviders": [one.told(app, settings) for one in mine if one.searched]}
    if settings.billing_shape == "missing":
        del told["billingType"]
    return told


def user_id(account: Account) -> str:
    """The id of an account."""
    return f"7c2e0000-1111-4222-8333-9444{sum(account.email.encode()):08d}"
