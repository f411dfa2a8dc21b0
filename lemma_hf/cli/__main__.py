"""How does the command run where no script is installed? `python -m lemma_hf.cli`."""

import sys

from lemma_hf.cli import main

if __name__ == "__main__":
    sys.exit(main())
