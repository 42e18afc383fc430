# SPDX-License-Identifier: MIT
"""Helpers that several test folders share."""
