"""Where is the task file of a harness? `python -m lemma_hf.bridges lm_eval` prints its path, for use in a command."""

import argparse
import sys

from lemma_hf.bridges import BRIDGES, bridge_path


def main() -> int:
    """Print the path."""
    parser = argparse.ArgumentParser(prog="python -m lemma_hf.bridges", description=__doc__)
    parser.add_argument("harness", choices=list(BRIDGES))
    print(bridge_path(parser.parse_args().harness))
    return 0


if __name__ == "__main__":
    sys.exit(main())
