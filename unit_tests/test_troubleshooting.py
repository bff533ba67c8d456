"""Every message that a person can meet is found on the page by its words, and its remedy is the code's."""

import re

import pytest
import wrong_lines
import wrong_matching
import wrong_settings
import wrong_storage
import wrong_streams_and_limits
from error_texts import Told, problem_codes, told_texts
from markdown_page import TROUBLESHOOTING_PAGE, codes, section, tables

from destination_sage_intacct.intacct.advice import REMEDIES, advise
from destination_sage_intacct.intacct.errors import SageError


def plain(text: str) -> str:
    """Return a text without the marks of code, by which a reader does not search."""
    return " ".join(text.replace("`", "").replace("\\|", "|").split())


def rows_of(title: str) -> list[list[str]]:
    """Return the rows of all tables in a section of the page."""
    return [row for table in tables(section(TROUBLESHOOTING_PAGE, title)) for row in table]


TEXTS = told_texts()
PAGE = TROUBLESHOOTING_PAGE.read_text("utf-8")
ROOMS = (wrong_settings, wrong_matching, wrong_lines, wrong_streams_and_limits, wrong_storage)
SENTENCES = sorted({sentence for room in ROOMS for *_, sentence in room.WRONG})
REFUSED = rows_of("Rows that Sage Intacct rejects")
REJECTED = rows_of("Rows that are rejected before they are sent")
MESSAGES = [plain(code) for table in tables(PAGE) for row in table for cell in row for code in codes(cell)]
CONFIGURATION = [
    re.escape(plain(message).rstrip("… ")).replace("…", ".*")
    for row in rows_of("Errors in the configuration")
    for message in codes(row[0])
    if not plain(message).startswith(("… must be …", "did you mean"))
] + [r"\S+ must be "]


@pytest.mark.parametrize("told", TEXTS, ids=[told.place for told in TEXTS])
def test_a_message_of_the_code_is_on_the_page(told: Told):
    pieces = [plain(piece) for piece in told.pieces]
    assert any(all(piece in message for piece in pieces) for message in MESSAGES), told.text


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_whole_sentence_about_a_wrong_setting_fits_a_row_of_the_page(sentence: str):
    assert any(re.match(row, plain(sentence)) for row in CONFIGURATION)


def test_the_messages_are_those_of_every_room():
    """The search for messages would be worth nothing if it found none."""
    rooms = {re.split(r"[/:]", told.place)[0] for told in TEXTS}
    assert {"config", "delivery", "discovery", "intacct", "plan", "protocol", "rows"} <= rooms
    assert len(TEXTS) > 140


def test_every_code_of_a_rejected_row_is_on_the_page_and_no_other():
    assert {codes(row[0])[0] for row in REJECTED} == problem_codes()


@pytest.mark.parametrize("row", REJECTED, ids=lambda row: row[1][:60])
def test_a_message_about_a_rejected_row_is_one_of_the_code(row: list[str]):
    known = [re.escape(plain(told.text)).replace("…", ".*") for told in TEXTS]
    for message in codes(row[1]):
        assert any(re.fullmatch(text, plain(message)) for text in known), message


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0][:60])
def test_what_the_page_advises_about_a_refusal_is_what_the_log_advises(row: list[str]):
    said, advice = row
    numbers = [code for code in codes(said) if re.fullmatch(r"[A-Z]+-?\d+", code)]
    refusals = [
        *(SageError(text, 422) for text in codes(said) if text not in numbers),
        *(SageError("?", 422, error_id=number) for number in numbers),
        *(SageError("?", int(status)) for status in re.findall(r"HTTP (\d+)", said)),
    ]
    assert refusals
    assert [error for error in refusals if advise(error) != advice] == []


def test_every_remedy_is_on_the_page_with_all_its_numbers_and_the_advice_where_none_is_known():
    shown = {advice: said for said, advice in REFUSED}
    assert {remedy.advice for remedy in REMEDIES} == shown.keys()
    for remedy in REMEDIES:
        marks = [f"`{number}`" for number in remedy.ids] + [f"HTTP {status}" for status in remedy.statuses]
        assert [mark for mark in marks if mark not in shown[remedy.advice]] == []
    assert advise(SageError("?", 422)) in plain(PAGE)
