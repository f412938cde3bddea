"""How QGIS reaches the world, handed to our transport: proxy, trusted certificates, time-out, user agent.

Read on the main thread, once. QGIS's own settings are only read, never changed.
"""

from __future__ import annotations

import configparser
import logging
import os
from functools import cache
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple, Union
from urllib.parse import quote, urlsplit

from qgis.core import Qgis, QgsApplication, QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkProxyFactory, QNetworkProxyQuery, QSslConfiguration

from .providers.transport import Network

SHORTEST_PACE = 0.001

log = logging.getLogger("groundtrack")


def home() -> Path:
    """Our folder in the QGIS profile; made when something is first written."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "groundtrack"


def network(*, ask_store: bool = True) -> Network:
    """The user's network settings as values. `ask_store` adds authorities from the authentication store."""
    wait = max(5.0, min(120.0, QgsNetworkAccessManager.timeout() / 1000))
    return Network(
        user_agent=f"groundtrack/{version()} QGIS/{Qgis.version().split('-')[0]}",
        proxies=_proxies(),
        ca_bundle=_ca_bundle(home(), ask_store),
        timeout=(min(10.0, wait), min(30.0, wait)),
        trust_environment=not _proxy_enabled(),
        pace=pace(),
    )


def pace() -> float:
    """The factor on all our own waits, from GROUNDTRACK_PACE; 1 when unset or not a number."""
    try:
        return max(SHORTEST_PACE, float(os.environ.get("GROUNDTRACK_PACE", "1")))
    except ValueError:
        return 1.0


@cache
def version() -> str:
    """Our version, from metadata.txt."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(Path(__file__).parent / "metadata.txt", encoding="utf-8")
    return metadata.get("general", "version", fallback="0")


def _proxy_enabled() -> bool:
    return QgsSettings().value("proxy/proxyEnabled", False, type=bool)


def _proxies() -> Callable[[str], Optional[Dict[str, str]]]:
    """A function that names the proxy for an address, from QGIS's options."""
    settings = QgsSettings()
    if not _proxy_enabled():
        return lambda _: None
    kind = settings.value("proxy/proxyType", "DefaultProxy")
    excluded = tuple(item for name in ("noProxyUrls", "proxyExcludedUrls") for item in _lines(settings.value(f"proxy/{name}")))
    fixed = _fixed_proxy(settings, kind)

    def proxies(url: str) -> Optional[Dict[str, str]]:
        host = urlsplit(url).hostname or ""
        if host in ("localhost", "::1") or host.startswith("127.") or any(url.startswith(item) or host == item for item in excluded):
            return {"http": "", "https": "", "no_proxy": "*"}
        address = fixed if kind != "DefaultProxy" else _system_proxy(url)
        return {"http": address, "https": address} if address else None

    return proxies


def _fixed_proxy(settings: QgsSettings, kind: str) -> str:
    host, port = settings.value("proxy/proxyHost", ""), settings.value("proxy/proxyPort", "")
    user, word = settings.value("proxy/proxyUser", ""), settings.value("proxy/proxyPassword", "")
    if not host:
        return ""
    if settings.value("proxy/authcfg", ""):  # QGIS has read it when it started; asking the store again could ask for the master password
        known = QgsNetworkAccessManager.instance().fallbackProxy()
        user, word = known.user() or user, known.password() or word
    sign_in = f"{quote(user, safe='')}:{quote(word, safe='')}@" if user else ""
    scheme = "socks5h" if kind == "Socks5Proxy" else "http"
    return f"{scheme}://{sign_in}{host}{f':{port}' if port else ''}"


def _system_proxy(url: str) -> str:
    found = QNetworkProxyFactory.systemProxyForQuery(QNetworkProxyQuery(QUrl(url)))
    proxy = found[0] if found else QNetworkProxy()
    if proxy.type() in (QNetworkProxy.ProxyType.NoProxy, QNetworkProxy.ProxyType.DefaultProxy):
        return ""
    scheme = "socks5h" if proxy.type() == QNetworkProxy.ProxyType.Socks5Proxy else "http"
    return f"{scheme}://{proxy.hostName()}:{proxy.port()}"


def _lines(value: object) -> Tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split("|") if part.strip())
    return tuple(str(part) for part in value) if isinstance(value, (list, tuple)) else ()


def _ca_bundle(folder: Path, ask_store: bool) -> Union[bool, str]:
    """A PEM file with the authorities that Qt and the user's QGIS trust; True when there are none to add."""
    trusted = {bytes(item.toPem()) for item in QSslConfiguration.defaultConfiguration().caCertificates()}
    if ask_store and not QgsApplication.authManager().isDisabled():
        trusted |= {bytes(item.toPem()) for item in QgsApplication.authManager().trustedCaCerts()}
    if not trusted:
        return True
    path = folder / "trusted.pem"
    text = b"\n".join(sorted(trusted))
    try:
        if not path.exists() or path.read_bytes() != text:
            _replace(path, text)
    except OSError as error:
        log.warning("%s cannot be written, so only the usual authorities are trusted: %s", path, error)
        return True
    return str(path)


def _replace(path: Path, text: bytes) -> None:
    """Write a file in one step: another QGIS window may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(text)
    os.replace(draft, path)
