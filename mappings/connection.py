"""Reaching Elasticsearch: how both of the official clients are set up, and their errors as ours."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import elastic_transport
import elasticsearch
from elastic_transport.client_utils import url_to_node_config

from mappings.errors import EngineRefused, EngineUnavailable, SettingsError, StoreError
from mappings.settings import Settings

MAJOR = "9"
"""The version of Elasticsearch that we speak with."""

_BUSY = (429, 502, 503, 504)
_PLAIN = ("wrong version number", "record layer failure")
"""What OpenSSL says, with or without underscores, of an answer that is not of TLS."""


def options(settings: Settings, seconds: float, connections: int = 10) -> dict[str, Any]:
    """What `Elasticsearch` and `AsyncElasticsearch` are made with. `seconds` are waited for an answer, and
    each node has so many `connections` at the most.

    Raises SettingsError where an address or the certificate file is of no use.
    """
    given: dict[str, Any] = {
        "hosts": [node_of(address) for address in settings.nodes],
        "connections_per_node": connections,
        "request_timeout": seconds,
        "max_retries": len(settings.nodes) - 1,  # another node may answer; the same one will not at once
        "serializers": {"application/vnd.elasticsearch+json": elasticsearch.OrjsonSerializer()},
    }
    if settings.api_key is not None:
        given["api_key"] = settings.api_key.get_secret_value()
    if settings.user is not None and settings.password is not None:
        given["basic_auth"] = credentials(settings.user, settings.password.get_secret_value())
    if settings.ca_file is not None:
        given["ca_certs"] = checked_authority(settings.ca_file, settings)
    return given


def node_of(address: str) -> elastic_transport.NodeConfig:
    """The server at an address; without a port, at that of its scheme. Raises SettingsError."""
    try:
        return url_to_node_config(address, use_default_ports_for_scheme=True)
    except ValueError as error:
        raise SettingsError(f"ZOUFANG_ENGINE: {address} is not an address") from error


def credentials(user: str, password: str) -> str:
    """What signs a user in. The client would encode it as ASCII; passwords may have any characters."""
    return b64encode(f"{user}:{password}".encode()).decode()


def checked_authority(file: Path, settings: Settings) -> str:
    """The path of a certificate file, which can be read and is of use. Raises SettingsError."""
    if not all(urlsplit(node).scheme == "https" for node in settings.nodes):
        raise SettingsError(f"ZOUFANG_CA_FILE is for https; {settings.engine} is asked without")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:
        raise SettingsError(f"ZOUFANG_CA_FILE: no certificates can be read from {file}: {error}") from error
    return str(file)


def check_version(info: Mapping[str, Any], settings: Settings) -> None:
    """Raises EngineRefused unless the server is of the version that we speak with."""
    number = str(info.get("version", {}).get("number", "?"))
    if number.partition(".")[0] != MAJOR:
        raise EngineRefused(f"{settings.engine} is Elasticsearch {number}; zoufang needs version {MAJOR}")


def as_ours(error: Exception, settings: Settings) -> StoreError:
    """An error of the client as one of ours."""
    at = settings.engine
    if isinstance(error, elasticsearch.UnsupportedProductError):
        return EngineRefused(f"{at} is not Elasticsearch; zoufang needs Elasticsearch {MAJOR}")
    if isinstance(error, elastic_transport.TlsError):
        said = first_line(error)
        plain = any(words in said.lower().replace("_", " ") for words in _PLAIN)
        ask = "does it speak http, not https?" if plain else "does ZOUFANG_CA_FILE hold who vouches for it?"
        return EngineRefused(f"{at}: {said}; {ask}")
    if isinstance(error, elastic_transport.ConnectionTimeout):
        return EngineUnavailable(f"{at} did not answer in time")
    if isinstance(error, elastic_transport.TransportError):
        return EngineUnavailable(f"{at} cannot be reached: {first_line(error)}")
    if not isinstance(error, elasticsearch.ApiError):
        return StoreError(f"{at}: {first_line(error)}")
    if error.status_code in (401, 403):
        keys = "ZOUFANG_API_KEY, or ZOUFANG_USER and ZOUFANG_PASSWORD"
        return EngineRefused(f"{at} does not let us in ({error.status_code}: {reason(error)}); check {keys}")
    if error.status_code in _BUSY:
        return EngineUnavailable(f"{at} is busy or not ready ({error.status_code}: {reason(error)})")
    if error.status_code in (400, 406) and "media_type" in str(error.body):
        return EngineRefused(f"{at} is not Elasticsearch {MAJOR}, which zoufang needs: {reason(error)}")
    return StoreError(f"{at} answered {error.status_code}: {reason(error)}")


def first_line(error: Exception) -> str:
    """What an error says, without a trace of where."""
    said = str(getattr(error, "message", "") or error).strip()
    return said.splitlines()[0][:300] if said else type(error).__name__


def reason(error: elasticsearch.ApiError) -> str:
    """The server's own reason, the innermost that it tells."""
    body = error.body
    return because(body.get("error", body) if isinstance(body, Mapping) else body)


def because(problem: Any) -> str:
    """The reason in an error that the server tells, with the one that caused it."""
    if not isinstance(problem, Mapping):
        return str(problem)[:300]
    kind, said = problem.get("type", ""), str(problem.get("reason", "") or problem)
    cause = problem.get("caused_by")
    inner = f": {cause.get('reason')}" if isinstance(cause, Mapping) and cause.get("reason") else ""
    return f"{kind}: {said[:250]}{inner[:250]}"
