"""From a configuration to the bucket that takes rejected rows."""

from collections.abc import Iterable

from destination_sage_intacct.config import Config, Gzip, JsonLinesFormat, S3Storage
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.object_keys import KeyFormat
from destination_sage_intacct.protocol.object_store import ObjectStore, S3Access
from destination_sage_intacct.protocol.reject_files import FileFormat
from destination_sage_intacct.protocol.rejects import Storage, StreamFiles


def open_storage(config: Config, streams: Iterable[ConfiguredStream] = ()) -> Storage | None:
    """Return where the rejected rows of these streams go, once a file has been written, listed and deleted there.

    None where the configuration names no storage.

    Raises:
        StorageRefusedError, StorageOutageError: nothing could be stored there; the text says which of the three failed.
    """
    settings = config.object_storage_config
    if not isinstance(settings, S3Storage):
        return None
    folder = "/".join(filter(None, settings.bucket_path.split("/")))
    store = _bucket(settings, folder)
    store.try_out()
    return Storage(
        store,
        settings.s3_bucket_name,
        KeyFormat(folder, settings.path_format, settings.file_name_format),
        _format(settings),
        {stream.key: StreamFiles(stream.sync_id, stream.columns) for stream in streams},
    )


def _bucket(settings: S3Storage, folder: str) -> ObjectStore:
    # boto3 takes half a second and 20 MB, which only those spend who use it.
    from destination_sage_intacct.protocol.s3 import S3Bucket  # noqa: PLC0415

    return S3Bucket(
        S3Access(
            settings.s3_bucket_name,
            folder,
            settings.s3_bucket_region,
            settings.s3_endpoint,
            settings.access_key_id,
            settings.secret_access_key,
            settings.role_arn,
        )
    )


def _format(settings: S3Storage) -> FileFormat:
    chosen = settings.format
    is_lines = isinstance(chosen, JsonLinesFormat)
    return FileFormat(
        kind="jsonl" if is_lines else "csv",
        flattens=chosen.flattening == "Root level flattening",
        stringifies=isinstance(chosen, JsonLinesFormat) and chosen.stringify == "Stringify",
        compresses=isinstance(settings.compression, Gzip),
    )
