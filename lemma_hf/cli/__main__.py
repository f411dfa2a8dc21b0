"""`python -m lemma_hf.cli`: the command where no script is installed."""

import sys

from lemma_hf.cli import main

if __name__ == "__main__":
    sys.exit(main())
