"""Settings of a run that makes a dataset, in five groups.

They hold values and a help line each. The stages do not know them: only this folder and the recipe read them.
"""

from dataclasses import dataclass, field

from lemma_hf.teachers.reference import DEFAULT_MIN_SURENESS


@dataclass
class InputSettings:
    """Settings of the inputs: problems, and solutions of them that exist already."""

    world: str = field(
        default="", metadata={"help": "world that makes the problems (stories, sums); empty: read files"}
    )
    problems: int = field(default=2000, metadata={"help": "how many problems the world makes"})
    data_dir: str = field(default=".", metadata={"help": "where the input files are"})
    problem_files: list[str] = field(
        default_factory=list,
        metadata={"help": "files of problems with their answers, and solutions where there are some"},
    )
    problem_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    max_problems: int = field(default=0, metadata={"help": "take the first so many problems, for a small run; 0: all"})
    sample: str = field(
        default="",
        metadata={"help": "where attempts come from: `from_file` or `student`; empty: `student` where one is named"},
    )
    attempts: list[str] = field(default_factory=list, metadata={"help": "files of wrong solutions with right ones"})
    attempt_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    outputs: list[str] = field(default_factory=list, metadata={"help": "files of what models wrote"})
    output_columns: list[str] = field(default_factory=list, metadata={"help": "name=column pairs, where they differ"})
    where_from: str = field(default="", metadata={"help": "how to get the input files, shown where one is missing"})
    test_sets: list[str] = field(
        default_factory=list,
        metadata={"help": "test sets to keep apart: FILE, FILE:COLUMN or HUB_ID:CONFIG:SPLIT:COLUMN"},
    )
    overlap_words: int = field(default=13, metadata={"help": "words in a row that make a problem one of a test set"})


@dataclass
class ParticipantSettings:
    """Settings of the participants: the student, who makes mistakes, and the teacher, who corrects them."""

    student: str = field(
        default="", metadata={"help": "a folder or Hub name of a model to run here, or MODEL@URL, or MODEL@hf"}
    )
    student_options: list[str] = field(
        default_factory=list,
        metadata={"help": "of the endpoint: concurrency=64, key_env=NAME, usd_per_million_in=0.1, …"},
    )
    student_prompt_style: str = field(
        default="", metadata={"help": "how the question is put to the student; empty: as `prompt_style`"}
    )
    samples: int = field(default=4, metadata={"help": "solutions the student writes of each problem"})
    temperature: float = field(default=0.7, metadata={"help": "of the student (paper, section 4.1)"})
    top_p: float = field(default=1.0, metadata={"help": "of the student (paper, section 4.1)"})
    max_new_tokens: int = field(default=1024, metadata={"help": "of one solution of the student"})
    batch_size: int = field(default=64, metadata={"help": "solutions in one batch of a student on this machine"})
    gpus: int = field(default=1, metadata={"help": "GPUs that one `vllm:` student takes on a cluster"})
    teacher: str = field(
        default="",
        metadata={"help": "`world`, `reference`, MODEL@URL or MODEL@hf; empty: `world` for it, else `reference`"},
    )
    teacher_options: list[str] = field(default_factory=list, metadata={"help": "of the endpoint, as for the student"})
    teacher_max_tokens: int = field(default=2048, metadata={"help": "of one reply of the teacher"})
    prompts_dir: str = field(
        default="",
        metadata={"help": "a folder with prompts of your own, or `small`: ours for small models and slow servers"},
    )
    votes: int = field(
        default=1, metadata={"help": "how often a model is asked for each first wrong step; more than half must agree"}
    )
    hold_against_reference: bool = field(
        default=False,
        metadata={"help": "drop an attempt where a model names another step than `reference` is sure of"},
    )
    min_sureness: float = field(
        default=DEFAULT_MIN_SURENESS,
        metadata={"help": "below this sureness, from 0 to 1, `reference` names no step, and contradicts no model"},
    )
    verify_prefix: int = field(
        default=0,
        metadata={"help": "roll-outs of the student from the steps before the error, one of which must be right"},
    )
    trust_annotations: bool = field(
        default=True, metadata={"help": "whether `reference` believes the files on which step is wrong"}
    )


@dataclass
class TrajectorySettings:
    """Settings of the trajectories: how they are made of mistakes, and which of them are kept."""

    injections: int = field(default=0, metadata={"help": "mistakes to make on purpose, added to those that were found"})
    injection_share: float = field(default=0.0, metadata={"help": "or the share that such mistakes are to have of all"})
    min_hardness: float = field(
        default=0.0, metadata={"help": "make mistakes only in problems of which this share of attempts was wrong"}
    )
    turns: str = field(
        default="first",
        metadata={
            "help": "`first`: one turn, at the first mistake of an attempt (the paper's method); `each`: one at every "
            "mistake, the student writing on behind each"
        },
    )
    max_turns: int = field(
        # Of a student that is wrong in half of its solutions behind a corrected step, one in sixteen makes more.
        default=4,
        metadata={"help": "for `turns: each`: most turns of a row; the last correction is the teacher's to the end"},
    )
    keep_right: bool = field(
        default=True,
        metadata={"help": "for `turns: each`: keep solutions without a mistake too, as rows of plain reasoning"},
    )
    both_strategies: bool = field(
        default=False, metadata={"help": "correct each mistake both ways, not one of the two"}
    )
    cut_at_first_error: bool = field(
        default=True, metadata={"help": "end a wrong solution with its first wrong step; false: keep all of it"}
    )
    own_targets: bool = field(
        default=True, metadata={"help": "restart towards a right solution of the student's own, where there is one"}
    )
    benchmark: str = field(default="gsm8k", metadata={"help": "how answers are read when they are graded"})
    find_spans: bool = field(
        default=True, metadata={"help": "keep only trajectories whose turn can be found again from its words"}
    )
    max_characters: int = field(default=4000, metadata={"help": "longest solution kept"})
    max_per_problem: int = field(default=8, metadata={"help": "most trajectories of one problem"})
    max_rows: int = field(default=1_000_000, metadata={"help": "most trajectories in all"})
    test_share: float = field(default=0.1, metadata={"help": "share of the rows held out, by problem"})
    prompt_style: str = field(default="instruction", metadata={"help": "how the question is put in the rows"})
    seed: int = field(default=0, metadata={"help": "of every draw"})


@dataclass
class RunSettings:
    """Settings of the run: where the dataset is written, what it may cost, and what runs it."""

    output_dir: str = field(metadata={"help": "the folder to write; an earlier dataset there is replaced"})
    replies: str = field(default="", metadata={"help": "the file that keeps all replies; empty: next to output_dir"})
    budget_usd: float = field(
        default=0.0,
        metadata={"help": "what may be paid in all, earlier runs with the same replies included; 0: no limit"},
    )
    retry_failed: bool = field(default=False, metadata={"help": "ask again where an earlier run got no reply"})
    dry_run: bool = field(default=False, metadata={"help": "only show what would be asked, and for how much"})
    engine: str = field(
        default="local",
        metadata={"help": "what runs the stages: `local`, or `ray` (here, or the cluster at RAY_ADDRESS)"},
    )
    ray_dir: str = field(default="", metadata={"help": "for `ray` on a cluster: a folder that all its machines see"})
    ray_clients: int = field(
        default=1, metadata={"help": "for `ray`: concurrent workers that ask an endpoint, or hold a `vllm:` student"}
    )

    @property
    def place(self) -> str:
        """The folder of the dataset, without a slash at its end; files next to it begin with its name."""
        return self.output_dir.rstrip("/")

    @property
    def replies_file(self) -> str:
        """The file of the reply store."""
        return self.replies or f"{self.place}.replies.sqlite"


@dataclass
class CardSettings:
    """Settings of the dataset's README."""

    title: str = "LEMMA trajectories"
    about: str = ""
    license: str = "apache-2.0"
    licenses: list[str] = field(
        default_factory=list, metadata={"help": "SOURCE=LICENSE pairs, of the sources of the problems"}
    )
    limits: list[str] = field(default_factory=list, metadata={"help": "known limits"})
    command: str = field(default="", metadata={"help": "the command that makes it again"})


SETTINGS = (InputSettings, ParticipantSettings, TrajectorySettings, RunSettings, CardSettings)
