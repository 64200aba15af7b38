"""The front door: picks the command, imports it, and turns what it raises into an exit code.

Exit codes: 0 fine, 1 trouble found, 2 bad input; as shells have it, 130 after ctrl+c and 141 when
whoever read the output went away.
"""

import argparse
import os
import sys

from sla_console.cli.parser import PROGRAM, parse

_WELCOME = """\
SLA Console watches the SLA promises of a SuperOps service desk, live, in this terminal.

  sla-console demo    try it now on a simulated desk; needs no account
  sla-console init    write a first configuration for your own desk

There is no configuration yet at {path}. All commands: sla-console --help"""


_NO_LOG = "the log cannot be written; run it again with SLA_CONSOLE_DEBUG=1 to see where"


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The words after the program's name; None: those of this process.
    """
    # The forecast's regressions are small: on one core they take no longer, and leave the others.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _silence()
        return 141
    except OSError as error:
        if not _is_of_output(error):
            raise
        _silence()
        print(
            f"{PROGRAM}: standard output cannot be written ({error.strerror}), so what stands there "
            f"is not whole; make room, or write to another place",
            file=sys.stderr,
        )
        return 2
    return code


def _silence() -> None:
    """Send the rest of standard output nowhere: Python flushes it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_of_output(error: OSError) -> bool:
    """Return whether there is no room for what is printed; what is of a file names it."""
    import errno

    full = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return error.errno in full and error.filename is None


def _run(argv: list[str] | None) -> int:
    try:
        arguments = parse(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    try:
        return _dispatch(arguments)
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and _is_of_output(error):
            raise
        return _report(error, arguments)


def _dispatch(arguments: argparse.Namespace) -> int:
    if arguments.command in {None, "console"}:
        arguments.command = _console_or_less(arguments)
    if arguments.command is None:
        return _welcome(arguments)
    from importlib import import_module

    code: int = import_module(f"sla_console.cli.{arguments.command}").run(arguments)
    return code


def _console_or_less(arguments: argparse.Namespace) -> str | None:
    """Return the command to run in the console's place, None for the welcome."""
    if arguments.command is None and not _configured(arguments):
        return None
    if _is_terminal():
        return "console"
    print(
        f"{PROGRAM}: this is not a terminal, so here is the board once; "
        f"'{PROGRAM} monitor' keeps watching without a screen",
        file=sys.stderr,
    )
    arguments.json = arguments.sync = arguments.watch = arguments.allow_stale = False
    return "status"


def _configured(arguments: argparse.Namespace) -> bool:
    from sla_console.config.paths import find_config

    by_environment = bool(os.environ.get("SLA_CONSOLE_SUPEROPS__SUBDOMAIN"))
    return by_environment or find_config(arguments.config, os.environ) is not None


def _is_terminal() -> bool:
    """Return whether a person sits at both ends; the screen itself is painted to stderr."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def _welcome(arguments: argparse.Namespace) -> int:
    from sla_console.config.paths import config_file

    print(_WELCOME.format(path=config_file(arguments.config, os.environ)))
    return 0


def _report(error: Exception, arguments: argparse.Namespace) -> int:
    """Say what went wrong in one sentence; a traceback goes to the log, where secrets are blanked."""
    from sla_console.domain.errors import SLAConsoleError, UserError

    if os.environ.get("SLA_CONSOLE_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, SLAConsoleError):
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, UserError) else 1
    if _lacks_files(error):
        print(
            f"{PROGRAM}: this process may not open as many files at once as it needs; raise the "
            f"limit ('ulimit -n 256', or LimitNOFILE=256 for a service) and start it again",
            file=sys.stderr,
        )
        return 2
    # Its type alone: a message that nobody wrote for people may hold anything.
    name = type(error).__name__
    print(
        f"{PROGRAM}: something unexpected went wrong ({name}); {_log(error, arguments)}",
        file=sys.stderr,
    )
    return 1


def _lacks_files(error: BaseException | None) -> bool:
    """Return whether it comes of a limit on the files that may be open at once."""
    import errno

    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
            return True
        error = error.__cause__ or error.__context__
    return False


def _log(error: Exception, arguments: argparse.Namespace) -> str:
    """Write the traceback to the log and return where it is, in words."""
    import logging

    from sla_console.cli.logs import log_to
    from sla_console.config.paths import config_file, resolve_paths

    try:
        files = (getattr(each, "baseFilename", "") for each in logging.getLogger().handlers)
        file = next((name for name in files if name.endswith("sla-console.log")), None)
        if file is None:
            folder = arguments.data_dir or os.environ.get("SLA_CONSOLE_DATA_DIR")
            paths = resolve_paths(config_file(arguments.config, os.environ), folder)
            target = log_to(paths.log_dir)
            if target.fault is not None:
                return _NO_LOG
            file = str(target.file)
        logging.getLogger("sla_console").critical("unexpected", exc_info=error)
    except Exception:  # noqa: BLE001 - reporting must not fail over the log
        return _NO_LOG
    return f"where it happened is in {file}"
