"""The loopback endpoint in a process of its own.

    python -m lemma_hf.testing.endpoint --latency 0.05 --slots 64 --fault-share 0.2

The first line it prints is its URL; SIGTERM or Ctrl-C ends it, and then it prints its counts as a line of JSON.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from contextlib import suppress

from lemma_hf.testing.faults import ALL, Fault, Faults
from lemma_hf.testing.loopback import LoopbackEndpoint


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    options = _options(arguments)
    endpoint = LoopbackEndpoint(
        latency=options.latency,
        slots=options.slots,
        faults=_faults(options),
        key=options.key,
        context=options.context,
        model=options.model,
        log=options.log,
        keep=False,  # it may run for days
        port=options.port,
    )
    asyncio.run(_serve(endpoint))
    with suppress(BrokenPipeError):  # the reader may be gone
        os.write(sys.stdout.fileno(), json.dumps(endpoint.counts).encode() + b"\n")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lemma_hf.testing.endpoint",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that a request takes")
    parser.add_argument("--slots", type=int, help="requests at work at once; the others wait in line")
    parser.add_argument("--fault-share", type=float, default=0.0, help="share of the calls that go wrong")
    parser.add_argument("--fault-kinds", nargs="+", type=Fault, default=ALL, metavar="KIND", help=", ".join(ALL))
    parser.add_argument("--permanent", action="store_true", help="the same request always gets the same fault")
    parser.add_argument("--retry-after", type=int, default=1, help="what Retry-After says, in seconds")
    parser.add_argument("--seed", type=int, default=0, help="which calls go wrong")
    parser.add_argument("--key", help="the made-up API key that requests need")
    parser.add_argument("--context", type=int, help="most characters of a prompt")
    parser.add_argument("--model", default="loopback", help="the name of the model")
    parser.add_argument("--log", help="a file for a line of JSON an exchange")
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args(arguments)


def _faults(options: argparse.Namespace) -> Faults | None:
    if not options.fault_share:
        return None
    return Faults(options.fault_share, options.seed, tuple(options.fault_kinds), options.permanent, options.retry_after)


async def _serve(endpoint: LoopbackEndpoint) -> None:
    stop = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    await endpoint.serve(lambda: print(endpoint.url, flush=True), stop)


if __name__ == "__main__":
    main()
