"""Refusals of the way in and of whole requests, with the sentence that the user reads after the number of the row."""

from refusals import Refusal

from destination_sage_intacct.intacct.errors import SageError

ACCESS = (
    # Sage's OAuth guide.
    Refusal(
        SageError("The username format is invalid (expected user@company)", 400),
        "Sage Intacct says: The username format is invalid (expected user@company). [HTTP 400] Give the user as "
        "user@company, for one entity as user@company|entity.",
    ),
    # Nango.
    Refusal(
        SageError("Token is not valid", 401, "tokenInvalid", "REST-2102"),
        "Sage Intacct says: Token is not valid. [REST-2102] The access token is invalid or has expired: check the "
        "credentials in the configuration, and sign in again if the refresh token was revoked.",
    ),
    # Sage community topic 19992.
    Refusal(
        SageError("The token is not valid", 400, "invalidRequest", "REST-1206"),
        "Sage Intacct says: The token is not valid. [REST-1206] The access token is invalid or has expired: check the "
        "credentials in the configuration, and sign in again if the refresh token was revoked.",
    ),
    # intacct-cli.
    Refusal(
        SageError("Expired token", 401, "GW-0040", "GW-0040"),
        "Sage Intacct says: Expired token. [GW-0040] The access token is invalid or has expired: check the "
        "credentials in the configuration, and sign in again if the refresh token was revoked.",
    ),
    # Sage's OAuth guide.
    Refusal(
        SageError("The provided credentials are invalid", 400, "invalid_grant"),
        "Sage Intacct says: The provided credentials are invalid. [invalid_grant] Check client id, client secret and "
        "user against the app in the Sage developer portal, and that the company has authorized the app for Web "
        "Services.",
    ),
    # Sage's OAuth guide.
    Refusal(
        SageError(
            "The Client ID, Client Secret, and/or 3rd Party Application are incorrect",
            400,
            error_id="REST-1216",
        ),
        "Sage Intacct says: The Client ID, Client Secret, and/or 3rd Party Application are incorrect. [REST-1216] "
        "Check client id, client secret and user against the app in the Sage developer portal, and that the company "
        "has authorized the app for Web Services.",
    ),
    # Bill.com help.
    Refusal(
        SageError(
            "You cannot update a root level vendor from an entity/restricted user with one entity",
            422,
            "operationFailed",
        ),
        "Sage Intacct says: You cannot update a root level vendor from an entity/restricted user with one entity. "
        "[operationFailed] The record belongs to the top level: send it without an entity, by a user who is not "
        "restricted to entities.",
    ),
    # The status of Sage's error guide; the text is a guess.
    Refusal(
        SageError("The user has no access to this entity", 403, "forbidden"),
        "Sage Intacct says: The user has no access to this entity. [forbidden] Assign the user to the entity (Company "
        "> Admin > Users > User entities) and check the configured entity id.",
    ),
    # Rutter help.
    Refusal(
        SageError(
            "You do not have permission for API operation QUERY on objects of type GLACCOUNT",
            422,
            "operationFailed",
            "PL04000005",
        ),
        "Sage Intacct says: You do not have permission for API operation QUERY on objects of type GLACCOUNT. "
        "[PL04000005] Give the user's role the permission for this object (Company > Admin > Roles > Subscriptions).",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The company is not subscribed to Projects", 422, "operationFailed"),
        "Sage Intacct says: The company is not subscribed to Projects. [operationFailed] Subscribe the company to "
        "this application (Company > Admin > Subscriptions), and give the user access to it.",
    ),
    # A public client of the older interface; the object is a guess.
    Refusal(
        SageError(
            "API operation 'READ_BY_QUERY' cannot be performed on objects of type GLDETAIL",
            422,
            "operationFailed",
        ),
        "Sage Intacct says: API operation 'READ_BY_QUERY' cannot be performed on objects of type GLDETAIL. "
        "[operationFailed] Sage Intacct does not allow this change of the object: check the operation and the "
        "object's type.",
    ),
    # The status of Sage's error guide; the text is a guess.
    Refusal(
        SageError("PUT is not supported on objects/accounts-receivable/customer", 405, "invalidRequest"),
        "Sage Intacct says: PUT is not supported on objects/accounts-receivable/customer. [invalidRequest] Sage "
        "Intacct does not allow this change of the object: check the operation and the object's type.",
    ),
    # Sage's error codes of the gateway.
    Refusal(
        SageError("Forbidden", 403, "GW-0042", "GW-0042"),
        "Sage Intacct says: Forbidden. [GW-0042] The user may not write this record: check its permissions and the "
        "entities it is assigned to.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The monthly transaction limit of this company is reached", 429, "operationFailed"),
        "Sage Intacct says: The monthly transaction limit of this company is reached. [operationFailed] The company "
        "has used up its API transactions: wait for the next month, or ask Sage for a higher tier.",
    ),
    # Sage's error codes of the gateway.
    Refusal(
        SageError("API rate limit exceeded", 429, "GW-0010", "GW-0010", support_id="AC47C2BE:D9EE_63EBC07F.59"),
        "Sage Intacct says: API rate limit exceeded. [GW-0010, support id AC47C2BE:D9EE_63EBC07F.59] Too many "
        "requests share the company's limit: lower `max_concurrency`, sync at other hours than the other "
        "integrations, or ask Sage for a higher limit.",
    ),
    # Sage's OpenAPI, composite.
    Refusal(
        SageError("Operation skipped due to atomic transaction failure", 422, "unprocessed"),
        "Sage Intacct says: Operation skipped due to atomic transaction failure. [unprocessed] Nothing is wrong with "
        "this record: another one of the same request was refused; correct that one.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("The Idempotency-Key was used for another request", 409, "invalidRequest"),
        "Sage Intacct says: The Idempotency-Key was used for another request. [invalidRequest] Sage Intacct remembers "
        "another request under the same key: run the sync again.",
    ),
    # guess: no source shows the text.
    Refusal(
        SageError("Payload size exceeds 1 MB", 413),
        "Sage Intacct says: Payload size exceeds 1 MB. [HTTP 413] The record is too large for one request: shorten "
        "its texts or split its lines.",
    ),
    # Sage's OpenAPI, error-response.
    Refusal(
        SageError("A POST request requires a payload", 400, "invalidRequest", "REST-1028"),
        "Sage Intacct says: A POST request requires a payload. [REST-1028] The request itself was malformed, which no "
        "row can cause: report it to the maintainers with the support id.",
    ),
    # Sage's error codes of the gateway.
    Refusal(
        SageError("Invalid Content Type", 400, "GW-0014", "GW-0014"),
        "Sage Intacct says: Invalid Content Type. [GW-0014] The request itself was malformed, which no row can cause: "
        "report it to the maintainers with the support id.",
    ),
    # The code is Sage's; the text is a guess.
    Refusal(
        SageError("The key C-1 is malformed", 400, "invalidKey"),
        "field key: Sage Intacct says: The key C-1 is malformed. [invalidKey] A record key is a number that Sage "
        "Intacct gave: map the column that holds `key`, not the visible id.",
    ),
    # Sage's error codes of the gateway.
    Refusal(
        SageError("Unable to process request", 500, "GW-0001", "GW-0001"),
        "Sage Intacct says: Unable to process request. [GW-0001] Sage Intacct could not answer for now, the row is "
        "not at fault: run the sync again; if it happens often, sync at quieter hours or raise "
        "`request_timeout_seconds`.",
    ),
    # What the connector says of an answer without words.
    Refusal(
        SageError("HTTP 504 without an explanation", 504),
        "Sage Intacct says: HTTP 504 without an explanation. [HTTP 504] Sage Intacct could not answer for now, the "
        "row is not at fault: run the sync again; if it happens often, sync at quieter hours or raise "
        "`request_timeout_seconds`.",
    ),
    # The status of Sage's error guide.
    Refusal(
        SageError("Something about the payload", 400, "invalidRequest"),
        "Sage Intacct says: Something about the payload. [invalidRequest] Check the value against the field's type "
        "and format in Sage Intacct's REST API reference.",
    ),
)
