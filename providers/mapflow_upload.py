"""A file on its way to Mapflow, and how it is found out whether it arrived when nobody says so. Nothing is ever sent twice by itself."""

from __future__ import annotations

import copy
import time
import unicodedata

from . import errors, replies
from .cancel import Cancel
from .http import HttpCall
from .imagery import Arrival, Image, Outcome, Report, Upload
from .mapflow_imagery import MapflowImagery, path_part
from .multipart import FileForm
from .transport import Options

TIMEOUT = (30.0, 900.0)  # s for each block to leave; s until the answer, for the service looks into the file first
LOOKS = (0.0, 3.0, 7.0, 15.0, 30.0)  # s before each look whether the image is listed
LATE = 1800.0  # s after which an image that is not listed will not come any more
MB = 2**20


class MapflowUpload(MapflowImagery):
    """The part of the provider that sends images."""

    def upload(self, upload: Upload, report: Report, cancel: Cancel) -> Arrival:
        form = FileForm(upload.path, report)
        address = f"{self.root}/rasters/mosaic/{path_part(upload.mosaic_id)}/image"
        call = HttpCall("POST", address, headers={"Content-Type": form.content_type}, signature=self.scheme)
        try:
            reply = self.transport.send(
                call, Options(headers=self.signature(), payload=form, repeat=False, cancel=cancel, timeout=TIMEOUT)
            )
        except errors.AmbiguousSubmit as problem:
            return self._broken_off(form, problem, cancel)
        if reply.ok:
            return Arrival(Outcome.ARRIVED, replies.words(replies.member(reply.json_or_none(), "id")))
        refused = self.problem_of(reply)
        if isinstance(refused, errors.ServiceError) and form.complete:  # a gateway that lost its patience tells nothing
            return Arrival(Outcome.UNKNOWN, reason=refused.message)
        raise refused

    def find_upload(self, upload: Upload, cancel: Cancel, *, patient: bool = True) -> Arrival:
        asker = copy.copy(self)
        asker.cancel = cancel
        listed = True
        for pause in LOOKS if patient else LOOKS[:1]:
            cancel.wait(pause * self.transport.pace)
            images, listed = asker.listing(upload.mosaic_id)
            found = next((item for item in images if _is_it(item, upload)), None)
            if found is not None:
                return Arrival(Outcome.ARRIVED, found.id)
        waited = time.time() - upload.began > LATE
        return Arrival(Outcome.MISSING if listed or waited else Outcome.UNKNOWN)

    def _broken_off(self, form: FileForm, problem: errors.AmbiguousSubmit, cancel: Cancel) -> Arrival:
        """No service acts on a body that it did not get whole."""
        if form.complete:
            return Arrival(Outcome.UNKNOWN, reason=problem.message)
        if cancel.is_set():
            raise errors.Cancelled("Stopped.")
        done = f"{form.sent / MB:,.1f} of {form.size / MB:,.1f} MB"
        raise errors.TransportError(f"The connection was lost after {done}.", advice="Nothing of the file was kept. Send it again.")


def _is_it(image: Image, upload: Upload) -> bool:
    """Whether an image came into the mosaic by this upload. Its size is only told once it is ready."""
    same = _folded(image.name) == _folded(upload.path.name) and image.size in (None, upload.size)
    return same and image.id not in upload.known


def _folded(name: str) -> str:
    """What is left of a name when signs that services replace or spell anew are left out."""
    return "".join(sign for sign in unicodedata.normalize("NFC", name).casefold() if sign.isascii() and sign.isalnum())
