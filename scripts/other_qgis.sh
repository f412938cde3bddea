#!/bin/bash
# Tests inside the QGIS of another Debian: other_qgis.sh bookworm|trixie [pytest arguments]. Needs root; nothing of this system changes.
# bookworm-backports has 3.40, trixie-backports 3.44 (November 2026). The tree stays in the cache folder, for the next run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
suite=${1:?bookworm or trixie}
shift
tree=${XDG_CACHE_HOME:-$HOME/.cache}/groundtrack/qgis-$suite
packages=qgis,python3-qgis,qgis-providers,libqca-qt5-2-plugins,python3-venv,python3-boto3,python3-shapely,git,make,ca-certificates,xvfb,xauth,fonts-open-sans,imagemagick,libgl1-mesa-dri,procps
case $(id -u) in 0) ;; *) echo "Needs root: run it with sudo." >&2; exit 1 ;; esac
command -v mmdebstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -q mmdebstrap </dev/null >/dev/null

if [ ! -e "$tree/.complete" ]; then
    mirror=$(awk '/^URIs:/ && $2 ~ /debian\/?$/ {print $2; exit}' /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
    [ -n "$mirror" ] || mirror=$(awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' /etc/apt/sources.list)
    signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    rm -rf --one-file-system "$tree"
    mkdir -p "$(dirname "$tree")"
    # the preference lets backports win where they have a newer QGIS
    mmdebstrap --quiet --mode=root --variant=apt --include="$packages" \
        --aptopt="APT::Default-Release \"$suite-backports\"" --dpkgopt=path-exclude=/usr/share/doc/* \
        "$suite" "$tree" "deb $signed $mirror $suite main" "deb $signed $mirror $suite-backports main"
    touch "$tree/.complete"
fi

undo() {
    local place
    for place in checkout proc dev/shm dev; do
        mountpoint -q "$tree/$place" && umount "$tree/$place"
    done
    return 0
}
trap undo EXIT
mkdir -p "$tree/checkout"
mount --bind "$PWD" "$tree/checkout"
mount -t proc proc "$tree/proc"
mount --bind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/dev/shm"
cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
if [ -n "${PIP_CERT:-}" ]; then cp -L "$PIP_CERT" "$tree/etc/ssl/certs/ca-certificates.crt"; fi

inside() { chroot "$tree" env -i HOME=/root PATH=/usr/bin:/bin LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen PYTHONDONTWRITEBYTECODE=1 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt bash -euo pipefail -c "cd /checkout; $1" -- "${@:2}"; }
# shellcheck disable=SC2016
inside '[ -e /venv/.stamp ] || { python3 -m venv --system-site-packages /venv
    /venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
    /venv/bin/python scripts/check_venv.py; touch /venv/.stamp; }'
# shellcheck disable=SC2016
inside 'timeout -k 30 "${LIMIT:-40}m" /venv/bin/python -m pytest -c tests/pytest.ini "$@"' "${@:-tests}"
