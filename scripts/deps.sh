#!/bin/bash
# System packages: QGIS itself and what tests and the demonstration need. Does nothing when all are present.
set -euo pipefail

packages=(
    qgis python3-qgis qgis-providers libqca-qt5-2-plugins python3-venv
    python3-shapely python3-boto3
    git make ca-certificates
    xvfb xauth fonts-open-sans imagemagick libgl1-mesa-dri
)

if ! command -v dpkg-query >/dev/null; then
    /usr/bin/python3 -c 'import qgis.core' && exit 0
    echo "No Debian package manager here: install QGIS with its Python bindings for /usr/bin/python3." >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Needs root to install: ${missing[*]}" >&2; exit 1; }
    root=(sudo -n)
fi
install() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "${missing[@]}" </dev/null
}
echo "Installing: ${missing[*]}"
install >/dev/null 2>&1 || {
    "${root[@]}" apt-get -o Acquire::Retries=3 update -q
    install
}
