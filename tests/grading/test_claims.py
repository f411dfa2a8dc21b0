"""What a text finally claims: each kind of claim, and of taking one back, with a table of its own."""

import time

import pytest

from lemma_hf.grading import answers_equal, bare_reference, extract_answer, grade
from lemma_hf.records import Outcome

RETRACTED = [
    (r"\boxed{12} is wrong. The correct answer: 16", "16"),
    (r"\boxed{9}. Wait, that is wrong. The correct answer is 5.", "5"),
    ("#### 5\nWait, that is wrong. The answer is 9.", "9"),
    ('{"answer": "12"}\nHold on, I made a mistake. The answer is 13.', "13"),
    ("<answer>12</answer> Hmm, I forgot one. The answer is 13.", "13"),
    ("The answer is 5. Hold on, I forgot the tax. 5+4=9, so it is 9.", "9"),
    ("The answer is 5. Wait, that is not right. 2+4 = 6.", "6"),
    ("**Answer:** \\boxed{12}\n\nOn reflection, this counts one too few.\n\n**Corrected answer:** 16", "16"),
    (r"\boxed{12}. Let me double check: 4*4 = 16. So the final answer is 16.", "16"),
    (r"So \boxed{5}. Actually, no: it should be 6.", "6"),
    (r"\boxed{5}. Oops, I miscounted. We get $7$.", "7"),
    (r"\boxed{5}. Scratch that. Answer: 7", "7"),
    ("\\boxed{5}.\n\n等等，不对。答案是 7。", "7"),
    ("The answer is 12, no wait, 16.", "16"),
    (r"So the answer is \boxed{12}. Wait, actually 16.", "16"),
    (r"My first answer was \boxed{12}, but the correct answer is 16.", "16"),
    (r"Initially I got \boxed{12}. After checking again, the answer is 16.", "16"),
    (r"\boxed{12} should be 16.", "16"),
    ("#### 12\n\nCorrection: #### 14", "14"),
    (r"\boxed{5}. Wait, that is wrong. The answer is 6. No, that is wrong too. The answer is 7.", "7"),
]

STANDS = [
    (r"\boxed{12}. Let me double-check: 3*4 = 12. Yes, that is correct.", "12"),
    (r"\boxed{12}. Let me verify: if x = 12, then it is 24 = 24.", "12"),
    (r"\boxed{12}. Wait, is that right? 3*4 = 12, so it is right.", "12"),
    (r"\boxed{12}. Wait, let me check. The answer is correct.", "12"),
    (r"\boxed{12}" "\n\nThe check above was wrong in its approach, but the answer is correct.", "12"),
    (r"\boxed{5} people wait for 10 minutes.", "5"),
    (r"\boxed{B}. Choice A is wrong, since 3 is odd.", "B"),
    (r"He got \boxed{3} problems wrong. The mistakes cost 5 points.", "3"),
    (r"\boxed{5}. I hope it is correct.", "5"),
    (r"\boxed{5}. Note that a common error is to answer 7.", "5"),
    (r"The total is \boxed{5}. So the answer is 5 pens.", "5"),
    (r"It is not 4 but \boxed{5}.", "5"),
    (r"The first answer is \boxed{5}.", "5"),
    (r"\boxed{16}. My earlier answer of 12 was wrong.", "16"),
    (r"\boxed{16}. No, 17 is not possible.", "16"),
    (r"\boxed{16}. Let me verify the answer is 16: 4*4=16. Correct!", "16"),
    ("The answer is 12. Wrong answers are 13 and 14.", "12"),
]

TAKEN_BACK = [
    r"\boxed{12}. Wait, that is wrong.",
    r"\boxed{12} is incorrect.",
    "#### 12\nThat is not correct, I made a mistake.",
    "The answer is 12. No, that is wrong.",
    "It is 12. But that is wrong.",
    r"It is not \boxed{5}.",
    r"\boxed{5} cannot be right.",
    r"The answer is not \boxed{5}.",
]

TAGS = [
    ("<answer>48</answer> No wait. <answer>480</answer>", "480"),
    ("<FINAL_ANSWER>480</FINAL_ANSWER>", "480"),
    ("<final answer>480</final answer>", "480"),
    (r"<answer>\(\boxed{588}\).</answer>", "588"),
    ("<answer>The answer is 16.</answer>", "16"),
    ("<answer>\n  16 bags\n</answer>", "16 bags"),
    ("<think>maybe <answer>5</answer></think><answer>16</answer>", "16"),
    ("So we add.\n<answer>16", "16"),
    ("I put it in <answer></answer> tags.\n<answer>16</answer>", "16"),
    ("16</answer>", "16"),
    ("<answer>16<answer>", "16"),
    ("<answer>\n```\n16\n```\n</answer>", "16"),
    ("<result>16</result>", "16"),
    ("<solution>We add 3 and 4.\nSo x = 7.</solution>", "7"),
    ("<solution>We add. The answer is 7.</solution>", "7"),
    ("<|begin_of_box|>7<|end_of_box|>", "7"),
    ("[ANSWER]7[/ANSWER]", "7"),
    (r"\boxed{5} <answer>6</answer>", "6"),
    (r"<answer>5</answer> so \boxed{6}", "6"),
    ('<answer>{"answer": 5}</answer>', "5"),
]

DENIED = [
    "It is not true that the answer is 5.",
    "The answer is 5? No.",
    "#### 5\n\nActually the answer is 8.",
    "x = 5 is extraneous, so there is none.",
    "The answer is not 5.",
    "The answer isn't 5.",
    "The number 5 does not work.",
    "No solution exists for n > 5.",
    r"There is no solution with $n \ge 5$.",
    "Suppose the answer is 5. Then 5+1=7, a contradiction.",
    "Suppose the number is 5.",
    "If the answer is 5, then it is odd. That fails.",
    "It might be 1, 2, 3, or 5.",
    "It could be 4 or 5",
    "It is neither 4 nor 5.",
    "The answer is definitely not 5.",
    "The answer is unlikely to be 5",
    "5 is not the answer.",
    "So it is not equal to 5.",
    "The value must be more than 5.",
    "All of them are possible except 5.",
]

BOUNDED = [
    "The answer is less than 5.",
    "The answer is at least 5.",
    "The answer is at most $5$.",
    "The answer is anything except 5.",
    "The answer is between 5 and 9.",
]

LANGUAGES = [
    ("Respuesta: 12", "12"),
    ("La respuesta correcta es $12$ porque 3*4 = 12.", "12"),
    ("La réponse est 12,5.", "12,5"),
    ("La réponse finale est : 12, car 3 fois 4 font 12", "12"),
    ("Die Antwort lautet 12, weil 3 mal 4 gleich 12 ist und nicht 13.", "12"),
    ("Die Antwort ist 1.234,56 €.", "1.234,56 €"),
    ("A resposta é 12, pois 3 vezes 4 são 12.", "12"),
    ("La risposta è 12 perché 3 per 4 fa 12.", "12"),
    ("Ответ: 12,5", "12,5"),
    ("Ответ равен 12, потому что 3*4=12.", "12"),
    ("所以答案是 12。因为 3*4=12。", "12"),
    ("答案：12", "12"),
    ("答: 12個", "12個"),
    ("따라서 답은 12이다.", "12"),
    ("La soluzione è 12.", "12"),
    ("Svar: 12", "12"),
    ("答えは 12 個です。3袋あるからです。", "12 個"),
    ("정답은 12입니다.", "12"),
    ("Het antwoord is 12, want 3*4 is 12.", "12"),
    ("Odpowiedź to 12, ponieważ 3*4 daje 12.", "12"),
    ("Cevap: 12", "12"),
    ("Đáp án là 12.", "12"),
    ("الإجابة هي ١٢", "١٢"),
    ("उत्तर: 12", "12"),
    ("คำตอบคือ 12", "12"),
]

PLAIN = [
    ("I think the answer is 5, but I'm not sure.", "5"),
    ("The answer is no, it is not divisible.", "no"),
    ("Therefore the distance is √12.", r"\sqrt{12}"),
    ("The final answer is **4** because 2+2=4 and 8/2=4.", "4"),
    ("2+3=5, so the answer must be 5, I am sure. Thanks for 1 question!", "5"),
    ("The answer should be `5` since 2+3=5", "5"),
    ("The answer is 7, not 5.", "7"),
    ("The answer is 5 (since 3+2=5).", "5"),
    ("The answer is not 4 but 5.", "5"),
    ("**Final Answer**\n\n12", "12"),
    ("Therefore we get\n$$\nx = \\frac{3}{4}\n$$", r"x = \frac{3}{4}"),
    ("Therefore\n\\[\nx = 5\n\\].", "x = 5"),
    ("Thus\n\\begin{align*}\na &= 3+2 \\\\\n&= 5\n\\end{align*}", "5"),
    ("The answer is:\n\n\\begin{align*}\nx &= 5\n\\end{align*}", "x = 5"),
    ("It costs 3+4 dollars. So it is 7, not 8.", "7"),
    ("He runs 9*60=<<9*60=540>>540 meters each day", "540"),
]

BOXES = [
    (r"$x=\boxed3$ and $y=\boxed5$", "3, 5"),
    (r"$x = \boxed{3}$, $y = \boxed{5}$", "3, 5"),
    ("1. \\boxed{3}\n2. \\boxed{5}", "3, 5"),
    ("(a) $\\boxed{3}$\n(b) $\\boxed{5}$", "3, 5"),
    ("The answers are:\n\\boxed{3}\n\\boxed{5}", "3, 5"),
    (r"(a) \boxed{3}, (b) \boxed{5}", "3, 5"),
    ("\\boxed{3}\n\\boxed{5}", "5"),
    ("1. We get \\boxed{3}\n2. Then \\boxed{5}", "5"),
    (r"\boxed3.5$", "3.5"),
    (r"so \boxed\frac{1}{2}.", r"\frac{1}{2}"),
]

JSON_AND_CODE = [
    ('{"Answer": "12"}', "12"),
    ('{"final_answer": 12}', "12"),
    ("{'answer': '12'}", "12"),
    ('{"answer": 12, "steps": ["3*4=12"]}', "12"),
    ('{"answer": "12", "why": "not \\\\boxed{13}"}', "12"),
    ('{"answer": [1, 2], "n": 3}', "[1, 2]"),
    ('{"answer": ["1", "2"]}', "1, 2"),
    ('{"answer": {"value": 5}}', "5"),
    ('{"answer": 1,234}', "1,234"),
    (r'{"answer": "\frac{1}{2}"}', r"\frac{1}{2}"),
    (r'{"answer": "The answer is \\boxed{12}"}', "12"),
    ('```python\nprint("\\\\boxed{" + str(x) + "}")\n```\nThis prints 12. The answer is 12.', "12"),
    ("So \\boxed{5}.\n```python\nprint(r'\\boxed{6}')\n```", "5"),
    ("```latex\n\\boxed{6}\n```", "6"),
    ("```\n\\boxed{6}\n```", "6"),
]

SPECIAL = [
    ("#### 6<|im_end|>", "6"),
    ("#### 6</s>", "6"),
    ("The answer is 6.<|eot_id|>", "6"),
    ("It is 6<end_of_turn>", "It is 6"),
    ("6<｜end▁of▁sentence｜>", "6"),
    ("\\boxed{6}<|im_end|>\n<|im_start|>user\nNext: \\boxed{7}", "6"),
    ("The answer is 6.<|endoftext|>Question: What is 3+4? The answer is 7.", "6"),
]

REFERENCES = [
    ("Tom has 4*4=<<4*4=16>>16 pens.\n#### 16", "16"),
    ("The temperature fell.\n#### -3", "-3"),
    ("The answer is 16.", "16"),
    ('["16"]', "16"),
    ('["3", "5"]', "3, 5"),
    (r"So it is $\boxed{\frac12}$.", r"\frac12"),
    ("<answer>16</answer>", "16"),
    ("Antwort: 16", "16"),
    ("16", "16"),
    ("[2, 3]", "[2, 3]"),
    (r"\text{The answer is no}", "no"),
    ("x: y", "x: y"),
]


@pytest.mark.parametrize(
    ("output", "claim"), [*RETRACTED, *STANDS, *TAGS, *LANGUAGES, *PLAIN, *BOXES, *JSON_AND_CODE, *SPECIAL]
)
def test_the_last_claim_that_is_not_taken_back_counts_whatever_its_form(output: str, claim: str) -> None:
    assert extract_answer(output).text == claim


@pytest.mark.parametrize("output", TAKEN_BACK)
def test_a_claim_that_is_denied_with_no_new_one_leaves_no_answer(output: str) -> None:
    assert extract_answer(output).text is None
    assert grade(output, "12").outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("output", DENIED)
def test_a_denied_or_supposed_number_is_no_claim(output: str) -> None:
    assert grade(output, "5").outcome is not Outcome.RIGHT


@pytest.mark.parametrize("output", BOUNDED)
def test_a_bound_is_no_number_but_may_be_the_answer_itself(output: str) -> None:
    assert grade(output, "5").outcome is Outcome.WRONG
    bound = output.removeprefix("The answer is ").removesuffix(".")
    assert answers_equal(bound, "5").outcome is Outcome.WRONG
    assert grade(output, bound).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    "output",
    [
        "The answer is $5$ (alternatively $4$).",
        "The answer is $5$; it could also be $4$.",
        r"\boxed{5}, or maybe 4.",
        "The answer is 5. Or it is 4.",
        "Is the answer 5? I do not know.",
    ],
)
def test_a_claim_with_another_one_beside_it_is_none(output: str) -> None:
    assert extract_answer(output).text is None


def test_in_multiple_choice_a_sentence_names_the_letter_that_the_box_does_not() -> None:
    output = r"We have \boxed{x = 5}." "\n\n**Answer: D**"
    assert grade(output, "D", benchmark="aqua").outcome is Outcome.RIGHT
    assert grade(output, "5").outcome is Outcome.RIGHT


def test_several_letters_are_no_choice() -> None:
    for output in ("A, B, C, D", "A, possibly B", r"\boxed{A B}", "The answer is A, possibly B", "It is A or B"):
        for letter in "ABD":
            assert grade(output, letter, benchmark="aqua").outcome is not Outcome.RIGHT, output
    assert grade("The answer is not A but B.", "B", benchmark="aqua").outcome is Outcome.RIGHT


@pytest.mark.parametrize(("reference", "answer"), REFERENCES)
def test_a_reference_with_its_solution_is_read_as_its_answer(reference: str, answer: str) -> None:
    assert bare_reference(reference) == answer
    assert grade(rf"\boxed{{{answer}}}", reference).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    "part",
    [
        '"answer" ', '"answer": ', "\\boxed{", "\\boxed{1}", "<answer>", "</answer>", "```python\n\\boxed{5}\n",
        "\\boxed{4}. Wait, no. ", "Wait, that is wrong. ", "The answer is not 5. ", "respuesta ", "答案 a b c ",
        "it is 5 ",
        '{"answer": {', "\\[\n", "5 or ", "at least ", "#### 5\n", "<|channel|>", "<think>", "</think>", "<|im_end|>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["{}", "\\boxed{{5}}. Wait, {}", "<answer>{}</answer>"])
def test_time_grows_with_the_length_and_no_faster(part: str, frame: str) -> None:
    output = frame.format(part * (400_000 // len(part)))
    start = time.process_time()
    extract_answer(output)
    bare_reference(output)
    assert time.process_time() - start < 2
