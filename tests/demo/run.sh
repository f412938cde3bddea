#!/usr/bin/env bash
# The whole way of a job in a real QGIS. With a display a person clicks; without one the journey is driven and photographed.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec .venv/bin/python tests/demo "$@"
