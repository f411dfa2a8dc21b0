"""Published F1 of models on ProcessBench (Zheng et al. 2024, arXiv 2412.06559), with where each figure was read."""

SOURCE = (
    "ProcessBench, arXiv 2412.06559, table 3, as it is repeated in the README of github.com/NJUNLP/R-PRM (commit "
    "2fb2897, section ProcessBench), where the figures were read; R-PRM and Qwen2.5-Math-PRM are newer than the paper "
    "and stand there only. The sets are whole there (400, 1,000, 1,000 and 1,000 solutions), and a solution counts as "
    "it is: no reference is shown to the model."
)

PUBLISHED = {
    "Math-Shepherd-PRM-7B": (47.9, 29.5, 24.8, 23.8, 31.5),
    "Skywork-PRM-7B": (70.8, 53.6, 22.9, 21.0, 42.1),
    "Qwen2.5-Math-7B-PRM800K": (68.2, 62.6, 50.7, 44.3, 56.5),
    "R-PRM-7B-DPO": (80.7, 76.9, 63.8, 60.1, 70.4),
    "Qwen2.5-Math-PRM-7B": (82.4, 77.6, 67.5, 66.3, 73.5),
    "GPT-4o-0806": (79.2, 63.6, 51.4, 53.5, 61.9),
    "o1-mini": (93.2, 88.9, 87.2, 82.4, 87.9),
}
"""F1 in percent on GSM8K, MATH, OlympiadBench and Omni-MATH, and their mean."""
