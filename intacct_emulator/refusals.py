"""What the API says when it refuses, in the words and shapes that are known from its guide and from traffic.

Sources: Sage REST guide, error handling; Sage's OpenAPI, error-response; recorded and published error bodies.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from intacct_emulator.settings import WholeNames

Error: TypeAlias = dict[str, Any]


class RefusalError(Exception):
    """A request, or one record of a batch, was refused.

    Attributes:
        status: the HTTP status.
        error: the content of `ia::error`, without its support id.
        gateway: true when the refusal comes before the application, whose envelope has no `ia::result`.
        headers: what is sent with it.
    """

    def __init__(
        self, status: int, error: Error, *, gateway: bool = False, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.error = error
        self.gateway = gateway
        self.headers = headers or {}


def error(code: str, message: str, error_id: str = "", message_id: str = "", **placeholders: str) -> Error:
    """Return the content of an `ia::error`. Ids that are not known are left out."""
    said: Error = {"code": code, "message": message}
    if error_id:
        said["errorId"] = error_id
    if message_id:
        said["additionalInfo"] = {"messageId": message_id, "placeholders": placeholders, "propertySet": {}}
    return said


def at(target: str, problem: Error) -> Error:
    """Return the error as a detail that points at a field, such as `/lines/2/txnAmount`."""
    return {**problem, "target": target}


def unknown_field(target: str) -> Error:
    """Return a field that the object does not have."""
    return at(
        target,
        error("invalidRequest", f"{target} is not a valid field", "REST-1043", "IA.NOT_A_VALID_FIELD", FIELD=target),
    )


def read_only_field(target: str) -> Error:
    """Return a field that may not be written, or not any more."""
    return at(
        target,
        error("invalidRequest", f"{target} is a read-only field", "REST-1050", "IA.READ_ONLY_FIELD", FIELD=target),
    )


def missing_field(target: str) -> Error:
    """Return a field that a new record must have."""
    # guess[missing-field]: no source shows the text or the id for a missing field.
    return at(target, error("invalidRequest", f"{target} is required"))


def wrong_value(target: str, expected: str) -> Error:
    """Return a value that is not of the field's type or not among its choices."""
    # guess[wrong-value]: no source shows the text or the id for a value of the wrong type.
    return at(target, error("invalidRequest", f"{target} must be {expected}"))


def payload_errors(details: Sequence[Error]) -> RefusalError:
    """Return a body whose fields are at fault, each named in `details`."""
    outer = error("invalidRequest", "Payload contains errors", "REST-1064", "IA.PAYLOAD_CONTAINS_ERRORS")
    return RefusalError(HTTPStatus.BAD_REQUEST, {**outer, "details": list(details)})


def no_payload(method: str) -> RefusalError:
    """Return a write without a body."""
    message = f"A {method} request requires a payload"
    return RefusalError(
        HTTPStatus.BAD_REQUEST,
        error("invalidRequest", message, "REST-1028", "IA.REQUEST_REQUIRES_A_PAYLOAD", OPERATION=method),
    )


def malformed_payload() -> RefusalError:
    """Return a body that is not JSON."""
    # guess[malformed-body]: the id is known, its exact text is not.
    return RefusalError(HTTPStatus.BAD_REQUEST, error("invalidRequest", "Payload contains malformed JSON", "REST-1030"))


def invalid_request(message: str, error_id: str = "") -> RefusalError:
    """Return a request that cannot be understood."""
    return RefusalError(HTTPStatus.BAD_REQUEST, error("invalidRequest", message, error_id))


def business_failure(verb: str, path: str, details: Sequence[Error]) -> RefusalError:
    """Return a record that a rule of the business refused: status 422, the reasons in `details`."""
    resource = f"objects/{path}"
    outer = error(
        "operationFailed",
        f"{verb} request on {resource} object was unsuccessful",
        "REST-7001",
        "IA.REQUEST_ON_OBJECT_FAILED",
        OPERATION=verb,
        RESOURCE_NAME=resource,
    )
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, {**outer, "details": list(details)})


def duplicate(verb: str, path: str, value: str, status: int) -> RefusalError:
    """Return a second record with the same id."""
    # guess[duplicate-status]: the text is known, its status (409 or 422) and code are not; 422 is what other rules
    # answer.
    text = f"Another record with the value '{value}' already exists"
    return RefusalError(HTTPStatus(status), business_failure(verb, path, [error("operationFailed", text)]).error)


def in_use(path: str, title: str, shown: str) -> RefusalError:
    """Return a record that cannot be deleted, for others refer to it."""
    # guess[in-use]: neither the text nor the status is known; other rules answer 422.
    text = f"{title} '{shown}' cannot be deleted because other records refer to it"
    return business_failure("DELETE", path, [error("operationFailed", text)])


def no_such_record(path: str, key: str) -> RefusalError:
    """Return a key that names no record, or none that the caller's entity may see."""
    # guess[not-found]: only the code `notFound` and status 404 are known.
    return RefusalError(HTTPStatus.NOT_FOUND, error("notFound", f"{path} with key {key} was not found"))


def no_such_resource(path: str) -> RefusalError:
    """Return a path at which there is nothing."""
    # guess[not-found]: only the code `notFound` and status 404 are known.
    return RefusalError(HTTPStatus.NOT_FOUND, error("notFound", f"The resource {path} does not exist"))


def method_not_allowed(method: str, path: str) -> RefusalError:
    """Return a verb that the resource does not have."""
    # guess[unknown-verb]: only the status 405 is known.
    return RefusalError(HTTPStatus.METHOD_NOT_ALLOWED, error("invalidRequest", f"{method} is not supported on {path}"))


def forbidden(message: str) -> RefusalError:
    """Something that the user may not do."""
    return RefusalError(HTTPStatus.FORBIDDEN, error("GW-0042", message), gateway=True)


def skipped_with_transaction() -> RefusalError:
    """Return a record that would have been written if another in the same transaction had not failed."""
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY, error("unprocessed", "Operation skipped due to atomic transaction failure")
    )


def bad_token(form: str, *, expired: bool) -> RefusalError:
    """Return a token that is unknown or has expired, in one of the three forms that were seen."""
    if form == "1206":
        return RefusalError(HTTPStatus.BAD_REQUEST, error("invalidRequest", "The token is not valid", "REST-1206"))
    if form == "0040":
        code, text = ("GW-0040", "Expired token") if expired else ("GW-0031", "Invalid Token")
        return RefusalError(HTTPStatus.UNAUTHORIZED, error(code, text), gateway=True)
    return RefusalError(
        HTTPStatus.UNAUTHORIZED,
        error("tokenInvalid", "Token is not valid", "REST-2102", "IA.TOKEN_IS_INVALID"),
        gateway=True,
    )


def of_the_whole(refused: Mapping[int, RefusalError], names: WholeNames) -> RefusalError:
    """Return the refusal of a batch as a whole.

    Args:
        refused: what is wrong with its records, by their places from 0; at least one.
        names: what is said about them.
    """
    # guess[whole-names]: no source shows such an answer: the error of the first record is given as it is alone. By flag
    # its target begins with the record's place, or every such error is among the details, or no record is named.
    place, first = min(refused.items())
    if names == "nothing":
        text = "One or more records of the request are not valid"
        return RefusalError(first.status, error("operationFailed", text))
    if names == "place":
        return RefusalError(first.status, {**first.error, "details": _at_place(place, first.error)})
    if names == "each":
        details = [detail for place, each in sorted(refused.items()) for detail in _at_place(place, each.error)]
        return RefusalError(first.status, {**first.error, "details": details})
    return first


def _at_place(place: int, said: Error) -> list[Error]:
    details = said.get("details") or [said]
    return [at(f"/{place}{detail.get('target', '')}", detail) for detail in details]


def too_many_requests(headers: dict[str, str]) -> RefusalError:
    """More requests at once than the company may have in flight."""
    said = error("GW-0010", "API rate limit exceeded")
    return RefusalError(HTTPStatus.TOO_MANY_REQUESTS, said, gateway=True, headers=headers)
