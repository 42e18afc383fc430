# SPDX-License-Identifier: MIT
"""The intermediate representation between the front ends and the WebAssembly code generator.

A program is a set of functions over typed registers with structured control flow. Operations on dynamically typed
values (`Arith`, `Index`, `Call`, ...) are single instructions; the code generator specialises them by the types of
their operands, so a front end that knows more types gets faster code without emitting other instructions.
"""
