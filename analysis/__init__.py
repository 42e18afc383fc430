# SPDX-License-Identifier: MIT
"""The analyzer: what a module can do, read from its bytes and from nothing else.

It imports no engine, no host and no compiler. What a module says of itself is a hint for the reader, never evidence; what is
not known is `opaque`, never nothing.
"""

from munition.analysis.analyze import Options, analyze, analyze_module
from munition.analysis.infer import Inference, infer, infer_capabilities
from munition.analysis.model import Report

__all__ = ["Inference", "Options", "Report", "analyze", "analyze_module", "infer", "infer_capabilities"]
