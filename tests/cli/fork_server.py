"""Runs command lines in forks of one process that has imported the program already.

Each fork is a process as people start it, with its own environment, output and exit code; only the
imports are shared, which are most of what a short command costs. A request is a line of JSON on
standard input: ``words``, ``environ``, ``cwd``, and the files ``out`` and ``err``; the answer is a
line with the exit code.
"""

import importlib
import json
import logging
import os
import pkgutil
import signal
import sys
import time
from typing import Any

import sla_console.cli

SECONDS = 60


def preload() -> None:
    for found in pkgutil.iter_modules(sla_console.cli.__path__, "sla_console.cli."):
        importlib.import_module(found.name)
    for name in ("service.sla_service", "alerting.room", "alerting.channels", "superops.client",
                 "store.store", "reporting.writing", "reporting.build"):  # fmt: skip
        importlib.import_module(f"sla_console.{name}")
    importlib.import_module("apprise")


def become(request: dict[str, Any]) -> None:
    """Make this fork what a new process would be."""
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    os.chdir(request["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.argv = ["sla-console", *request["words"]]


def wait(child: int) -> int:
    """Return a fork's exit code; one that does not end is killed."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(SECONDS)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def serve() -> None:
    assert not logging.root.handlers
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            become(request)
            sys.exit(sla_console.cli.main())
        print(wait(child), file=answers)


if __name__ == "__main__":
    preload()
    serve()
