"""The results in bench/results as the table of docs/performance.md:  python3 bench/table.py"""
import json
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
ORDER = ["start", "step", "int8", "decode", "prompt", "memory", "overhead", "twenty"]


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def main():
    print("| what | unit | ours | peer | | ratio | goal |\n| --- | --- | --- | --- | --- | --- | --- |")
    for name in ORDER:
        path = RESULTS / f"{name}.json"
        for figure in json.loads(path.read_text())["figures"] if path.exists() else []:
            contenders, ours = figure["contenders"], figure["contenders"].get(figure["ours"])
            mine = number(ours["median"]) if ours else "-"
            rows = [
                (peer, number(contenders[peer]["median"]), ratio)
                for peer, ratio in figure["ratios"].items()
                if peer in contenders
            ]
            for peer, theirs, ratio in rows or [("", "", {})]:
                goal = f"{ratio['goal']} {'met' if ratio['met'] else 'not met'}" if "goal" in ratio else ""
                print(
                    f"| {figure['name']} | {figure['unit']} | {mine} | {peer} | {theirs} "
                    f"| {number(ratio['ratio']) if ratio else ''} | {goal} |"
                )


if __name__ == "__main__":
    main()
