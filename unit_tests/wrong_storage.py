"""Wrong paths in object storage: what is changed in right settings, the setting that is named, the whole sentence."""

PREFIX = "object_storage_config"
LONG = "x" * 1000

WRONG: list[tuple[dict[str, str], str, str]] = [
    *(
        (
            {"bucket_path": path},
            "bucket_path",
            (
                f"`{PREFIX}.bucket_path` holds `{held}`, but it is one folder for all syncs, in which no placeholder "
                f"is filled in; remove the braces, or move the placeholder to `{PREFIX}.path_format`."
            ),
        )
        for path, held in (
            ("a/{sync_id}", "{sync_id}"),
            ("a/${SYNC_ID}/b", "${SYNC_ID}"),
            ("a/{sync_id/b", "{sync_id"),
            ("a/sync_id}", "sync_id}"),
        )
    ),
    *(
        (
            {name: template},
            name,
            (
                f"`{PREFIX}.{name}` holds `{held}` with a brace that belongs to no placeholder; write placeholders as "
                "`{sync_id}`, and no other braces."
            ),
        )
        for name in ("path_format", "file_name_format")
        for template, held in (
            ("{sync_id/{namespace}", "{sync_id"),
            ("{uuid}/sync_id}/x", "sync_id}"),
            ("{{sync_id}}", "{"),
        )
    ),
    *(
        (
            {name: f"a{character}b"},
            name,
            f"`{PREFIX}.{name}` holds the character {code}, which no name of a file can hold; remove it.",
        )
        for name in ("bucket_path", "path_format", "file_name_format")
        for character, code in (("\n", "U+000A"), ("\x00", "U+0000"), ("\ud800", "U+D800"))
    ),
    (
        {"bucket_path": LONG},
        "bucket_path",
        (
            f"`{PREFIX}.bucket_path` is too long: the path of a file may have 1024 bytes in S3, the names of namespace "
            "and stream included. Shorten it, or another part of the path, by 300 bytes."
        ),
    ),
    (
        {"path_format": "€" * 400, "bucket_path": "short"},
        "path_format",
        (
            f"`{PREFIX}.path_format` is too long: the path of a file may have 1024 bytes in S3, the names of namespace "
            "and stream included. Shorten it, or another part of the path, by 227 bytes."
        ),
    ),
    (
        {"file_name_format": "{stream_name}" * 40},
        "file_name_format",
        (
            f"`{PREFIX}.file_name_format` is too long: the path of a file may have 1024 bytes in S3, the names of "
            "namespace and stream included. Shorten it, or another part of the path, by 4412 bytes."
        ),
    ),
]
