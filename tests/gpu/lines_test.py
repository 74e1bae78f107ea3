"""What lines.py does with lines that end well, fail, hang, lack something or have no time left: lines_test.py"""
import json
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from lines import Absent, Failed, Line, run_call

HANGS = "trap '' TERM; (exec -a $0 sleep 100) & wait; sleep 100"  # and neither ends when it is asked to


class Lines(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def call(self, *lines, seconds=60):
        """The exit code, and the records by name."""
        folder = Path(self.folder.name)
        code = run_call("test", lines, folder, folder / "work", seconds, {"about": "a test"})
        self.result = self.written()
        return code, {record["name"]: record for record in self.result["lines"]}

    def written(self):
        return json.loads((Path(self.folder.name) / "gpu-test.json").read_text())

    def log(self):
        return (Path(self.folder.name) / "gpu-test.log").read_text()

    def test_keeps_figures_commands_and_all_that_was_said(self):
        def body(attempt):
            return {"words": len(attempt.run(["echo", "one two"]).split())}
        code, records = self.call(Line("counts", 10, body))
        self.assertEqual(code, 0)
        record = records["counts"]
        self.assertEqual((record["status"], record["figures"]), ("ok", {"words": 2}))
        self.assertEqual((record["commands"][0]["command"], record["commands"][0]["exit"]), ("echo 'one two'", 0))
        self.assertIn("one two", self.log())
        self.assertEqual(self.result["summary"], {"ok": 1})
        self.assertEqual(self.result["about"], "a test")

    def test_writes_each_line_before_the_next_begins(self):
        seen = []
        lines = [Line(name, 10, lambda attempt: seen.append(self.written()["lines"])) for name in ("first", "second")]
        self.call(*lines)
        self.assertEqual([[(r["name"], r["status"]) for r in now] for now in seen],
                         [[("first", "running")], [("first", "ok"), ("second", "running")]])

    def test_a_line_that_fails_says_how_and_the_next_one_runs(self):
        fails = Line("fails", 10, lambda attempt: attempt.run(["sh", "-c", "echo first; echo the cause >&2; exit 70"]))
        code, records = self.call(fails, Line("runs", 10, lambda attempt: {}))
        self.assertEqual(code, 1)
        record = records["fails"]
        self.assertEqual((record["status"], record["commands"][0]["exit"]), ("failed", 70))
        self.assertEqual(record["last_words"], "first\nthe cause")
        self.assertTrue(record["why"].startswith("exit code 70, want 0: sh -c"))
        self.assertEqual(records["runs"]["status"], "ok")

    def test_an_exit_code_that_is_wanted_is_none_that_fails(self):
        code, _ = self.call(
            Line("ends with 75", 10, lambda attempt: {"said": attempt.run(["sh", "-c", "exit 75"], wanted=75)})
        )
        self.assertEqual(code, 0)

    def test_a_signal_is_a_failure(self):
        _, records = self.call(Line("dies", 10, lambda attempt: attempt.run(["sh", "-c", "kill -SEGV $$"])))
        self.assertEqual((records["dies"]["status"], records["dies"]["commands"][0]["exit"]), ("failed", -11))

    def test_a_line_that_hangs_is_ended_with_all_that_it_started(self):
        mark = f"{time.time()}"
        hangs = Line("hangs", 1, lambda attempt: attempt.run(["bash", "-c", HANGS, mark]))
        begin = time.monotonic()
        code, records = self.call(hangs, Line("runs", 10, lambda attempt: {}))
        self.assertLess(time.monotonic() - begin, 8)
        self.assertEqual((code, records["hangs"]["status"], records["runs"]["status"]), (1, "timeout", "ok"))
        self.assertEqual(subprocess.run(["pgrep", "-f", mark], capture_output=True, text=True).stdout, "")

    def test_what_is_lacking_is_no_failure(self):
        def body(attempt):
            raise Absent("no such tool here")
        code, records = self.call(Line("lacks", 10, body))
        self.assertEqual(
            (code, records["lacks"]["status"], records["lacks"]["why"]), (0, "absent", "no such tool here")
        )

    def test_a_figure_that_is_not_there_fails_its_line_alone(self):
        code, records = self.call(Line("odd", 10, lambda attempt: {}["figure"]), Line("runs", 10, lambda attempt: {}))
        self.assertEqual((code, records["odd"]["status"], records["odd"]["why"]), (1, "failed", "KeyError: 'figure'"))
        self.assertEqual(records["runs"]["status"], "ok")

    def test_lines_for_which_no_time_is_left_are_named(self):
        slow = Line("slow", 60, lambda attempt: attempt.run(["sleep", "60"]))
        code, records = self.call(slow, Line("late", 10, lambda attempt: {}), seconds=5)
        self.assertEqual((code, records["slow"]["status"], records["late"]["status"]), (1, "timeout", "left out"))

    def test_a_program_beside_runs_while_the_line_does(self):
        def body(attempt):
            with attempt.beside(["sh", "-c", "echo holds 5; cat"], "holds") as said:
                return {"said": said}
        _, records = self.call(Line("holds", 10, body))
        self.assertEqual(records["holds"]["figures"], {"said": "holds 5"})

    def test_a_program_beside_that_ends_too_soon_fails_the_line(self):
        def body(attempt):
            with attempt.beside(["sh", "-c", "echo no room; exit 3"], "holds"):
                raise AssertionError("not reached")
        _, records = self.call(Line("holds", 10, body))
        self.assertEqual(records["holds"]["status"], "failed")
        self.assertTrue(records["holds"]["why"].startswith("exit code 3 before it said 'holds'"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
