"""What a Mapflow account knows of its service, without one."""

from __future__ import annotations

import base64

from groundtrack.aoi import from_bounds
from groundtrack.providers import mapflow_read
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.mapflow_ask import Known
from groundtrack.providers.operation import Request

PAIR = "planner@example.org:K3y-For-Tests-1"
TOKEN = base64.b64encode(PAIR.encode()).decode()
AREA = from_bounds(4.401, 51.23, 4.415, 51.238)
REQUEST = Request("processing", {"model": "🏠 Buildings", "source": "mapbox", "zoom": 18}, AREA)
STATUS = {
    "billingType": "CREDITS",
    "remainingCredits": 730,
    "remainingArea": 58_800_000,
    "maxAoisPerProcessing": 3,
    "models": [
        {
            "id": "0b8a6a54-7f0e-4a53-9a5c-3a2f7f2d1101",
            "name": "🏠 Buildings",
            "pricePerSqKm": 0.0,
            "blocks": [
                {"name": "Segmentation", "optional": False, "price": 10.0},
                {"name": "Classification", "displayName": "Classes", "optional": True, "price": 0.0},
                {"name": "Heights", "displayName": "Height estimation", "optional": True, "price": 10.0},
            ],
        }
    ],
    "dataProviders": [{"name": "mapbox", "displayName": "Mapbox Satellite", "price": [{"zoom": 18, "priceSqKm": 3}]}] * 2
    + [{"name": "fine", "minAreaSqkm": 5}],
    "searchDataProviders": [{"name": "example_vhr", "displayName": "VHR"}],
}
PROJECT = {"id": "5d0b3f7e-2c37-4a83-8f3d-90b7b9a01001", "name": "Default", "isDefault": True, "user": {"aoiAreaLimit": 25_000_000}}
KNOWN = Known(mapflow_read.plan(STATUS), mapflow_read.project(PROJECT))
ACCOUNT = Account("mapflow", "a", {"imagery_host": "tiles.example.org"}, Secrets({"imagery_login": "anna", "imagery_password": "geheim1"}))
OURS = {"source_url": "https://tiles.example.org/{z}/{x}/{y}.png"}
