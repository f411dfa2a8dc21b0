"""Pages of a long listing, each with a link to the next."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lemma_hf.testing.hub._call import Call
from lemma_hf.testing.hub._reply import RefusedError, Reply


def page(call: Call, items: list[Any], most: int) -> Reply:
    """A page of the items: the one for which the query's cursor asks, of at most `most` or the query's `limit`."""
    start, size = _number(call, "cursor", 0), max(min(_number(call, "limit", most), most), 1)
    link = {}
    if start + size < len(items) and "limit" not in dict(parse_qsl(call.query)):
        query = [(name, value) for name, value in parse_qsl(call.query) if name != "cursor"]
        link = {"Link": f'<{call.base}{call.path}?{urlencode([*query, ("cursor", start + size)])}>; rel="next"'}
    return Reply(content=json.dumps(items[start : start + size]).encode(), headers=link)


def _number(call: Call, name: str, default: int) -> int:
    given = call.asked(name, str(default))
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise RefusedError(400, f'"{name}" must be a number')
    return int(given)
