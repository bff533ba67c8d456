"""One sync: plans, then rows until the input ends, then the account of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from destination_sage_intacct.config import Config, ConfigError, RejectedRows
from destination_sage_intacct.delivery.actions import Reason, Write
from destination_sage_intacct.delivery.fault_source import source_of
from destination_sage_intacct.delivery.pipeline import Pipeline, StreamCost
from destination_sage_intacct.delivery.policy import check_finished, check_running
from destination_sage_intacct.delivery.rehearsal import CANNOT_FORESEE
from destination_sage_intacct.delivery.summary import summary_json, summary_line
from destination_sage_intacct.delivery.warnings import kept_record_warnings, keyless_warning, stream_warnings
from destination_sage_intacct.intacct.client import IntacctClient
from destination_sage_intacct.intacct.clock import Clock, StoppedError
from destination_sage_intacct.intacct.errors import SageError
from destination_sage_intacct.intacct.model import Model, fallback_model
from destination_sage_intacct.plan.activation import unknown_object, unused_settings
from destination_sage_intacct.plan.build import Target, Validations, plan_stream, target_of
from destination_sage_intacct.plan.stream_names import with_names_of
from destination_sage_intacct.plan.stream_plan import StreamPlan
from destination_sage_intacct.protocol.catalog import ConfiguredStream
from destination_sage_intacct.protocol.ledger import Ledger, LedgerError, Row
from destination_sage_intacct.protocol.messages import Message, ProtocolError, Record, State, StreamComplete, StreamKey
from destination_sage_intacct.protocol.output import Output
from destination_sage_intacct.rejected_rows.files import Storage
from destination_sage_intacct.rejected_rows.recorder import RejectRecorder
from destination_sage_intacct.rows.mapping import MappingError

Watch = Callable[[Sequence[StreamKey], Ledger, Callable[[StreamKey], StreamCost]], AbstractContextManager[object]]


def _unwatched(_streams: object, _ledger: object, _cost: object) -> AbstractContextManager[object]:
    return nullcontext()


def make_plans(
    config: Config, streams: Sequence[ConfiguredStream], client: IntacctClient, output: Output
) -> list[StreamPlan]:
    """Plan every stream; each object's model is requested once.

    Raises:
        ConfigError: a stream cannot be written as configured.
        IntacctError: signing in failed, or Sage Intacct cannot be reached.
    """
    config, renamed = with_names_of(streams, config)
    targets = [target_of(stream, config) for stream in streams]
    kept = kept_record_warnings(target.stream for target in targets if target.operation == "insert")
    for notice in (*renamed, *unused_settings(config, streams), *kept):
        output.log("WARN", notice)
    models = _Models(client, output, {each.object.path: each.stream for each in targets if each.stream.object_name})
    models.ask([target.object.path for target in targets], config.max_concurrency)
    validations: Validations = {}
    return [_plan(target, config, models, validations, output) for target in targets]


def deliver(
    config: Config,
    plans: Sequence[StreamPlan],
    client: IntacctClient,
    messages: Iterable[Message | None],
    output: Output,
    clock: Clock,
    storage: Storage | None = None,
    watch: Watch = _unwatched,
) -> None:
    """Write every row of the input, release every STATE, and say at the end what was done, however it ends.

    Args:
        config: the configuration.
        plans: of the streams.
        client: asks and writes.
        messages: the input; None for a moment without any.
        output: takes STATEs and the log.
        clock: measures.
        storage: where rejected rows go, None for the log alone, as in a dry run.
        watch: opened around the rows with their streams, the ledger and what a stream has cost; it may look from
            another thread.

    Raises:
        RejectedRowsError: rows were rejected and the policy makes that a failure.
        StorageRefusedError, StorageOutageError: rejected rows could not be stored; no STATE that covers them is out.
        ProtocolError: a record of a stream that the catalog does not hold, or a broken line.
        ConfigError, IntacctError, StoppedError: as they arise; rows without an outcome stay unacknowledged.
    """
    policy = config.rejected_rows
    ledger = Ledger(
        [plan.stream for plan in plans],
        output.state,
        together=output.together,
        hold_all=config.dry_run,
        hold_rejected=policy.policy == "stop",
    )

    def warn(text: str) -> None:
        output.log("WARN", text)

    recorder = RejectRecorder(ledger, output, clock, storage, shows_values=config.show_rejected_values)

    def reject(write: Write, reason: Reason) -> None:
        locate = partial(source_of, write)
        recorder.reject(write.rows, write.plan, reason, write.record_key, write.values, locate)

    pipeline = Pipeline(config, client, ledger, plans, reject, warn, clock)
    known = _of_known_streams(messages, {plan.stream for plan in plans})
    try:
        with watch([plan.stream for plan in plans], ledger, pipeline.cost):
            take(_with_storing(known, pipeline, recorder), pipeline, ledger, policy, recorder.folder)
        _raise_if_stopped(clock)
        if ledger.unsettled():
            raise LedgerError(f"{ledger.unsettled()} rows have no outcome")
        recorder.finish()
        try:
            check_finished(policy, ledger, dry_run=config.dry_run, folder=recorder.folder)
            ledger.release_held()
        finally:
            for plan in pipeline.plans:
                pipeline.states(plan.stream).ask()
    except StoppedError:
        pipeline.check()  # a thread that fails stops the clock for all
        raise
    finally:
        pipeline.close()
        recorder.close()
        for plan in pipeline.plans:
            cost = pipeline.cost(plan.stream)
            states, reasons = pipeline.states(plan.stream), recorder.reasons(plan.stream)
            output.log("INFO", summary_line(plan, ledger, cost, states.summary()))
            output.log("INFO", summary_json(plan, ledger, cost, states.counts, reasons))
            if cost.keyless:
                warn(keyless_warning(plan, cost.keyless))
        if config.dry_run:
            output.log("INFO", CANNOT_FORESEE)


def _raise_if_stopped(clock: Clock) -> None:
    if clock.stopped:
        raise StoppedError


def take(
    messages: Iterable[Message | None], pipeline: Pipeline, ledger: Ledger, policy: RejectedRows, folder: str = ""
) -> None:
    """Take the whole input; what came before a broken line, or a column that cannot be mapped, is still delivered.

    Except for a document that is open then: nothing shows whether all of its rows had come. `folder`: where rejected
    rows are stored, if they are.
    """
    ends = DocumentCloser(pipeline, ledger)
    try:
        for message in messages:
            if isinstance(message, Record):
                ends.check()
                pipeline.write(ledger.receive(message))
                if policy.policy == "stop" and ledger.rejected():
                    check_running(policy, ledger, folder)
            elif message is None:
                pipeline.pause()
            else:
                if isinstance(message, State):
                    ledger.state(message)
                ends.hear(message)
        ends.end_of_input()
    except (ProtocolError, ConfigError, MappingError):
        pipeline.finish()
        raise
    pipeline.finish()


class DocumentCloser:
    """Ends documents of line rows that are still open when no row of another one follows.

    A source that fails sends no further rows, and Airbyte then ends the input as if all had come; only a COMPLETE is
    missing, which in turn not every platform sends (platform source, `StreamStatusCompletionTracker`).

    Args:
        pipeline: holds the documents.
        ledger: knows which rows a STATE covers.
    """

    def __init__(self, pipeline: Pipeline, ledger: Ledger) -> None:
        self._pipeline = pipeline
        self._ledger = ledger
        self._is_marked = False  # the input shows by STATEs or COMPLETEs how far it has come
        self._failure: ConfigError | None = None

    def hear(self, message: State | StreamComplete) -> None:
        """Take a message that shows how far the input has come; a COMPLETE ends its stream's document."""
        self._is_marked = True
        if isinstance(message, StreamComplete):
            self._end(message)

    def check(self) -> None:
        """Raise why a document could not be delivered; the documents of other streams are ended first."""
        if self._failure is not None:
            raise self._failure

    def end_of_input(self) -> None:
        """End each document that is whole.

        Raises:
            ConfigError: a document has a column that can never be delivered.
            ProtocolError: the input has ended within a document.
        """
        cut: list[Row] = []
        for last_row in self._pipeline.open_documents:
            if self._is_marked and not self._ledger.is_covered(last_row):
                cut.append(last_row)
            else:
                self._end(last_row)
        self.check()
        if cut:
            raise ProtocolError(_cut_short(cut))

    def _end(self, what: Row | StreamComplete) -> None:
        try:
            self._pipeline.complete(what.stream)
        except ConfigError as error:
            self._failure = self._failure or error


def _cut_short(last_rows: Sequence[Row]) -> str:
    where = ", ".join(f"stream {row.stream} (its row {row.number}, line {row.line} of the input)" for row in last_rows)
    return (
        f"The input ended within a document of {where}: neither a STATE nor the end of the stream follows, as when a "
        "source fails. The document was not booked, everything else was delivered, and the next sync sends it again. "
        "See in the log why the source ended."
    )


def _with_storing(
    messages: Iterable[Message | None], pipeline: Pipeline, recorder: RejectRecorder
) -> Iterator[Message | None]:
    """Pass messages on, and store rejected rows that are due as soon as each has been taken."""
    for message in messages:
        yield message
        recorder.advance(is_silent=message is None and pipeline.is_idle)


def _of_known_streams(messages: Iterable[Message | None], streams: set[object]) -> Iterator[Message | None]:
    for message in messages:
        if isinstance(message, Record) and message.stream not in streams:
            raise ProtocolError(
                f"Line {message.line} of the input is a record of stream {message.stream}, which is not in the "
                "configured catalog. Nothing from this line on was written. Refresh the schema of the connection."
            )
        yield message


class _Models:
    """The fields of objects and of the records in their lists, each requested once.

    Args:
        client: asks.
        output: gets a line for each object whose fields are not reported.
        chosen: for the path of an object that a connection's form named, its stream.
    """

    def __init__(self, client: IntacctClient, output: Output, chosen: Mapping[str, ConfiguredStream]) -> None:
        self._client = client
        self._output = output
        self._chosen = chosen
        self._models: dict[str, Model] = {}
        self._found: dict[str, Model | SageError | None] = {}

    def ask(self, paths: Sequence[str], at_once: int) -> None:
        """Request the models of several objects in parallel, as far as the company allows it."""
        asked = list(dict.fromkeys(paths))
        if len(asked) > 1:
            with ThreadPoolExecutor(min(at_once, len(asked)), thread_name_prefix="model") as threads:
                self._found |= zip(asked, threads.map(self._client.model, asked), strict=True)

    def of(self, path: str) -> Model:
        """Return the model of an object, by its path."""
        if path not in self._models:
            self._models[path] = self._ask(path)
        return self._models[path]

    def _ask(self, path: str) -> Model:
        found = self._found[path] if path in self._found else self._client.model(path)
        if isinstance(found, Model):
            return found
        if found is None and path in self._chosen:
            raise unknown_object(self._chosen[path])
        model = fallback_model(path)
        instead = "any column may name a field" if model.is_open else "the fields that are known without it are used"
        self._output.log("INFO", f"The model service does not report the fields of {path}: {instead}.")
        return model


def _plan(target: Target, config: Config, models: _Models, validations: Validations, output: Output) -> StreamPlan:
    model = models.of(target.object.path)
    plan = plan_stream(target, config, model, None, validations)
    if plan.list_fields:
        targets = dict.fromkeys(model.fields[name].target for name in plan.list_fields)
        line_models = {path: models.of(path) for path in targets if path}
        plan = plan_stream(target, config, model, line_models, validations)
    settings = "dry run: nothing is written; " if config.dry_run else ""
    entity = f"entity {config.entity_id}" if config.entity_id else "the top level"
    output.log("INFO", f"Stream {plan.stream} goes to {plan.object.path} at {entity}: {settings}{plan.operation}.")
    for notice in stream_warnings(plan):
        output.log("WARN", notice)
    return plan
