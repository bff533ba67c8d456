"""A refusal as Sage Intacct words it, and what the user reads about it."""

from typing import NamedTuple

from destination_sage_intacct.intacct.errors import SageError


class Refusal(NamedTuple):
    """An error and the sentence about it, after `Rejected row …: `."""

    error: SageError
    sentence: str
