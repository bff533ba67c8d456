"""A field's name as a person reads it: `billToContact.id` becomes `Bill to contact ID`."""

import re

_WORDS = re.compile(r"[A-Za-z][0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SPELT: dict[str, str] = {
    "ach": "ACH",
    "ap": "AP",
    "ar": "AR",
    "gl": "GL",
    "id": "ID",
    "iso": "ISO",
    "tpar": "TPAR",
    "txn": "transaction",
    "url": "URL",
    "wip": "WIP",
}
_NAMESPACE = "::"


def title(path: str) -> str:
    """Return the title of a dotted field path; a custom field's own name stays as the company wrote it."""
    if path == "key":
        return "Record key"
    words = [word for name in path.split(".") for word in _words(name)]
    # `mailingAddress.addressLine1` says its group's last word again.
    text = " ".join(word for word, before in zip(words, ["", *words], strict=False) if word != before)
    return text[:1].upper() + text[1:]


def _words(name: str) -> list[str]:
    _, is_custom, own = name.rpartition(_NAMESPACE)
    if is_custom:
        return own.replace("_", " ").split()
    return [_spelt(word) for word in _WORDS.findall(name)]


def _spelt(word: str) -> str:
    if word[-1].isdigit() and not word.isdigit():
        return word.upper()
    return _SPELT.get(word.lower(), word if len(word) > 1 and word.isupper() else word.lower())
