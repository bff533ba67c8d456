"""From a configuration to the bucket that takes rejected rows."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from destination_sage_intacct.config import Config, Gzip, JsonLinesFormat, S3Storage
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.rejected_rows.files import Storage, StreamFiles
from destination_sage_intacct.rejected_rows.formats import FileFormat
from destination_sage_intacct.rejected_rows.path_template import KeyFormat
from destination_sage_intacct.rejected_rows.store import ObjectStore, S3Access

_SETTING = "object_storage_config"
# Of a job that is none: Airbyte's numbers are no longer than this one.
_ANY_JOB = "9" * 19


def storage_warnings(config: Config) -> Iterator[str]:
    """Yield what is worth a warning about where rejected rows go, though each of them is stored; none in a dry run.

    Airbyte links a sync to the folder `<bucket_path>/<number of the job>/`, of which it takes only slashes at the end
    of the path away, if it knows the region and no endpoint (platform source, `S3ObjectStoragePathResolver`).
    """
    settings = config.object_storage_config
    if config.dry_run or not isinstance(settings, S3Storage):
        return
    if settings.s3_endpoint or not settings.s3_bucket_region:
        return
    path = f"{settings.bucket_path.rstrip('/')}/" if settings.bucket_path else ""
    keys = _keys(settings)
    if keys.folder(_ANY_JOB).startswith(f"{path}{_ANY_JOB}/"):
        return
    if replace(keys, bucket_path="").folder(_ANY_JOB).startswith(f"{_ANY_JOB}/"):
        remedy = f"write `{_SETTING}.bucket_path` without a slash at its start and without two in a row"
    else:
        remedy = f"begin `{_SETTING}.path_format` with `{{sync_id}}/`"
    yield (
        f"Airbyte's link from a sync to its rejected rows leads to `s3://{settings.s3_bucket_name}/{path}`, then the "
        f"job's number, where no files will lie: {remedy}."
    )


def open_storage(config: Config, streams: Iterable[ConfiguredStream] = ()) -> Storage | None:
    """Return where the rejected rows of these streams go, once a file has been written, listed and deleted there.

    None where the configuration names no storage.

    Raises:
        StorageRefusedError, StorageOutageError: nothing could be stored there; the text says which of the three failed.
    """
    settings = config.object_storage_config
    if not isinstance(settings, S3Storage):
        return None
    store = _bucket(settings)
    store.try_out()
    return Storage(
        store,
        settings.s3_bucket_name,
        _keys(settings),
        _format(settings),
        {stream.key: StreamFiles(stream.sync_id, stream.columns) for stream in streams},
    )


def _keys(settings: S3Storage) -> KeyFormat:
    return KeyFormat(settings.bucket_path, settings.path_format, settings.file_name_format)


def _bucket(settings: S3Storage) -> ObjectStore:
    # boto3 takes half a second and 20 MB, which only those spend who use it.
    from destination_sage_intacct.rejected_rows.s3 import S3Bucket  # noqa: PLC0415

    return S3Bucket(
        S3Access(
            settings.s3_bucket_name,
            "/".join(filter(None, settings.bucket_path.split("/"))),
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
