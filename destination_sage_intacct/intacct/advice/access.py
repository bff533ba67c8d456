"""Answers about the way in and about whole requests: tokens, users, entities, permissions, limits, outages."""

from destination_sage_intacct.intacct.advice.remedy import Remedy

FIRST = (
    # Sage's developer FAQ.
    Remedy(
        "web_services_not_subscribed",
        "Subscribe the company to Web Services (Company > Admin > Subscriptions).",
        words=r"\bxml gateway\b|not authorized for xml|web services (is|are) not enabled",
    ),
    # Sage's developer FAQ, dmconsultant.co; Expensify help, INT122.
    Remedy(
        "sender_not_authorized",
        "Add the sender id of the app to the Web Services authorizations of the company (Company > Setup > Company > "
        "Security), and check that the app is authorized for just this company.",
        words=r"\bsender id\b.{0,60}\bnot authorized|\bxml partner id or password\b|\bweb services authori[sz]ation",
        ids=("XL03000006",),
    ),
    # The SDKs' tests, PL04000055.
    Remedy(
        "company_expired",
        "The company has expired: ask Sage to renew it, or connect another one.",
        words=r"\bdemo company and has expired\b",
        ids=("PL04000055",),
    ),
)

_SIGN_IN = (
    # Sage's OAuth guide.
    Remedy(
        "username_format",
        "Enter the user as user@company, or for one entity as user@company|entity.",
        words=r"username format is invalid",
        ids=("GW-0036", "GW-0037"),
    ),
    # Sage community topic 19992; Nango; intacct-cli.
    Remedy(
        "token_expired",
        "The access token is invalid or has expired: check the credentials in the configuration, and sign in again if "
        "the refresh token was revoked.",
        words=r"tokeninvalid|token (is not valid|has expired)|(expired|invalid) token\b",
        ids=("REST-1206", "REST-2102", "GW-0031", "GW-0032", "GW-0040"),
        statuses=(401,),
    ),
    # Sage community topic 20325; Sage's error codes of the gateway; Bill.com help; Expensify help, INT122.
    Remedy(
        "client_or_user_unknown",
        "Check client id, client secret and user against the app in the Sage developer portal, and that the company "
        "has authorized the app for Web Services.",
        words=r"client id, client secret|invalid_(client|grant)|provided credentials are invalid"
        r"|\b(user )?authentication (failure|error)\b|\binvalid company id\b|\bcompany id is (invalid|not valid)"
        r"|\bsign-?in information is incorrect",
        ids=("REST-1216", "GW-0012", "GW-0033", "GW-0034", "GW-0035", "GW-0038", "GW-0039"),
    ),
)

_ENTITIES = (
    # Expensify's FAQ; the words are a guess.
    Remedy(
        "entity_wanted",
        "This record can be created within an entity only: name the entity for the stream or for each row.",
        words=r"\b(cannot|can.t|can not|not allowed|not permitted)\b.{0,60}\b(at|from) the (top|root)[- ]level"
        r"|\bmust be (created|entered|posted|made) (at|in|within) (the |an )?entity\b",
    ),
    # Sage's help, reversals of bills ("Not owned"); the words are a guess.
    Remedy(
        "owned_by_another_entity",
        "The record belongs to another level or entity: send the row to the one in which the record was created.",
        words=r"\bnot owned\b|\bowned (by|at) (another|a different|the)\b.{0,20}\b(entity|level)",
    ),
    # Bill.com help; the smart rule of the same sense comes first.
    Remedy(
        "top_level_record",
        "The record belongs to the top level: send it without an entity, by a user who is not restricted to entities.",
        words=r"\broot[- ]level \w+|\b(created|updated|edited|changed|managed) (only )?at the (top|root)[- ]level",
    ),
    # Words: a guess; what to do: the troubleshooting of warehouse tools for a 403.
    Remedy(
        "entity_access",
        "Assign the user to the entity (Company > Admin > Users > User entities) and check the configured entity id.",
        words=r"\baccess\b.{0,40}\bentity\b|\bentity\b.{0,40}\b(access|not assigned|denied|not permitted)\b"
        r"|\bnot (allowed|assigned|permitted) (to|in)\b.{0,20}\bentity\b",
    ),
)

_PERMISSIONS = (
    # Rutter help; PL04000005 in a project log of live calls; Expensify help, INT043 and INT245.
    Remedy(
        "permission_missing",
        "Give the user's role the permission for this object (Company > Admin > Roles > Subscriptions).",
        words=r"do(es)?(n.t| not) have (the )?(\w+ )?permissions?\b|insufficient (permission|privilege|right)s?"
        r"|\bnot authorized to\b|\bmissing (the )?(required )?permissions?\b",
        ids=("PL04000005",),
    ),
    # guess: a public client distinguishes such refusals ("not subscribed"), the whole text is not shown.
    Remedy(
        "not_subscribed",
        "Subscribe the company to this application (Company > Admin > Subscriptions), and give the user access to it.",
        words=r"not subscribed|\bno subscription\b|\bsubscription (is )?(required|missing)|\bsubscribe to\b",
    ),
    # revert of a public client's words for the XML interface; Sage REST guide, error handling (405).
    Remedy(
        "operation_not_allowed",
        "Sage Intacct does not allow this change of the object: check the operation and the object's type.",
        words=r"api operation .* cannot be performed|method not allowed",
        statuses=(405,),
    ),
    # Sage REST guide, error handling (403); Sage's error codes of the gateway.
    Remedy(
        "record_access",
        "The user may not write this record: check its permissions and the entities it is assigned to.",
        ids=("GW-0042",),
        statuses=(403,),
    ),
)

_LIMITS = (
    # guess: tiers and overage are documented (Sage's transaction volume page), no text is.
    Remedy(
        "transactions_used_up",
        "The company has used up its API transactions: wait for the next month, or ask Sage for a higher tier.",
        words=r"\b(transaction|api|usage) (limit|quota|volume)\b.{0,40}\b(reached|exceeded|used up)\b|quota exceeded",
    ),
    # Sage's error codes of the gateway; Sage REST guide, error handling (429).
    Remedy(
        "rate_limit",
        "Too many requests share the company's limit: lower `max_concurrency`, sync at different hours from the other "
        "integrations, or ask Sage for a higher limit.",
        words=r"rate limit",
        ids=("GW-0010",),
        statuses=(429,),
    ),
)

ACCESS = (*_SIGN_IN, *_ENTITIES, *_PERMISSIONS, *_LIMITS)

REQUESTS = (
    # Sage REST guide, bulk requests; a public client of the older interface (XL03000009).
    Remedy(
        "refused_with_others",
        "Nothing is wrong with this record: another one in the same request was rejected; correct that one.",
        words=r"\bunprocessed\b|atomic transaction|transaction in this operation has been rolled back",
        ids=("XL03000009",),
    ),
    # Sage REST guide, bulk requests; the words are a guess.
    Remedy(
        "idempotency_key_reused",
        "Sage Intacct remembers another request under the same key: run the sync again.",
        words=r"idempoten",
    ),
    # intacct-cli; the words are a guess.
    Remedy(
        "request_too_large",
        "The record is too large for one request: shorten its texts or split its lines.",
        words=r"too large|payload size|bulk size",
        statuses=(413,),
    ),
    # Sage's OpenAPI, error-response (1028); Sage's error codes of the gateway.
    Remedy(
        "malformed_request",
        "The request itself was malformed, which no row can cause: report it to the maintainers with the support id.",
        words=r"requires a payload|malformed json|unrecognized key",
        ids=("REST-1028", "REST-1030", "GW-0011", "GW-0014", "GW-0015"),
    ),
    # Sage's code for keys that are no numbers; its text is not shown.
    Remedy(
        "invalid_record_key",
        "A record key is a number that Sage Intacct assigns: map the column that holds `key`, not the visible id.",
        words=r"\binvalidkey\b",
        field="key",
    ),
    # Expensify help, INT176.
    Remedy(
        "session_failed",
        "Sage Intacct could not begin a session; the row is not at fault. Run the sync again; if it happens again, "
        "check the credentials.",
        words=r"\bsession (initiali[sz]ation|could not|cannot|has expired)|\binvalid session\b",
    ),
    # Expensify help, INT993; BL01001973 wraps other reasons too, alone it says nothing.
    Remedy(
        "no_reason_given",
        "Sage Intacct gives no reason: enter the same record by hand in Sage Intacct, which shows more, or ask Sage's "
        "support with the support id.",
        words=r"(?:^|\s)could not (create|update|delete) \S{1,60} record( in sage intacct)?\W*$"
        r"|\bBL01001973 currently, we (can ?not|can.t) \w+ the transaction\W*$",
    ),
    # Sage's error codes of the gateway; Sage REST guide, error handling (500, 503).
    Remedy(
        "server_unavailable",
        "Sage Intacct could not answer for now; the row is not at fault. Run the sync again; if it happens often, sync "
        "at quieter hours or raise `request_timeout_seconds`.",
        words=r"unable to process request|timed? ?out",
        ids=("GW-0001",),
        statuses=(408, 500, 502, 503, 504, 524),
    ),
    # Sage REST guide, error handling (400).
    Remedy(
        "invalid_value",
        "Check the value against the field's type and format in Sage Intacct's REST API reference.",
        statuses=(400,),
    ),
)
