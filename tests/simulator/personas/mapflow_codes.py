"""Codes of messages with plausible values of all their documented parameters, and the errors of requests."""

from __future__ import annotations

from typing import Any

VALIDATOR = "source-validator."
PARAMETERS: dict[str, dict[str, str]] = {
    "source-validator.TaskMustContainAoi": {},
    "source-validator.ImageReadError": {},
    "source-validator.BadImageProfile": {"required_keys": "crs, transform", "profile": "{'count': 3}"},
    "source-validator.AOINotInCell": {"actual_cell": "31UFS"},
    "source-validator.UrlMustBeString": {"url_type": "NoneType"},
    "source-validator.UrlBlacklisted": {"url": "https://tile.example.org/{z}/{x}/{y}.png"},
    "source-validator.UrlMustBeLink": {},
    "source-validator.UrlFormatInvalid": {"parse_error_message": "port out of range"},
    "source-validator.ZoomMustBeInteger": {"actual_zoom": "18.5"},
    "source-validator.InvalidZoomValue": {"actual_zoom": "23"},
    "source-validator.TooHighZoom": {"max_zoom": "19", "actual_zoom": "21"},
    "source-validator.TooLowZoom": {"min_zoom": "17", "actual_zoom": "15"},
    "source-validator.ImageMetadataMustBeDict": {},
    "source-validator.ImageMetadataKeyError": {},
    "source-validator.S3URLError": {"actual_s3_link": "https://files.example.org/a.tif"},
    "source-validator.LocalRequestKeyError": {},
    "source-validator.ReadFromS3Failed": {"s3_link": "s3://users-data/missing.tif"},
    "source-validator.DtypeNotAllowed": {"required_dtypes": "uint8", "request_dtype": "float32"},
    "source-validator.NChannelsNotAllowed": {"required_nchannels": "3", "real_nchannels": "2"},
    "source-validator.PixelSizeTooLow": {"actual_res": "0.05", "min_res": "0.1"},
    "source-validator.PixelSizeTooHigh": {"actual_res": "2.4", "max_res": "1.2"},
    "source-validator.NoDataInAOI": {},
    "source-validator.ImageCheckError": {"checked_param": "nodata", "message": "not a number", "metadata": "{}"},
    "source-validator.QuadkeyLinkFormatError": {},
    "source-validator.XYZLinkFormatError": {},
    "source-validator.TMSLinkFormatError": {},
    "source-validator.SentinelInputStringKeyError": {},
    "source-validator.SentinelInputStringFormatError": {"input_string": "S2"},
    "source-validator.GridCellOutOfBound": {"actual_cell": "31UFS", "allowed_cells": "36, 37"},
    "source-validator.MonthOutOfBounds": {"actual_month": "12", "allowed_months": "5, 6, 7"},
    "source-validator.RequirementsMustBeDict": {"requirements_type": "list"},
    "source-validator.RequestMustBeDict": {"request_type": "list"},
    "source-validator.RequestMustHaveSourceType": {},
    "source-validator.SourceTypeIsNotAllowed": {"source_type": "WMS", "allowed_sources": "XYZ, TMS, QUADKEY"},
    "source-validator.RequiredSectionMustBeDict": {"required_section_type": "list"},
    "source-validator.RecommendedSectionMustBeDict": {"recommended_section_type": "list"},
    "source-validator.UnhandledException": {},
    "source-validator.internalError": {},
    "dataloader.internalError": {},
    "dataloader.InternalError": {},
    "dataloader.UnknownSourceType": {"real_source_type": "WMS", "allowed_source_types": "XYZ, TMS"},
    "dataloader.MemoryLimitExceeded": {"estimated_size": "9000", "allowed_size": "4000"},
    "dataloader.LoaderArgsError": {"argument_name": "zoom", "argument_type": "str", "expected_type": "int"},
    "dataloader.WrongChannelsNum": {"real_nchannels": "1", "expected_nchannels": "3"},
    "dataloader.WrongTileSize": {"real_size": "(128, 128)", "expected_size": "(256, 256)"},
    "dataloader.TileNotLoaded": {"tile_location": "(67013, 43771, 17)", "status": "403"},
    "dataloader.TileNotReadable": {"tile_location": "(67013, 43771, 17)"},
    "dataloader.NoDataTile": {},
    "dataloader.CrsIsNotSupported": {},
    "dataloader.MaploaderInternalError": {},
    "dataloader.SentinelLoaderInternalError": {},
    "raster-processor.internalError": {},
    "inference.internalError": {},
    "vector-processor.internalError": {},
    "vector-processor.EmptyFolder": {"s3_link": "s3://results/none"},
}


def message(code: Any, **parameters: Any) -> dict[str, Any]:
    """A message as it stands in a processing; `code` may be a whole message already."""
    if isinstance(code, dict):
        return code
    told = {**PARAMETERS.get(code, {}), **{name: str(value) for name, value in parameters.items()}}
    return {"code": code, "parameters": {"level": "error", **told}}


class Refusal(Exception):
    """A request refused at once: status, code, text for people, params."""

    def __init__(self, status: int, code: str, text: str, **params: Any) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.params = {name: str(value) for name, value in params.items()}


class DataRefusal(Exception):
    """A request for rasters refused at once, in the words of their service."""

    def __init__(self, status: int, code: str, **parameters: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.parameters = {name: str(value) for name, value in parameters.items()}


class Unprocessable(Exception):
    """A request for rasters of the wrong form (422): where and what."""

    def __init__(self, *where: str, text: str = "field required") -> None:
        super().__init__(text)
        self.where = where
        self.text = text


def bad(text: str, **params: Any) -> Refusal:
    """What a wrong request is refused with."""
    return Refusal(400, "BAD_REQUEST", text, **params)


def missing(what: str) -> Refusal:
    """What an unknown id is refused with."""
    return Refusal(404, "NOT_FOUND", f"{what} not found")
