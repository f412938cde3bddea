"""What Mapflow's message codes mean, as a table of sentences. The service sends codes with parameters and no text."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .replies import words

SERVICE_FAULT = "Mapflow failed while {}."
_VALIDATING, _LOADING = (SERVICE_FAULT.format(doing) for doing in ("it checked the imagery", "it loaded the imagery"))

MESSAGES: Dict[str, str] = {
    # the source is checked
    "source-validator.TaskMustContainAoi": "The request holds no area.",
    "source-validator.ImageReadError": "The uploaded image cannot be opened.",
    "source-validator.BadImageProfile": "The image lacks metadata: {required_keys} are required, it has {profile}.",
    "source-validator.AOINotInCell": "The area lies outside the Sentinel-2 granule {actual_cell}.",
    "source-validator.UrlMustBeString": "The address of the imagery must be text, not {url_type}.",
    "source-validator.UrlBlacklisted": "The address {url} shows a drawn map, not imagery.",
    "source-validator.UrlMustBeLink": "The address of the imagery must begin with http:// or https://.",
    "source-validator.UrlFormatInvalid": "The address of the imagery cannot be read: {parse_error_message}.",
    "source-validator.ZoomMustBeInteger": "The zoom must be a whole number, not “{actual_zoom}”.",
    "source-validator.InvalidZoomValue": "The zoom {actual_zoom} is outside 0 to 22.",
    "source-validator.TooHighZoom": "The zoom {actual_zoom} is too high: this model takes at most {max_zoom}.",
    "source-validator.TooLowZoom": "The zoom {actual_zoom} is too low: this model needs at least {min_zoom}.",
    "source-validator.ImageMetadataMustBeDict": "The image’s metadata cannot be read.",
    "source-validator.ImageMetadataKeyError": "The image’s metadata lack the CRS, the position, the data type or the number of bands.",
    "source-validator.S3URLError": "The storage address {actual_s3_link} must begin with s3://.",
    "source-validator.LocalRequestKeyError": "The stored image was named without its address or metadata.",
    "source-validator.ReadFromS3Failed": "The stored file {s3_link} cannot be read.",
    "source-validator.DtypeNotAllowed": "The pixels are {request_dtype}; this model takes {required_dtypes}.",
    "source-validator.NChannelsNotAllowed": "The image has {real_nchannels} bands; this model takes {required_nchannels}.",
    "source-validator.PixelSizeTooLow": "The pixels of {actual_res} m are too fine: this model takes no smaller ones than {min_res} m.",
    "source-validator.PixelSizeTooHigh": "The pixels of {actual_res} m are too coarse: this model takes at most {max_res} m.",
    "source-validator.NoDataInAOI": "There is no imagery over the area.",
    "source-validator.ImageCheckError": "The image failed the check of {checked_param}: {message}.",
    "source-validator.QuadkeyLinkFormatError": "The address of quadkey tiles must hold {{q}}.",
    "source-validator.XYZLinkFormatError": "The address of XYZ tiles must hold {{x}}, {{y}} and {{z}}.",
    "source-validator.TMSLinkFormatError": "The address of TMS tiles must hold {{x}}, {{y}} and {{z}}.",
    "source-validator.SentinelInputStringKeyError": "The Sentinel-2 source was named without its granule.",
    "source-validator.SentinelInputStringFormatError": "“{input_string}” is not the name of a Sentinel-2 granule.",
    "source-validator.GridCellOutOfBound": "This model is not made for the cell {actual_cell}; it covers {allowed_cells}.",
    "source-validator.MonthOutOfBounds": "This model is not made for imagery of month {actual_month}; it takes {allowed_months}.",
    "source-validator.RequirementsMustBeDict": f"{_VALIDATING} Its requirements are a {{requirements_type}}.",
    "source-validator.RequestMustBeDict": "The description of the imagery has the wrong form ({request_type}).",
    "source-validator.RequestMustHaveSourceType": "The kind of the imagery’s address is missing.",
    "source-validator.SourceTypeIsNotAllowed": "This model does not take imagery of type {source_type}; it takes {allowed_sources}.",
    "source-validator.RequiredSectionMustBeDict": f"{_VALIDATING} A required section is a {{required_section_type}}.",
    "source-validator.RecommendedSectionMustBeDict": f"{_VALIDATING} A recommended section is a {{recommended_section_type}}.",
    "source-validator.UnhandledException": _VALIDATING,
    "source-validator.internalError": _VALIDATING,
    # imagery is loaded
    "dataloader.internalError": _LOADING,
    "dataloader.InternalError": _LOADING,
    "dataloader.UnknownSourceType": "Imagery of type {real_source_type} cannot be loaded, only {allowed_source_types}.",
    "dataloader.MemoryLimitExceeded": "The imagery of {estimated_size} MB is too large to be loaded; {allowed_size} MB are allowed.",
    "dataloader.LoaderArgsError": f"{_LOADING} {{argument_name}} is {{argument_type}} in place of {{expected_type}}.",
    "dataloader.WrongChannelsNum": "The tiles have {real_nchannels} bands in place of {expected_nchannels}.",
    "dataloader.WrongTileSize": "The tiles have {real_size} pixels in place of {expected_size}.",
    "dataloader.TileNotLoaded": "The tile server refused the tile {tile_location} (status {status}).",
    "dataloader.TileNotReadable": "The tile {tile_location} is not an image.",
    "dataloader.NoDataTile": "The imagery provider has nothing over the area.",
    "dataloader.CrsIsNotSupported": "The tiles’ CRS is not supported; EPSG:3857 and EPSG:3395 are.",
    "dataloader.MaploaderInternalError": _LOADING,
    "dataloader.SentinelLoaderInternalError": _LOADING,
    # the model runs
    "raster-processor.internalError": SERVICE_FAULT.format("it prepared the imagery"),
    "inference.internalError": SERVICE_FAULT.format("the model ran"),
    "vector-processor.internalError": SERVICE_FAULT.format("it saved the result"),
    "vector-processor.EmptyFolder": "The folder {s3_link} holds no images.",
    # a request is refused
    "TOO_LARGE_PROCESSING": "The area of {area_km2} km², or the box around a part of it, is above the limit of {aoiAreaLimit_km2} km².",
    "ProviderMinAreaError": "The area of {aoiArea} km² is below the {providerMinArea} km² that {providerName} sells at least.",
    "MAXAR_PROVIDERS_UNAVAILABLE": "The plan of this account does not include premium imagery.",
    "geometry.Invalid": "Mapflow cannot read the outline of the area.",
    # own imagery
    "FileCheckFailed": "The file {filename} has properties that are not supported: {bad_parameters}.",
    "MemoryLimitExceeded": "The storage is full: {memory_requested_mb} MB are needed, {available_memory_mb} MB are free.",
    "FileTooBig": "The file has {actual_file_size_mb} MB; at most {max_file_size_mb} MB can be uploaded.",
    "ItemNotFound": "Mapflow knows no {instance_type} {uid}.",
    "AccessDenied": "The {instance_type} {uid} belongs to somebody else.",
    "FileValidationFailed": "The file {filename} does not fit the mosaic: {param_name} is {got_param} in place of {expected_param}.",
    "ImageOutOfBounds": "The image lies outside of valid coordinates.",
    "FileOpenError": "The file is not a GeoTIFF.",
    "ImageExtentTooBig": "The image covers an implausibly large area.",
}  # fmt: skip


class _Parameters(Dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def sentence(code: str, parameters: Any) -> str:
    """What a code says, its parameters filled in; the code itself with its parameters when it is not known here."""
    given = parameters if isinstance(parameters, Mapping) else {}
    told = _Parameters({str(name): words(value, 160) for name, value in given.items()})
    template = MESSAGES.get(code)
    if template is None:
        listed = ", ".join(f"{name} {value}" for name, value in told.items() if name != "level" and value)
        return f"{code}: {listed}." if listed else f"{code}."
    for name in tuple(told):
        told[f"{name}_km2"], told[f"{name}_mb"] = _scaled(told[name], 1e6), _scaled(told[name], 2**20)
    return template.format_map(told)


def _scaled(text: str, unit: float) -> str:
    """A number in a larger unit, as it is when it is no number."""
    try:
        return f"{float(text) / unit:,.5g}"
    except (ValueError, OverflowError):
        return text
