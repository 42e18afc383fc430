# SPDX-License-Identifier: MIT
"""The engine: from a module's bytes, a grant and limits to an outcome.

`fire` makes a `Plan` of a module (our own decoder and the capability tables decide whether it may run at all), has the
engine compile it in a child process, and runs one export in a fresh instance. See docs/engine.md.
"""
