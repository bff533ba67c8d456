import re

import pytest

from destination_sage_intacct.protocol.failures import expected, location, unexpected


def test_a_defect_is_reported_with_its_place_and_without_the_values_in_its_text():
    def inner():
        raise ValueError("customer Jane Doe, IBAN DE89 3704")

    with pytest.raises(ValueError, match="Jane") as caught:
        inner()
    failure = unexpected(caught.value)

    assert failure.type == "system_error"
    assert failure.text == (
        "The connector failed because of a bug in it (ValueError). Rows that were not acknowledged are "
        "sent again by the next sync. Please report it with the internal message."
    )
    place = r"ValueError at test_failures\.py:\d+ inner < test_failures\.py:\d+ test_a_defect_\w+"
    assert re.fullmatch(place, failure.internal)


def test_a_foreseen_error_is_whole_in_the_internal_message_too_with_its_place():
    with pytest.raises(OSError, match="Fill in") as caught:
        raise OSError("Fill in the bucket.")
    failure = expected(caught.value, "config_error")
    assert (failure.text, failure.type) == ("Fill in the bucket.", "config_error")
    assert re.fullmatch(r"Fill in the bucket\. \(test_failures\.py:\d+ test_a_foreseen_\w+\)", failure.internal)
    assert location(ValueError()) == ""  # one that was never raised has no place
