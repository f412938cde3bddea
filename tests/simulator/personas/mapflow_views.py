"""Processings as the Mapflow persona tells them: full, short, and in the shape of the version before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .mapflow_jobs import Job

if TYPE_CHECKING:
    from .mapflow import Mapflow

REVIEW_DAYS = 14 * 86_400
NAN = float("nan")


def described(job: Job, service: Mapflow) -> dict[str, Any]:
    """The full processing object."""
    now, settings, ordered = service.clock.now(), service.settings, job.order
    labels = {block.name: block.label for block in ordered.model.blocks}
    told = {**_head(job, service), "description": job.description, **_layers(job, service),
            "workflowDef": ordered.model.told(settings, style=True), "aoiCount": len(job.aois), "aoiArea": ordered.area,
            "area": ordered.area, "cost": ordered.cost, "reviewStatus": _review(job, service), "rating": job.rating,
            "params": _params(ordered.params, settings.zoom_shape),
            "blocks": [{"name": name, "enabled": on, "displayName": labels[name]} for name, on in ordered.blocks.items()],
            "meta": ordered.meta, "messages": job.messages(now), "created": service.moment(job.created),
            "updated": service.moment(max(job.updated, min(now, job.ends)))}
    if job.plan.nan == "status":
        told.update(percentCompleted=NAN, cost=NAN, area=NAN)
    return told


def short(job: Job, service: Mapflow, creation: bool = False) -> dict[str, Any]:
    """The least there is of a processing, as an item of a list or as the answer to its creation."""
    told = _head(job, service)
    if creation:
        del told["projectId"]
        told.update(cost=job.order.cost, created=service.moment(job.created))
    return told


def v1(told: dict[str, Any]) -> dict[str, Any]:
    """A processing with flat params, all of them texts."""
    members = next((value for value in told["params"]["sourceParams"].values() if value), {})
    names = {"providerName": "data_provider", "sourceType": "source_type", "rasterLogin": "raster_login",
             "rasterPassword": "raster_password"}
    return {**told, "params": {names.get(name, name): str(value) for name, value in members.items()}}


def _head(job: Job, service: Mapflow) -> dict[str, Any]:
    now = service.clock.now()
    told = {"id": job.job_id, "name": job.name, "projectId": job.project_id, "status": job.plan.status_word or job.state(now),
            "percentCompleted": job.percent(now)}
    ways: dict[str, Any] = {"null": None, "text": str(told["percentCompleted"]), "100": 100}
    if job.plan.percent == "missing":
        del told["percentCompleted"]
    elif job.plan.percent in ways:
        told["percentCompleted"] = ways[job.plan.percent]
    return told


def _review(job: Job, service: Mapflow) -> Any:
    state = job.review_state(service.clock.now())
    if not state or service.settings.review_shape == "text":
        return state or None
    if service.settings.review_shape == "status":
        return {"status": state, "feedback": (job.comment or {}).get("comment")}
    return {"reviewStatus": state, "inReviewUntil": service.moment(job.ends + REVIEW_DAYS)}


def _params(params: dict[str, Any], zoom_shape: str) -> dict[str, Any]:
    ways: dict[str, Any] = {"text": str, "null": lambda zoom: None, "number": lambda zoom: zoom}
    sources = {key: {name: ways[zoom_shape](value) if name == "zoom" else value for name, value in members.items()} if members else None
               for key, members in params["sourceParams"].items()}
    return {**params, "sourceParams": sources}


def _layers(job: Job, service: Mapflow) -> dict[str, Any]:
    none: dict[str, Any] = {"vectorLayer": None, "rasterLayer": None, "resultRasterLayer": None}
    shape = job.plan.layers
    if job.state(service.clock.now()) != "OK" or shape == "none":
        return none
    app = service.app
    vector = {"id": job.aois[0].aoi_id, "name": job.name, "tileJsonUrl": f"{app.url}/api/layers/{app.layer_id(job)}.json",
              "tileUrl": app.vector_tiles(job)}
    raster = {"id": job.aois[-1].aoi_id, **app.cog(f"s3://rasters/{job.job_id}")}
    result = {"id": job.job_id, **app.cog(f"s3://results/{job.job_id}")}
    told = {**none, "rasterLayer": raster}
    if shape != "raster_result":
        told["vectorLayer"] = vector
    if shape != "vector":
        told["resultRasterLayer"] = result
    if shape in ("null_urls", "empty_urls"):
        gone = {"tileJsonUrl": None if shape == "null_urls" else "", "tileUrl": None if shape == "null_urls" else ""}
        told = {key: {**layer, **gone} if layer else None for key, layer in told.items()}
    return told
