"""Who may read which folder of a bucket, told to GDAL folder by folder. For any thread.

GDAL keeps such rights in the memory of this process. A layer's source names the bucket and the file and nothing else.
"""

from __future__ import annotations

import threading
from typing import Dict, Tuple

from ..jobs.job import Job
from ..providers.rights import Rights

# side files are not looked for, which would cost a listing of the folder and one request each; nothing may wait for ever
_MANNERS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_HTTP_CONNECTTIMEOUT": "10", "GDAL_HTTP_TIMEOUT": "60", "GDAL_HTTP_MAX_RETRY": "2",
}  # fmt: skip
# GDAL writes statistics beside the file when it has made some; a key that may write must not be used for that
_STATISTICS, _ENDPOINTS, _NOWHERE = ".aux.xml", ("AWS_S3_ENDPOINT", "CPL_GS_ENDPOINT"), "127.0.0.1:9"


class Buckets:
    """The rights that were given to GDAL, by the account that they belong to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: Dict[str, Tuple[str, Rights]] = {}
        self._closed = False

    def admit(self, job: Job, rights: Rights) -> None:
        """Let GDAL read below the rights' path, where the job's files are."""
        from osgeo import gdal

        with self._lock:
            if self._closed or self._given.get(rights.path) == (job.account_key, rights):
                return
            for name, value in {**_MANNERS, **rights.options}.items():
                gdal.SetPathSpecificOption(rights.path, name, value)
            for file in job.links:
                for name in _ENDPOINTS:
                    gdal.SetPathSpecificOption(f"{rights.path}{file}{_STATISTICS}", name, _NOWHERE)
            gdal.VSICurlPartialClearCache(rights.path)  # it may have been refused before
            self._given[rights.path] = (job.account_key, rights)

    def admits(self, source: str) -> bool:
        """Whether a source lies in a folder that may be read."""
        with self._lock:
            return any(source.startswith(path) for path in self._given)

    def owners(self) -> Dict[str, bool]:
        """Accounts whose rights were given, and whether some of them end."""
        with self._lock:
            found: Dict[str, bool] = {}
            for account, rights in self._given.values():
                found[account] = found.get(account, False) or rights.end
            return found

    def close(self) -> None:
        """Take back all rights; none are given any more, whoever asked for them before."""
        with self._lock:
            self._closed = True
        self.forget()

    def forget(self, account: str = "") -> None:
        """Take back the rights of an account, or all of them."""
        from osgeo import gdal

        with self._lock:
            gone = [path for path, (owner, _) in self._given.items() if not account or owner == account]
            for path in gone:
                del self._given[path]
                gdal.ClearPathSpecificOptions(path)  # the empty ends of statistics stay, which hold nothing
                gdal.VSICurlPartialClearCache(path)
