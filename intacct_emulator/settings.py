"""What can be set when the emulator starts. The command line is made from this table, see main.py."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

UpdateMethod: TypeAlias = Literal["PATCH", "PUT"]
PartialForm: TypeAlias = Literal["item", "error-list", "no-status", "whole"]
# What the refusal of a whole batch says about the records at fault.
WholeNames: TypeAlias = Literal["first", "place", "each", "nothing"]
# The status of a batch of which some records were written and others not.
PartialStatus: TypeAlias = Literal["207", "200", "first-failure"]
BadTokenForm: TypeAlias = Literal["2102", "1206", "0040"]
CachedDate: TypeAlias = Literal["replay", "every"]
PrivateEntities: TypeAlias = Literal["none", "master-data", "all"]
PrivateByKey: TypeAlias = Literal["hidden", "shown"]
SharedRecords: TypeAlias = Literal["master-data", "all"]
Apostrophes: TypeAlias = Literal["plain", "escaped"]
ThrottleHeaders: TypeAlias = Literal["both", "retry-after", "x-ia", "none"]
# What the headers of an answer say about the limit of requests in flight: the truth, nothing, or a number of another
# kind.
LimitHeaders: TypeAlias = Literal["none", "true", "hourly", "spent", "high", "garbage"]
RefreshAnswer: TypeAlias = Literal["token", "none"]
UnknownEntity: TypeAlias = Literal["refused", "top-level"]
BillState: TypeAlias = Literal["draft", "posted"]
# The scope in which an id is unique: the company, or each entity and the top level separately.
IdsUniqueIn: TypeAlias = Literal["company", "entity"]
# The same for the ids of tasks.
TaskIdsUniqueIn: TypeAlias = Literal["company", "project"]
# What an update by PUT does to the fields that it does not name.
PutMethod: TypeAlias = Literal["keeps", "replaces"]
# What decides where a reference gives both key and id, and they name two records.
ReferenceBy: TypeAlias = Literal["key", "id", "refused"]
# What happens to a contact's details inside another record.
InlineContact: TypeAlias = Literal["stays", "made"]
# Whether the refusal of an Idempotency-Key names it.
KeyConflicts: TypeAlias = Literal["named", "unnamed"]
# What happens to an `id` that a write gives to a record of a custom object.
CustomObjectId: TypeAlias = Literal["refused", "ignored", "given"]


@dataclass(frozen=True, slots=True)
class Settings:
    """One emulated company's behaviour. Times are in the unit that the name ends with."""

    host: str = "127.0.0.1"
    port: int = 0
    concurrency: int = 6
    latency_ms: float = 0
    latency_per_record_ms: float = 0
    latency_spread: float = 0
    latency_seed: int = 1
    access_token_seconds: float = 43_200
    rotate_refresh_tokens: bool = False
    refresh_answer: RefreshAnswer = "token"
    unknown_entity: UnknownEntity = "refused"
    bill_state: BillState = "draft"
    bill_approval: bool = False
    duplicate_status: int = 422
    update_method: UpdateMethod = "PATCH"
    put: PutMethod = "keeps"
    ids_unique_in: IdsUniqueIn = "company"
    task_ids_unique_in: TaskIdsUniqueIn = "company"
    reference_by: ReferenceBy = "key"
    inline_contact: InlineContact = "stays"
    key_conflicts: KeyConflicts = "named"
    partial_form: PartialForm = "item"
    whole_names: WholeNames = "first"
    partial_status: PartialStatus = "207"
    bad_token_form: BadTokenForm = "2102"  # noqa: S105 - the form of an answer, not a secret
    throttle_headers: ThrottleHeaders = "both"
    limit_headers: LimitHeaders = "none"
    retry_after_seconds: int = 1
    cached_date: CachedDate = "replay"
    custom_object_id: CustomObjectId = "refused"
    arrays: bool = True
    query: bool = True
    model: bool = True
    demo_data: bool = True
    private_entities: PrivateEntities = "master-data"
    private_by_key: PrivateByKey = "hidden"
    shared_records: SharedRecords = "master-data"
    apostrophes: Apostrophes = "plain"
    closed_until: date | None = None
    job_seconds: float = 1
