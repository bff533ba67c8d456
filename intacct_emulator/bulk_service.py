"""`/services/bulk/job`: one operation on any number of records of an object, given as a file, carried out later.

Sources: Sage REST guide, bulk requests; Sage's OpenAPI, bulk-job-create-request and its samples.
"""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from http import HTTPStatus
from typing import Any, Literal

import msgspec

from intacct_emulator import exact_json
from intacct_emulator.composite_service import entry
from intacct_emulator.envelopes import meta, result
from intacct_emulator.exchange import Answer, Request, json_answer
from intacct_emulator.jobs import Job, Jobs
from intacct_emulator.objects_service import PREFIX as OBJECTS
from intacct_emulator.refusals import invalid_request

PREFIX = "/services/bulk/"
CREATE = f"{PREFIX}job/create"
STATUS = f"{PREFIX}job/status"


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The part `ia::requestBody`. A `callbackURL` is taken, and not called."""

    object_name: str
    operation: Literal["create", "update", "delete"]
    job_file: str
    file_content_type: Literal["json"]
    callback_url: str | None = msgspec.field(default=None, name="callbackURL")


def create(request: Request, jobs: Jobs, created: str, perform: Callable[[Request], Answer]) -> Answer:
    """Puts the job into the queue; `perform` carries out the operation on one record, `created` is the current time.

    Raises:
        RefusalError: the form cannot be read.
    """
    form, file = _read(request)
    job = jobs.add(lambda: _carried_out(form, file, perform))
    shown = {"jobId": job.id, "statusURL": f"{STATUS}?jobId={job.id}", "createdDateTime": created}
    return result(HTTPStatus.OK, shown)


def status(request: Request, jobs: Jobs) -> Answer:
    """Return in which state a job is; with `download=true` the results, once there are.

    Raises:
        RefusalError: there is no such job.
    """
    # guess[bulk-unknown-job]: what answers an unknown job is known of the other kind of jobs only.
    job = jobs.find(request.query.get("jobId", ""))
    state = _state(job, jobs)
    if state == "completed" and job.answer is not None and request.query.get("download") == "true":
        return json_answer(HTTPStatus.OK, exact_json.decode(job.answer.body))
    shown: dict[str, Any] = {"jobId": job.id, "status": state, "jobStatusFile": f"{job.id}-response.json"}
    if state == "processing":
        shown["percentComplete"] = 0
    if state == "completed":
        shown["downloadURL"] = f"{STATUS}?jobId={job.id}&download=true"
    return result(HTTPStatus.OK, shown)


def _state(job: Job, jobs: Jobs) -> str:
    if job.answer is None:
        return "processing" if jobs.has_begun(job) else "queued"
    return "completed" if job.answer.status == HTTPStatus.OK else "failed"


def _read(request: Request) -> tuple[_Form, bytes]:
    content_type = request.header("Content-Type") or ""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + request.body, policy=HTTP)
    parts = [part for part in message.walk() if not part.is_multipart()]
    asked = next((_content(part) for part in parts if "ia::requestBody" in _names(part)), None)
    # guess[bulk-form]: the form is documented, not what answers another.
    if asked is None:
        raise invalid_request("A bulk request is a form with the parts ia::requestBody and file")
    try:
        form = msgspec.json.decode(asked, type=_Form)
    except msgspec.DecodeError as error:
        raise invalid_request(f"The part ia::requestBody is not valid: {error}") from error
    # guess[bulk-file]: `jobFile` is the name of the part, or that of the file: two pages differ.
    file = next((_content(part) for part in parts if form.job_file in _names(part)), None)
    if file is None:
        raise invalid_request(f"The form has no file {form.job_file}")
    return form, file


def _names(part: Message) -> tuple[object, ...]:
    return part.get_param("name", header="content-disposition"), part.get_filename()


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _carried_out(form: _Form, file: bytes, perform: Callable[[Request], Answer]) -> Answer:
    """Each operation separately, whatever the outcome of those before it."""
    # guess[bulk-failed]: a file that is no list of records makes the job `failed`.
    try:
        records = exact_json.decode(file)
    except exact_json.MalformedJsonError:
        records = None
    if not isinstance(records, list):
        return Answer(HTTPStatus.BAD_REQUEST)
    answers = [perform(_operation(form, record)) for record in records]
    # guess[bulk-result]: the form of the results is not documented; here they are those of a composite, in order.
    entries = [entry(answer) for answer in answers]
    failed = sum(answer.status >= HTTPStatus.BAD_REQUEST for answer in answers)
    body = {"ia::result": entries, "ia::meta": meta(len(entries), failed)}
    return json_answer(HTTPStatus.OK, body, billed=sum(answer.billed for answer in answers))


def _operation(form: _Form, record: object) -> Request:
    path = OBJECTS + form.object_name
    if form.operation == "create":
        return Request("POST", path, {}, {}, exact_json.encode(record))
    key = record.get("key", "") if isinstance(record, dict) else ""
    method = "PATCH" if form.operation == "update" else "DELETE"
    return Request(method, f"{path}/{key}", {}, {}, exact_json.encode(record))
