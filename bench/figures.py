"""From what the processes printed to figures: medians, spreads, ratios, goals."""
import statistics


def samples_of(key, results, scale=1):
    """All samples under the key; a process may have one or several."""
    values = [r[key] for r in results if key in r]
    return [v / scale for value in values for v in (value if isinstance(value, list) else [value])]


def compare(name, unit, ours, samples, goals=None, at_most=None, at_least=None):
    """One figure as it is written: every contender's samples, and ours against the goals. `goals` are ratios of
    medians."""
    contenders = {
        c: {"median": statistics.median(v), "spread": [min(v), max(v)], "samples": v} for c, v in samples.items() if v
    }
    out = {"name": name, "unit": unit, "ours": ours, "contenders": contenders, "ratios": {}}
    if ours not in contenders:
        return out
    median = contenders[ours]["median"]
    for peer, entry in contenders.items():
        if peer != ours and entry["median"] > 0:
            ratio, goal = median / entry["median"], (goals or {}).get(peer)
            out["ratios"][peer] = {"ratio": ratio} | ({"goal": goal, "met": ratio <= goal} if goal else {})
    if at_most is not None:
        out["limit"] = {"at_most": at_most, "met": median <= at_most}
    if at_least is not None:
        out["limit"] = {"at_least": at_least, "met": median >= at_least}
    return out


def verdict(judged):
    return "met" if judged["met"] else "NOT met"


def row(figure, contender):
    entry, (low, high) = figure["contenders"][contender], figure["contenders"][contender]["spread"]
    spread = f"({low:.3f}-{high:.3f}, {len(entry['samples'])})"
    text = f"  {figure['name']:30} {contender:30} {entry['median']:9.3f} {figure['unit']:5} {spread}"
    if contender == figure["ours"] and (limit := figure.get("limit")):
        bound = f"<= {limit['at_most']}" if "at_most" in limit else f">= {limit['at_least']}"
        text += f"  goal {bound}: {verdict(limit)}"
    if ratio := figure["ratios"].get(contender):
        times = f" (1/{1 / ratio['ratio']:.3g})" if ratio["ratio"] < 0.5 else ""
        text += f"  ours is {ratio['ratio']:.2g} of it{times}" + (
            f", goal {ratio['goal']}: {verdict(ratio)}" if "goal" in ratio else ""
        )
    return text


def table(scenario, figures):
    return "\n".join([scenario] + [row(f, c) for f in figures for c in f["contenders"]])
