"""Runs a program and records when each line of its output came, and what the process used in all."""
import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass
class Watched:
    lines: list  # (seconds since the process began, text)
    seconds: float
    cpu_seconds: float
    peak_bytes: int  # highest resident memory, mapped files included


def run_watched(command, on_line=None, **environment):
    """Calls on_line(pid, text) as a line comes; ends this program with the other's last words where that one fails."""
    start, lines, pending = time.monotonic(), [], b""
    process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=os.environ | environment)
    while chunk := os.read(process.stdout.fileno(), 1 << 16):
        now = time.monotonic() - start
        *whole, pending = (pending + chunk).replace(b"\r", b"\n").split(b"\n")  # progress bars end their lines with \r
        for text in (w.decode(errors="replace") for w in whole):
            lines.append((now, text))
            if on_line:
                on_line(process.pid, text)
    if pending:
        lines.append((time.monotonic() - start, pending.decode(errors="replace")))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("\n".join([text for _, text in lines[-15:]] + [f"{command[0]}: exit status {process.returncode}"]))
    return Watched(lines, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
