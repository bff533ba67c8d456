"""Wrong streams, limits and addresses: the change, the key that the error names, its whole sentence."""

from configurations import mapped
from wrong_settings import FIELD_FORM, stream, with_keys

HOST_FORM = (
    "`api_url` must be a host, an optional port and a path, without user and password, "
    "for example `https://api.intacct.com/ia/api/v1`."
)
HTTPS = (
    "`api_url` must start with https; plain http is accepted only for localhost, a loopback address "
    "and host.docker.internal."
)
URL = "`api_url` must be an https address without spaces, query or fragment."
LIMITS = (
    "`rejected_rows.max_rows` is missing; with the policy `stop`, fill in Maximum Rejected Rows or "
    "`rejected_rows.max_percent`."
)
NO_PATH = (
    "`streams[0].custom_object_path` is missing; `streams[0].object_type` is `Custom object`, which needs the path of "
    "the object, for example `platform-apps/nsp::subscription`."
)
NO_CUSTOM_OBJECT = (
    "`streams[0].custom_object_path` is only for a custom object; remove it or set `streams[0].object_type` to `Custom "
    "object`."
)
FILLED_TWICE = (
    "`streams[0].field_mapping[1].field` sends column `b` to `{}`, but column `a` already fills `{}`; keep one of the "
    "two."
)
POLICIES = "`report`, `continue` or `stop`"
SECONDS = "`request_timeout_seconds` must be a whole number from 1 to 900"
PERCENT = "`rejected_rows.max_percent` must be a number from 0 to 100"

WRONG = with_keys(
    ({"streams": {"stream": "customers"}}, "`streams` must be a list; it is an object."),
    ({"streams": [None]}, "`streams[0]` must be an object; it is nothing."),
    (
        {"streams": [{"stream": "a"}, {"namespace": "public"}]},
        "`streams[1].stream` is missing; fill in Stream, for example `customers`.",
    ),
    (stream(matching={"by": "keys"}), "`streams[0].matching.by` must be `default`, `record_key` or `fields`."),
    (stream(object_type="Custom object"), NO_PATH),
    (stream(custom_object_path="platform-apps/nsp::x"), NO_CUSTOM_OBJECT),
    (
        {"streams": [{"stream": "a"}, {"stream": "b"}, {"stream": "a"}]},
        "`streams[2]` is about stream `a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        {"streams": [{"stream": "a", "namespace": "public"}, {"stream": "a", "namespace": "public"}]},
        "`streams[1]` is about stream `public.a`, as is `streams[0]`; merge the two entries.",
    ),
    (
        stream(field_mapping=[{"field": "name"}]),
        "`streams[0].field_mapping[0].column` is missing; fill in Column, for example `email`.",
    ),
    (mapped(("a", "name"), ("b", "contacts..default")), f"`streams[0].field_mapping[1].field` must be {FIELD_FORM}."),
    *(
        (mapped(("a", first), ("b", second)), FILLED_TWICE.format(second, first))
        for first, second in (("name", "name"), ("contacts", "contacts.default"), ("contacts.default", "contacts"))
    ),
    ({"rejected_rows": {"policy": "ignore"}}, f"`rejected_rows.policy` must be {POLICIES}."),
    ({"rejected_rows": {"max_rows": 1}}, f"`rejected_rows.policy` is missing; set it to {POLICIES}."),
    ({"rejected_rows": {"policy": "stop"}}, LIMITS),
    (
        {"rejected_rows": {"policy": "stop", "max_rows": -1}},
        "`rejected_rows.max_rows` must be a whole number of 0 or more.",
    ),
    ({"rejected_rows": {"policy": "stop", "max_percent": 101}}, f"{PERCENT}."),
    ({"rejected_rows": {"policy": "stop", "max_percent": float("nan")}}, f"{PERCENT}; it is text."),
    ({"request_timeout_seconds": 0}, f"{SECONDS}."),
    ({"request_timeout_seconds": "120"}, f"{SECONDS}; it is text."),
    ({"request_timeout_seconds": 1.5}, f"{SECONDS}; it is a number."),
    ({"max_retries": True}, "`max_retries` must be a whole number from 0 to 10; it is true or false."),
    ({"max_retries": 11}, "`max_retries` must be a whole number from 0 to 10."),
    ({"max_concurrency": 21}, "`max_concurrency` must be a whole number from 1 to 20."),
    ({"batch_size": 501}, "`batch_size` must be a whole number from 1 to 500."),
    ({"skip_unchanged": "no"}, "`skip_unchanged` must be true or false; it is text."),
    *(({"api_url": url}, URL) for url in ("api.intacct.com", "https://api.intacct.com/?v=1")),
    *(({"api_url": url}, HTTPS) for url in ("http://api.intacct.com/ia/api/v1", "http://127.0.0.1.example.com/")),
    *(
        ({"api_url": url}, HOST_FORM)
        for url in (
            *("http://localhost@example.com/", "https://me:demo-secret@example.com/", "https://example.com:port/"),
            *("https://[::1/", "https:///ia/api/v1"),
        )
    ),
)
