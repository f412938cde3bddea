"""What an evalscript promises, in a sentence."""

from __future__ import annotations

from typing import List

from ..evalscripts import library
from ..evalscripts.reader import Output, ScriptError, Setup, Unreadable, read
from .words import count, translate

_NAME = 60  # characters; a longer text is a script, not the name of one


def script_text(text: str) -> str:
    """The script itself where `text` names one of the library."""
    entry = library.find(text) if len(text) < _NAME else None
    return entry.script if entry else text


def promise(text: str) -> str:
    """“Reads B04, B08. Delivers default: 1 band of FLOAT32.”; "" where the form says what is wrong, or nothing can be told."""
    if not text.strip():
        return ""
    if text.strip().startswith(("s3://", "gs://")):
        return translate("Groundtrack", "The script lies in a bucket, so it cannot be checked here.")
    try:
        setup = read(script_text(text))
    except Unreadable:
        return translate("Groundtrack", "Inputs and outputs are computed by the script, so they cannot be checked here.")
    except ScriptError:
        return ""
    return " ".join(_sentences(setup))


def _sentences(setup: Setup) -> List[str]:
    sources = [f"{', '.join(item.bands)} ({item.source})" if item.source else ", ".join(item.bands) for item in setup.inputs]
    said = [translate("Groundtrack", "Reads {}.").format("; ".join(sources))]
    said.append(translate("Groundtrack", "Delivers {}.").format("; ".join(map(_output, setup.outputs))))
    if setup.mosaicking != "SIMPLE":
        said.append(translate("Groundtrack", "Looks at every acquisition ({}), so each of them is charged.").format(setup.mosaicking))
    if setup.notes:
        said.append(translate("Groundtrack", "Writes notes (userdata)."))
    return said


def _output(output: Output) -> str:
    bands = count(output.bands, translate("Groundtrack", "1 band"), translate("Groundtrack", "{} bands"))
    return translate("Groundtrack", "{name}: {bands} of {kind}").format(name=output.name, bands=bands, kind=output.sample_type)
