"""A 403: whose it is, and who must permit what."""

from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.intacct.records import Refused, Result

FORBIDDEN = 403


def raise_if_forbidden(result: Result, path: str, entity: str) -> None:
    """Stop where the object or the entity is closed as a whole: every further row would fail alike.

    Raises:
        AccessError: says who must permit what.
    """
    if isinstance(result, Refused) and result.error.status == FORBIDDEN and not _is_about_one_record(result.error):
        raise AccessError(access_text(path, entity, result.error))


def _is_about_one_record(error: SageError) -> bool:
    return bool(error.field) or "record" in error.message.lower()


def is_about_entity(entity: str, error: SageError) -> bool:
    """Return whether a 403 speaks of the entity in which the request was made, if it was made in one."""
    return bool(entity) and "entity" in error.searchable


def access_text(path: str, entity: str, error: SageError) -> str:
    """Say who must permit what after a 403."""
    said = f"Sage Intacct says: {error.message.rstrip('.')} [{error.error_id or error.code or 'HTTP 403'}]."
    if is_about_entity(entity, error):
        return (
            f"Access to entity {entity} is denied (403). {said} Assign the user to the entity under Company > Admin "
            "> Users > User entities in Sage Intacct, and check `entity_id`."
        )
    return (
        f"Access to {path} is denied (403). {said} Give the Web Services user and the app permission to list, add "
        "and edit this object, and check that its application is subscribed."
    )
