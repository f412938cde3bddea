"""Past jobs as a CSV file that spreadsheets open as it is meant."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Callable, List, Sequence, Union

from ..providers.base import RemoteJob
from .past_model import phase_words

COLUMNS = ("name", "task", "imagery", "project", "state", "state_at_service", "created_utc", "finished_utc", "area_km2", "cost",
           "cost_unit", "number_at_service", "in_my_jobs")  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # what spreadsheets may run begins so

Cell = Union[str, float]


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")) else text


def write_csv(path: Path, jobs: Sequence[RemoteJob], place: Callable[[RemoteJob], str], is_here: Callable[[RemoteJob], bool]) -> int:
    """Write the jobs, comma-separated, in UTF-8 with a mark that spreadsheets look for; how many there are. Raises OSError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for job in jobs:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in _row(job, place(job), here=is_here(job))])
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(text.getvalue().encode("utf-8-sig"))
    part.replace(path)
    return len(jobs)


def _row(job: RemoteJob, place: str, *, here: bool) -> List[Cell]:
    status, cost = job.status, job.cost
    return [
        job.name, job.task, job.source, place, phase_words(status.phase), status.word, status.created_at, status.finished_at,
        "" if job.area_km2 is None else round(job.area_km2, 6), "" if cost is None or cost.amount is None else cost.amount,
        cost.unit if cost else "", job.handle.remote_id, "yes" if here else "no",
    ]  # fmt: skip
