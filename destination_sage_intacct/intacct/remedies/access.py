"""Refusals of the way in: tokens, users, entities, permissions, subscriptions, quotas."""

from destination_sage_intacct.intacct.remedies.remedy import Remedy

_SIGN_IN = (
    # Sage's OAuth guide.
    Remedy(
        "Give the user as user@company, for one entity as user@company|entity.",
        words=r"username format is invalid",
        ids=("GW-0036", "GW-0037"),
    ),
    # Sage community topic 19992; Nango; intacct-cli.
    Remedy(
        "The access token is invalid or has expired: check the credentials in the configuration, and sign in again "
        "if the refresh token was revoked.",
        words=r"tokeninvalid|token (is not valid|has expired)|(expired|invalid) token\b",
        ids=("REST-1206", "REST-2102", "GW-0031", "GW-0032", "GW-0040"),
        statuses=(401,),
    ),
    # Sage community topic 20325; Sage's error codes of the gateway.
    Remedy(
        "Check client id, client secret and user against the app in the Sage developer portal, and that the company "
        "has authorized the app for Web Services.",
        words=r"client id, client secret|invalid_(client|grant)|provided credentials are invalid",
        ids=("REST-1216", "GW-0012", "GW-0033", "GW-0034", "GW-0035", "GW-0038", "GW-0039"),
    ),
)

_ENTITIES = (
    # Bill.com help; the smart rule of the same sense comes first.
    Remedy(
        "The record belongs to the top level: send it without an entity, by a user who is not restricted to entities.",
        words=r"root[- ]level|top[- ]level",
    ),
    # Words: a guess; what to do: the troubleshooting of warehouse tools for a 403.
    Remedy(
        "Assign the user to the entity (Company > Admin > Users > User entities) and check the configured entity id.",
        words=r"\bentity\b.*\b(access|not assigned|denied|not allowed|not permitted)"
        r"|\b(access|denied|not allowed|not permitted)\b.*\bentity\b",
    ),
)

_PERMISSIONS = (
    # Rutter help; PL04000005 in a project log of live calls.
    Remedy(
        "Give the user's role the permission for this object (Company > Admin > Roles > Subscriptions).",
        words=r"do(es)? not have permission|insufficient permission|not authorized",
        ids=("PL04000005",),
    ),
    # guess: a public client tells such refusals apart ("not subscribed"), the whole text is not shown.
    Remedy(
        "Subscribe the company to this application (Company > Admin > Subscriptions), and give the user access to it.",
        words=r"not subscribed|subscription",
    ),
    # revert of a public client's words for the XML interface; Sage REST guide, error handling (405).
    Remedy(
        "Sage Intacct does not allow this change of the object: check the operation and the object's type.",
        words=r"api operation .* cannot be performed|method not allowed",
        statuses=(405,),
    ),
    # Sage REST guide, error handling (403); Sage's error codes of the gateway.
    Remedy(
        "The user may not write this record: check its permissions and the entities it is assigned to.",
        ids=("GW-0042",),
        statuses=(403,),
    ),
)

_LIMITS = (
    # guess: tiers and overage are documented (Sage's transaction volume page), no text is.
    Remedy(
        "The company has used up its API transactions: wait for the next month, or ask Sage for a higher tier.",
        words=r"(transaction|api|usage|monthly) (limit|quota|volume)|quota exceeded",
    ),
    # Sage's error codes of the gateway; Sage REST guide, error handling (429).
    Remedy(
        "Too many requests share the company's limit: lower `max_concurrency`, sync at other hours than the other "
        "integrations, or ask Sage for a higher limit.",
        words=r"rate limit",
        ids=("GW-0010",),
        statuses=(429,),
    ),
)

ACCESS = (*_SIGN_IN, *_ENTITIES, *_PERMISSIONS, *_LIMITS)
