import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.utils.lock import folder_lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="this system has no such locks")

HOLD = (
    "import sys, time; from lemma_hf.utils.lock import folder_lock\n"
    "with folder_lock(sys.argv[1]): print('held', flush=True); time.sleep(60)"
)


def hold(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_with_the_number_of_the_first_until_that_one_is_dead(tmp_path: Path) -> None:
    process = hold(tmp_path / "out")
    with pytest.raises(ConfigError, match=rf"process {process.pid} writes into it"), folder_lock(tmp_path / "out"):
        pytest.fail("it was entered")
    process.send_signal(signal.SIGKILL)
    process.wait()
    with folder_lock(tmp_path / "out"):
        assert (tmp_path / "out.lock").read_text() == str(os.getpid())
    assert not (tmp_path / "out.lock").exists()


def test_other_folders_are_free_and_the_lock_ends_with_an_exception_too(tmp_path: Path) -> None:
    with folder_lock(tmp_path / "a"), folder_lock(tmp_path / "b"), folder_lock(tmp_path / "c" / "d"):
        pass
    with pytest.raises(ZeroDivisionError), folder_lock(tmp_path / "a"):
        _ = 1 / 0
    with folder_lock(tmp_path / "a"):
        pass


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), folder_lock(tmp_path / "file" / "out"):
        pytest.fail("it was entered")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can end a child with its parent")
def test_a_command_ends_with_the_process_that_runs_it_even_by_sigkill(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lemma_hf.experiments.commands import run_command\n"
        "run_command([sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'], "
        "Path(sys.argv[1]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "log")])
    end = time.monotonic() + 30
    while not (tmp_path / "log").exists() or not (tmp_path / "log").read_text().split("\n")[-2:][0].strip().isdigit():
        assert time.monotonic() < end
        time.sleep(0.05)
    child = int((tmp_path / "log").read_text().split("\n")[-2])
    parent.kill()
    parent.wait()
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2][:3]:
        assert time.monotonic() < end
        time.sleep(0.05)
