# SPDX-License-Identifier: MIT
"""Long runs with recorded results: `make engine-campaigns`. Figures go to docs/security.md."""
