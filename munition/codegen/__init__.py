# SPDX-License-Identifier: MIT
"""From IR to WebAssembly functions and static data, ready for the linker.

`program.generate` is the entry. `image` lays out static data, `liveness` finds what the collector must see, `function`
emits one function, and `arithmetic`, `comparison`, `tables` and `calls` hold the code of the dynamic operations: a fast
path in line, a call into the guest runtime for the rest.
"""
