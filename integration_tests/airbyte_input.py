"""What Airbyte gives a destination: credentials, catalogs, records and states, as the platform writes them."""

from collections.abc import Iterable
from typing import Any

Json = Any

CLIENT_CREDENTIALS = {
    "auth_type": "client_credentials",
    "client_id": "demo-client",
    "client_secret": "demo-secret",
    "user_id": "demo",
}
REFRESH_TOKEN = {
    "auth_type": "oauth2.0",
    "client_id": "demo-client",
    "client_secret": "demo-secret",
    "refresh_token": "demo-refresh-token",
}


def record(stream: str, data: Json, namespace: str | None = None) -> dict[str, Json]:
    """Return a RECORD message as the platform sends it, explicit nulls included."""
    return {
        "type": "RECORD",
        "record": {
            "stream": stream,
            "namespace": namespace,
            "data": data,
            "emitted_at": 1_700_000_000_000,
            "meta": None,
        },
    }


def stream_state(stream: str, identity: int, namespace: str | None = None, **extra: Json) -> dict[str, Json]:
    """Return a STREAM state with the id that the platform injects."""
    descriptor = {"name": stream} | ({"namespace": namespace} if namespace else {})
    state = {"type": "STREAM", "stream": {"stream_descriptor": descriptor, "stream_state": {"cursor": identity}}}
    return {"type": "STATE", "state": state | {"id": identity} | extra}


def global_state(identity: int, streams: Iterable[str], **extra: Json) -> dict[str, Json]:
    """Return a GLOBAL state over these streams."""
    states = [{"stream_descriptor": {"name": name}, "stream_state": {"at": identity}} for name in streams]
    shared = {"shared_state": {"lsn": identity}, "stream_states": states}
    return {"type": "STATE", "state": {"type": "GLOBAL", "global": shared, "id": identity} | extra}


def stream_status(stream: str, status: str, namespace: str | None = None) -> dict[str, Json]:
    """Return a TRACE with a stream's status, such as the COMPLETE that the platform sends when a source ended well."""
    descriptor = {"name": stream, "namespace": namespace}
    trace = {"type": "STREAM_STATUS", "emitted_at": 1_700_000_000_000.0}
    return {"type": "TRACE", "trace": trace | {"stream_status": {"stream_descriptor": descriptor, "status": status}}}


def configured_stream(name: str, mode: str = "append_dedup", **settings: Json) -> dict[str, Json]:
    """Return one stream of a configured catalog; `columns` fills its schema."""
    columns = settings.pop("columns", ())
    stream = {
        "name": name,
        "namespace": settings.pop("namespace", None),
        "json_schema": {"type": "object", "properties": {column: {} for column in columns}},
        "supported_sync_modes": ["full_refresh", "incremental"],
    }
    return {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": mode, **settings}


def catalog(*streams: dict[str, Json]) -> dict[str, Json]:
    """Return a configured catalog."""
    return {"streams": list(streams)}
