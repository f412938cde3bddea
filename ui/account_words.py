"""Why an account cannot be used now, in words."""

from __future__ import annotations

from typing import Optional

from ..accounts import AccountInfo, AccountStore
from .words import translate


def out_of_reach(store: AccountStore, info: Optional[AccountInfo]) -> str:
    """A sentence about an account without its key, and what to do: it is missing, locked, or its key was only there until QGIS ended."""
    if info is None:
        return translate("Groundtrack", "The account is missing here. Add it first.")
    if info in store.waiting():
        return translate("Groundtrack", "The account is locked. Enter QGIS’s master password first.")
    return translate("Groundtrack", "The key of the account “{}” is no longer here. Open the account and enter it again.").format(info.name)
