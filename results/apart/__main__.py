"""The process that turns a result into its table while it arrives: its interpreter is not the one that QGIS waits for.

Reads JSON objects from its standard input, one a line: first what to make, then how far the file has come. Writes how far it is itself
and, last, whether the table was made. When its input ends, so does it, and takes away what it has begun.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, Dict, List

PACKAGE = "groundtrack"
ROOT = Path(__file__).resolve().parents[2]
LAST = 5.0  # s for the work to notice that nobody waits for it any more


def main() -> None:
    """Do one order. Ends the process."""
    out = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # what a library prints is no answer
    order = json.loads(sys.stdin.buffer.readline())
    folder = Path(order["folder"])
    try:
        _make(order, folder, out)
    except Exception as problem:  # noqa: BLE001 - the file is converted once it is complete, and what is wrong with it is said then
        shutil.rmtree(folder, ignore_errors=True)
        _answer(out, made=False, why=f"{type(problem).__name__}: {problem}")
    os._exit(0)  # at once: the files are closed


def _make(order: Dict[str, Any], folder: Path, out: BinaryIO) -> None:
    sys.path += [place for place in order["path"] if place not in sys.path]
    gc.disable()  # there are no cycles, but many objects
    _load_package()
    growth = importlib.import_module(f"{PACKAGE}.results.growth")
    tables = importlib.import_module(f"{PACKAGE}.results.tables")
    maker = importlib.import_module(f"{PACKAGE}.results.table_maker")
    _find_references(order["proj"])
    file = growth.Growth()
    threading.Thread(target=_listen, args=(file, growth.Standing), daemon=True).start()
    _answer(out, ready=True)
    spec = tables.TableSpec(**{**order["spec"], "side": tuple(order["spec"]["side"])})
    maker.make_table(file, folder, spec, lambda size: _answer(out, taken=size))
    _answer(out, made=True)


def _load_package() -> None:
    """The plugin's folder may have any name."""
    spec = importlib.util.spec_from_file_location(PACKAGE, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    if spec is None or spec.loader is None:
        raise ImportError(PACKAGE)
    sys.modules[PACKAGE] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


def _find_references(folders: List[str]) -> None:
    """Without PROJ's data, a table would have no reference system."""
    from osgeo import osr

    if folders:
        osr.SetPROJSearchPaths(folders)
    if osr.SpatialReference().ImportFromEPSG(4326) != 0:
        raise ImportError("the data of PROJ")


def _listen(file: Any, standing: Any) -> None:
    """Pass on what is told until nothing more comes."""
    for line in sys.stdin.buffer:
        file.tell(standing(*json.loads(line)))
    file.stop()
    threading.Event().wait(LAST)
    os._exit(1)


def _answer(out: BinaryIO, **what: object) -> None:
    out.write(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
