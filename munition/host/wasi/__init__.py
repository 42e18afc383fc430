# SPDX-License-Identifier: MIT
"""WASI preview 1 for modules from elsewhere, over the same files, log, clocks and entropy that other host functions use.

`program` holds what is open, `streams`, `files`, `clocks` and `process` have the functions by subject, `bindings` is the
table. Nothing here opens, reads or tells anything that the capabilities of the fire do not.
"""
