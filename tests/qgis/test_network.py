"""How QGIS's own network settings reach our calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from groundtrack.network import network
from qgis.core import QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtNetwork import QNetworkProxy

ADDRESS = "https://api.example.org/v1"


@pytest.fixture
def manager(qgis_app: Any, clean_settings: QgsSettings) -> Iterator[QgsNetworkAccessManager]:
    found = QgsNetworkAccessManager.instance()
    before, excluded = QNetworkProxy(found.fallbackProxy()), found.excludeList()
    for name, value in (("Enabled", True), ("Type", "HttpProxy"), ("Host", "proxy.example.org"), ("Port", "3128")):
        clean_settings.setValue(f"proxy/proxy{name}", value)
    yield found
    found.setFallbackProxyAndExcludes(before, excluded, [])


def proxy(url: str = ADDRESS) -> Any:
    return (network(ask_store=False).proxies(url) or {}).get("https")


def test_a_proxy_is_used_for_all_but_this_computer(manager: QgsNetworkAccessManager) -> None:
    assert proxy() == "http://proxy.example.org:3128"
    assert proxy("http://127.0.0.1:8080/x") == ""


def test_a_name_and_word_in_the_settings_are_quoted(manager: QgsNetworkAccessManager, clean_settings: QgsSettings) -> None:
    clean_settings.setValue("proxy/proxyUser", "an@alyst")
    clean_settings.setValue("proxy/proxyPassword", "a:b")
    assert proxy() == "http://an%40alyst:a%3Ab@proxy.example.org:3128"


def test_those_of_an_authentication_configuration_are_what_qgis_read(
    manager: QgsNetworkAccessManager, clean_settings: QgsSettings
) -> None:
    clean_settings.setValue("proxy/authcfg", "abcdefg")  # a store that is asked might ask for the master password
    signed = QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "proxy.example.org", 3128, "analyst", "a:b")
    manager.setFallbackProxyAndExcludes(signed, [], [])
    assert proxy() == "http://analyst:a%3Ab@proxy.example.org:3128"
