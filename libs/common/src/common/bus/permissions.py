"""Who may say what on the bus: one line of intent a user, and the broker's rules derived from it.

A user is a service, named as the service is, or someone outside: `reader` for everyone who takes
results, `operator` for whoever looks after the broker. Subjects come from `common.subjects`,
streams from `common.streams`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from common.domain import (
    AnalystNote,
    Bar,
    CandleSet,
    ChatRequest,
    ClockRequest,
    ConversationRequest,
    ConversationsRequest,
    DeadLetter,
    Delisting,
    Derivatives,
    DerivativesRequest,
    Fact,
    ForgetRequest,
    FrameRequest,
    Heartbeat,
    IndicatorFrame,
    Marks,
    Outcome,
    PlanRecordRequest,
    RecordRequest,
    Rejection,
    RenameRequest,
    Request,
    ResourceUsage,
    ScanCompleted,
    ScanRequest,
    ScanStarted,
    Signal,
    TradePlan,
    UniverseSnapshot,
    WatchList,
)
from common.streams import BUDGETS, STREAMS, Bucket, Stream, stream_of
from common.subjects import PATTERNS, wildcard

OPERATOR: Final = "operator"
READER: Final = "reader"
ADVISORIES: Final = "advisories"
"""The durable consumer that those who witness the broker's surrenders share."""

_TOLD_BY_ALL: Final[tuple[type[Fact], ...]] = (Heartbeat, ResourceUsage, DeadLetter)
_HEARD_BY_ALL: Final[tuple[type[Fact], ...]] = (ScanCompleted,)
_UNRECORDED: Final = (IndicatorFrame, WatchList)
_ANALYST: Final = (
    ChatRequest, ConversationsRequest, ConversationRequest, RenameRequest, ForgetRequest,
    RecordRequest,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BusUser:
    """What one service needs of the bus; besides, each tells and hears what all services do."""

    name: str
    publishes: tuple[type[Fact], ...] = ()
    consumes: tuple[type[Fact], ...] = ()
    """Through durable consumers of its own name."""
    follows: tuple[type[Fact], ...] = ()
    """Without acknowledging: live, latest or replayed."""
    asks: tuple[type[Request], ...] = ()
    answers: tuple[type[Request], ...] = ()
    shares: tuple[Bucket, ...] = ()
    """Buckets it reads and writes."""
    lays_out: bool = False
    """Makes the streams and keeps them as they should be; the others wait for them."""
    witnesses: bool = False
    """Tells of messages whose consumers died of them, so may read any single message."""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams it cannot work without."""
        durable = (
            fact
            for fact in (
                *self.publishes, *self.consumes, *self.follows, *_TOLD_BY_ALL, *_HEARD_BY_ALL
            )
            if fact.durable
        )  # fmt: skip
        names = {stream_of(fact).name for fact in durable}
        names |= {bucket.stream.name for bucket in self.shares}
        return tuple(stream for stream in STREAMS if stream.name in names)


# The planner lays out: it needs nothing but the bus, is always there, and, unlike the fetcher,
# reads nothing that comes from outside.
SERVICES: Final = (
    BusUser(
        name="fetcher",
        publishes=(
            CandleSet, Bar, Derivatives, Marks, UniverseSnapshot, Delisting, ScanStarted,
            ScanCompleted,
        ),
        follows=(
            CandleSet, Bar, ScanStarted, TradePlan, Rejection, WatchList, DeadLetter,
            UniverseSnapshot, Delisting,
        ),
        answers=(ScanRequest, ClockRequest, DerivativesRequest),
        shares=(BUDGETS,),
    ),
    BusUser(
        name="indicators",
        publishes=(IndicatorFrame,),
        consumes=(CandleSet,),
        follows=(CandleSet,),
        answers=(FrameRequest,),
    ),
    BusUser(name="signals", publishes=(Signal,), consumes=(IndicatorFrame,)),
    BusUser(
        name="planner",
        publishes=(TradePlan, Rejection, Outcome, WatchList),
        consumes=(Signal, Bar),
        follows=(TradePlan, Rejection, Outcome, WatchList, Bar, Delisting),
        lays_out=True,
        witnesses=True,
    ),
    BusUser(
        name="recorder",
        consumes=tuple(fact for fact in PATTERNS if fact.durable and fact not in _UNRECORDED),
        witnesses=True,
    ),
    BusUser(
        name="ai-analyst",
        publishes=(AnalystNote,),
        consumes=(Outcome,),
        follows=(Signal, TradePlan, Rejection, Derivatives, Outcome, AnalystNote),
        asks=(DerivativesRequest, FrameRequest),
        answers=_ANALYST,
    ),
    BusUser(
        name="api",
        follows=(Marks, TradePlan, Rejection, Outcome, Delisting),
        asks=(ScanRequest, *_ANALYST),
        answers=(PlanRecordRequest,),
    ),
    BusUser(
        name="dashboard",
        follows=(
            Marks, Heartbeat, Derivatives, Signal, TradePlan, Rejection, Outcome, ScanStarted,
            ResourceUsage, DeadLetter, UniverseSnapshot, Delisting, AnalystNote,
        ),
        asks=(ScanRequest, ClockRequest, FrameRequest, PlanRecordRequest, *_ANALYST),
    ),
)  # fmt: skip

RESULTS: Final[tuple[type[Fact], ...]] = (
    Signal, TradePlan, Rejection, Outcome, AnalystNote, ScanStarted, ScanCompleted, Marks,
    UniverseSnapshot, Delisting,
)  # fmt: skip
"""What a reader may have."""

USERS: Final = (*(service.name for service in SERVICES), READER, OPERATOR)


@dataclass(frozen=True, kw_only=True)
class Rights:
    """The broker's rules for one user."""

    publish: tuple[str, ...]
    never_publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...]
    replies: tuple[int, str] | None = None
    """How many messages may answer one question, and for how long."""


def service(name: str) -> BusUser | None:
    """Return the service that uses the bus under `name`, or None for a stranger or an operator."""
    return next((one for one in SERVICES if one.name == name), None)


def inbox_of(user: str) -> str:
    """Return the prefix of the inboxes that `user` alone may listen to; readers share theirs."""
    return f"_INBOX_{user}" if user in USERS and user != READER else "_INBOX"


def rights_of(name: str) -> Rights:
    """Return what the broker allows `name`."""
    if name == OPERATOR:
        return Rights(publish=(">",), subscribe=(">",))
    if name == READER:
        return Rights(
            publish=tuple(_unique(_read_directly())),
            subscribe=(*(_all_of(fact) for fact in RESULTS), "_INBOX.>"),
        )
    user = next(one for one in SERVICES if one.name == name)
    return Rights(
        publish=tuple(_unique(_published(user))),
        never_publish=tuple(_unique(_never_published(user))),
        subscribe=tuple(_unique(_heard(user))),
        replies=_replies(user),
    )


def _all_of(fact: type[Fact]) -> str:
    # `plans.proposed.>` admits every narrower way to ask too: `plans.proposed.binance.*`
    context, name, *_ = PATTERNS[fact].split(".")
    return f"{context}.{name}.>"


def _read_directly() -> Iterator[str]:
    # Not through consumers: a consumer's delivery subject is whatever its maker says, and the
    # broker publishes there in its own name, so who may make consumers may publish.
    for fact in RESULTS:
        if fact.durable:
            name = stream_of(fact).name
            yield f"$JS.API.STREAM.INFO.{name}"
            yield f"$JS.API.DIRECT.GET.{name}"
            yield f"$JS.API.DIRECT.GET.{name}.>"


def _published(user: BusUser) -> Iterator[str]:
    yield from (wildcard(fact) for fact in user.publishes)
    yield wildcard(Heartbeat, service=user.name)
    yield wildcard(ResourceUsage, service=user.name)
    yield wildcard(DeadLetter) if user.witnesses else wildcard(DeadLetter, service=user.name)
    for request in user.asks:
        yield request.subject
        yield f"{request.subject}.*"
    yield f"{inbox_of(user.name)}.*.stop"
    yield from (f"$JS.API.STREAM.INFO.{stream.name}" for stream in user.streams)
    for fact in user.consumes:
        yield from _durable(stream_of(fact).name, user.name)
    for fact in (*user.follows, *_HEARD_BY_ALL):
        if fact.durable:
            yield from _ephemeral(stream_of(fact).name)
    for bucket in user.shares:
        yield bucket.subject(">")
        yield f"$JS.API.DIRECT.GET.{bucket.stream.name}.>"
        yield from _ephemeral(bucket.stream.name)
    if user.witnesses:
        yield from _durable("ADVISORIES", ADVISORIES)
        yield from (f"$JS.API.STREAM.MSG.GET.{stream.name}" for stream in STREAMS)
    if user.lays_out:
        yield "$JS.API.INFO"
        for stream in STREAMS:
            yield from (f"$JS.API.STREAM.{verb}.{stream.name}" for verb in _LAYING_OUT)


_LAYING_OUT: Final = ("INFO", "CREATE", "UPDATE")


def _durable(stream: str, consumer: str) -> Iterator[str]:
    yield f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{consumer}"
    yield f"$JS.API.CONSUMER.INFO.{stream}.{consumer}"
    yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
    yield f"$JS.ACK.{stream}.{consumer}.>"
    yield f"$JS.ACK.*.*.{stream}.{consumer}.>"  # as brokers with domains write it


def _ephemeral(stream: str) -> Iterator[str]:
    yield f"$JS.API.CONSUMER.CREATE.{stream}.*"
    yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.*"
    yield f"$JS.API.CONSUMER.DELETE.{stream}.*"


def _never_published(user: BusUser) -> Iterator[str]:
    # A stranger's durable consumer is not changed, ended or emptied as if it were a passing one.
    own = {user.name, ADVISORIES} if user.witnesses else {user.name}
    for name in (*(one.name for one in SERVICES if one.consumes), ADVISORIES):
        yield f"$JS.API.CONSUMER.CREATE.*.{name}"
        yield f"$JS.API.CONSUMER.DELETE.*.{name}"
        if name not in own:
            yield f"$JS.API.CONSUMER.MSG.NEXT.*.{name}"


def _heard(user: BusUser) -> Iterator[str]:
    yield f"{inbox_of(user.name)}.>"
    yield from (wildcard(fact) for fact in user.follows if not fact.durable)
    for request in user.answers:
        yield request.subject
        yield f"{request.subject}.*"
        for asker in SERVICES:
            if request is ChatRequest and request in asker.asks:
                yield f"{inbox_of(asker.name)}.*.stop"
        if request is ChatRequest:
            yield f"{inbox_of(OPERATOR)}.*.stop"


def _replies(user: BusUser) -> tuple[int, str] | None:
    if not user.answers:
        return None
    return (_PARTS, "15m") if ChatRequest in user.answers else (1, "2m")


_PARTS: Final = 20_000


def _unique(subjects: Iterator[str]) -> Iterator[str]:
    yield from dict.fromkeys(subjects)
