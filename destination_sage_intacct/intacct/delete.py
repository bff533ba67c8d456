"""Deletes records by their record keys, many in a request; a record that is gone already counts as deleted."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus

from destination_sage_intacct.intacct.address import address
from destination_sage_intacct.intacct.at_fault import Refused
from destination_sage_intacct.intacct.bulk import Bulk, Result, Written, holds_deleted, is_transient, refused_by, split
from destination_sage_intacct.intacct.errors import NotTakenError, SageError
from destination_sage_intacct.intacct.session import Request

_LONGEST_ADDRESS = 6_000  # many servers and proxies refuse addresses beyond 8 kB


class BulkDelete(Bulk[str]):
    """Deletes records of one object."""

    method = "DELETE"

    def delete(self, keys: Sequence[str]) -> list[Result]:
        """Delete records; no record key twice; one result for each, in their order.

        Raises:
            AccessError: the object or the entity as a whole is forbidden.
        """
        results: list[Result] = []
        for batch in split(keys, self._size, _LONGEST_ADDRESS, lambda key: len(key) + 1):
            results += self._settled_batch(batch)
        return results

    def send_group(self, keys: Sequence[str]) -> list[Result] | Refused:
        """Delete records in one request.

        Raises:
            NotTakenError: something on the way does not take even a single one.
        """
        try:
            answer = self._session.send(
                Request("DELETE", address(self._path, keys), is_whole=holds_deleted(keys), divisible=len(keys) > 1)
            )
        except NotTakenError as error:
            if len(keys) == 1:
                raise
            self._size.too_large(len(keys))
            return Refused(SageError(str(error), error.status), is_about_size=True)
        self._size.learn(len(keys), answer)
        if answer.status == HTTPStatus.NO_CONTENT:
            results: list[Result] = [Written(key) for key in keys]
            self._count(*results)
            return results
        # Partial answers name no keys, so records are known by their place (Sage REST guide, bulk requests).
        found = self._results(answer, len(keys))
        if isinstance(found, SageError) and len(keys) > 1:
            return refused_by(answer, found)
        results = [found] if isinstance(found, SageError) else found
        self._count(*results)
        return [self._settled(key, result, len(keys)) for key, result in zip(keys, results, strict=True)]

    def send_alone(self, key: str, *, again: bool = False) -> Result:  # noqa: ARG002 - the same request
        """Delete one record."""
        (result,) = self.send_group([key])  # type: ignore[misc] # only several are refused as a whole
        return result

    def texts(self, key: str) -> Iterable[str]:
        """Return the record key, all that is known of the record."""
        return [key]

    def _settled(self, key: str, result: Result, together: int) -> Result:
        # A record key is a number (every example of Sage's), so nothing was ever held under any other text.
        if isinstance(result, SageError) and _is_gone(result) and key.isdecimal():
            return Written(key)
        if together > 1 and is_transient(result):
            result = self.send_alone(key)
        return Written(key) if isinstance(result, Written) else result


def _is_gone(error: SageError) -> bool:
    """Return whether there is no such record: by the record's own status, by Sage's word where an entry has none."""
    has_no_status = error.status < HTTPStatus.BAD_REQUEST
    return error.status == HTTPStatus.NOT_FOUND or (has_no_status and error.code == "notFound")
