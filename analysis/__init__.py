# SPDX-License-Identifier: MIT
"""The analyzer: what a module can do, read from its bytes and from nothing else.

It imports no engine, no host and no compiler. What a module says of itself is a hint for the reader, never evidence; what is
not known is `opaque`, never nothing.
"""

from munition.analysis.infer import Inference, infer, infer_capabilities

__all__ = ["Inference", "infer", "infer_capabilities"]
