# SPDX-License-Identifier: MIT
"""Standard output that is closed, or that nobody reads any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MUNITION = [sys.executable, "-m", "munition", "run", "--caps", "log"]


def test_lg_07_a_reader_that_is_gone_leaves_no_traceback(tmp_path: Path) -> None:
    script = tmp_path / "flood.lua"
    script.write_text("for i = 1, 200000 do print(('x'):rep(50)) end")
    with subprocess.Popen([*MUNITION, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read(10)
        child.stdout.close()
        assert child.stderr is not None
        said = child.stderr.read()
        code = child.wait(60)
    assert b"Traceback" not in said
    assert code not in {0, -6, -11}


def test_lg_07_streams_that_are_closed_leave_no_traceback(tmp_path: Path) -> None:
    script = tmp_path / "say.lua"
    script.write_text("print('hello') io.stderr:write('there')")
    for redirection in (">&-", "2>&-", ">&- 2>&-"):
        line = f'exec "$@" {redirection}'
        done = subprocess.run(
            ["/bin/sh", "-c", line, "sh", *MUNITION, script], capture_output=True, timeout=60, check=False
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode in range(12)
