from destination_sage_intacct.rows.paths import flatten


def test_a_nested_record_is_flattened_as_a_query_would():
    assert list(flatten({"a": {"b": {"c": 1}, "d": None}, "e": [{"f": 1}], "g": {}}).items()) == [
        ("a.b.c", 1),
        ("a.d", None),
        ("e", [{"f": 1}]),
    ]


def test_a_record_nested_deeper_than_the_stack_is_flattened_like_any_other():
    record: dict[str, object] = {"leaf": "x"}
    for _ in range(3_000):
        record = {"a": record}
    assert flatten(record) == {"a." * 3_000 + "leaf": "x"}
