"""Wrong settings: what is changed in a right configuration, the key that the error names, its whole sentence."""

from typing import Any

from configurations import CLIENT, OAUTH, TOKEN, without

TOKENS = "`client_credentials`, `oauth2.0` or `access_token`"
OBJECTS = (
    "`Customer`, `Vendor`, `Invoice`, `Bill`, `Journal Entry`, `Employee`, `Contact`, `Project`, "
    "`GL Account` or `Custom object`"
)
PATH_FORM = "a path such as platform-apps/nsp::name or application/object"


def with_keys(*cases: tuple[dict[str, Any], str]) -> list[tuple[dict[str, Any], str, str]]:
    """Return (change, key, sentence) of these (change, sentence); a sentence begins with the key in backticks."""
    return [(change, sentence.split("`")[1], sentence) for change, sentence in cases]


WRONG = with_keys(
    ({"company_id": None}, "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": " "}, "`company_id` is missing; fill in Company ID, for example `acme`."),
    ({"company_id": 7}, "`company_id` must be text; it is a number."),
    ({"company_id": "user@demo"}, "`company_id` must be the company ID alone, without a user, an entity, @ or |."),
    ({"company_id": "demo|100"}, "`company_id` must be the company ID alone, without a user, an entity, @ or |."),
    ({"entity_id": "demo|100"}, "`entity_id` must be the entity ID alone, in plain ASCII characters and without |."),
    ({"entity_id": 100}, "`entity_id` must be text; it is a number."),
    ({"entityid": "100"}, "`entityid` is not a setting; did you mean `entity_id`?"),
    ({"entityId": "100"}, "`entityId` is not a setting; did you mean `entity_id`?"),
    ({"refresh_token": "x"}, "`refresh_token` is not a setting; move it to `credentials.refresh_token`."),
    (
        {"column": "x"},
        (
            "`column` is not a setting; move it to `streams[].field_mapping[].column` or "
            "`streams[].lines.fields[].column`."
        ),
    ),
    ({"credentials": None}, f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}."),
    ({"credentials": "demo-token"}, "`credentials` must be an object; it is text."),
    ({"credentials": {}}, f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}."),
    ({"credentials": without(TOKEN, "auth_type")}, f"`credentials.auth_type` is missing; set it to {TOKENS}."),
    (
        {"credentials": {**OAUTH, "auth_type": "OAuth2"}},
        f"`credentials.auth_type` must be {TOKENS}; did you mean `oauth2.0`?",
    ),
    ({"credentials": {**OAUTH, "auth_type": 2}}, f"`credentials.auth_type` must be {TOKENS}."),
    (
        {"credentials": without(OAUTH, "client_secret")},
        "`credentials.client_secret` is missing; fill in Client Secret.",
    ),
    ({"credentials": {**OAUTH, "client_id": ""}}, "`credentials.client_id` is missing; fill in Client ID."),
    (
        {"credentials": {**OAUTH, "refresh_token": ""}},
        (
            "`credentials.refresh_token` is missing; fill in Refresh Token, or `credentials.access_token` for a trial "
            "that ends when the token expires."
        ),
    ),
    (
        {"credentials": {**OAUTH, "refresh_token": ["demo-refresh-token"]}},
        "`credentials.refresh_token` must be text; it is a list.",
    ),
    (
        {"credentials": {**OAUTH, "clientsecret": "demo-secret"}},
        "`credentials.clientsecret` is not a setting; did you mean `credentials.client_secret`?",
    ),
    (
        {"credentials": without(CLIENT, "user_id")},
        "`credentials.user_id` is missing; fill in User ID, for example `airbyte_sync`.",
    ),
    (
        {"credentials": {**CLIENT, "user_id": "demo@demo"}},
        "`credentials.user_id` must be the user ID alone: the connector adds @, the company and the entity itself.",
    ),
    ({"credentials": {**TOKEN, "access_token": 12345}}, "`credentials.access_token` must be text; it is a number."),
    ({"object_type": "customers"}, f"`object_type` must be {OBJECTS}; did you mean `Customer`?"),
    ({"object_type": "Timesheet"}, f"`object_type` must be {OBJECTS}."),
    (
        {"object_type": "Custom object"},
        (
            "`custom_object_path` is missing; `object_type` is `Custom object`, which needs the path of the object, "
            "for example `platform-apps/nsp::subscription`."
        ),
    ),
    (
        {"object_type": "Customer", "custom_object_path": "platform-apps/nsp::x"},
        "`custom_object_path` is only for a custom object; remove it or set `object_type` to `Custom object`.",
    ),
    ({"custom_object_path": "/objects/platform-apps/nsp::x"}, f"`custom_object_path` must be {PATH_FORM}."),
    ({"custom_object_path": "nsp::x"}, f"`custom_object_path` must be {PATH_FORM}."),
    ({"operation": "upsrt"}, "`operation` must be `auto`, `insert`, `update` or `upsert`; did you mean `upsert`?"),
    ({"operation": "overwrite"}, "`operation` must be `auto`, `insert`, `update` or `upsert`."),
    ({"null_values": "keep"}, "`null_values` must be `leave` or `clear`."),
)
