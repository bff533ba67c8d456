"""`GET /services/company-config/dimensions/list`: the dimensions of lines, the company's own included.

Source: what Fyle's SDK and the PHP client read of it.
"""

from http import HTTPStatus

from intacct_emulator.checking import Json
from intacct_emulator.envelopes import meta
from intacct_emulator.exchange import Answer, json_answer
from intacct_emulator.schemas import CUSTOM_OBJECTS, Ref
from intacct_emulator.store import Store

PATH = "/services/company-config/dimensions/list"

_GROUP = "dimensions"


def answer(store: Store) -> Answer:
    """Return every dimension that a line of any document has, once."""
    found: dict[str, Ref] = {}
    for table in store.tables():
        if table.schema.owner is not None and _GROUP in table.schema.body.groups:
            found |= table.schema.body.groups[_GROUP].refs
    listed = [_shown(name, found[name].target) for name in sorted(found)]
    # guess[model-billing]: the list counts as one transaction, as a page of a query does.
    return json_answer(HTTPStatus.OK, {"ia::result": listed, "ia::meta": meta(len(listed))}, billed=1)


def _shown(name: str, target: str) -> Json:
    own = target.startswith(CUSTOM_OBJECTS)
    label = target.rpartition("/")[2].removeprefix("nsp::").replace("-", " ").replace("_", " ").title()
    return {
        # guess[dimension-names]: the name is in capitals, as one client's sample has it; label and term are the same.
        "dimensionName": name.removeprefix("nsp::").upper(),
        "dimensionLabel": label,
        "termName": label,
        "isUserDefinedDimension": own,
        "isEnabledInGL": True,
        "dimensionEndpoint": f"/objects/{target}",
    }
