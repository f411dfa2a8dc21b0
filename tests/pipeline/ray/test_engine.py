"""Engines: whoever runs the stages, the same records come out, in the same order, for the same reasons.

The tests with a real Ray share one of two CPUs on this machine, which takes some seconds to start.
"""

import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lemma_hf.data.card import Card
from lemma_hf.errors import BudgetSpentError, ConfigError, DataError, LemmaError, MissingDependencyError
from lemma_hf.inference import Sampling
from lemma_hf.inference.endpoint import ChatClient, Endpoint, ReplyStore
from lemma_hf.inference.endpoint.chat import Reply
from lemma_hf.inference.endpoint.reply_store import StoredReply
from lemma_hf.inference.vllm import VLLMStudent
from lemma_hf.pipeline import (
    Funnel,
    Stage,
    Turns,
    WorldGoesOn,
    analyse_stage,
    correct_stage,
    error_distribution,
    grade_stage,
    inject_stage,
    plan_injections,
    select_stage,
    smooth_stage,
    split_by_problem,
    store,
    take_turns,
    with_targets,
    wrong_stage,
)
from lemma_hf.pipeline.engine import Engine, LocalEngine
from lemma_hf.pipeline.ray._cluster import load_ray
from lemma_hf.pipeline.ray._engine import RayEngine
from lemma_hf.pipeline.ray._files import Folder, Rows
from lemma_hf.pipeline.ray._store import RayReplyStore
from lemma_hf.prompts import prompt_style
from lemma_hf.records import Attempt, Dropped, DropReason, Flawed, Problem
from lemma_hf.taxonomy import INJECTABLE
from lemma_hf.teachers import LLMTeacher, ReferenceTeacher, Teacher, WorldTeacher
from lemma_hf.testing import LoopbackEndpoint
from lemma_hf.world.stories import STORIES

ITEMS = [Problem(str(number), "2 + 2?", "4") for number in range(20)]


def count_of(stage: Stage[Any, Any], items: Sequence[Any], engine: Engine) -> list[Any]:
    return [len(results) for _, results in engine.batches(stage, items)]


# Without a Ray that runs


def test_batches_come_in_order_and_an_empty_list_has_none() -> None:
    stage: Stage[int, int] = Stage("double", lambda items: [2 * item for item in items], batch=2)
    assert list(LocalEngine().batches(stage, [1, 2, 3])) == [(2, [2, 4]), (1, [6])]
    assert list(LocalEngine().batches(stage, [])) == []
    assert list(LocalEngine().batches(Stage("all", list, batch=None), [1, 2, 3])) == [(3, [1, 2, 3])]


@pytest.mark.parametrize("own", [True, False])
def test_the_funnel_shows_no_bar_where_the_work_shows_its_own(own: bool, capsys: pytest.CaptureFixture[str]) -> None:
    Funnel().run(Stage("ask", list, shows_progress=own), [1])
    assert ("ask" in capsys.readouterr().err) is not own


def test_an_engine_that_loses_results_is_found_out() -> None:
    class Careless(LocalEngine):
        def batches(self, stage: Stage[Any, Any], items: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
            yield len(items), list(items)[1:]

    with pytest.raises(LemmaError, match="has to return 2 results for 2 items, but returned 1"):
        Funnel(progress=False, engine=Careless()).run(Stage("s", list), [1, 2])


def test_without_ray_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'lemma-hf\[ray\]'"):
        RayEngine()


@pytest.mark.parametrize(
    ("address", "message"),
    [("127.0.0.1:{}", "no cluster answers there: .*refused"), ("ray://127.0.0.1:{}", "run the recipe on a machine of")],
)
def test_a_cluster_that_is_not_there_is_said_at_once(
    address: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:  # bound, but nobody listens
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("RAY_ADDRESS", address.format(free.getsockname()[1]))
        with pytest.raises(ConfigError, match="`work_dir` has to name a folder that all machines share"):
            RayEngine()
        engine = RayEngine(tmp_path)
        with pytest.raises(ConfigError, match=message):
            count_of(Stage("s", list), ITEMS, engine)


def test_the_files_of_a_stage_are_read_as_they_were_written(tmp_path: Path) -> None:
    folder = Folder.from_work_dir(str(tmp_path), "stage")
    rows = [Rows(8, 2, [b"a", "\ud800".encode("utf-8", "surrogatepass")]), Rows(10, 1, [])]
    assert folder.write("out", rows) == folder.write("out", rows) == "000000000008.parquet"
    assert list(folder.read("000000000008.parquet")) == rows
    assert sorted(path.name for path in tmp_path.rglob("*.p*")) == ["000000000008.parquet"]
    assert [folder.begin(8), folder.begin(8), folder.begin(9)] == [1, 2, 1]
    assert folder.names("in") == []
    folder.remove()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="`work_dir`: gopher://hole cannot be used"):
        Folder.from_work_dir("gopher://hole", "stage")


# With Ray


@pytest.fixture(scope="module")
def ray_engine() -> Iterator[RayEngine]:
    ray = load_ray()
    # To Ray a GPU is a number: it hands out two that are not there. Whoever has connected before is asked nothing.
    ray.init("local", num_cpus=2, num_gpus=2, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")
    yield RayEngine()
    ray.shutdown()


GSM8K = [
    ("Tom has 3 boxes of 4 pens and buys 5 pens. How many has he?", ("3*4=12", "12+5=17"), ("3*4=12", "12+5=18")),
    ("A pad costs $7. What do 6 pads and a $2 pen cost?", ("7*6=42", "42+2=44"), ("7*6=48", "48+2=50")),
    ("Ann reads 9 pages a day for 5 days, then 4 more. How many?", ("9*5=45", "45+4=49"), ("9*5=45", "45-4=41")),
    ("Half of 30 birds fly off, then 6 come. How many are there?", ("30/2=15", "15+6=21"), ("30/2=15", "15+6=21")),
]


def real_attempts() -> list[Attempt]:
    """EIC's rows in small: a step a line, wrong in one of them; the last solution is right."""
    found = []
    for number in range(40):
        question, right, wrong = GSM8K[number % len(GSM8K)]
        said = f" ({number}: „naïve“ 😀)" if number % 3 else ""
        reference = "\n".join(f"It is {step}." for step in right)
        problem = Problem(f"q{number}", question + said, right[-1].partition("=")[2], reference, "gsm8k")
        steps = tuple(f"It is {step}.\n" for step in wrong)
        answer = "" if number == 5 else f"The answer is: {wrong[-1].partition('=')[2]}"
        found.append(Attempt(problem, (*steps, answer), id=f"a{number}"))
    return found


def make(
    engine: Engine, folder: Path, teacher: Teacher, attempts: Sequence[Attempt], problems: Sequence[Problem]
) -> tuple[Any, ...]:
    """Everything that a run leaves: kept records, counts, rejects, and the bytes of the dataset."""
    rejects = folder / "rejects.jsonl"
    funnel = Funnel(rejects, progress=False, engine=engine)
    graded = funnel.run(grade_stage("gsm8k"), attempts)
    flawed = funnel.run(analyse_stage(teacher), funnel.run(wrong_stage(), graded))
    asked = plan_injections(problems, 60, distribution=error_distribution(flawed, graded))
    flawed = with_targets([*flawed, *funnel.run(inject_stage(teacher, "gsm8k"), asked)], graded)
    written = funnel.run(smooth_stage(teacher), funnel.run(correct_stage(teacher, both=True), flawed))
    kept = funnel.run(select_stage(benchmark="gsm8k", max_per_problem=3), written)
    store(split_by_problem(kept, 10), folder / "data", prompt_style("instruction"), Card("t"), funnel)
    files = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    return kept, funnel.counts, files


@pytest.mark.slow
@pytest.mark.parametrize("world", [False, True], ids=["reference", "world"])
def test_ray_makes_the_same_dataset_to_the_byte(world: bool, ray_engine: RayEngine, tmp_path: Path) -> None:
    problems = STORIES.problems(30, seed=3) if world else [attempt.problem for attempt in real_attempts()]
    teacher: Teacher = WorldTeacher(STORIES) if world else ReferenceTeacher()
    attempts = [] if world else real_attempts()
    here = make(LocalEngine(), tmp_path / "here", teacher, attempts, problems)
    there = make(ray_engine, tmp_path / "there", teacher, attempts, problems)
    assert here == there
    assert len(here[0]) > 40
    assert sum(sum(count.dropped.values()) for count in here[1]) > 0
    assert any(name.endswith(".parquet") for name in here[2])


@pytest.mark.slow
def test_turns_at_each_mistake_are_the_same_on_ray(ray_engine: RayEngine) -> None:
    teacher = WorldTeacher(STORIES)
    turns = Turns(teacher, STORIES.split, WorldGoesOn(teacher, INJECTABLE), STORIES.bare_step)
    wanted = plan_injections(STORIES.problems(150, seed=3), 150)
    made = []
    for engine in (LocalEngine(), ray_engine):
        funnel = Funnel(progress=False, engine=engine)
        made.append((take_turns(funnel, turns, funnel.run(inject_stage(teacher), wanted)), funnel.counts))
    assert made[0] == made[1]
    assert {1, 2, 3} <= {len(trajectory.errors) for trajectory in made[0][0]}


@pytest.mark.slow
def test_batches_are_the_same_and_results_in_order_however_many_workers(ray_engine: RayEngine) -> None:
    def work(items: Sequence[Problem]) -> list[Problem | Dropped]:
        import time

        time.sleep(0.2 if items[0].id == "0" else 0)  # the first batch is done last
        return [
            Dropped(item.id, f"of {len(items)}", DropReason.EMPTY, items[0].id) if int(item.id) % 3 == 0 else item
            for item in items
            for _ in range(2)
        ]

    for actors in (0, 2):
        stage = Stage("order", work, fan_out=2, batch=3, actors=actors)
        assert list(ray_engine.batches(stage, ITEMS)) == list(LocalEngine().batches(stage, ITEMS))


@pytest.mark.slow
def test_a_stage_that_compares_all_items_or_takes_other_things_runs_here(ray_engine: RayEngine) -> None:
    here = os.getpid()

    def where(items: Sequence[Any]) -> list[Any]:
        return [Problem(str(os.getpid()), "", "") for _ in items]

    def places(stage: Stage[Any, Any], items: Sequence[Any]) -> set[int]:
        return {int(item.id) for _, results in ray_engine.batches(stage, items) for item in results}

    assert places(Stage("select", where, batch=None), ITEMS) == {here}
    assert places(Stage("read", where), [1, 2]) == {here}
    assert here not in places(Stage("spread", where), ITEMS)


@pytest.mark.slow
@pytest.mark.parametrize("actors", [0, 1])
def test_an_error_comes_out_as_what_it_was(actors: int, ray_engine: RayEngine) -> None:
    def spent(items: Sequence[Problem]) -> list[Problem]:
        raise BudgetSpentError("the budget of $3.00 is spent")

    def broken(items: Sequence[Problem]) -> list[Problem]:
        raise KeyError("a mistake in the stage")

    def odd(items: Sequence[Problem]) -> list[Problem]:
        class Odd(Exception):
            def __init__(self, one: int, two: int) -> None:
                super().__init__(f"{one} and {two}")

        raise Odd(1, 2)

    with pytest.raises(BudgetSpentError) as stopped:
        count_of(Stage("spend", spent, actors=actors), ITEMS, ray_engine)
    assert (str(stopped.value), stopped.value.__cause__) == ("the budget of $3.00 is spent", None)
    with pytest.raises(KeyError) as mistake:
        count_of(Stage("break", broken, actors=actors), ITEMS, ray_engine)
    assert 'raise KeyError("a mistake in the stage")' in mistake.value.__notes__[0]
    with pytest.raises(LemmaError, match="Odd: 1 and 2"):
        count_of(Stage("odd", odd, actors=actors), ITEMS, ray_engine)
    with pytest.raises(LemmaError, match="has to return 20 results for 20 items, but returned 19"):
        Funnel(progress=False, engine=ray_engine).run(Stage("lose", lambda items: items[1:], actors=actors), ITEMS)
    with pytest.raises(DataError, match="int: cannot be sent"):
        count_of(Stage("number", lambda items: [1 for _ in items], actors=actors), ITEMS, ray_engine)


@pytest.mark.slow
@pytest.mark.parametrize("actors", [0, 1])
def test_a_worker_that_dies_is_replaced_but_not_for_ever(actors: int, ray_engine: RayEngine, tmp_path: Path) -> None:
    mark = str(tmp_path / "died")

    def once(items: Sequence[Problem]) -> Sequence[Problem]:
        if items[0].id == "10" and not Path(mark).exists():
            Path(mark).touch()
            os._exit(1)
        return items

    def always(items: Sequence[Problem]) -> Sequence[Problem]:
        os._exit(1)

    stage = Stage("die once", once, batch=5, actors=actors)
    assert list(ray_engine.batches(stage, ITEMS)) == list(LocalEngine().batches(stage, ITEMS))
    assert Path(mark).exists()
    with pytest.raises(LemmaError, match=r"stage `die`: the process that works on items 0 to \d+ died 4 times"):
        count_of(Stage("die", always, batch=5, actors=actors), ITEMS[:5], ray_engine)


@pytest.mark.slow
def test_the_files_in_between_are_kept_or_removed_as_asked(ray_engine: RayEngine, tmp_path: Path) -> None:
    stage: Stage[Problem, Problem] = Stage("look over", list, batch=10)
    keeping = RayEngine(tmp_path / "kept", keep=True, cpus=2)
    assert count_of(stage, ITEMS, keeping) == count_of(stage, ITEMS, RayEngine(tmp_path / "gone", cpus=2)) == [10, 10]
    assert list((tmp_path / "gone").iterdir()) == []
    (made,) = (tmp_path / "kept").iterdir()
    assert made.name == "00-look-over"
    assert {path.parent.name for path in made.rglob("*.parquet")} == {"in", "out"}
    assert list(Path(ray_engine.work_dir).iterdir()) == []


@pytest.mark.slow
def test_what_cannot_run_is_said_before_it_begins(ray_engine: RayEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = threading.Lock()
    with pytest.raises(ConfigError, match="the work of stage `hold` cannot be sent to other processes"):
        count_of(Stage("hold", lambda items: [lock for _ in items]), ITEMS, ray_engine)
    with pytest.raises(ConfigError, match="needs 3 workers with 2 GPUs each, but Ray finds 2 GPUs on this machine"):
        count_of(Stage("sample", list, gpus=2, actors=3), ITEMS, ray_engine)
    monkeypatch.setattr("lemma_hf.pipeline.ray._engine.MOST_BYTES", 10)
    with pytest.raises(ConfigError, match="holds 0 MB, more than is sent to every worker"):
        count_of(Stage("large", list), ITEMS, ray_engine)
    with pytest.raises(ConfigError, match="`llm_workers` must be at least 1"):
        RayEngine(llm_workers=0)


# A model on Ray


@pytest.mark.slow
def test_a_model_is_loaded_once_by_each_worker_that_has_its_gpus(ray_engine: RayEngine) -> None:
    student = VLLMStudent("m", tensor_parallel=2)

    def sample(items):
        # A stand-in for vLLM, which needs real GPUs: it counts how often it was loaded, and names its GPUs.
        loads = []

        class Tokenizer:
            eos_token_id = None

            def __call__(self, prompts):
                return {"input_ids": [[1] for _ in prompts]}

        class LLM:
            llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=9))

            def __init__(self, **arguments):
                loads.append(arguments)

            def get_tokenizer(self):
                return Tokenizer()

            def generate(self, prompts, params, use_tqdm):
                text = f"{os.environ['CUDA_VISIBLE_DEVICES']} {len(loads)}"
                return [SimpleNamespace(outputs=[SimpleNamespace(text=text, finish_reason="stop", token_ids=(1,))])]

        sys.modules.setdefault("vllm", SimpleNamespace(LLM=LLM, SamplingParams=SimpleNamespace))
        written = [student.complete([item.question], Sampling())[0][0] for item in items]
        return [Problem(str(os.getpid()), completion.text, "") for completion in written]

    stage: Stage[Problem, Problem] = Stage("sample", sample, batch=5, gpus=student.gpus)
    found = [item for _, results in ray_engine.batches(stage, ITEMS) for item in results]
    assert len(found) == len(ITEMS)
    assert len({item.id for item in found}) == 1
    assert {item.question for item in found} == {"0,1 1"}


def test_a_stores_handle_is_no_more_than_its_name() -> None:
    handle = RayReplyStore.__new__(RayReplyStore)
    handle.__setstate__({"path": "replies.sqlite", "name": "lemma-hf-replies-1"})
    assert b"sqlite3" not in pickle.dumps(handle)
    assert pickle.loads(pickle.dumps(handle)).name == "lemma-hf-replies-1"


@pytest.mark.slow
def test_a_store_on_ray_is_the_store_in_its_file(ray_engine: RayEngine, tmp_path: Path) -> None:
    row = StoredReply(b"k" * 16, "m", "fix", Reply("Wait.", 3, 1), 0.5)
    with RayReplyStore(tmp_path / "replies.sqlite", cpus=2) as first:
        first.put_many([row])
        assert pickle.loads(pickle.dumps(first)).get_many([row.key, b"other"]) == {row.key: row.result}
        with pytest.raises(DataError, match="another run is using it"):
            RayReplyStore(tmp_path / "replies.sqlite")
    with ReplyStore(tmp_path / "replies.sqlite") as again:
        assert again.get_many([row.key]) == {row.key: row.result}
    (tmp_path / "no.sqlite").write_text("no store", "utf-8")
    with pytest.raises(DataError, match="is no reply store, or broken"):
        RayReplyStore(tmp_path / "no.sqlite")


FOUND = "12 + 5 is 17.\n<step>2</step>\n<type>calculation</type>"


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_workers_ask_a_model_and_nothing_is_paid_twice(workers: int, ray_engine: RayEngine, tmp_path: Path) -> None:
    attempts = real_attempts()[:12]
    engine = RayEngine(llm_workers=workers, cpus=2)

    def analysed(engine: Engine, replies: Any, endpoint: Endpoint) -> list[Any]:
        teacher = LLMTeacher(ChatClient(endpoint, replies, progress=False))
        stage: Stage[Any, Any] = Stage("analyse", analyse_stage(teacher).work, batch=3, shows_progress=True)
        return [list(results) for _, results in engine.batches(stage, attempts)]

    with LoopbackEndpoint(answer=lambda body: FOUND) as server:
        endpoint = Endpoint("m", server.url, concurrency=4).share(workers)
        with ReplyStore(tmp_path / "here.sqlite") as replies:
            here = analysed(LocalEngine(), replies, endpoint)
        calls = len(server.requests)
        with RayReplyStore(tmp_path / "there.sqlite", cpus=2) as replies:
            assert analysed(engine, replies, endpoint) == here
            assert len(server.requests) == 2 * calls
            assert analysed(engine, replies, endpoint) == here
            assert sum(total.replies for total in replies.totals()) == calls
        assert len(server.requests) == 2 * calls
    assert {type(item) for results in here for item in results} == {Flawed}


QUIET = """
from lemma_hf.pipeline import Funnel, Stage
from lemma_hf.pipeline.ray._engine import RayEngine
from lemma_hf.records import Problem

funnel = Funnel(engine=RayEngine(cpus=2))
for actors in (0, 1):
    funnel.run(Stage("copy", list, batch=5, actors=actors), [Problem(str(n), "", "") for n in range(20)])
print(funnel.table())
"""


@pytest.mark.slow
def test_ray_says_nothing_beside_the_bars(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUIET], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["stage  in  out  dropped", "copy   20   20  -", "copy   20   20  -"]
    said = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.strip()]
    assert said
    assert all(line.startswith("copy: ") for line in said), done.stderr
