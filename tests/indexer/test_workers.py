"""Real child processes that work, die, hang, compute for ever and eat memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import indexer.workers
from indexer.errors import WorkerLost
from indexer.workers import ChildProcesses, Limits, usable_cores
from tests.indexer import tasks

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits of this kind are POSIX only")
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of this kind are Linux only")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_results_come_from_children_that_are_kept() -> None:
    with ChildProcesses(1) as workers:
        assert [workers.submit(tasks.double, number).result() for number in (1, 2, 3)] == [2, 4, 6]
        first, second = (workers.submit(tasks.own_pid, None).result() for _ in range(2))
    assert first == second != os.getpid()


def test_two_children_work_at_a_time() -> None:
    with ChildProcesses(2) as workers:
        slow = workers.submit(tasks.sleep, 30)
        assert workers.submit(tasks.double, 4).result() == 8
        assert not slow.done()


@posix
def test_a_child_that_dies_costs_its_own_task_alone() -> None:
    with ChildProcesses(1) as workers:
        before = workers.submit(tasks.own_pid, None).result()
        with pytest.raises(WorkerLost, match="ended by SIGKILL") as lost:
            workers.submit(tasks.die, None).result()
        assert not lost.value.lasting
        assert workers.submit(tasks.own_pid, None).result() != before


def test_a_child_that_leaves_is_named_with_its_code() -> None:
    with ChildProcesses(1) as workers, pytest.raises(WorkerLost, match="ended with code 7"):
        workers.submit(tasks.leave, 7).result()


def test_a_task_that_hangs_is_killed() -> None:
    with ChildProcesses(1, Limits(seconds=0.5)) as workers:
        pid = workers.submit(tasks.own_pid, None).result()
        with pytest.raises(WorkerLost, match=r"no answer within 0\.5 s") as lost:
            workers.submit(tasks.sleep, 600).result()
        assert not lost.value.lasting  # a disk that is gone comes back
        assert not alive(pid)
        assert workers.submit(tasks.double, 4).result() == 8


@posix
def test_a_task_that_computes_for_ever_is_the_files_own_fault() -> None:
    with ChildProcesses(1, Limits(cpu_seconds=1)) as workers:
        with pytest.raises(WorkerLost, match="more than 1 s of processor time") as lost:
            workers.submit(tasks.compute_for_ever, None).result()
        assert lost.value.lasting
        assert workers.submit(tasks.double, 4).result() == 8


@linux
def test_memory_is_limited_in_the_child_alone() -> None:
    with ChildProcesses(1, Limits(memory_bytes=600 << 20)) as workers:
        assert workers.submit(tasks.take_memory, 700 << 20).result() == "no memory"
        assert workers.submit(tasks.take_memory, 10 << 20).result() == f"took {10 << 20}"
    assert tasks.take_memory(700 << 20) == f"took {700 << 20}"


def test_closing_ends_busy_children_and_their_threads() -> None:
    threads = threading.active_count()
    workers = ChildProcesses(2)
    pids = {workers.submit(tasks.own_pid, None).result() for _ in range(4)}
    busy = [workers.submit(tasks.sleep, 600) for _ in range(5)]
    workers.close()
    assert not any(alive(pid) for pid in pids)
    assert threading.active_count() == threads
    assert all(each.cancelled() or isinstance(each.exception(), WorkerLost) for each in busy)


PROGRAM = """
from indexer.workers import ChildProcesses
from tests.indexer import tasks
workers = ChildProcesses(2)
for _ in range(2):
    workers.submit(tasks.say_and_sleep, 2)
input()
"""


@posix
def test_children_end_when_the_program_is_killed() -> None:
    repository = Path(indexer.workers.__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert [program.stdout.readline() for _ in range(2)] == ["busy\n", "busy\n"]
        program.send_signal(signal.SIGKILL)
        # The children hold the other end of this pipe: it ends when they have ended.
        assert program.stdout.read() == ""


def test_one_worker_a_core() -> None:
    with ChildProcesses() as workers:
        assert workers.count == usable_cores() >= 1


def test_the_programs_main_module_is_run_once(tmp_path: Path) -> None:
    repository = Path(indexer.workers.__file__).parent.parent
    script = tmp_path / "unguarded.py"  # without `if __name__ == "__main__"`, as people write them
    script.write_text(
        "from indexer.workers import ChildProcesses\n"
        "from tests.indexer import tasks\n"
        "print('main')\n"
        "with ChildProcesses(1) as workers:\n"
        "    print(workers.submit(tasks.double, 4).result())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    ran = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("main\n8\n", "")
