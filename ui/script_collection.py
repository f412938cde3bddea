"""A script of the library wants images of the kind it is written for."""

from __future__ import annotations

from ..evalscripts.library import Entry
from .field_widgets import Input
from .script_input import EvalscriptInput
from .words import translate

COLLECTION = "collection"  # the field that names them


def suit_collection(collection: Input, script: EvalscriptInput, entry: Entry) -> None:
    """Choose the collection that a script of the library works on where the present one does not do; say so beside the script."""
    if entry.fits(str(collection.value() or "")):
        return
    offered = dict(collection.field.choices)
    if entry.collection in offered:
        collection.set_value(entry.collection)
        text = translate("Groundtrack", "The collection was changed to {}, which the script reads.")
    else:
        text = translate("Groundtrack", "The script reads {}, which this deployment does not have.")
    script.remark(text.format(offered.get(entry.collection, entry.collection)))
