# SPDX-License-Identifier: MIT
"""Lua 5.4: source text to the typed IR. See README.md for the passes in their order."""
