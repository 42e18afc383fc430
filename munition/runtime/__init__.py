# SPDX-License-Identifier: MIT
"""The guest runtime: C sources, the prebuilt artefact, and the layout both sides share."""
