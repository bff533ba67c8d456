"""What the headers say of the limit is read as a hint, or not at all."""

import pytest

from destination_sage_intacct.intacct.classify import granted_slots


@pytest.mark.parametrize(
    ("granted", "remaining", "slots"),
    [
        ("6", "5", 4),
        ("6", "1", 1),
        ("6", "-1", -1),
        (" 8 ", "8", 6),
        ("6", None, None),
        (None, "5", None),
        ("", "5", None),
        ("LIMIT001-10", "5", None),
        ("6, 6", "5", None),
        ("1e3", "5", None),
        ("9" * 5_000, "5", None),
    ],
)
def test_two_of_what_is_granted_are_left_to_others(granted, remaining, slots):
    named = {"x-ia-throttle-limit": granted, "x-ia-throttle-limit-remaining": remaining}

    assert granted_slots({name: value for name, value in named.items() if value is not None}) == slots
