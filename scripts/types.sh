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
config=(--config-file "$root/pyproject.toml" --cache-dir "$root/.mypy_cache")
cd build/types
# shellcheck disable=SC2086
"$root/.venv-lint/bin/mypy" "${config[@]}" --strict --allow-subclassing-any $strict
# shellcheck disable=SC2086
[ -z "$other" ] || "$root/.venv-lint/bin/mypy" "${config[@]}" --check-untyped-defs $other
