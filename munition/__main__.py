# SPDX-License-Identifier: MIT
"""`python -m munition` is the command line."""

from munition.cli import main

if __name__ == "__main__":
    main()
