"""What ASTRA OS can be asked for: its tasks, their inputs and what they accept."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from .fields import Field, Kind
from .operation import AoiRule, Needs, Operation, Pace, Result

TITLE = "ASTRA OS"
BANDS = ("blue", "green", "red", "nir", "swir16", "swir22")


def _scenes_complaint(scene_ids: Sequence[str], wanted: int) -> Optional[str]:
    if len(scene_ids) != wanted:
        exactly = "exactly two different scenes, before and after" if wanted == 2 else "exactly one scene"
        return f"Choose {exactly}; {len(scene_ids)} are given." if len(scene_ids) != 1 else f"Choose {exactly}; only one is given."
    wrong = next((scene_id for scene_id in scene_ids if not re.fullmatch(r"[a-z0-9-]+:\S+", scene_id)), None)
    if wrong:
        return f"“{wrong}” is not a scene ID of ASTRA OS, such as sentinel-2:S2A_MSIL2A_20260504T103021_…: copy it whole from the search."
    if len({scene_id.partition(":")[2] for scene_id in scene_ids}) < wanted:
        return "Both scenes are the same. Choose two of different dates."
    return None


def _bands_complaint(bands: Sequence[str]) -> Optional[str]:
    strange = [band for band in bands if band not in BANDS]
    if strange:
        return f"There is no band “{strange[0]}”; choose from {', '.join(BANDS)}."
    return "Choose at least two different bands." if len(set(bands)) < max(2, len(bands)) else None


def _webhook_complaint(url: str) -> Optional[str]:
    return None if re.fullmatch(r"https?://[^\s/]\S*", url) else "The webhook must be a whole address, such as https://example.org/done."


_WEBHOOK = Field("webhook_url", "Webhook", advanced=True, check=_webhook_complaint, placeholder="https://…",
                 help="An address that the service calls when the job ends. Groundtrack itself does not need it.")  # fmt: skip
_PACE = Pace(first=3.0, steps=((0.0, 3.0), (30.0, 10.0), (300.0, 60.0), (3600.0, 600.0)), jitter=0.1, patience=48 * 3600.0)
_NO_AREA = AoiRule(Needs.NONE)
_COLORMAPS = (("none", "None (values)"), ("rdylgn", "Red–yellow–green"), ("viridis", "Viridis"), ("greens", "Greens"))

OPERATIONS = (
    Operation("ndvi", "NDVI", "Computes the vegetation index of a whole scene.", (
        Field("scene_ids", "Scene", Kind.SCENES, required=True, check=lambda ids: _scenes_complaint(ids, 1),
              help="ID of one scene, exactly as the scene search gives it. The whole scene is processed."),
        Field("colormap", "Colour map", Kind.CHOICE, "none", choices=_COLORMAPS,
              help="None delivers the index itself, from −1 to 1; a colour map delivers a picture."),
        _WEBHOOK), _NO_AREA, Result.RASTER, style="ndvi", icon="ndvi", minutes=(0.2, 5), pace=_PACE),
    Operation("change_detection", "Change Detection", "Maps vegetation, built-up and water change between two scenes.", (
        Field("scene_ids", "Scenes", Kind.SCENES, required=True, check=lambda ids: _scenes_complaint(ids, 2),
              help="IDs of two scenes of one place. They are sent in the order of their dates, the earlier one first."),
        Field("threshold", "Threshold", Kind.NUMBER, 0.1, minimum=0, maximum=1, help="Lower finds smaller changes."),
        Field("bands", "Bands", Kind.BANDS, ("red", "nir"), check=_bands_complaint, help=f"At least two of {', '.join(BANDS)}."),
        _WEBHOOK), _NO_AREA, Result.RASTER, style="change_detection", icon="change_detection", minutes=(0.2, 10), pace=_PACE),
)  # fmt: skip
