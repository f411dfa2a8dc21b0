"""The published scores of the outputs at hand, where they stand, and the model that wrote a row.

Each was read where `source` says. A score of None: none was found in print, or none that is of
these outputs; the publisher's own verdicts then stand for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GSM8K, MATH_500, MATH, SVAMP, MATHEMATICS, SIMULEQ, TAL, MATH_L5 = 1319, 500, 5000, 1000, 1000, 514, 2000, 721


@dataclass(frozen=True)
class Score:
    """What a publisher printed for one model on a whole benchmark."""

    percent: float | None
    size: int
    """Problems of the whole benchmark."""
    where: str = ""
    """Short, for a table."""
    source: str = ""
    of_other_rows: str = ""
    """Why the rows at hand are no fair sample of those that were scored; empty where they are."""
    no_truth: str = ""
    """Why right and wrong cannot be told by the references; such rows are in no total."""


def _of(
    size: int, where: str, source: str, scores: Mapping[str, float | None], of_other_rows: str = ""
) -> dict[str, Score]:
    return {model: Score(percent, size, where, source, of_other_rows) for model, percent in scores.items()}


_WEI = (
    "Wei et al. 2022",
    "arXiv 2201.11903, figure 2: finetuned GPT-3 175B, and with a verifier; rounded to whole percent",
)
_COBBE = "Cobbe et al. 2021", "arXiv 2110.14168, section 4.1: the 6B model that writes out its solution"
_RHO = (
    "Rho-1",
    "microsoft/rho README (and arXiv 2404.07965): columns GSM8K and MATH; the outputs for MATH are MATH-500's",
)
_TORA = "ToRA", "microsoft/ToRA README (and arXiv 2309.17452)"
_ABEL = "Abel", "GAIR-NLP/abel README: models, GSM8k_robust, TAL-SCQ5K-EN"
_MATHCODER = "MathCoder", "arXiv 2310.03731, table 2; the outputs in its repository may be of another run"
_ZEROEVAL = (
    "ZeroEval",
    "ZeroEval result_dirs/gsm.summary.md and math-l5.summary.md, read in ruxiliang/ZeroEval@7a05138 and @3c4103f",
)
_HARDER = "easy problems are missing among its rows: Abel 70B solves 81 % of those here, and 91 to 100 % of the others"


def _mathcoder(size: int, *scores: float | None, no_truth: str = "") -> dict[str, Score]:
    models = (f"MathCoder-{model}" for model in ("L-7b", "L-13b", "L-70b", "CL-7b", "CL-13b", "CL-34b"))
    return {
        model: Score(score, size, *_MATHCODER, no_truth=no_truth) for model, score in zip(models, scores, strict=True)
    }


SCORES: dict[str, dict[str, Score]] = {
    "openai_gsm8k": {
        "6b_finetuning": Score(20.6, GSM8K, *_COBBE),
        "6b_verification": Score(None, GSM8K),
        "175b_finetuning": Score(33, GSM8K, *_WEI),
        "175b_verification": Score(55, GSM8K, *_WEI),
    },
    "rho1_gsm8k": {
        **_of(
            GSM8K,
            *_RHO,
            {"rho-math-1b-v0.1": 36.2, "rho-math-7b-v0.1": 66.9, "rho-math-1b-interpreter-v0.1": 59.4},
        ),
        **_of(GSM8K, *_RHO, {"rho-math-7b-interpreter-v0.1": 81.3}, _HARDER),
    },
    "rho1_math500": _of(
        MATH_500,
        *_RHO,
        {
            "rho-math-1b-v0.1": 15.6,
            "rho-math-7b-v0.1": 31.0,
            "rho-math-1b-interpreter-v0.1": 40.6,
            "rho-math-7b-interpreter-v0.1": 51.8,
        },
    ),
    "tora_gsm8k": _of(GSM8K, *_TORA, {"tora-code-34b-v1.0": 80.7, "tora-70b-v1.0": 84.3}, _HARDER),
    "abel_gsm8k": _of(GSM8K, *_ABEL, {"7b": 59.74, "13b": 66.41, "70b": 83.62}),
    "abel_gsm8k_robust": _of(GSM8K, *_ABEL, {"7b": 58.23, "13b": 66.57, "70b": 81.80}),
    "abel_talscq_mc": _of(TAL, *_ABEL, {"70b": 59.7}),
    "mathcoder_gsm8k": _mathcoder(GSM8K, 64.2, 72.6, 83.9, 67.8, 74.1, 81.7),
    "mathcoder_math": {
        "MathCoder-L-7b": Score(23.3, MATH, *_MATHCODER, of_other_rows="only outputs that its grader called right")
    },
    "mathcoder_svamp": _mathcoder(SVAMP, 71.5, 76.9, 84.9, 70.7, 78.0, 82.5),
    "mathcoder_deepmind_math": _mathcoder(MATHEMATICS, 46.9, 54.7, 74.4, 55.8, 62.5, 75.9),
    "mathcoder_simuleq": _mathcoder(
        SIMULEQ,
        *(47.5, 62.3, 77.0, 49.6, 60.7, 65.8),
        no_truth="each reference names one of the several values that the question asks for",
    ),
    "qwen_math100": {"*": Score(None, 8 * 100)},
    "zeroeval_gsm8k": {
        "*": Score(None, GSM8K),
        **_of(
            GSM8K,
            *_ZEROEVAL,
            {
                "claude-3-5-sonnet-20241022": 96.66,
                "gpt-4o-2024-08-06": 96.21,
                "o1-mini-2024-09-12": 96.06,
                "Meta-Llama-3.1-405B-Instruct@hyperbolic": 95.98,  # there: Llama-3.1-405B-Inst@hyperbolic
                "Llama-3.1-405B-Inst@sambanova": 95.91,
                "claude-3-5-sonnet-20240620": 95.6,
                "claude-3-opus-20240229": 95.6,
                "Mistral-Large-2": 95.53,
                "gpt-4o-2024-05-13": 95.38,
                "gemini-1.5-pro-exp-0801": 95,
                "gpt-4o-mini-2024-07-18": 94.24,
                "Meta-Llama-3.1-70B-Instruct": 94.16,
                "gemini-1.5-pro": 93.4,
                "Meta-Llama-3-70B-Instruct": 93.03,
                "Qwen2-72B-Instruct": 92.65,
                "deepseek-v2.5-0908": 92.49,
                "DeepSeek-Coder-V2-0724": 91.51,  # there: deepseek-v2-coder-0724
                "claude-3-sonnet-20240229": 91.51,
                "gemini-1.5-flash": 91.36,
                "claude-3-haiku-20240307": 88.78,
                "gemma-2-9b-it": 87.41,
                "reka-core-20240501": 87.41,
                "Athene-70B": 86.66,
                "Yi-1.5-34B-Chat": 84.08,
                "Meta-Llama-3.1-8B-Instruct": 84,
                "Mistral-Nemo-Instruct-2407": 82.79,
                "yi-large-preview": 82.64,
                "Phi-3.5-mini-instruct": 82.03,
                "gpt-3.5-turbo-0125": 80.36,
                "command-r-plus": 80.14,
                "Qwen2-7B-Instruct": 80.06,
                "yi-large": 80.06,
                "Meta-Llama-3-8B-Instruct": 78.47,
                "Yi-1.5-9B-Chat": 76.42,
                "reka-flash-20240226": 74.68,
                "Mixtral-8x7B-Instruct-v0.1": 70.13,
                "command-r": 52.99,
                "gemma-2-2b-it": 51.63,
            },
        ),
        "gemini-1.5-flash-exp-0827": Score(95.01, 681, *_ZEROEVAL),  # the table's own total
    },
    "zeroeval_math_l5": {
        "*": Score(None, MATH_L5),
        **_of(
            MATH_L5,
            *_ZEROEVAL,
            {
                "o1-mini-2024-09-12": 89.32,
                "o1-preview-2024-09-12": 84.47,
                "gemini-1.5-pro-exp-0827": 68.1,
                "Qwen2.5-72B-Instruct": 60.19,
                "Qwen2.5-32B-Instruct": 59.5,
                "claude-3-5-sonnet-20241022": 59.36,
                "gpt-4o-2024-08-06": 55.34,
                "gpt-4o-2024-05-13": 54.79,
                "gemini-1.5-flash-exp-0827": 54.51,
                "chatgpt-4o-latest-24-09-07": 53.12,
                "gpt-4o-mini-2024-07-18": 52.15,
                "claude-3-5-sonnet-20240620": 51.87,
                "Qwen2.5-7B-Instruct": 51.46,
                "Llama-3.1-405B-Inst@sambanova": 49.79,
                "Mistral-Large-2": 48.54,
                "claude-3-5-haiku-20241022": 46.46,
                "gpt-4-turbo-2024-04-09": 46.46,
                "deepseek-v2.5-0908": 44.66,
                "Meta-Llama-3.1-70B-Instruct": 43.13,
                "gemini-1.5-pro": 39.81,
                "Qwen2-72B-Instruct": 38.28,
                "claude-3-opus-20240229": 36.89,
                "gemini-1.5-flash": 34.81,
                "gemma-2-27b-it": 26.63,
                "gpt-4-0314": 26.07,
                "Qwen2.5-3B-Instruct": 25.52,
                "Meta-Llama-3-70B-Instruct": 25.1,
                "Qwen2-7B-Instruct": 23.86,
                "Meta-Llama-3.1-8B-Instruct": 22.19,
                "reka-core-20240501": 21.91,
                "Athene-70B": 20.67,
                "Yi-1.5-9B-Chat": 19.97,
                "gemma-2-9b-it": 19.42,
                "Phi-3.5-mini-instruct": 18.72,
                "Yi-1.5-34B-Chat": 18.17,
                "Phi-3-mini-4k-instruct": 16.23,
                "claude-3-haiku-20240307": 15.12,
                "gpt-3.5-turbo-0125": 13.73,
                "Meta-Llama-3-8B-Instruct": 7.91,
                "gemma-2-2b-it": 4.3,
            },
        ),
        # The table's own totals, smaller than the benchmark. The first is called Llama-3.1-405B-Inst@hyperbolic there.
        "Meta-Llama-3.1-405B-Instruct@hyperbolic": Score(51.56, 706, *_ZEROEVAL),
        "Meta-Llama-3.1-70B-Instruct@hyperbolic": Score(35.76, 425, *_ZEROEVAL),
    },
}
"""Source → model → its score; `*` is any other model of the source."""

_MODEL_AT = {"openai_gsm8k": 2, "abel_gsm8k": 2, "abel_gsm8k_robust": 2, "abel_talscq_mc": 2}
"""Which part of an id names the model, where it is not the second."""


def model_of(source: str, identity: str) -> str:
    """The model that wrote a row, as its id has it: `rho1_gsm8k/rho-math-1b-v0.1/7` → `rho-math-1b-v0.1`."""
    if source == "qwen_math100":
        return "8 samples a problem"  # its ids name the problem and the sample
    return identity.split("/")[_MODEL_AT.get(source, 1)]
