"""Runs the lines of one call, each with a time of its own, and writes what became of each to a file before the next
begins.

A line is a function of an Attempt, by which it runs its commands; it returns its figures, a dict. It raises Failed
where something is
wrong, Absent where this machine lacks what it needs.
"""
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

LAST_LINES, LAST_CHARACTERS = 12, 2000
LOGGED = 256 << 10  # bytes of each command's output, its end
WRITING = 3  # seconds of a call that no line is given


class Failed(Exception):
    pass


class Absent(Exception):
    pass


class TimedOut(Exception):
    pass


@dataclass
class Line:
    name: str
    seconds: float  # it is ended after these
    body: Callable
    alike: bool = False  # differs from another one by a setting alone


def last_words(text):
    """The last lines, but for those that are only for programs."""
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.strip() and not line.startswith("{")]
    return "\n".join(lines[-LAST_LINES:])[-LAST_CHARACTERS:]


def end_group(process):
    """Ends the process and all that it has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=2)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


class Attempt:
    """A line while it runs. `folder`: for files of its own."""

    def __init__(self, line, seconds, folder, log):
        self.name, self.folder, self.log = line.name, folder, log
        self.until = time.monotonic() + seconds
        self.commands, self.output = [], ""

    def left(self):
        return max(self.until - time.monotonic(), 0.1)

    @staticmethod
    def start(command, output, environment=None, stdin=subprocess.DEVNULL):
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )

    @contextmanager
    def beside(self, command, word, environment=None):
        """Has the command running, from when it has said `word`."""
        path = self.folder / "beside.log"
        with open(path, "wb") as file:
            process = self.start([str(part) for part in command], file, environment, subprocess.PIPE)
        try:
            while word not in path.read_text():
                self.output = path.read_text()
                if process.poll() is not None:
                    raise Failed(
                        f"exit code {process.returncode} before it said {word!r}: {shlex.join(map(str, command))}"
                    )
                if self.until < time.monotonic():
                    raise TimedOut(f"never said {word!r}: {shlex.join(map(str, command))}")
                time.sleep(0.05)
            yield path.read_text().strip()
        finally:
            end_group(process)
            process.stdin.close()

    def run(self, command, wanted=0, environment=None):
        """Standard output and error of the command, together. `wanted`: the exit code that it is to end with, or a
        tuple of them."""
        command = [str(word) for word in command]
        record = {"command": shlex.join(command), "exit": None, "seconds": None}
        self.commands.append(record)
        begin, path = time.monotonic(), self.folder / f"{len(self.commands)}.log"
        with open(path, "wb") as file:
            process = self.start(command, file, environment)
            try:
                record["exit"] = process.wait(self.left())
            except subprocess.TimeoutExpired:
                raise TimedOut(f"still running: {record['command']}") from None
            finally:
                end_group(process)
                record["seconds"] = round(time.monotonic() - begin, 2)
                self.output = path.read_bytes().decode(errors="replace")
                self.log.add(
                    f"== {self.name}: {record['command']}\nexit {record['exit']} after {record['seconds']} s",
                    self.output,
                )
        if record["exit"] not in (wanted if isinstance(wanted, tuple) else (wanted,)):
            raise Failed(f"exit code {record['exit']}, want {wanted}: {record['command']}")
        return self.output


class Log:
    """What all commands said, in one file."""

    def __init__(self, path):
        self.path = path
        path.write_text("")

    def add(self, title, text):
        with open(self.path, "a") as file:
            file.write(f"{title}\n{text[-LOGGED:]}\n")


class Call:
    """The results of one call, in FOLDER/gpu-NAME.json and gpu-NAME.log."""

    def __init__(self, name, folder, work, seconds, about):
        self.path, self.work = folder / f"gpu-{name}.json", work
        self.log = Log(folder / f"gpu-{name}.log")
        self.until = time.monotonic() + seconds - WRITING
        self.result = {"call": name, "limit_seconds": seconds, **about, "lines": []}

    def write(self):
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(self.result, indent=1) + "\n")
        os.replace(partial, self.path)

    def run(self, line):
        left = self.until - time.monotonic()
        record = {"name": line.name, "status": "running"}
        self.result["lines"].append(record)
        self.write()  # so that a call that is cut short says where
        if left < 1:
            record["status"] = "left out"
        else:
            record.update(self.attempt(line, min(line.seconds, left)))
        self.write()
        told = record.get("why") or json.dumps(record.get("figures"))[:300]
        print(f"{record['status']:9}{line.name} ({record.get('seconds', 0):.1f} s) {told}", flush=True)

    def attempt(self, line, seconds):
        folder = self.work / line.name
        folder.mkdir(parents=True, exist_ok=True)
        attempt, begin = Attempt(line, seconds, folder, self.log), time.monotonic()
        record = {"status": "ok"}
        try:
            record["figures"] = line.body(attempt) or {}
        except TimedOut as error:
            record.update(status="timeout", why=f"{error} after {seconds:.0f} s")
        except Absent as error:
            record.update(status="absent", why=str(error))
        except Exception as error:  # also a figure that is not where it should be: the other lines go on
            record.update(
                status="failed", why=str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
            )
        record.update(seconds=round(time.monotonic() - begin, 2), commands=attempt.commands)
        if record["status"] in ("failed", "timeout"):
            record["last_words"] = last_words(attempt.output)
        return record

    def summary(self):
        """Prints how many of which; returns the exit code."""
        names = {}
        for record in self.result["lines"]:
            names.setdefault(record["status"], []).append(record["name"])
        self.result["summary"] = {status: len(of_it) for status, of_it in names.items()}
        self.write()
        print(f"{self.path.name}: " + ", ".join(f"{len(of_it)} {status}" for status, of_it in names.items()))
        for status in ("failed", "timeout", "left out", "absent"):
            if status in names:
                print(f"{status}: {', '.join(names[status])}")
        return int(any(status in names for status in ("failed", "timeout", "left out")))


def run_call(name, lines, folder, work, seconds, about):
    """Runs all lines; returns the exit code. `work` is emptied first."""
    shutil.rmtree(work, ignore_errors=True)
    call = Call(name, Path(folder), Path(work), seconds, about)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `finally`, which ends what runs
    for line in lines:
        call.run(line)
    return call.summary()
