"""Wrong settings: what is changed in a right configuration, the key that the error names, its whole sentence."""

from typing import Any

from configurations import CLIENT, OAUTH, TOKEN, without

TOKENS = "`client_credentials`, `oauth2.0` or `access_token`"
OBJECTS = (
    "`Customer`, `Vendor`, `Invoice`, `Bill`, `Journal Entry`, `Employee`, `Contact`, `Project`, "
    "`GL Account` or `Custom object`"
)
PATH_FORM = "a path such as platform-apps/nsp::name or application/object"

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"company_id": None}, "company_id", "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": " "}, "company_id", "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": 7}, "company_id", "`company_id` must be text; it is a number."),
    (
        {"company_id": "user@demo"},
        "company_id",
        "`company_id` must be the company ID alone, without a user, an entity, @ or |.",
    ),
    (
        {"company_id": "demo|100"},
        "company_id",
        "`company_id` must be the company ID alone, without a user, an entity, @ or |.",
    ),
    (
        {"entity_id": "demo|100"},
        "entity_id",
        "`entity_id` must be the entity ID alone, in plain ASCII characters and without |.",
    ),
    ({"entity_id": 100}, "entity_id", "`entity_id` must be text; it is a number."),
    ({"entityid": "100"}, "entityid", "`entityid` is not a setting; did you mean `entity_id`?"),
    ({"entityId": "100"}, "entityId", "`entityId` is not a setting; did you mean `entity_id`?"),
    (
        {"refresh_token": "x"},
        "refresh_token",
        "`refresh_token` is not a setting; move it to `credentials.refresh_token`.",
    ),
    (
        {"column": "x"},
        "column",
        (
            "`column` is not a setting; move it to `streams[].field_mapping[].column` or "
            "`streams[].lines.fields[].column`."
        ),
    ),
    (
        {"credentials": None},
        "credentials",
        f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}.",
    ),
    ({"credentials": "demo-token"}, "credentials", "`credentials` must be an object; it is text."),
    (
        {"credentials": {}},
        "credentials",
        f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}.",
    ),
    (
        {"credentials": without(TOKEN, "auth_type")},
        "credentials.auth_type",
        f"`credentials.auth_type` is missing; set it to {TOKENS}.",
    ),
    (
        {"credentials": {**OAUTH, "auth_type": "OAuth2"}},
        "credentials.auth_type",
        f"`credentials.auth_type` must be {TOKENS}; did you mean `oauth2.0`?",
    ),
    (
        {"credentials": {**OAUTH, "auth_type": 2}},
        "credentials.auth_type",
        f"`credentials.auth_type` must be {TOKENS}.",
    ),
    (
        {"credentials": without(OAUTH, "client_secret")},
        "credentials.client_secret",
        "`credentials.client_secret` is missing; fill in Client Secret.",
    ),
    (
        {"credentials": {**OAUTH, "client_id": ""}},
        "credentials.client_id",
        "`credentials.client_id` is missing; fill in Client ID.",
    ),
    (
        {"credentials": {**OAUTH, "refresh_token": ""}},
        "credentials.refresh_token",
        (
            "`credentials.refresh_token` is missing; fill in Refresh Token, or `credentials.access_token` for a trial "
            "that ends when the token expires."
        ),
    ),
    (
        {"credentials": {**OAUTH, "refresh_token": ["demo-refresh-token"]}},
        "credentials.refresh_token",
        "`credentials.refresh_token` must be text; it is a list.",
    ),
    (
        {"credentials": {**OAUTH, "clientsecret": "demo-secret"}},
        "credentials.clientsecret",
        "`credentials.clientsecret` is not a setting; did you mean `credentials.client_secret`?",
    ),
    (
        {"credentials": without(CLIENT, "user_id")},
        "credentials.user_id",
        "`credentials.user_id` is missing; fill in User ID, for example `airbyte_sync`.",
    ),
    (
        {"credentials": {**CLIENT, "user_id": "demo@demo"}},
        "credentials.user_id",
        "`credentials.user_id` must be the user ID alone: the connector adds @, the company and the entity itself.",
    ),
    (
        {"credentials": {**TOKEN, "access_token": 12345}},
        "credentials.access_token",
        "`credentials.access_token` must be text; it is a number.",
    ),
    (
        {"object_type": "customers"},
        "object_type",
        f"`object_type` must be {OBJECTS}; did you mean `Customer`?",
    ),
    ({"object_type": "Timesheet"}, "object_type", f"`object_type` must be {OBJECTS}."),
    (
        {"object_type": "Custom object"},
        "custom_object_path",
        (
            "`custom_object_path` is missing; `object_type` is `Custom object`, which needs the path of the object, "
            "for example `platform-apps/nsp::subscription`."
        ),
    ),
    (
        {"object_type": "Customer", "custom_object_path": "platform-apps/nsp::x"},
        "custom_object_path",
        "`custom_object_path` is only for a custom object; remove it or set `object_type` to `Custom object`.",
    ),
    (
        {"custom_object_path": "/objects/platform-apps/nsp::x"},
        "custom_object_path",
        f"`custom_object_path` must be {PATH_FORM}.",
    ),
    ({"custom_object_path": "nsp::x"}, "custom_object_path", f"`custom_object_path` must be {PATH_FORM}."),
    (
        {"operation": "upsrt"},
        "operation",
        "`operation` must be `auto`, `insert`, `update` or `upsert`; did you mean `upsert`?",
    ),
    (
        {"operation": "overwrite"},
        "operation",
        "`operation` must be `auto`, `insert`, `update` or `upsert`.",
    ),
    ({"null_values": "keep"}, "null_values", "`null_values` must be `leave` or `clear`."),
]
