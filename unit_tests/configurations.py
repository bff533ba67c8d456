"""Configurations that tests begin from."""

from typing import Any

from destination_sage_intacct.config import Gzip, JsonLinesFormat, S3Storage

APP = {"client_id": "demo-client", "client_secret": "demo-secret"}
TOKEN = {"auth_type": "access_token", "access_token": "demo-access-token"}
OAUTH = {"auth_type": "oauth2.0", **APP, "refresh_token": "demo-refresh-token"}
CLIENT = {"auth_type": "client_credentials", **APP, "user_id": "demo"}
LEAST: dict[str, Any] = {"company_id": "demo", "credentials": TOKEN}

# Settings that are read as they are given.
# fmt: off
PLAIN: dict[str, Any] = {
    "company_id": "demo", "entity_id": "100", "operation": "upsert", "dry_run": True,
    "object_type": "Custom object", "custom_object_path": "platform-apps/nsp::subscription",
    "default_for_other_streams": True, "null_values": "clear", "lines_on_update": "ignore",
    "on_source_delete": "delete", "source_delete_column": "_fivetran_deleted", "reactivate_returned_rows": True,
    "show_rejected_values": True, "skip_unchanged": False, "resend_after_48_hours": True,
    "max_concurrency": 20, "batch_size": 1, "request_timeout_seconds": 60, "max_retries": 0,
    "api_url": "http://localhost:8080/ia/api/v1",
}
BUCKET = {
    "s3_bucket_name": "demo", "s3_bucket_region": "eu-north-1", "s3_endpoint": "http://localhost:9000",
    "access_key_id": "demo-key-id", "secret_access_key": "demo-key-secret",
    "role_arn": "arn:aws:iam::123456789012:role/demo",
    "bucket_path": "rejected", "path_format": "{stream_name}/", "file_name_format": "{uuid}",
}
FULL: dict[str, Any] = PLAIN | {
    "credentials": {**OAUTH, "access_token": "demo-access-token"},
    "matching": {"by": "record_key", "field": "sage_key"},
    "streams": [
        {
            "stream": "vendors", "namespace": "public", "object_type": "Vendor", "operation": "insert",
            "matching": {"by": "fields", "fields": ["name", "term.id"]},
            "field_mapping": [{"column": "mail", "field": "contacts.default.email1"}],
        },
        {
            "stream": "entries", "object_type": "Journal Entry", "entity_field": " entity",
            "lines": {"group_by": ["book ", "number"], "fields": [{"column": "amount ", "field": " txnAmount"}]},
        },
    ],
    "rejected_rows": {"policy": "stop", "max_rows": 0, "max_percent": 2.5},
    "object_storage_config": {
        "storage_type": "S3",
        **BUCKET,
        "format": {"format_type": "JSONL", "flattening": "Root level flattening", "stringify": "Stringify"},
        "compression": {"compression_type": "GZIP"},
    },
}
# fmt: on

# What the object storage of FULL is, once it is read.
STORED = S3Storage(**BUCKET, format=JsonLinesFormat("Root level flattening", "Stringify"), compression=Gzip())


def without(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}


def mapped(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Return the setting `streams` with one stream, whose columns go to the given fields."""
    mapping = [{"column": column, "field": field} for column, field in pairs]
    return {"streams": [{"stream": "customers", "field_mapping": mapping}]}
