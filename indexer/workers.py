"""Child processes that do one task each at a time: one that hangs, dies or eats the memory costs one task.

Each child belongs to one thread here and has a pipe of its own, so there is no lock that a killed child could
take with it.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Protocol, Self, TypeVar

from indexer.errors import WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")
_STARTING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may take.

    Attributes:
        seconds: Wall-clock time until its process is killed; long, as a busy machine is no fault of a photo.
            One more for every 5 MB of its file, for slow disks.
        cpu_seconds: Processor time, where the system can limit it (not on Windows). One more for every 50 MB
            of its file, for hashing.
        memory_bytes: What its process may take beside what it has when idle, where the system can limit it
            (Linux).
    """

    seconds: float = 60.0
    cpu_seconds: int = 10
    memory_bytes: int = 1 << 30


class Workers(Protocol):
    """Somebody who does tasks, so many at a time."""

    @property
    def count(self) -> int:
        """Tasks that are done at a time."""

    def submit(self, task: Callable[[Item], Result], item: Item, size: int = 0, /) -> Future[Result]:
        """Do `task(item)`; the future raises `WorkerLost` when that could not be brought to an end.

        `size` is that of the item's file in bytes: a large one may take longer.
        """


class ChildProcesses:
    """A fixed number of child processes, started when they are first needed. Use it in a `with`."""

    def __init__(self, count: int | None = None, limits: Limits | None = None) -> None:
        """`count` is one a core when not given."""
        self.count = count or usable_cores()
        self._limits = limits or Limits()
        self._children: dict[int, _Child] = {}
        self._closed = threading.Event()
        self._threads = ThreadPoolExecutor(
            self.count, thread_name_prefix="worker", initializer=_leave_interrupts_to_others
        )

    def submit(self, task: Callable[[Item], Result], item: Item, size: int = 0, /) -> Future[Result]:
        """Do `task(item)` in a child. Task, item and result must be picklable; the task must not raise.

        The future raises `WorkerLost` when the child died or was killed at its limits, which grow with
        `size`, the bytes of the file that is read.
        """
        return self._threads.submit(self._do, task, item, size)

    def close(self) -> None:
        """End all children at once, whatever they do; what was submitted is lost."""
        self._closed.set()
        for child in list(self._children.values()):
            child.kill()  # the thread that waits for it wakes up
        self._threads.shutdown(cancel_futures=True)
        while self._children:
            self._children.popitem()[1].bury()

    def __enter__(self) -> Self:
        """The workers themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all children."""
        self.close()

    def _do(self, task: Callable[[Any], Result], item: Any, size: int) -> Result:
        mine = threading.get_ident()
        if mine not in self._children:
            self._children[mine] = _Child(self._limits)
        try:
            if self._closed.is_set():  # asked after the child is where `close` finds it
                raise WorkerLost("not read: the run has ended", lasting=False)
            result: Result = self._children[mine].do(task, item, size)
        except BaseException:
            self._children.pop(mine).bury()
            raise
        return result


class _Child:
    """One child process, idle or at one task."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        context = _context()
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, limits), daemon=True)
        with _STARTING, _no_main_module():
            self._process.start()
        theirs.close()

    def do(self, task: Callable[[Item], Result], item: Item, size: int) -> Result:
        """One task, on a file of so many bytes.

        Raises:
            WorkerLost: the child has died or exceeded its limits.
        """
        try:
            self._pipe.send((task, item, self._limits.cpu_seconds + size // 50_000_000))
            self._wait(self._limits.seconds + size // 5_000_000)
            result: Result = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._obituary() from error
        return result

    def _wait(self, seconds: float) -> None:
        """Wait for an answer; time in which this program itself was stopped, as by Ctrl-Z, does not count."""
        waited, step = 0.0, min(1.0, seconds)
        while not self._pipe.poll(step):
            waited += step
            if waited >= seconds:
                raise WorkerLost(f"no answer within {seconds:g} s", lasting=False)

    def kill(self) -> None:
        """End the process; the pipe stays open for the thread that may be reading it."""
        self._process.kill()

    def bury(self) -> None:
        """End it and let go of it; not waiting for one that the system holds, as on a dead network disk."""
        self._process.kill()
        self._process.join(1)
        if self._process.exitcode is None:
            # Or multiprocessing would wait for it when the program ends.
            getattr(multiprocessing.process, "_children", set()).discard(self._process)
        self._pipe.close()

    def _obituary(self) -> WorkerLost:
        self._process.join(1)
        code = self._process.exitcode
        if code is not None and code == -getattr(signal, "SIGXCPU", 0):
            reason = f"took more than {self._limits.cpu_seconds} s of processor time to decode"
            return WorkerLost(reason, lasting=True)
        if code is not None and -code in {each.value for each in signal.Signals}:
            return WorkerLost(f"its decoder was ended by {signal.Signals(-code).name}", lasting=False)
        return WorkerLost(f"its decoder ended with code {code}", lasting=False)


def usable_cores() -> int:
    """Cores that this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def _context() -> Any:
    """How children are started: not by forking this program, as a copy of one with torch's threads can hang.

    A fork server, which knows nothing but the decoders, makes them in milliseconds; Windows has none.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["indexer.reading"])
    return context


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hide the program's main module, which multiprocessing would import in every child.

    A child needs nothing of it; it may import torch, and take seconds and hundreds of megabytes.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _leave_interrupts_to_others() -> None:
    """Ctrl-C reaches every process of a terminal; a blocked signal is inherited, so no child dies of it."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _serve(pipe: Connection, limits: Limits) -> None:
    """A child's life: tasks until the pipe closes, as it does when the program ends, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(limits.memory_bytes)
    while True:
        try:
            task, item, cpu_seconds = pipe.recv()
        except (EOFError, OSError):
            return
        _limit_cpu(cpu_seconds)
        result = task(item)
        try:
            pipe.send(result)
        except OSError:
            return


def _limit_memory(more_bytes: int) -> None:
    """Let this process take so many bytes more; beyond, an allocation fails and Python raises MemoryError.

    What it has already counts too, and differs: numpy's BLAS reserves memory for every core.
    Source: setrlimit(2); RLIMIT_DATA limits private writable memory, `VmData` in proc(5), since Linux 4.7.
    """
    if sys.platform == "linux":
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        taken = (
            next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:")) * 1024
        )
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = taken + more_bytes
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _limit_cpu(more_seconds: int) -> None:
    """Let this process compute so many seconds more, from the next whole second on; then SIGXCPU ends it."""
    if sys.platform != "win32":
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        wanted = int(usage.ru_utime + usage.ru_stime) + 1 + more_seconds
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_CPU, (wanted, hard))
