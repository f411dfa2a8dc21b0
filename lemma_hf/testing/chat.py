"""Bodies of the replies and errors of an OpenAI-compatible endpoint."""

from typing import Any

from lemma_hf.testing.http import HttpResponse, json_response

Body = dict[str, Any]
"""A JSON object."""

_DEFAULT_ANSWER = "2 + 2 = 4, so there are 4 of them.\nThe answer is: 4"


def default_answer(body: Body) -> str:
    """The same short solution, for every request."""
    return _DEFAULT_ANSWER


def completion(body: Body, answer: str | Body, number: int) -> Body:
    """The body of a reply to `body`; `answer` is its content, or the whole body already.

    Tokens are counted as four characters each.
    """
    if isinstance(answer, dict):
        return answer
    asked, said = 1 + prompt_characters(body) // 4, 1 + len(answer) // 4
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 0,
        "model": str(body.get("model", "")),
        "system_fingerprint": "loopback",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }


def content_of(reply: Body) -> str | None:
    """The text of a reply; None where it holds no text, or is no reply."""
    try:
        content = reply["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return None
    return content if isinstance(content, str) else None


def prompt_characters(body: Body) -> int:
    """The characters of all messages together."""
    return sum(len(str(message.get("content", ""))) for message in body["messages"])


def fault_of_request(body: Any) -> str | None:
    """The reason why `body` is no request for a chat completion."""
    if not isinstance(body, dict):
        return "the body is no JSON object"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        return "`messages` is no list of messages"
    return "`stream` is not spoken here" if body.get("stream") else None


def error(
    status: int, message: str, kind: str = "invalid_request_error", code: str | None = None, wait: str | None = None
) -> HttpResponse:
    """An error in OpenAI's shape; `wait` is its Retry-After."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return json_response(status, body, retry_after=wait)


def models(name: str, root: str | None = None) -> HttpResponse:
    """The list of models, with one in it; `root` is the folder of its weights, as vLLM and SGLang give it."""
    one = {"id": name, "object": "model", "created": 0, "owned_by": "lemma_hf.testing"}
    one |= {} if root is None else {"root": root}
    return json_response(200, {"object": "list", "data": [one]})
