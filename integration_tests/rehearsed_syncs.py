"""Random syncs for a dry run and the real run after it: records that are not there, references, ids that are taken."""

from dataclasses import dataclass
from typing import Any

from airbyte_input import catalog, configured_stream, record
from hypothesis import strategies as st

Json = Any

BY_ID, BY_NAME, BY_KEY, NEW, INVOICES, VENDORS = "by_id", "by_name", "by_key", "new", "invoices", "vendors"
DELETED_AT = "_ab_cdc_deleted_at"
COLUMNS = {
    BY_ID: ("id", "name", "term__id", "parent__id", "status", DELETED_AT),
    BY_NAME: ("name", "id", "term__key", "creditLimit"),
    BY_KEY: ("key", "id", "name", "notes", "term__id"),
    NEW: ("row", "id", "name", "term__id"),
    INVOICES: ("invoiceNumber", "customer__id", "invoiceDate", "dueDate", "lines", "term__id", DELETED_AT),
    VENDORS: ("key", "name", DELETED_AT),
}
_MODES = dict.fromkeys(COLUMNS, "append_dedup") | {NEW: "append"}


@dataclass(frozen=True)
class RehearsedSync:
    """One sync: the rows of its streams in the order of the input, and its settings.

    No two streams are about one record, nor does one name what another creates: which of them comes first is not sure.
    """

    streams: tuple[str, ...]
    rows: tuple[tuple[str, Json], ...]
    settings: dict[str, Json]
    on_source_delete: str

    @property
    def catalog(self) -> Json:
        keyed: dict[str, Json] = {NEW: {"primary_key": [["row"]]}}
        return catalog(
            *(
                configured_stream(each, _MODES[each], columns=COLUMNS[each], **keyed.get(each, {}))
                for each in self.streams
            )
        )

    @property
    def lines(self) -> list[Json]:
        return [record(stream, row) for stream, row in self.rows]

    @property
    def configuration(self) -> Json:
        by_key = {"by": "record_key", "field": "key"}
        own: dict[str, Json] = {
            BY_ID: {"matching": {"by": "fields", "fields": ["id"]}},
            BY_NAME: {"matching": {"by": "fields", "fields": ["name"]}},
            BY_KEY: {"matching": by_key},
            NEW: {"matching": by_key},
            INVOICES: {"object_type": "Invoice", "matching": {"by": "fields", "fields": ["invoiceNumber"]}},
            VENDORS: {"object_type": "Vendor", "matching": by_key},
        }
        streams = [{"stream": stream, **own[stream]} for stream in self.streams]
        return {
            **self.settings,
            "on_source_delete": self.on_source_delete,
            "streams": streams,
            "rejected_rows": {"policy": "continue"},
        }


_TERMS = st.sampled_from([None, None, "N15", "N30", "N99"])
_GONE = st.sampled_from([None] * 4 + ["2026-01-01T00:00:00Z"])


def _rows(keys: dict[str, list[str]]) -> dict[str, st.SearchStrategy[Json]]:
    """Return the rows of each stream; `keys`: the record keys of customers, vendors and terms."""
    lines = st.lists(
        st.fixed_dictionaries(
            {
                "txnAmount": st.just("1.50"),
                "glAccount": st.fixed_dictionaries({"id": st.sampled_from(["4000", "4000", "5004", "9999"])}),
                "dimensions": st.one_of(
                    st.just({}),
                    st.sampled_from(["US", "100", "NOWHERE"]).map(lambda name: {"location": {"id": name}}),
                ),
            }
        ),
        min_size=1,
        max_size=3,
    )
    return {
        BY_ID: st.fixed_dictionaries(
            {
                "id": st.sampled_from(["N-1", "n-1", "N-2", "CUST-100", "CUST-300", None]),
                "name": st.sampled_from(["Zyxo One", "Zyxo Two"]),
                "term__id": _TERMS,
                "parent__id": st.sampled_from([None, None, "CUST-200", "NOBODY"]),
                "status": st.sampled_from([None, None, "active"]),
                DELETED_AT: _GONE,
            }
        ),
        BY_NAME: st.fixed_dictionaries(
            {
                "name": st.sampled_from(["Zyxo Ann", "zyxo ann", "Zyxo Bob", "Logic Solutions"]),
                "id": st.sampled_from([None, "A-1", "B-1", "CUST-100"]),
                "term__key": st.sampled_from([None, *keys["term"], "999"]),
                "creditLimit": st.sampled_from([None, 0, 7]),
            }
        ),
        BY_KEY: st.fixed_dictionaries(
            {
                "key": st.sampled_from([None, *keys["customer"], "999", "a,b", "CUST-100"]),
                "id": st.sampled_from([None, None, "K-1", "K-2", "CUST-200"]),
                "name": st.sampled_from(["Zyxo Key", None]),
                "notes": st.sampled_from(["Zyxo A", "Zyxo B", None]),
                "term__id": _TERMS,
            }
        ),
        NEW: st.fixed_dictionaries(
            {
                "row": st.integers(1, 4),
                "id": st.sampled_from(["OWN-1", "OWN-2", "CUST-100", None]),
                "name": st.sampled_from(["Zyxo Eve", "Zyxo Joe"]),
                "term__id": _TERMS,
            }
        ),
        INVOICES: st.fixed_dictionaries(
            {
                "invoiceNumber": st.sampled_from(["I-1", "I-2", "OLD-1", "OLD-2"]),
                "customer__id": st.sampled_from(["CUST-100", "CUST-100", "NOBODY"]),
                "invoiceDate": st.just("2026-01-05"),
                "dueDate": st.just("2026-02-05"),
                "lines": lines,
                "term__id": _TERMS,
                DELETED_AT: _GONE,
            }
        ),
        VENDORS: st.fixed_dictionaries(
            {
                "key": st.sampled_from([None, *keys["vendor"], "999", "a,b"]),
                "name": st.sampled_from(["Zyxo Ven", "Zyxo Dor"]),
                DELETED_AT: _GONE,
            }
        ),
    }


@st.composite
def rehearsed_syncs(draw: st.DrawFn, keys: dict[str, list[str]]) -> RehearsedSync:
    """Draw a sync of one to three streams."""
    streams = tuple(draw(st.permutations(list(COLUMNS)))[: draw(st.integers(1, 3))])
    rows = _rows(keys)
    # Documents have no status.
    on_source_delete = draw(st.sampled_from(["delete"] if INVOICES in streams else ["deactivate", "delete"]))
    if on_source_delete == "delete":  # whether others refer to a record is what a dry run cannot foresee
        rows[BY_ID] = rows[BY_ID].map(lambda row: row | {DELETED_AT: None})
    some = st.one_of(*(rows[stream].map(lambda row, stream=stream: (stream, row)) for stream in streams))
    return RehearsedSync(
        streams=streams,
        rows=tuple(draw(st.lists(some, min_size=draw(st.sampled_from([1, 8])), max_size=25))),
        settings={
            "batch_size": draw(st.sampled_from([1, 2, 5, 500])),
            "skip_unchanged": draw(st.booleans()),
            "max_concurrency": 1,
        },
        on_source_delete=on_source_delete,
    )
