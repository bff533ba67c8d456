"""Wrong settings: what is changed in a right configuration, the key that the error names, its whole sentence."""

from typing import Any

from configurations import CLIENT, OAUTH, TOKEN, without

TOKENS = "`client_credentials`, `oauth2.0` or `access_token`"
OBJECTS = (
    "`Customer`, `Vendor`, `Invoice`, `Bill`, `Journal Entry`, `Employee`, `Contact`, `Project`, "
    "`GL Account` or `Custom object`"
)
OPERATIONS = "`operation` must be `auto`, `insert`, `update` or `upsert`"
PATH_FORM = "a path such as platform-apps/nsp::name or application/object"
COLUMN_FORM = "the name of a column, exactly as the source spells it"
FIELD_FORM = "a field name without spaces and without empty parts between dots"


def stream(**entry: Any) -> dict[str, Any]:
    """Return the setting `streams` with one entry, about stream a."""
    return {"streams": [{"stream": "a", **entry}]}


def moved(name: str, to: str) -> str:
    """Return what is said of a setting that belongs elsewhere."""
    return f"`{name}` is not a setting; move it to `{to}`."


def with_keys(*cases: tuple[dict[str, Any], str]) -> list[tuple[dict[str, Any], str, str]]:
    """Return (change, key, sentence) of these (change, sentence); a sentence begins with the key in backticks."""
    return [(change, sentence.split("`")[1], sentence) for change, sentence in cases]


def changed(credentials: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the setting `credentials` with some members changed."""
    return {"credentials": {**credentials, **changes}}


COMPANY_MISSING = "`company_id` is missing; fill in Company ID, for example `acme`."
COMPANY_FORM = "`company_id` must be the company ID alone, without a user, an entity, @ or |."
CREDENTIALS_MISSING = f"`credentials` is missing; fill in Authentication with `auth_type` {TOKENS}."
NO_REFRESH_TOKEN = (
    "`credentials.refresh_token` is missing; fill in Refresh Token, or `credentials.access_token` for a trial "
    "that ends when the token expires."
)
USER_FORM = "`credentials.user_id` must be the user ID alone: the connector adds @, the company and the entity itself."
NO_PATH = (
    "`custom_object_path` is missing; `object_type` is `Custom object`, which needs the path of the object, "
    "for example `platform-apps/nsp::subscription`."
)
WRONG = with_keys(
    ({"company_id": None}, COMPANY_MISSING),
    ({"company_id": 7}, "`company_id` must be text; it is a number."),
    ({"company_id": "user@demo"}, COMPANY_FORM),
    ({"company_id": "demo|100"}, COMPANY_FORM),
    ({"entity_id": "demo|100"}, "`entity_id` must be the entity ID alone, in plain ASCII characters and without |."),
    ({"refresh_token": "x"}, moved("refresh_token", "credentials.refresh_token")),
    ({"column": "x"}, moved("column", "streams[].field_mapping[].column` or `streams[].lines.fields[].column")),
    ({"credentials": None}, CREDENTIALS_MISSING),
    ({"credentials": "demo-token"}, "`credentials` must be an object; it is text."),
    ({"credentials": {}}, CREDENTIALS_MISSING),
    ({"credentials": without(TOKEN, "auth_type")}, f"`credentials.auth_type` is missing; set it to {TOKENS}."),
    (changed(OAUTH, auth_type="OAuth2"), f"`credentials.auth_type` must be {TOKENS}; did you mean `oauth2.0`?"),
    (changed(OAUTH, auth_type=2), f"`credentials.auth_type` must be {TOKENS}."),
    (changed(OAUTH, client_secret=None), "`credentials.client_secret` is missing; fill in Client Secret."),
    (changed(OAUTH, refresh_token=""), NO_REFRESH_TOKEN),
    (changed(OAUTH, refresh_token=["token"]), "`credentials.refresh_token` must be text; it is a list."),
    (
        changed(OAUTH, clientsecret="demo-secret"),
        "`credentials.clientsecret` is not a setting; did you mean `credentials.client_secret`?",
    ),
    (
        {"credentials": without(CLIENT, "user_id")},
        "`credentials.user_id` is missing; fill in User ID, for example `airbyte_sync`.",
    ),
    (changed(CLIENT, user_id="demo@demo"), USER_FORM),
    ({"object_type": "customers"}, f"`object_type` must be {OBJECTS}; did you mean `Customer`?"),
    ({"object_type": "Timesheet"}, f"`object_type` must be {OBJECTS}."),
    ({"object_type": "Custom object"}, NO_PATH),
    (
        {"object_type": "Customer", "custom_object_path": "platform-apps/nsp::x"},
        "`custom_object_path` is only for a custom object; remove it or set `object_type` to `Custom object`.",
    ),
    ({"custom_object_path": "/objects/platform-apps/nsp::x"}, f"`custom_object_path` must be {PATH_FORM}."),
    ({"operation": "upsrt"}, f"{OPERATIONS}; did you mean `upsert`?"),
)
