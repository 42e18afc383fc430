# SPDX-License-Identifier: MIT
"""From arguments to an exit code: the commands, and every way one can end."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from munition._version import __version__
from munition.cli.exits import EXITS
from munition.cli.failure import CommandError
from munition.cli.terminal import OutputError, complain
from munition.errors import InvalidModuleError, MissingToolError, MunitionError, UsageError, UsageTypeError

# Command, module, help. The help stands here too, so that listing the commands imports none of them.
_COMMANDS: Final = {
    "compile": "Compile a script to a module that can do only what is declared.",
    "run": "Compile and run a script, or run a module.",
    "fire": "Call a function of a module in a fresh instance.",
    "infer": "Say which capabilities modules need, from their bytes, with evidence.",
    "diff": "Say which capabilities a new version of a module has gained or lost.",
    "check": "Check that modules can do no more than a policy allows.",
    "explain": "Explain an error code, an exit, or a capability.",
    "setup": "Bring the compiler of a language into the user's data folder.",
    "doctor": "Check that this installation works.",
    "completion": "Print the shell completion script.",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        import importlib

        command: click.Command = importlib.import_module(f"munition.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 ok, 1 guest error, 2 usage, 3 denied, 4 invalid, 5 fuel, 6 timeout, 7 limit, 8 missing tool,"
    " 9 host fault, 10 differs, 130 interrupted. `munition explain KIND` tells more.",
)
@click.version_option(__version__, prog_name="munition", message="%(prog)s %(version)s")
def _group() -> None:
    """Compile code nobody trusts to WebAssembly that can only do what was declared, and fire it under limits."""


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        The exit code. Nothing but this process's end follows: standard output may have been given up.
    """
    words = list(arguments)
    as_json = "--json" in (words[: words.index("--")] if "--" in words else words)
    try:
        return _attempt(words, as_json=as_json)
    except OutputError as error:
        if not error.quiet:
            complain(f"error: cannot write the output: {error}")
        _give_up_output()
        return EXITS["host_fault"].code
    except KeyboardInterrupt:
        return EXITS["interrupted"].code


def _attempt(words: list[str], *, as_json: bool) -> int:
    try:
        literal = len(words) - words.index("--") - 1 if "--" in words else 0
        result: Any = _group.main(args=words, prog_name="munition", standalone_mode=False, obj=literal)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        complain(error.format_message())
        return EXITS["usage"].code
    except click.UsageError as error:
        return _fail(_from_click(error), as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        return _fail(CommandError("interrupted", "", "interrupted"), as_json=as_json)
    except BrokenPipeError as error:
        raise OutputError(error) from None
    except CommandError as error:
        return _fail(error, as_json=as_json)
    except MunitionError as error:
        return _fail(_from_munition(error), as_json=as_json)
    except OutputError:
        raise
    except OSError as error:  # help and versions are written by the library that reads the arguments
        if error.filename is None and error.errno in _FULL:
            raise OutputError(error) from None
        return _fail(_bug(error), as_json=as_json)
    except Exception as error:  # the last line of defence
        return _fail(_bug(error), as_json=as_json)
    return result if isinstance(result, int) else 0


_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def _from_click(error: click.UsageError) -> CommandError:
    where = f"munition {error.ctx.info_name}" if error.ctx and error.ctx.parent else "munition"
    return CommandError(
        "usage", "", error.format_message().rstrip("."), help=f"see {where} --help", code="E100"
    )


def _from_munition(error: MunitionError) -> CommandError:
    kind = next((kind for family, kind in _FAMILIES if isinstance(error, family)), None)
    if kind is None:  # a fault of ours, such as a program that cannot be linked
        return _bug(error)
    return CommandError(kind, "module" if kind == "invalid" else "", str(error), code=error.code)


_FAMILIES: Final = (
    (InvalidModuleError, "invalid"),
    (MissingToolError, "missing_tool"),
    (UsageError, "usage"),
    (UsageTypeError, "usage"),
)


def _bug(error: Exception) -> CommandError:
    """What cannot be any user's doing, told as such."""
    if os.environ.get("MUNITION_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return CommandError(
        "host_fault",
        "internal",
        f"this is a bug in munition: {type(error).__name__}: {str(error)[:500]}",
        help="please report it; with MUNITION_DEBUG=1 in the environment the traceback is shown",
        code="E900",
    )


def _fail(error: CommandError, *, as_json: bool) -> int:
    from munition.cli.show import error_object, show_failure

    if as_json:
        from munition.cli.json_values import dumps
        from munition.cli.terminal import put_line

        put_line(dumps(error_object(error)))
    else:
        show_failure(error)
    return EXITS[error.kind].code


def _give_up_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush has nothing to complain about."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
