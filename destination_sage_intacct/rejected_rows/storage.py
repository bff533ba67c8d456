"""From a configuration to the bucket that takes rejected rows."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from destination_sage_intacct.config import Config, ConfigError, Gzip, JsonLinesFormat, S3Storage
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.rejected_rows.files import Storage, StreamFiles
from destination_sage_intacct.rejected_rows.formats import FileFormat
from destination_sage_intacct.rejected_rows.path_template import (
    MOST_KEY_BYTES,
    PLACEHOLDER,
    PLACEHOLDERS,
    KeyFormat,
    joined,
    stray_brace,
    unknown_placeholders,
)
from destination_sage_intacct.rejected_rows.store import ObjectStore, S3Access

_SETTING = "object_storage_config"
# For a job without a number: Airbyte's numbers are no longer than this one.
_ANY_JOB = "9" * 19
_FORMATS = ("path_format", "file_name_format")
_PATHS = ("bucket_path", *_FORMATS)
# Control characters and halves of surrogate pairs: XML, and with it the list of a bucket, cannot hold them.
_UNWRITABLE = ("Cc", "Cs")


def check_storage(config: Config) -> None:
    """Check the paths of the bucket against what S3 takes, so that it is not found out at the first rejected row.

    Raises:
        ConfigError: names the setting and the remedy.
    """
    settings = config.object_storage_config
    if not isinstance(settings, S3Storage):
        return
    paths = {name: str(getattr(settings, name)) for name in _PATHS}
    for name, path in paths.items():
        for character in path:
            if unicodedata.category(character) in _UNWRITABLE:
                raise _wrong(
                    name,
                    f"holds the character U+{ord(character):04X}, which no file name can hold; remove it.",
                )
    found = PLACEHOLDER.search(settings.bucket_path)
    held = found[0] if found else stray_brace(settings.bucket_path)
    if held:
        raise _wrong(
            "bucket_path",
            f"holds `{held}`, but it is one folder for all syncs and takes no placeholders; remove the braces, or move "
            f"the placeholder to `{_SETTING}.path_format`.",
        )
    for name in _FORMATS:
        _check_placeholders(name, paths[name])
    excess = _keys(settings).longest_key_bytes - MOST_KEY_BYTES
    if excess > 0:
        raise _wrong(
            max(_PATHS, key=lambda name: len(paths[name].encode())),
            f"is too long: the path of a file may have {MOST_KEY_BYTES} bytes in S3, including the names of namespace "
            f"and stream. Shorten it, or another part of the path, by {excess} bytes.",
        )


def _check_placeholders(name: str, template: str) -> None:
    stray = stray_brace(template)
    if stray:
        raise _wrong(
            name,
            f"holds `{stray}` with a brace that is not part of a placeholder; write placeholders as `{{sync_id}}`, and "
            "no other braces.",
        )
    for unknown in unknown_placeholders(template):
        known = ", ".join(f"`{placeholder}`" for placeholder in PLACEHOLDERS)
        raise _wrong(
            name,
            f"holds `{unknown}`, which is not a placeholder; remove it or use one of {known}, or a date such as "
            "`{date:yyyy_MM}`.",
        )


def _wrong(name: str, why: str) -> ConfigError:
    return ConfigError(f"`{_SETTING}.{name}` {why}", key=f"{_SETTING}.{name}")


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
        f"job's number, where no files will be: {remedy}."
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
    # boto3 takes half a second and 20 MB, which a sync without storage need not spend.
    from destination_sage_intacct.rejected_rows.s3 import S3Bucket  # noqa: PLC0415

    return S3Bucket(
        S3Access(
            settings.s3_bucket_name,
            joined(settings.bucket_path),
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
