"""Wrong paths in object storage: what is changed in right settings, the setting that is named, the whole sentence."""

PREFIX = "object_storage_config"
FOLDER = (
    f"holds `{{}}`, but it is one folder for all syncs and takes no placeholders; remove the braces, or "
    f"move the placeholder to `{PREFIX}.path_format`."
)
BRACE = (
    "holds `{}` with a brace that is not part of a placeholder; write placeholders as `{{sync_id}}`, and no other "
    "braces."
)
CHARACTER = "holds the character {}, which no file name can hold; remove it."
LONG = (
    "is too long: the path of a file may have 1024 bytes in S3, including the names of namespace and stream. Shorten "
    "it, or another part of the path, by {} bytes."
)
TEMPLATES = ("path_format", "file_name_format")
CASES: list[tuple[dict[str, str], str]] = [
    ({"bucket_path": "a/{sync_id}"}, FOLDER.format("{sync_id}")),
    ({"bucket_path": "a/${SYNC_ID}/b"}, FOLDER.format("${SYNC_ID}")),
    ({"bucket_path": "a/{sync_id/b"}, FOLDER.format("{sync_id")),
    ({"bucket_path": "a/sync_id}"}, FOLDER.format("sync_id}")),
    *(({name: "{sync_id/{namespace}"}, BRACE.format("{sync_id")) for name in TEMPLATES),
    *(({name: "{uuid}/sync_id}/x"}, BRACE.format("sync_id}")) for name in TEMPLATES),
    *(({name: "{{sync_id}}"}, BRACE.format("{")) for name in TEMPLATES),
    *(({name: "a\nb"}, CHARACTER.format("U+000A")) for name in ("bucket_path", *TEMPLATES)),
    *(({name: "a\x00b"}, CHARACTER.format("U+0000")) for name in ("bucket_path", *TEMPLATES)),
    *(({name: "a\ud800b"}, CHARACTER.format("U+D800")) for name in ("bucket_path", *TEMPLATES)),
    ({"bucket_path": "x" * 1000}, LONG.format(300)),
    ({"path_format": "€" * 400, "bucket_path": "short"}, LONG.format(227)),
    ({"file_name_format": "{stream_name}" * 40}, LONG.format(4412)),
]
WRONG = [(change, next(iter(change)), f"`{PREFIX}.{next(iter(change))}` {words}") for change, words in CASES]
