#!/bin/bash
# mypy under the package's own name, wherever the checkout lies: types.sh "<strict parts>" "<other parts>".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
stage=build/types/groundtrack
rm -rf build/types && mkdir -p "$stage"

# Only the parts are linked, never the checkout itself: a link to it would contain itself.
modules() {
    local part
    for part in $1; do
        [ -e "$part" ] || continue
        [ -d "$part" ] && [ -z "$(find "$part" -name '*.py' -print -quit)" ] && continue
        ln -s "$root/$part" "$stage/$part"
        case $part in
            __init__.py) printf -- '-m groundtrack ' ;;
            *.py) printf -- '-m groundtrack.%s ' "${part%.py}" ;;
            *) printf -- '-p groundtrack.%s ' "$part" ;;
        esac
    done
}
strict=$(modules "$1")
other=$(modules "$2")
export MYPYPATH=$root/build/types
config=(--config-file "$root/pyproject.toml")
mypy=$root/.venv-lint/bin/mypy
cache=$root/.mypy_cache
cd build/types
status=0
# shellcheck disable=SC2086
[ -z "$strict" ] || "$mypy" "${config[@]}" --cache-dir "$cache/strict" --strict --allow-subclassing-any --follow-imports=silent $strict || status=1
# QGIS's stubs call nearly everything optional: true to C++, useless to a reader.
# shellcheck disable=SC2086
[ -z "$other" ] || "$mypy" "${config[@]}" --cache-dir "$cache/other" --no-strict-optional --check-untyped-defs $other || status=1
exit $status
