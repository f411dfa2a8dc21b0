"""Print the path of a harness's task file: `python -m lemma_hf.integrations lm_eval`, for use in a command."""

import argparse
import sys

from lemma_hf.integrations import BRIDGES, bridge_path


def main() -> int:
    """Print the path of a harness's task files."""
    parser = argparse.ArgumentParser(prog="python -m lemma_hf.integrations", description=__doc__)
    parser.add_argument("harness", choices=list(BRIDGES))
    print(bridge_path(parser.parse_args().harness))
    return 0


if __name__ == "__main__":
    sys.exit(main())
