# SPDX-License-Identifier: MIT
"""What a guest can reach when it was granted something: one file per capability, bound to the catalogue in `bindings`.

A host function gets a `Context` and the numbers the guest passed; it reads and writes guest memory only through the
context, which checks every range. The engine charges the catalogue's fuel before the function runs.
"""
