"""House rules as checks on syntax trees. Each check takes a file's place in the package and its tree, and yields complaints."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
SKIPPED = {"tests", "build", "docs", "scripts", ".venv", ".venv-lint", ".git", ".ci", "resources_rc.py"}

# Who may import whom; a layer may always import itself.
LAYERS: dict[str, set[str]] = {
    "aoi_wkb": set(),
    "aoi": {"aoi_wkb"},
    "aoi_repairs": {"aoi"},
    "evalscripts": set(),
    "rasters": {"aoi"},
    "providers": {"rasters", "evalscripts", "aoi", "aoi_repairs"},
    "jobs": {"providers", "aoi"},
    "results": {"jobs", "rasters", "providers", "evalscripts", "aoi"},
    "accounts": {"providers"},
    "presets": {"providers", "aoi"},
    "network": {"providers"},
    "toolbox": {"results", "jobs", "providers", "aoi", "accounts", "presets", "network"},
    "ui": {"results", "jobs", "providers", "aoi", "aoi_repairs", "accounts", "presets", "network", "evalscripts"},
    "plugin": {"ui", "toolbox", "results", "jobs", "providers", "aoi", "accounts", "presets", "network"},
    "__init__": {"plugin"},
}
WITHOUT_QGIS = ("aoi.py", "aoi_repairs.py", "aoi_wkb.py", "evalscripts/", "providers/", "presets/", "jobs/job.py", "jobs/journal.py")
OPTIONAL_PACKAGES = {"shapely", "boto3", "botocore", "processing"}
QT_BINDINGS = {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}
# Qt classes whose enum members Qt 6 only knows under the enum's own name: Qt.ItemDataRole.UserRole.
ENUM_OWNERS = {
    "Qt", "QAbstractItemView", "QAbstractSocket", "QComboBox", "QDialog", "QDialogButtonBox", "QDockWidget", "QEvent",
    "QFile", "QFileDialog", "QFont", "QFrame", "QHeaderView", "QIODevice", "QImage", "QItemSelectionModel",
    "QKeySequence", "QLineEdit", "QMessageBox", "QNetworkReply", "QNetworkRequest", "QPainter", "QPalette",
    "QPlainTextEdit", "QSizePolicy", "QStyle", "QTabWidget", "QTextCursor", "QTextEdit", "QToolButton", "QVariant",
}
# QVariant's type codes became QMetaType's: there is no scoped name that both know.
ENUM_EXCEPTIONS = {("QVariant", "Type")}
# Central enums that came after QGIS 3.22.
YOUNG_QGIS_ENUMS = {
    "GeometryType", "WkbType", "LayerType", "ProcessingSourceType", "ProcessingMode", "FeatureSymbologyExport",
    "TemporalUnit", "ProcessingAlgorithmFlag", "ProcessingParameterFlag",
    "ProcessingNumberParameterType", "ProcessingFileParameterBehavior", "DistanceUnit", "AreaUnit", "UnitType",
    "SymbolType", "FieldDomainType", "AttributeEditorType", "FieldConfigurationFlag", "MapToolUnit", "RelationshipType",
    "VectorExportResult", "CrsType", "LoadStyleFlag", "GpsFeatureMetadata", "TextRenderFormat", "LegendComponent",
    "EmbeddedScriptType", "FeatureRequestFlag", "LayerTreeFilterFlag", "PlotToolFlag", "VsiHandlerType",
}

Problems = Iterator[str]


def shipped_files(root: Path) -> list[PurePosixPath]:
    """Every Python file of the package, relative to its root."""
    found = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if place.parts[0] not in SKIPPED and "__pycache__" not in place.parts:
            found.append(PurePosixPath(*place.parts))
    return found


def layer_of(place: PurePosixPath) -> str:
    """The layer a file belongs to: its folder, or its own name at the top."""
    return place.parts[0] if len(place.parts) > 1 else place.stem


def import_direction(place: PurePosixPath, tree: ast.AST) -> Problems:
    """Relative imports must point down the layers; absolute ones must not name the package."""
    layer = layer_of(place)
    if layer not in LAYERS:
        yield f"layer {layer} is not in the plan"
        return
    allowed = LAYERS[layer] | {layer}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(a.name.split(".")[0] == "groundtrack" for a in node.names):
            yield f"line {node.lineno}: imports the package by its absolute name"
        if isinstance(node, ast.ImportFrom):
            if node.level == 0 and (node.module or "").split(".")[0] == "groundtrack":
                yield f"line {node.lineno}: imports the package by its absolute name"
            for target in _targets(place, node):
                if target not in allowed:
                    yield f"line {node.lineno}: {layer} imports {target}"


def _targets(place: PurePosixPath, node: ast.ImportFrom) -> list[str]:
    """Layers that a relative import reaches."""
    if node.level == 0:
        return []
    base = place.parts[: len(place.parts) - node.level]
    parts = [*base, *(node.module or "").split(".")] if node.module else list(base)
    if parts:
        return [parts[0]]
    return [alias.name for alias in node.names]


def no_binding_by_name(place: PurePosixPath, tree: ast.AST) -> Problems:
    """Qt only through qgis.PyQt; no Qt and no QGIS where tests must run in milliseconds."""
    pure = str(place).startswith(WITHOUT_QGIS)
    for line, name in _absolute_imports(tree):
        top = name.split(".")[0]
        if top in QT_BINDINGS:
            yield f"line {line}: imports {top} by name"
        if pure and top in {"qgis", "processing"}:
            yield f"line {line}: imports {name} in a layer without QGIS"


def light_start(place: PurePosixPath, tree: ast.AST) -> Problems:
    """Packages that QGIS may lack are imported inside the functions that use them."""
    for node in _run_at_load(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        for line, name in _absolute_imports(node):
            if name.split(".")[0] in OPTIONAL_PACKAGES:
                yield f"line {line}: imports {name} when the module loads"


def _run_at_load(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run at import: not function bodies, not what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if is_function or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            continue
        yield node
        yield from _run_at_load(node)


def _absolute_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""


def size(place: PurePosixPath, tree: ast.AST) -> Problems:
    """Short functions."""
    for node in _functions(tree):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield f"line {node.lineno}: {node.name} has {length} lines"


def annotations(place: PurePosixPath, tree: ast.AST) -> Problems:
    """Every argument and every return value says its type."""
    for node in _functions(tree):
        if node.returns is None:
            yield f"line {node.lineno}: {node.name} does not say what it returns"
        named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        for argument in named:
            if argument is not None and argument.annotation is None and argument.arg not in {"self", "cls"}:
                yield f"line {node.lineno}: {node.name}({argument.arg}) has no type"


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def security_gate(place: PurePosixPath, tree: ast.AST) -> Problems:
    """What the plugin site refuses at upload and is easy to write by habit."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield f"line {node.lineno}: assert in shipped code"
        if isinstance(node, ast.ExceptHandler) and _is_silent(node):
            yield f"line {node.lineno}: handler that only passes"


def _is_silent(handler: ast.ExceptHandler) -> bool:
    return len(handler.body) == 1 and isinstance(handler.body[0], (ast.Pass, ast.Continue))


def versions(place: PurePosixPath, tree: ast.AST) -> Problems:
    """One source for QGIS 3.22 to 4: scoped enums, exec without underscore, no young enum."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in {"exec_", "print_"}:
            yield f"line {node.lineno}: {node.attr} is gone in PyQt6"
        if isinstance(node.value, ast.Name):
            owner = node.value.id
            if owner == "Qgis" and node.attr in YOUNG_QGIS_ENUMS:
                yield f"line {node.lineno}: Qgis.{node.attr} is younger than QGIS 3.22"
            if _is_unscoped(owner, node.attr):
                yield f"line {node.lineno}: {owner}.{node.attr} does not name its enum"


def _is_unscoped(owner: str, member: str) -> bool:
    """An enum member used directly on its class; those begin with a capital and so do enums, which come scoped."""
    if owner not in ENUM_OWNERS or not member[:1].isupper():
        return False
    return (owner, member) not in ENUM_EXCEPTIONS and member not in _enum_names(owner)


def _enum_names(owner: str) -> set[str]:
    """Names of the enums (and flags, nested classes) of a Qt class."""
    from PyQt5 import QtCore, QtGui, QtNetwork, QtWidgets

    for module in (QtCore, QtGui, QtWidgets, QtNetwork):
        cls = getattr(module, owner, None)
        if cls is not None:
            return {name for name in dir(cls) if isinstance(getattr(cls, name), type)}
    return set()


CHECKS = [import_direction, no_binding_by_name, light_start, size, annotations, security_gate, versions]
