"""`python -m lemma_hf`: the same as the command `lemma-hf`."""

import sys

from lemma_hf.cli import main

if __name__ == "__main__":
    sys.exit(main())
