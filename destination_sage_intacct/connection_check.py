"""Airbyte's check: signs in, proves the entity, reads one page of every configured object. Writes nothing."""

from collections.abc import Iterable, Iterator

from destination_sage_intacct.config import Config, ConfigError
from destination_sage_intacct.intacct.client import IntacctClient, access_text
from destination_sage_intacct.intacct.errors import AccessError, SageError
from destination_sage_intacct.intacct.objects import ObjectType

ENTITY_PATH = "company-config/entity"
_FORBIDDEN = 403
_NOT_FOUND = 404


def check_connection(config: Config, client: IntacctClient, objects: Iterable[ObjectType]) -> Iterator[str]:
    """Yield what could not be proved, for the log.

    Raises:
        ConfigError: an entity or an object that does not exist.
        IntacctError: signing in failed, access is denied, or Sage Intacct cannot be reached.
    """
    if config.entity_id:
        yield from _check_entity(config.entity_id, client)
    checked = False
    for each in objects:
        _check_object(each, config, client)
        checked = True
    if not checked:
        # Data activation names its objects later; any answer to any read shows that the token is good.
        client.list_page(ENTITY_PATH)


def _check_entity(entity_id: str, client: IntacctClient) -> Iterator[str]:
    found = client.find_ids(ENTITY_PATH, entity_id)
    if isinstance(found, SageError):
        yield (
            f"Whether entity {entity_id} exists could not be proved: Sage Intacct says: {found.message.rstrip('.')} "
            f"[{found.error_id or found.code or found.status}]. The sync goes on with it."
        )
    elif not found:
        raise ConfigError(
            f"Entity {entity_id} does not exist in this company, or the user cannot see it: set `entity_id` to the "
            "entity's id as shown under Company > Entities in Sage Intacct, or leave it empty for the top level.",
            key="entity_id",
        )


def _check_object(each: ObjectType, config: Config, client: IntacctClient) -> None:
    error = client.list_page(each.path)
    if error is None:
        return
    if error.status == _FORBIDDEN:
        raise AccessError(access_text(each.path, config.entity_id, error))
    said = f"Sage Intacct says: {error.message.rstrip('.')} [{error.error_id or error.code or error.status}]"
    if error.status == _NOT_FOUND:
        raise ConfigError(
            f"There is no object {each.path} in this company. {said}. Check `object_type` and `custom_object_path`; "
            "an application that is not subscribed has no objects.",
            key="object_type",
        )
    raise ConfigError(f"{each.label} ({each.path}) cannot be read. {said}.", key="object_type")
