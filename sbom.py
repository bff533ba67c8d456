"""Write what this Python's environment holds to stdout, as a software bill of materials (CycloneDX 1.6, JSON).

The Dockerfile runs it in the image's environment. It has neither a date nor a number of its own: the same packages make
the same bytes.
"""

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from typing import Any

_CONNECTOR = "destination-sage-intacct"
_LICENCE_CLASS = "License :: OSI Approved :: "


def bill_of_materials(found: Iterable[Distribution]) -> dict[str, Any]:
    """Return the bill of these distributions; the connector is what they are the parts of."""
    parts = {_name(each): _component(each) for each in found}
    connector = parts.pop(_CONNECTOR)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**connector, "type": "application"}},
        "components": [parts[name] for name in sorted(parts)],
    }


def _component(found: Distribution) -> dict[str, Any]:
    name = _name(found)
    purl = f"pkg:pypi/{name}@{found.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": found.version,
        "purl": purl,
        "licenses": _licences(found),
    }


def _name(found: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()


def _licences(found: Distribution) -> list[dict[str, Any]]:
    """Return the licences as the package states them: an SPDX expression, a name, or what it is classed under."""
    stated = found.metadata
    if "License-Expression" in stated:
        return [{"expression": stated["License-Expression"]}]
    classes = [each for each in stated.get_all("Classifier") or () if each.startswith(_LICENCE_CLASS)]
    names = [stated["License"]] if "License" in stated else [each.removeprefix(_LICENCE_CLASS) for each in classes]
    # Some packages give the whole text for a name; its first line names it.
    return [{"license": {"name": name.strip().splitlines()[0]}} for name in names if name.strip()]


if __name__ == "__main__":
    json.dump(bill_of_materials(distributions()), sys.stdout, indent=2)
    sys.stdout.write("\n")
