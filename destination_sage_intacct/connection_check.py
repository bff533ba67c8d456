"""What is proved before anything is written: the entity, and in Airbyte's check every configured object."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus

from destination_sage_intacct.config import Config, ConfigError, MatchByFields, OAuth
from destination_sage_intacct.intacct.auth import TokenScope
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.errors import AccessError, SageError, access_text
from destination_sage_intacct.intacct.model import Model, fallback_model
from destination_sage_intacct.intacct.objects import ObjectType
from destination_sage_intacct.plan.build import ConfiguredUse
from destination_sage_intacct.plan.fields import check_source_deletes, natural_key_fields

ENTITY_PATH = "company-config/entity"


def check_connection(
    config: Config, client: IntacctClient, objects: Iterable[ObjectType], uses: Iterable[ConfiguredUse] = ()
) -> Iterator[str]:
    """Sign in, prove the entity, read one page of every object; yield what could not be proved, for the log.

    Args:
        config: the configuration.
        client: asks.
        objects: all that the configuration names.
        uses: what is done with them, if that is known without a catalog; what could never work is an error.

    Raises:
        ConfigError: an entity or an object that does not exist, or a use that every sync would refuse.
        IntacctError: signing in failed, access is denied, or Sage Intacct cannot be reached.
    """
    yield from check_token(config, client)
    yield from check_entity(config, client)
    checked = False
    for each in objects:
        _check_object(each, config, client)
        checked = True
    if not checked:
        # Data activation names its objects later; any answer to any read shows that the token is good.
        client.list_page(ENTITY_PATH)
    models: dict[str, Model] = {}
    for use in uses:
        check_source_deletes(use.where, use.object, config.on_source_delete)
        if isinstance(use.matching, MatchByFields):
            path = use.object.path
            models[path] = models.get(path) or _model(path, client)
            natural_key_fields(use.where, use.matching, use.object, models[path])


def check_token(config: Config, client: IntacctClient, *, writes: bool = True) -> Iterator[str]:
    """Check company and entity of a token granted elsewhere against the configuration; yield what is not certain.

    Args:
        config: the configuration.
        client: asks.
        writes: whether rows are to be written with the token.

    Raises:
        ConfigError: the token is for another company; or rows are for the top level, and it is for an entity.
        IntacctError: signing in failed.
    """
    scope = client.token_scope()
    if scope is not None and scope.has_ended:
        # The next request renews it, and what is asked about then is in use.
        client.list_page(ENTITY_PATH)
        scope = client.token_scope()
    if scope is None:
        return
    yield from _check_company(config, scope, writes=writes)
    # A request that names an entity is for that one, whatever the token is for.
    if writes and not config.entity_id and (scope.is_reported or isinstance(config.credentials, OAuth)):
        yield from _check_top_level(scope, client)


def _check_company(config: Config, scope: TokenScope, *, writes: bool) -> Iterator[str]:
    """Check the company of a token against `company_id`; yield a warning if it is not known.

    No source says what `cny_id` holds, so a person who finds that it is the right company confirms it by entering it.
    """
    reported = [name for name in (scope.company, scope.company_key) if name]
    if not reported and writes:
        yield (
            f"Sage Intacct does not report which company the token is for, so nothing was compared with `company_id` "
            f"({config.company_id}). Rows go to the token's company: make sure that it was granted in the right one."
        )
    if reported and config.company_id.casefold() not in {name.casefold() for name in reported}:
        raise ConfigError(
            f"The token is for company {reported[0]}, as Sage Intacct reports it, but `company_id` is "
            f"{config.company_id}. Rows would go to the token's company. If that is another one, authorize the app "
            f"again, signed in to the right company. If both are the same company, confirm it: set `company_id` to "
            f"{reported[0]}.",
            key="company_id",
        )


def _check_top_level(scope: TokenScope, client: IntacctClient) -> Iterator[str]:
    if not scope.is_reported:
        yield (
            "Sage Intacct does not report whether the token is for the top level, where rows should go because "
            "`entity_id` is empty. If it was granted inside an entity, they go to that entity: authorize the app at "
            "the top level."
        )
        return
    is_entity = _is_entity(scope, client)
    if is_entity is None:
        yield (
            f"The token may be for an entity, {scope.entity}, but `entity_id` is empty, which means the top level. If "
            "there is such an entity, rows go there: set `entity_id` to it, or authorize the app at the top level."
        )
    elif is_entity:
        raise ConfigError(
            f"The token is for entity {scope.entity}, but `entity_id` is empty, which means the top level; rows would "
            f"go to {scope.entity}. Set `entity_id` to {scope.entity}, or authorize the app again at the top level.",
            key="entity_id",
        )


def _is_entity(scope: TokenScope, client: IntacctClient) -> bool | None:
    """Return whether a token is for an entity; None where that cannot be asked.

    No source says what is reported for a token of the top level, so it may be a word that is not an entity.
    """
    if not scope.entity:
        return False
    if scope.entity_key:
        return True
    found = client.find_ids(ENTITY_PATH, scope.entity)
    return None if isinstance(found, SageError) else bool(found)


def check_entity(config: Config, client: IntacctClient) -> Iterator[str]:
    """Prove that the configured entity exists; yield what could not be proved.

    How Sage Intacct answers a request for an entity that it does not know is not documented; if it continued at the top
    level, rows would be written to the wrong books.

    Raises:
        ConfigError: there is no such entity.
        IntacctError: signing in failed, or Sage Intacct cannot be reached.
    """
    entity_id = config.entity_id
    if not entity_id:
        return
    found = client.find_ids(ENTITY_PATH, entity_id)
    if isinstance(found, SageError):
        yield (f"Could not verify that entity {entity_id} exists. {found.said} The sync continues with it.")
    elif not found:
        raise ConfigError(
            f"Entity {entity_id} does not exist in this company, or the user cannot see it: set `entity_id` to the "
            "entity's id as shown under Company > Entities in Sage Intacct, or leave it empty for the top level.",
            key="entity_id",
        )


def _model(path: str, client: IntacctClient) -> Model:
    found = client.model(path)
    return found if isinstance(found, Model) else fallback_model(path)


def _check_object(each: ObjectType, config: Config, client: IntacctClient) -> None:
    error = client.list_page(each.path)
    if error is None:
        return
    if error.status == HTTPStatus.FORBIDDEN:
        raise AccessError(access_text(each.path, config.entity_id, error))
    if error.status == HTTPStatus.NOT_FOUND:
        raise ConfigError(
            f"There is no object {each.path} in this company. {error.said} Check `object_type` and "
            "`custom_object_path`; an application that is not subscribed has no objects.",
            key="object_type",
        )
    raise ConfigError(f"{each.label} ({each.path}) cannot be read. {error.said}", key="object_type")
