"""What Mapflow can be asked for: processings, and their inputs."""

from __future__ import annotations

from .fields import Field, Kind, ShownIf
from .operation import AoiRule, Operation, Pace

TITLE = "Mapflow"

_DEFAULTS = "Without one, {}."
_OWN = ShownIf("source_url")

FIELDS = (
    Field("model", "Model", required=True, choices_from="models", placeholder="🏠 Buildings",
          help="What to find: a model’s name as Mapflow writes it, or its id."),
    Field("blocks", "Options", Kind.LIST, choices_from="blocks",
          help="Parts of the model to switch on besides those that always run. They may cost more."),
    Field("source", "Imagery", choices_from="sources",
          help="Provider of the imagery. " + _DEFAULTS.format("the first provider of the account is used")),
    Field("zoom", "Zoom", Kind.INTEGER, minimum=0, maximum=22,
          help="Zoom of the imagery; higher is finer and may cost more. Most models want 17 to 19."),
    Field("image_ids", "Images", Kind.LIST, picked_in="imagery",
          help="Ids of your own uploaded images; together with a provider, ids of images found in its catalogue."),
    Field("mosaic_id", "Mosaic", choices_from="mosaics", picked_in="imagery",
          help="Id of a mosaic of your own images, all of which are used."),
    Field("project", "Project", choices_from="projects",
          help="Name or id of the project. " + _DEFAULTS.format("the default project is used")),
    Field("name", "Name", help="Becomes part of the name at Mapflow."),
    Field("description", "Description", advanced=True, help="Kept with the processing at Mapflow."),
    Field("source_url", "Tile address", advanced=True, picked_in="tiles", placeholder="https://…/{z}/{x}/{y}.png",
          help="Imagery from a tile server of your own. Its login belongs into the account’s settings, not into the address."),
    Field("source_type", "Tile scheme", Kind.CHOICE, "XYZ", choices=(("XYZ", "XYZ"), ("TMS", "TMS"), ("QUADKEY", "Quadkey")),
          shown_if=_OWN, advanced=True, help="How the tile server numbers its tiles."),
    Field("source_crs", "Tile CRS", Kind.CHOICE, "EPSG:3857", choices=(("EPSG:3857", "EPSG:3857"), ("EPSG:3395", "EPSG:3395")),
          shown_if=_OWN, advanced=True, help="Projection of the tiles, nearly always EPSG:3857."),
    Field("inference_params", "Model parameters", Kind.JSON, advanced=True, placeholder="{}",
          help="A JSON object for models that take parameters of their own."),
    Field("meta", "Metadata", Kind.JSON, advanced=True, placeholder="{}",
          help="A JSON object of texts that is kept with the processing at Mapflow."),
)  # fmt: skip

PROCESSING = Operation(
    "processing", "Mapping by AI Models", "Finds buildings, roads, forest and more in imagery, by the models of Mapflow.", FIELDS,
    AoiRule(most_parts=None), style="generic", icon="mapflow", minutes=(2, 30),
    pace=Pace(first=30.0, steps=((0.0, 30.0), (120.0, 45.0), (300.0, 60.0), (6 * 3600.0, 300.0)), patience=30 * 86_400.0),
)  # fmt: skip
OPERATIONS = (PROCESSING,)
