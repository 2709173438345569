"""Who dies when, and who notices."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.process.launch import launch
from gameday.adapters.process.workers import GuardedWorkers
from gameday.core.errors import WorkerFailure
from gameday.core.log.events import UndoStep
from tests.adapters.workers.drilling import ENTRY, Drill, act, alive, soon, until

CONDUCTOR = """
import asyncio, sys
from gameday.adapters.clock import SystemClock
from gameday.adapters.process.workers import GuardedWorkers
from gameday.engine.ports import ExperimentOrder

async def main():
    entry, lost, path, journal = sys.argv[1:]
    workers = GuardedWorkers([sys.executable, entry, lost], SystemClock())
    await workers.start()
    experiment = await workers.arm(ExperimentOrder("f", path, journal))
    await experiment.intent()
    await experiment.inject()

asyncio.run(main())
"""


def pid_in(path: Path) -> int:
    return int(until(lambda: path.exists() and path.read_text()))


def conductor(drill: Drill, path: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CONDUCTOR, str(ENTRY), str(drill.lost), path]
    return subprocess.Popen([*command, str(drill.journal)], start_new_session=True)


@pytest.mark.parametrize("group", [False, True], ids=["conductor", "its whole process group"])
def test_a_killed_conductor_leaves_no_worker_and_is_reported_once(
    drill: Drill, group: bool
) -> None:
    worker, child = drill.directory / "worker", drill.directory / "child"
    path = drill.file(method=[act("spawn", pidfile=str(child)), act("hang", started=str(worker))])
    with conductor(drill, path) as process:
        pids = pid_in(child), pid_in(worker)
        assert all(alive(pid) for pid in pids)
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        until(drill.lost.exists)
        assert not any(alive(pid) for pid in pids)  # dead before on_lost was called
        assert until(drill.lost.read_text) == "lost\n"


def test_ctrl_c_to_the_process_group_leaves_the_guardian(drill: Drill) -> None:
    worker = drill.directory / "worker"
    with conductor(drill, drill.file(method=[act("hang", started=str(worker))])) as process:
        pid = pid_in(worker)
        os.killpg(process.pid, signal.SIGSTOP)  # the conductor itself must not end of it
        # Until it has really stopped, a later SIGHUP ends it: the kernel takes that one first.
        until(lambda: stopped(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGHUP)
        assert alive(pid)
        assert not drill.lost.exists()
        os.killpg(process.pid, signal.SIGKILL)
        until(drill.lost.exists)
        assert not alive(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_guardian_does_not_end_of_a_signal(drill: Drill, number: signal.Signals) -> None:
    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, drill.file(method=[act("steady")]))
            os.kill(guardian_of(experiment.hand.pid), number)
            await experiment.intent()
            assert (await experiment.inject()).reason == ""

    asyncio.run(go())
    assert not drill.lost.exists()


def guardian_of(worker: int) -> int:
    """worker → fork server → guardian."""
    return parent(parent(worker))


def children(pid: int) -> list[int]:
    """Whom that process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def stopped(pid: int) -> bool:
    """All of its threads have stopped."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in threads)


def parent(pid: int) -> int:
    """Who has started that process."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def test_a_silent_conductor_counts_as_lost(drill: Drill) -> None:
    async def go() -> None:
        workers = GuardedWorkers(drill.command("0.3"), SystemClock())
        await workers.start()
        time.sleep(0.5)  # noqa: ASYNC251  # the conductor hangs: that is what is tested
        await soon(drill.lost.exists)
        with pytest.raises(WorkerFailure, match="guardian"):
            await drill.armed(workers, drill.file(method=[]))
        await workers.close()
        assert drill.lost.read_text() == "lost\n"

    asyncio.run(go())


def test_an_abort_does_not_wait_for_a_pause_and_nothing_is_in_flight(drill: Drill) -> None:
    trace = drill.directory / "trace"
    action = act("touch", path=str(trace)) | {"pauses": {"after": 3600}}
    path = drill.file(method=[action], rollbacks=[act("append", path=str(trace), word="undone")])

    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path)
            intent = await experiment.intent()
            injecting = asyncio.create_task(experiment.inject())
            await soon(trace.exists)
            await soon(drill.journal.exists)  # written when the activity has returned
            assert await workers.kill("f") is False
            assert (await workers.undo(intent.undo[0], 10.0)).proof
            injection = await injecting
            assert injection.interrupted
            assert injection.began is not None
            assert "ended" in injection.reason
            assert await workers.kill("f") is False  # whoever asks again is told the same

    asyncio.run(go())
    assert drill.read_journal()["run"][0]["status"] == "succeeded"  # kept, although killed


def test_a_kill_in_mid_call_is_told(drill: Drill) -> None:
    started = drill.directory / "started"

    async def go() -> None:
        async with drill.workers() as workers:
            path = drill.file(method=[act("hang", started=str(started))])
            experiment = await drill.armed(workers, path)
            await experiment.intent()
            injecting = asyncio.create_task(experiment.inject())
            await soon(started.exists)
            assert await workers.kill("f") is True
            assert (await injecting).interrupted
            assert await workers.kill("f") is True, "the undo that follows a stop asks again"

    asyncio.run(go())


def test_what_the_worker_of_a_dead_guardian_was_at_counts_as_mid_call(drill: Drill) -> None:
    """Its last words died unread: that they were never heard is no proof."""
    started = drill.directory / "started"
    hang = act("hang", started=str(started)) | {"pauses": {"before": 1}}

    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, drill.file(method=[hang]))
            await experiment.intent()
            injecting = asyncio.create_task(experiment.inject())
            guardian = guardian_of(experiment.hand.pid)
            await soon(lambda: "Pausing" in drill.log.read_text())
            os.kill(guardian, signal.SIGSTOP)
            await soon(started.exists)
            os.kill(guardian, signal.SIGKILL)
            assert (await injecting).interrupted
            assert await workers.kill("f") is True

    asyncio.run(go())


def test_a_method_that_returned_is_not_in_flight_when_the_guardian_dies(drill: Drill) -> None:
    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, drill.file(method=[act("steady")]))
            await experiment.intent()
            assert (await experiment.inject()).reason == ""
            os.kill(guardian_of(experiment.hand.pid), signal.SIGKILL)
            await asyncio.wait_for(experiment.hand.gone(), 20)
            assert await workers.kill("f") is False

    asyncio.run(go())


def test_a_grandchild_dies_with_the_group_also_after_the_method_returned(drill: Drill) -> None:
    pidfile = drill.directory / "pid"

    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(
                workers, drill.file(method=[act("spawn", pidfile=str(pidfile))])
            )
            await experiment.intent()
            assert (await experiment.inject()).reason == ""
            pid = int(pidfile.read_text())
            assert alive(pid)  # a load generator, say, is the fault: it stays
            await experiment.kill()
            assert not alive(pid)

    asyncio.run(go())


def test_a_worker_that_dies_is_noticed_at_once(drill: Drill) -> None:
    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, drill.file(method=[act("die")]))
            await experiment.intent()
            injection = await experiment.inject()
            assert injection.interrupted
            assert "exit code" in injection.reason
            step = UndoStep(label="r", kind="rollback", target="t", spec={"activity": act("die")})
            with pytest.raises(WorkerFailure, match="ended"):
                await workers.undo(step, 10.0)

    asyncio.run(go())


@pytest.mark.parametrize("activity", ["steady", "fail"])
def test_a_full_disk_that_takes_no_words_keeps_nothing_in(drill: Drill, activity: str) -> None:
    """The worker's log cannot be written; it still plays its inverse and says how it went."""
    spec = {"activity": act(activity), "log": "/dev/full"}

    async def go() -> None:
        async with drill.workers() as workers:
            step = UndoStep(label="r", kind="rollback", target="t", spec=spec)
            outcome = await workers.undo(step, 10.0)
            assert bool(outcome.proof) is (activity == "steady")
            assert bool(outcome.reason) is (activity == "fail")

    asyncio.run(go())


def test_an_undo_that_hangs_is_cut_off_at_its_deadline(drill: Drill) -> None:
    started = drill.directory / "started"
    activity = act("hang", started=str(started))

    async def go() -> None:
        async with drill.workers() as workers:
            step = UndoStep(label="r", kind="rollback", target="t", spec={"activity": activity})
            with pytest.raises(WorkerFailure, match="could not undo 'r' within 1 s"):
                await workers.undo(step, 1.0)
            assert not alive(int(started.read_text()))

    asyncio.run(go())


def test_when_the_guardian_dies_workers_die_and_undo_goes_on_but_no_injection(
    drill: Drill,
) -> None:
    started = drill.directory / "started"
    path = drill.file(method=[act("hang", started=str(started))], rollbacks=[act("steady", "back")])

    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path)
            intent = await experiment.intent()
            injecting = asyncio.create_task(experiment.inject())
            await soon(started.exists)
            os.kill(guardian_of(experiment.hand.pid), signal.SIGKILL)
            injection = await injecting
            assert injection.reason == "the guardian is gone"
            await soon(lambda: not alive(int(started.read_text())))
            with pytest.raises(WorkerFailure, match="nothing may be injected"):
                await drill.armed(workers, path)
            assert (await workers.undo(intent.undo[0], 10.0)).proof

    asyncio.run(go())


def test_when_the_fork_server_dies_workers_die_and_undo_goes_on(drill: Drill) -> None:
    path = drill.file(method=[act("steady")], rollbacks=[act("steady", "back")])

    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path)
            intent = await experiment.intent()
            os.kill(parent(experiment.hand.pid), signal.SIGKILL)
            await asyncio.wait_for(experiment.hand.gone(), 20)
            assert (await workers.undo(intent.undo[0], 20.0)).proof

    asyncio.run(go())


def test_many_undos_run_side_by_side(drill: Drill) -> None:
    """Each waits until all twenty are there, which one after the other they never would be."""
    here = drill.directory / "undoing"
    here.mkdir()
    script = f"touch {here}/$$; while [ $(ls {here} | wc -l) -lt 20 ]; do sleep 0.05; done"
    provider = {"type": "process", "path": "sh", "arguments": ["-c", script]}
    activity = {"type": "action", "name": "r", "provider": provider}
    step = UndoStep(label="r", kind="rollback", target="t", spec={"activity": activity})

    async def go() -> None:
        async with drill.workers() as workers:
            outcomes = await asyncio.gather(*(workers.undo(step, 60.0) for _ in range(20)))
            assert all(outcome.proof for outcome in outcomes)

    asyncio.run(go())


def test_a_guardian_that_is_not_needed_after_all_is_dismissed(drill: Drill) -> None:
    launched = launch(drill.command())
    launched.dismiss()
    assert launched.wait(10.0)
    launched = launch(drill.command())
    asyncio.run(GuardedWorkers([], SystemClock(), launched=launched).close())
    assert launched.wait(10.0)
    assert not drill.lost.exists()


_FAILING_VERB = """
import asyncio, sys
import click
from gameday.adapters.clock import SystemClock
from gameday.adapters.process.launch import launch
from gameday.adapters.process.workers import GuardedWorkers
from gameday.cli import main

@click.command()
@click.pass_obj
def verb(app):
    async def go():
        global kept  # as signal handlers do
        kept = GuardedWorkers([], SystemClock(), launched=app.launched)
        await kept.start()
        raise RuntimeError("out of the middle of a run")
    if "use" in sys.argv[1]:
        asyncio.run(go())
    raise RuntimeError("before anybody took the guardian")

main.cli.get_command = lambda ctx, name: verb
sys.exit(main.run(["verb"], launch(sys.argv[2:])))
"""


@pytest.mark.parametrize("how", ["use", "leave"])
def test_only_a_guardian_that_nobody_used_is_dismissed_when_a_verb_fails(
    drill: Drill, how: str
) -> None:
    """One that guards a run undoes what is in: "done" would leave it there."""
    command = [sys.executable, "-c", _FAILING_VERB, how, *drill.command()]
    env = {**os.environ, "TMPDIR": str(drill.directory)}  # where the error is kept
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=env) as process:
        assert process.stderr is not None
        (guardian,) = until(lambda: children(process.pid))
        assert b"internal error" in process.stderr.read()
    until(lambda: not alive(guardian))
    assert drill.lost.exists() is (how == "use")


def test_a_guardian_that_undoes_for_a_conductor_it_lost_is_left_to_it(drill: Drill) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from gameday.adapters.process.guardian import serve\n"
        "def undo(charge): time.sleep(0.5); Path(sys.argv[1]).write_text('undone')\n"
        "serve(int(sys.argv[-1]), undo, silence=0.2)"
    )
    command = [sys.executable, "-c", code, str(drill.lost)]

    async def go() -> None:
        workers = GuardedWorkers(command, SystemClock())
        await workers.start()
        time.sleep(0.3)  # noqa: ASYNC251  # the conductor hangs, then comes back
        await workers.close()
        await soon(drill.lost.exists)

    asyncio.run(go())


def test_a_guardian_that_cannot_start_is_a_clear_failure(drill: Drill) -> None:
    async def go(command: list[str]) -> None:
        workers = GuardedWorkers(command, SystemClock())
        with pytest.raises(WorkerFailure, match="guardian"):
            await workers.start()
        await workers.close()

    asyncio.run(go(["/no/such/program"]))
    asyncio.run(go([sys.executable, "-c", "raise SystemExit(1)"]))
