"""What a company works on offline: requests that are answered later, one after another, each exactly once.

Sources: Sage REST guide, asynchronous requests (the header, the acknowledgement, the states); transaction volume: the
lowest tier has one offline process. The emulator's clock decides: a job waits and then takes the seconds of
`--job-seconds`, and is carried out when these have passed.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from intacct_emulator.checking import Json
from intacct_emulator.clock import Clock
from intacct_emulator.exchange import Answer, Request, json_answer
from intacct_emulator.refusals import RefusalError, error

STATUS = "/services/core/async/job-status"

_ASKED_BY = frozenset({"respond-async", "respond-async-serialized"})
_RETRY_AFTER_SECONDS = 120


@dataclass(slots=True)
class Job:
    """Work of which the answer comes later. Instants are seconds of the company's clock."""

    id: str
    work: Callable[[], Answer]
    queued: float
    begins: float
    ends: float
    answer: Answer | None = None


class Jobs:
    """The one offline process of a company and its queue."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._jobs: dict[str, Job] = {}

    def add(self, work: Callable[[], Answer]) -> Job:
        """Puts work into the queue."""
        now = self._clock.seconds()
        before = max((job.ends for job in self._jobs.values()), default=now)
        # guess[job-order]: one job after another, also where the request does not ask for that.
        begins = max(now + self._seconds, before)
        number = base64.urlsafe_b64encode(f"emulator{len(self._jobs) + 1:06d}".encode()).decode().rstrip("=")
        job = self._jobs[number] = Job(number, work, now, begins, begins + self._seconds)
        return job

    def run_due(self) -> list[Answer]:
        """Carries out each job whose time has come, in order; their answers."""
        now = self._clock.seconds()
        due = [job for job in self._jobs.values() if job.answer is None and job.ends <= now]
        for job in due:
            job.answer = job.work()
        return [job.answer for job in due if job.answer is not None]

    def find(self, job_id: str) -> Job:
        """Return the job.

        Raises:
            RefusalError: there is none; the text has the id as it is within its encoding, as Sage's sample has it.
        """
        job = self._jobs.get(job_id)
        if job is None:
            text = f"Asynchronous job {_decoded(job_id)} status could not be found"
            raise RefusalError(HTTPStatus.NOT_FOUND, error("notFound", text))
        return job

    def has_begun(self, job: Job) -> bool:
        """Return whether the job waits no longer."""
        return job.begins <= self._clock.seconds()

    def acknowledged(self, job: Job) -> Answer:
        """Return the answer to a request that is carried out later."""
        body = {"ia::result": self._shown(job), "ia::meta": {"totalCount": 1}}
        return json_answer(HTTPStatus.ACCEPTED, body, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})

    def status(self, job_id: str) -> Answer:
        """Return the state of a job, without its result.

        Raises:
            RefusalError: there is no such job.
        """
        return json_answer(HTTPStatus.OK, {"ia::result": self._shown(self.find(job_id)), "ia::meta": {"totalCount": 1}})

    def _shown(self, job: Job) -> Json:
        # guess[job-state]: a job that was refused is `delivered` too, and no job is ever dead, cancelled or deferred;
        # the guide has `processingStatus` in place of `state` in one of three samples.
        started = self.has_begun(job)
        instants = {"queuedDateTime": job.queued}
        if started:
            instants["startedDateTime"] = job.begins
        if job.answer is not None:
            instants["finishedDateTime"] = job.ends
        return {
            "jobId": job.id,
            "state": "delivered" if job.answer is not None else "inTransit" if started else "queued",
            **{name: self._clock.at(seconds) for name, seconds in instants.items()},
            "href": f"{STATUS}?jobId={job.id}",
        }


def is_asynchronous(headers: Mapping[str, str]) -> bool:
    """Return whether headers, their names in lower case, ask for an answer later."""
    # guess[async-header]: `Prefer` asks for it; `X-Policy` is ignored, as its values are documented nowhere.
    return headers.get("prefer", "").strip().lower() in _ASKED_BY


def may_wait(request: Request) -> bool:
    """Return whether a request can be answered later."""
    # guess[async-paths]: every request but the question after a job, also one that only reads.
    return is_asynchronous(request.headers) and request.path != STATUS


def _decoded(job_id: str) -> str:
    padded = job_id + "=" * (-len(job_id) % 4)
    try:
        text = base64.urlsafe_b64decode(padded).decode("ascii")
    except (binascii.Error, ValueError):
        return job_id
    return text if text.isprintable() else job_id
