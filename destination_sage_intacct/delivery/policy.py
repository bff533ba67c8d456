"""What rejected rows do to a sync."""

from destination_sage_intacct.config import RejectedRows
from destination_sage_intacct.protocol.ledger import Ledger
from destination_sage_intacct.protocol.output import counted

# A share means little among a handful of rows: during the sync it counts from here on, at the end always.
SHARE_COUNTS_FROM_ROWS = 100
_PERCENT = 100


class RejectedRowsError(Exception):
    """Rows were rejected, and the policy makes that a failure of the sync."""


def check_running(policy: RejectedRows, ledger: Ledger, folder: str = "") -> None:
    """Stop a sync that has passed its limit; `folder`: where rejected rows are stored, empty for the log alone.

    Raises:
        RejectedRowsError: more rows were rejected than a policy of `stop` allows.
    """
    _check_limits(policy, ledger, SHARE_COUNTS_FROM_ROWS, folder)


def check_finished(policy: RejectedRows, ledger: Ledger, *, dry_run: bool = False, folder: str = "") -> None:
    """Judge a sync whose rows are all settled; `folder`: where rejected rows are stored, empty for the log alone.

    Raises:
        RejectedRowsError: rows were rejected and the policy does not accept that.
    """
    rejected = ledger.rejected()
    if not rejected or policy.policy == "continue":
        return
    if policy.policy == "stop":
        _check_limits(policy, ledger, 0, folder)
        return
    if dry_run:
        would_be = _share(rejected, ledger.received(), "would be")
        raise RejectedRowsError(f"{would_be} rejected; nothing was written in this dry run. {_explained(rejected)}")
    if folder:
        return
    others = "; all others were delivered" if rejected < ledger.received() else ""
    raise RejectedRowsError(
        f"{_share(rejected, ledger.received(), _were(rejected))} rejected{others}. {_explained(rejected)} Airbyte "
        "will not send rejected rows again by itself: correct them in the warehouse so that they count as changed, or "
        'in Sage Intacct and refresh the stream. To let such syncs succeed, set `rejected_rows` to `{"policy": '
        '"continue"}`, or have such rows stored with `object_storage_config`.'
    )


def _check_limits(policy: RejectedRows, ledger: Ledger, share_from_rows: int, folder: str) -> None:
    rejected, received = ledger.rejected(), ledger.received()
    too_many = policy.max_rows is not None and rejected > policy.max_rows
    share_counts = policy.max_percent is not None and received >= share_from_rows
    too_large = share_counts and rejected * _PERCENT > received * (policy.max_percent or 0)
    if not too_many and not too_large:
        return
    limit = counted(policy.max_rows or 0, "row") if too_many else f"{policy.max_percent:g} %"
    raise RejectedRowsError(
        f"The sync stopped. {_share(rejected, received, _were(rejected))} rejected, more than the {limit} that "
        f"`rejected_rows` allows. {_explained(rejected, folder)} No state that covers a rejected row was acknowledged, "
        "so the next sync sends these rows again: correct them, or raise the limit."
    )


def _explained(rejected: int, folder: str = "") -> str:
    if folder:
        each = "It" if rejected == 1 else "Each one"
        return f"{each} is explained in the files in `{folder}`."
    if rejected == 1:
        return "It is explained in this sync's log in a line that begins with `Rejected row`."
    return "The reasons are in this sync's log, in lines that begin with `Rejected row`."


def _share(rejected: int, received: int, verb: str) -> str:
    if rejected < received:
        return f"{rejected} of {counted(received, 'row')} {verb}"
    return f"The only row {verb}" if received == 1 else f"All {counted(received, 'row')} {verb}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
