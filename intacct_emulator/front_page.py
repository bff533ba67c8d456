"""`GET /`: what the company holds, and what it was asked, for somebody with a browser. Every value is escaped."""

from html import escape

from intacct_emulator import exact_json, ledger
from intacct_emulator.checking import Json
from intacct_emulator.company import Company
from intacct_emulator.rendering import whole
from intacct_emulator.store import Store, Table

_MOST_RECORDS = 50
_MOST_POSTED = 50
_MOST_REQUESTS = 50
_LONGEST_BODY = 500
_STYLE = (
    "body{font:15px/1.4 sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse;margin:.5em 0 1.5em}"
    "td,th{border:1px solid #ccc;padding:.2em .5em;text-align:left;vertical-align:top}"
    "code{white-space:pre-wrap;word-break:break-word}summary{cursor:pointer}"
)


def render(company: Company) -> str:
    """Return the page; nothing on it is counted as a request of the API."""
    tables = [table for table in company.store.tables() if table.records]
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Emulated Sage Intacct</title>",
        f"<style>{_STYLE}</style><h1>Emulated Sage Intacct</h1>",
        "<p>What was written most recently comes first. Reload the page to see what has changed.</p>",
        _counters(company.traffic.stats()),
        f"<h2>Records</h2>{''.join(_records(company.store, table) for table in tables)}",
        _ledger(list(ledger.posted(company.store))),
        _requests(company.traffic.last(_MOST_REQUESTS)),
    ]
    return "".join(parts)


def _counters(stats: dict[str, object]) -> str:
    rows = "".join(
        f"<tr><th>{_text(name)}</th><td><code>{_text(value)}</code></td></tr>" for name, value in stats.items()
    )
    return f"<h2>Counters</h2><table>{rows}</table>"


def _records(store: Store, table: Table) -> str:
    newest = sorted(table.records.values(), key=lambda record: record.modified, reverse=True)[:_MOST_RECORDS]
    rows = "".join(
        f"<tr><td>{_text(record.key)}</td><td>{_text(record.id)}</td><td>{_text(record.entity or 'top level')}</td>"
        f"<td>{_text(record.values.get('state', ''))}</td><td>{_text(record.modified)}</td>"
        f"<td><details><summary>fields</summary><code>{_text(whole(store, table, record))}</code></details></td></tr>"
        for record in newest
    )
    head = "<tr><th>key</th><th>id</th><th>entity</th><th>state</th><th>modified</th><th>fields</th></tr>"
    more = f" (the last {_MOST_RECORDS} are shown)" if len(table.records) > _MOST_RECORDS else ""
    title = f"{_text(table.schema.path)}: {len(table.records)}{more}"
    return f"<details><summary>{title}</summary><table>{head}{rows}</table></details>"


def _ledger(documents: list[Json]) -> str:
    rows = "".join(_posted(each) for each in documents[-_MOST_POSTED:])
    names = ("document", "date", "state", "entity", "account", "debit", "credit", "currency", "location")
    head = "".join(f"<th>{name}</th>" for name in names)
    more = f" (the last {_MOST_POSTED} are shown)" if len(documents) > _MOST_POSTED else ""
    title = f"<h2>General ledger</h2><p>Posted documents: {len(documents)}{more}. Drafts are not among them.</p>"
    return f"{title}<table><tr>{head}</tr>{rows}</table>"


def _posted(document: Json) -> str:
    named = f"{document['object']} {document['key']} {document['number'] or ''}".strip()
    first = (named, document["date"] or "", document["state"] or "", document["entity"] or "top level")
    rows = []
    for entry in document["entries"]:
        sides = [entry["txnAmount"] if entry["txnType"] == side else "" for side in ("debit", "credit")]
        cells = (*first, entry["account"] or "", *sides, document["currency"] or "", entry["location"] or "")
        rows.append(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>")
    return "".join(rows)


def _requests(last: list[dict[str, object]]) -> str:
    rows = "".join(
        f"<tr><td>{_text(each['method'])}</td><td><code>{_text(each['path'])}</code></td><td>{_text(each['status'])}</td>"
        f"<td><code>{_text(str(each['body'])[:_LONGEST_BODY])}</code></td></tr>"
        for each in reversed(last)
    )
    head = "<tr><th>method</th><th>path</th><th>status</th><th>body</th></tr>"
    return f"<h2>Requests</h2><table>{head}{rows}</table>"


def _text(value: object) -> str:
    shown = value if isinstance(value, str) else exact_json.encode(value).decode()
    return escape(shown)
