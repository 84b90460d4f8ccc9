"""The database: one engine, one session a transaction, and the column types all nouns share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Row,
    Select,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

from app.core import json
from app.core.turns import Turns

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# No row has a larger number, and a database may fail at one instead of finding nothing.
LARGEST = 2**63 - 1

# A row, and a query for rows, of whatever columns a screen needs.
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

BigKey = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Numbers(UserDefinedType[Collection[int]]):
    """Many numbers as one value: each for itself makes a slow statement, and many of them.

    As text, for a driver looks at a list one by one; and whole, so that PostgreSQL can plan for it.
    """

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[int] | None], str]:
        begin, end = "[]" if dialect.name == "sqlite" else "{}"
        return lambda numbers: f"{begin}{','.join(map(str, numbers or ()))}{end}"


def is_among(column: Any, name: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether it is one of the numbers that a statement is given under this name."""
    given = bindparam(name, type_=Numbers())
    some: ColumnElement[bool] = column == any_(given)
    return (
        column.in_(select(func.json_each(given).table_valued("value").c.value)) if sqlite else some
    )


# Columns of JSON hold lists of thousands of numbers; what is written stays as it always was.
_JSON: dict[str, Any] = {"json_deserializer": json.loads}

# How long a transaction waits for the others, in seconds.
PATIENCE = 30


def insert(noun: Any) -> Any:
    """An INSERT that can say what to do when the row is there already, as each database says it."""
    return (sqlite if is_sqlite() else postgresql).insert(noun)


# The connection that was used last goes first: it has the statements at hand that are asked often.
POOL: dict[str, Any] = {"pool_size": 20, "pool_use_lifo": True}

Id = Annotated[int, mapped_column(BigKey, primary_key=True)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {datetime: Instant, int: BigKey}


_engine: Engine | None = None
_current: ContextVar[Session | None] = ContextVar("transaction", default=None)


def use(url: str) -> Engine:
    """Choose the database everything in this process talks to."""
    global _engine
    _engine = connect(url)
    return _engine


@cache
def connect(url: str) -> Engine:
    """An engine set up as Kith needs it; `use` is what programs call.

    The same database gets the same engine, which keeps the SQL it has worked out for a question:
    working that out takes longer than asking.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, max_overflow=20, pool_pre_ping=True, **_JSON, **POOL)
    waiting = {"timeout": PATIENCE}
    engine = create_engine(url, max_overflow=80, connect_args=waiting, **_JSON, **POOL)
    _for_its_owner_alone(engine.url.database)
    event.listen(engine, "connect", _prepare_sqlite)
    _queue(engine)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _queue(engine: Engine) -> None:
    """One transaction of this process at a time, in their turn.

    SQLite lets in one at a time anyway. Who waits for it there sleeps, for up to a tenth of a
    second, and whoever comes at the right moment goes first: some waited a second and a half.
    """
    turns = Turns()

    def wait(connection: Connection) -> None:
        if not connection.info.get("turn"):
            # Who has waited too long is told so by SQLite.
            connection.info["turn"] = turns.take(PATIENCE)

    def leave(_opened: Any, record: Any) -> None:
        if record.info.pop("turn", False):
            turns.give()

    event.listen(engine, "begin", wait)
    event.listen(engine, "checkin", leave)


def _for_its_owner_alone(file: str | None) -> None:
    # Made before SQLite makes it, which would let everybody on the machine read it; what SQLite
    # keeps beside it gets the same rights.
    if file and file != ":memory:" and not file.startswith("file:"):
        with suppress(OSError):
            Path(file).touch(mode=0o600)


def _begin_sqlite(connection: Connection) -> None:
    opened: Any = connection.connection.dbapi_connection
    durable = connection.get_execution_options().get("durable", True)
    opened.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    # A deferred transaction that reads first and writes later is told "busy" the moment somebody
    # else has written in between; taking the write lock at the start only ever waits.
    opened.execute("BEGIN IMMEDIATE")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "cache_size=-65536"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def engine() -> Engine:
    if _engine is None:
        raise RuntimeError("no database chosen: call db.use first")
    return _engine


def is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"


@contextmanager
def transaction(*, durable: bool = True) -> Iterator[Session]:
    """All or nothing: does what `before_commit` was asked to, commits, and then what `afterwards`.

    Only doors open one. Everything called inside reaches it through `session()`. Without
    `durable` the commit does not wait for the disk: for reads, whose record outlives the death
    of this process all the same, and is lost only when the machine itself stops that instant.
    """
    if _current.get() is not None:
        raise RuntimeError("a transaction is open already")
    with Session(engine(), expire_on_commit=False) as opened:
        token = _current.set(opened)
        try:
            with opened.begin(), _kept_readable(opened):
                if not durable:
                    _wait_for_no_disk(opened)
                yield opened
                _do_last(opened)
        finally:
            _current.reset(token)
    for act in opened.info.get("afterwards", {}):
        act()


def _wait_for_no_disk(opened: Session) -> None:
    connection = opened.connection(execution_options={"durable": False})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


@contextmanager
def _kept_readable(opened: Session) -> Iterator[None]:
    # A rollback would empty every row read so far, and a refusal still has to be put on record
    # against the person it was given to.
    try:
        yield
    except BaseException:
        opened.expunge_all()
        raise


def session() -> Session:
    """The session of the transaction that is open here."""
    opened = _current.get()
    if opened is None:
        raise RuntimeError("no transaction is open")
    return opened


def is_open() -> bool:
    """Whether a transaction is open here, so that something may still be asked."""
    return _current.get() is not None


def rows(statement: AnySelect, values: dict[str, Any] | None = None) -> Sequence[AnyRow]:
    """Rows of plain columns: the session would search them for objects, and take its time."""
    opened = session()
    opened.flush()
    return opened.connection().execute(statement, values or {}).all()


def afterwards(act: Callable[[], None]) -> None:
    """Do this once the commit has held; asked twice, it is done once."""
    session().info.setdefault("afterwards", {})[act] = True


def before_commit(act: Callable[[list[Any]], None], thing: Any) -> None:
    """Have `act` called last of all in this transaction, once, with every thing left for it.

    For what takes a lock that many wait for; if it fails, nothing is committed.
    """
    _left(session()).append((act, thing))


def awaits_commit(act: Callable[[list[Any]], None]) -> bool:
    """Whether this transaction has left anything for `act` so far."""
    return any(left is act for left, _ in _left(session()))


@contextmanager
def attempt() -> Iterator[None]:
    """A part of the transaction that is undone alone when a refusal passes through it."""
    left = _left(session())
    before = len(left)
    try:
        with session().begin_nested():
            yield
    except BaseException:
        del left[before:]
        raise


@contextmanager
def aside() -> Iterator[None]:
    """A part of the transaction that only asks: what it sets or breaks is as before afterwards."""
    opened = session()
    opened.flush()
    begun = opened.connection().begin_nested()
    try:
        yield
    finally:
        begun.rollback()


def _left(opened: Session) -> list[tuple[Callable[[list[Any]], None], Any]]:
    left: list[tuple[Callable[[list[Any]], None], Any]] = opened.info.setdefault("left", [])
    return left


def _do_last(opened: Session) -> None:
    left = _left(opened)
    if left:
        opened.flush()
    for act in dict.fromkeys(act for act, _ in left):
        act([thing for its, thing in left if its is act])
