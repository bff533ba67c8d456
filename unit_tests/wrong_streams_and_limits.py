"""Wrong streams, limits and addresses: the change, the key that the error names, its whole sentence."""

from configurations import mapped
from wrong_settings import with_keys

FIELD_FORM = "a field name without spaces and without empty parts between dots"
HOST_FORM = (
    "`api_url` must be a host, an optional port and a path, without user and password, "
    "for example `https://api.intacct.com/ia/api/v1`."
)
HTTPS = (
    "`api_url` must start with https; plain http is accepted only for localhost, a loopback address "
    "and host.docker.internal."
)
LIMITS = (
    "`rejected_rows.max_rows` is missing; with the policy `stop`, fill in Maximum Rejected Rows or "
    "`rejected_rows.max_percent`."
)

WRONG = with_keys(
    ({"streams": {"stream": "customers"}}, "`streams` must be a list; it is an object."),
    ({"streams": [None]}, "`streams[0]` must be an object; it is nothing."),
    (
        {"streams": [{"stream": "a"}, {"namespace": "public"}]},
        "`streams[1].stream` is missing; fill in Stream, for example `customers`.",
    ),
    (
        {"streams": [{"stream": "a", "max_retries": 1}]},
        "`streams[0].max_retries` is not a setting; move it to `max_retries`.",
    ),
    (
        {"streams": [{"stream": "a", "matching": {"by": "keys"}}]},
        "`streams[0].matching.by` must be `default`, `record_key` or `fields`.",
    ),
    (
        {"streams": [{"stream": "a", "object_type": "Custom object"}]},
        (
            "`streams[0].custom_object_path` is missing; `streams[0].object_type` is `Custom object`, which needs the "
            "path of the object, for example `platform-apps/nsp::subscription`."
        ),
    ),
    (
        {"streams": [{"stream": "a", "custom_object_path": "platform-apps/nsp::x"}]},
        (
            "`streams[0].custom_object_path` is only for a custom object; remove it or set `streams[0].object_type` "
            "to `Custom object`."
        ),
    ),
    (
        {"streams": [{"stream": "a"}, {"stream": "b"}, {"stream": "a"}]},
        "`streams[2]` is about stream `a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        {"streams": [{"stream": "a", "namespace": "public"}, {"stream": "a", "namespace": "public"}]},
        "`streams[1]` is about stream `public.a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        {"streams": [{"stream": "a", "field_mapping": [{"field": "name"}]}]},
        "`streams[0].field_mapping[0].column` is missing; fill in Column, for example `email`.",
    ),
    (mapped(("a", "name"), ("b", "contacts..default")), f"`streams[0].field_mapping[1].field` must be {FIELD_FORM}."),
    (
        mapped(("a", "name"), ("b", "name")),
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `name`, but column `a` already fills `name`; "
            "keep one of the two."
        ),
    ),
    (
        mapped(("a", "contacts"), ("b", "contacts.default")),
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `contacts.default`, but column `a` already fills "
            "`contacts`; keep one of the two."
        ),
    ),
    (
        mapped(("a", "contacts.default.email1"), ("b", "contacts")),
        (
            "`streams[0].field_mapping[1].field` sends column `b` to `contacts`, but column `a` already fills "
            "`contacts.default.email1`; keep one of the two."
        ),
    ),
    ({"rejected_rows": {"policy": "ignore"}}, "`rejected_rows.policy` must be `report`, `continue` or `stop`."),
    (
        {"rejected_rows": {"max_rows": 1}},
        "`rejected_rows.policy` is missing; set it to `report`, `continue` or `stop`.",
    ),
    ({"rejected_rows": {"policy": "stop"}}, LIMITS),
    (
        {"rejected_rows": {"policy": "stop", "max_rows": -1}},
        "`rejected_rows.max_rows` must be a whole number of 0 or more.",
    ),
    (
        {"rejected_rows": {"policy": "stop", "max_percent": 101}},
        "`rejected_rows.max_percent` must be a number from 0 to 100.",
    ),
    (
        {"rejected_rows": {"policy": "stop", "max_percent": float("nan")}},
        "`rejected_rows.max_percent` must be a number from 0 to 100; it is text.",
    ),
    ({"request_timeout_seconds": 0}, "`request_timeout_seconds` must be a whole number from 1 to 900."),
    (
        {"request_timeout_seconds": 1.5},
        "`request_timeout_seconds` must be a whole number from 1 to 900; it is a number.",
    ),
    ({"request_timeout_seconds": "120"}, "`request_timeout_seconds` must be a whole number from 1 to 900; it is text."),
    ({"max_retries": True}, "`max_retries` must be a whole number from 0 to 10; it is true or false."),
    ({"max_retries": 11}, "`max_retries` must be a whole number from 0 to 10."),
    ({"max_concurrency": 0}, "`max_concurrency` must be a whole number from 1 to 20."),
    ({"max_concurrency": 21}, "`max_concurrency` must be a whole number from 1 to 20."),
    ({"max_concurrency": "6"}, "`max_concurrency` must be a whole number from 1 to 20; it is text."),
    ({"concurrency": 4}, "`concurrency` is not a setting; did you mean `max_concurrency`?"),
    ({"batch_size": 0}, "`batch_size` must be a whole number from 1 to 500."),
    ({"batch_size": 501}, "`batch_size` must be a whole number from 1 to 500."),
    ({"batch_size": 2.5}, "`batch_size` must be a whole number from 1 to 500; it is a number."),
    (
        {"streams": [{"stream": "a", "batch_size": 1}]},
        "`streams[0].batch_size` is not a setting; move it to `batch_size`.",
    ),
    ({"skip_unchanged": "no"}, "`skip_unchanged` must be true or false; it is text."),
    (
        {"streams": [{"stream": "a", "skip_unchanged": False}]},
        "`streams[0].skip_unchanged` is not a setting; move it to `skip_unchanged`.",
    ),
    ({"dry_run": "yes"}, "`dry_run` must be true or false; it is text."),
    ({"api_url": {"host": "x"}}, "`api_url` must be text; it is an object."),
    ({"api_url": "api.intacct.com"}, "`api_url` must be an https address without spaces, query or fragment."),
    (
        {"api_url": "https://api.intacct.com/?v=1"},
        "`api_url` must be an https address without spaces, query or fragment.",
    ),
    ({"api_url": "http://api.intacct.com/ia/api/v1"}, HTTPS),
    ({"api_url": "http://127.0.0.1.example.com/"}, HTTPS),
    ({"api_url": "http://localhost@example.com/"}, HOST_FORM),
    ({"api_url": "https://me:demo-secret@example.com/"}, HOST_FORM),
    ({"api_url": "https://example.com:port/"}, HOST_FORM),
    ({"api_url": "https://[::1/"}, HOST_FORM),
    ({"api_url": "https:///ia/api/v1"}, HOST_FORM),
)
