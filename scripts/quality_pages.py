"""The pages of scripts/quality.py: docs/quality/<set>.md each and docs/quality.md, from the reports of `eval`."""
import json

METHODS = ["ease", "itemknn", "popularity", "text-ease", "ials"]
TEMPORAL_METHODS = ["ease", "popularity", "text-ease"]
TOPK = 100
PAGE = "quality"
METRICS = ["HIT@10", "NDCG@10"]
DEFAULT = "**the default**"
WORDS, PERSONAS, HEAD = "review words alone, 0.75", "personas alone, 0.5", "head alone, 1"
DEALT = "control: personas and words dealt to other items"
RESCORED = "control: text-ease rescores the list"
ITEM_MEAN = "control: one mean vector an item for personas"
REFITTED = "review words alone, at the weight that the folds rank best"
SINGLE = "the one channel, and its weight, that the folds rank best"
CENTROIDS = "control: cluster centroids for personas"
OFFLINE = "offline provider"


class Table:
    """Rows of one first stage: means over seeds."""

    def __init__(self):
        self.values = {}  # row -> metric -> list of (mean, relative, low, high)
        self.users = 0
        self.bound = None  # (weights, NDCG@10) of the best on test itself, of the first seed
        self.versus = {}  # row -> [(what it is, its NDCG@10, the default's, relative, low, high, p)], one a seed

    def add(self, names, report):
        for position, (name, file) in enumerate(zip(names, report["files"])):
            for metric in METRICS:
                m = file["groups"]["all"]["metrics"][metric]
                interval = m.get("relative_interval") or [None, None]
                self.values.setdefault(name, {}).setdefault(metric, []).append(
                    (m["mean"], m.get("relative") if position else None, *interval))
        self.users = report["files"][0]["groups"]["all"]["users"]

    def compare(self, row, what, report):
        """`report`: of the row's lists and, after them, the default's."""
        alone, default = (file["groups"]["all"]["metrics"]["NDCG@10"] for file in report["files"])
        self.versus.setdefault(row, []).append(
            (what, alone["mean"], default["mean"], default["relative"], *default["relative_interval"], default["p"]))

    def mean(self, row, at, metric="NDCG@10"):
        values = [v[at] for v in self.values[row][metric] if v[at] is not None]
        return sum(values) / len(values) if values else None

    def interval_of_first_seed(self, row):
        values = self.values[row]["NDCG@10"][0][1:]
        return None if None in values else tuple(100 * value for value in values)

    def own(self):
        return next(iter(self.values))

    def interval(self, row):
        """(gain, low, high) in percent, or None."""
        found = [self.mean(row, at) for at in (1, 2, 3)]
        return None if None in found else tuple(100 * value for value in found)

    def lines(self):
        yield "| order | HIT@10 | NDCG@10 | NDCG@10 against the list [95 % interval] |"
        yield "|---|---|---|---|"
        for row in self.values:
            yield f"| {row} | {self.mean(row, 0, 'HIT@10'):.4f} | {self.mean(row, 0):.4f} | {percent(self.interval(row))} |"


def percent(interval):
    return "" if interval is None else "{:+.1f} % [{:+.1f}, {:+.1f}]".format(*interval)


def made_by(options):
    seeds = f"tie seed {options.seeds[0]}" if len(options.seeds) == 1 else f"means over the tie seeds {options.seeds}"
    return ("Made by `scripts/quality.py` from the program's own outputs; nothing here is typed by hand. The first "
            f"{TOPK} of each list are reranked; {seeds}; an interval is of a paired bootstrap ({options.bootstrap} resamples of the "
            "users).")


def write_set_page(one, tables, options):
    lines = [f"# What reranking gains: {one.name}", "", made_by(options), ""]
    for (source, cutoff), by_method in tables.items():
        when = f"a strict split in time at {cutoff}" if cutoff else "leave-one-out"
        for method, table in by_method.items():
            lines += [f"## {method}, {source}, {when}: {table.users} users", "", *table.lines(), ""]
    folder = options.docs / PAGE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{one.name}.md").write_text("\n".join(lines), encoding="utf-8")


# (what it is called, first stage, row, the source of personas)
SUMMARY = [*[(f"the default over {method}", method, DEFAULT) for method in METHODS],
           ("the head alone over ease", "ease", HEAD), (RESCORED + " of ease", "ease", RESCORED), (ITEM_MEAN + ", over ease", "ease", ITEM_MEAN),
           (CENTROIDS + ", over ease", "ease", CENTROIDS), (DEALT + ", over ease", "ease", DEALT)]


def summary_rows(tables, source=OFFLINE, cutoff=None):
    """[(name, own NDCG@10, its NDCG@10, interval)] of SUMMARY, of what was measured."""
    by_method = tables.get((source, cutoff), {})
    found = []
    for name, method, row in SUMMARY:
        table = by_method.get(method)
        if table and row in table.values:
            found.append((name, table.mean(table.own(), 0), table.mean(row, 0), table.interval(row)))
    return found


def sets_where(results, name, holds):
    """The sets in which an interval of the row lies where `holds` says."""
    return [one.name for one, tables in results for row, _, _, interval in summary_rows(tables)
            if row == name and interval and holds(interval)]


def findings(results):
    """One line a row of the summary: on which sets it gains, loses or shows nothing."""
    for name, *_ in SUMMARY:
        gains = sets_where(results, name, lambda i: i[1] > 0)
        losses = sets_where(results, name, lambda i: i[2] < 0)
        measured = sets_where(results, name, lambda i: True)
        if not measured:
            continue
        if len(gains) == len(measured):
            verdict = "gains on every set"
        elif len(losses) == len(measured):
            verdict = "loses on every set"
        else:
            open_sets = [one for one in measured if one not in gains + losses]
            parts = [("gains on", gains), ("loses on", losses), ("shows nothing on", open_sets)]
            verdict = "; ".join(f"{what} {', '.join(where)}" for what, where in parts if where)
        yield f"- {name}: {verdict}."


def holm(ps):
    """p values after Holm's step-down correction, in their order."""
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = largest
    return adjusted


def median(values):
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def versus_lines(results, row):
    """The default against one row, a line a cell; Holm over the first stages of one world."""
    for one, tables in results:
        for (source, cutoff), by_method in tables.items():
            cells = [(method, table.versus[row]) for method, table in by_method.items() if row in table.versus]
            ps = [median([seed[-1] for seed in seeds]) for _, seeds in cells]
            for (method, seeds), p, after in zip(cells, ps, holm(ps)):
                alone, default, *gain = (sum(values) / len(values) for values in list(zip(*seeds))[1:6])
                what = " / ".join(dict.fromkeys(seed[0] for seed in seeds))
                when = f"cutoff {cutoff}" if cutoff else "leave-one-out"
                yield (f"| {one.name} | {source}, {when} | {method} | {what} | {alone:.4f} | {default:.4f} | "
                       f"{percent([100 * value for value in gain])} | {p:.3f} | {after:.3f} |")


def versus_section(results):
    lines = ["## The default against one channel alone", "",
             "Of review words and head, each beside the list's own score at every weight of the range, the one that ranks the lists of "
             "the folds and of world valid best (the meta file of the encoder folder says so, `fit`), and review words at their best weight. "
             "p is two-sided, of the paired bootstrap; Holm's correction goes over the first stages of one world.", ""]
    for title, row in [("The best single channel", SINGLE), ("Review words alone, their weight chosen too", REFITTED)]:
        found = list(versus_lines(results, row))
        if found:
            lines += [f"{title}:", "", "| set | world | first stage | channel, weight | NDCG@10 of it | of the default | the default over it "
                      "[95 % interval] | p | after Holm |", "|---|---|---|---|---|---|---|---|---|", *found, ""]
    return lines


def bound_section(results):
    """What no choice of weights could have exceeded."""
    rows = []
    for one, tables in results:
        for (source, cutoff), by_method in tables.items():
            for method, table in by_method.items():
                if table.bound is None:
                    continue
                own, default = table.values[table.own()]["NDCG@10"][0][0], table.values[DEFAULT]["NDCG@10"][0][0]
                what, best = table.bound
                rows.append(f"| {one.name} | {source} | {method} | {100 * (default / own - 1):+.1f} % | "
                            f"{100 * (best / own - 1):+.1f} % | {what} |")
    if not rows:
        return []
    return ["## What bounds the gain", "",
            "The first tie seed again, with the weights of a grid, the list's own score at 1, that rank test itself best: no honest choice "
            "can know them. A default that lets the list's own score go (base 0) can be ahead of them.", "",
            "| set | personas | first stage | the default | the best weights on test | those |", "|---|---|---|---|---|---|", *rows, ""]


def money_section(results, options):
    """Gain of the default for each source of personas, the cheapest first."""
    rows = []
    for one, tables in results:
        sources = [(source.dollars, source.label) for source in one.sources if (source.label, None) in tables]
        if len(sources) < 2:
            continue
        for dollars, label in sorted(sources):
            by_method = tables[label, None]
            gains = " | ".join(percent(by_method[m].interval_of_first_seed(DEFAULT)) if m in by_method else "" for m in options.methods)
            rows.append(f"| {one.name} | {label} | {dollars:.2f} | {gains} |")
    if not rows:
        return []
    return ["## Gain against dollars", "",
            f"What `personas --estimate` says that {options.priced_as} would take for these personas (about; not calibrated), and the gain of "
            f"the default over each first stage, tie seed {options.seeds[0]} alone. The weights are chosen anew for each.", "",
            "| set | who wrote the personas | US dollars | " + " | ".join(options.methods) + " |", "|---|---|---|" + "---|" * len(options.methods),
            *rows, ""]


CHANNELS = ["base", "words", "persona_words", "persona", "head"]


def weights_table(results, options):
    """What the data chose for each set and first stage, as the encoder folders of the runs say."""
    lines = ["## The weights that the data chose", "",
             "By folds and world valid of each set (docs/method.md, 7 Choosing the weights); test was not looked at. Lists of other "
             "recommenders get the fixed weights, or those of `rerank --tune`.", "",
             "| set | personas | first stage | " + " | ".join(CHANNELS) + " |", "|---|---|---|" + "---|" * len(CHANNELS)]
    for one, _ in results:
        for source, cutoff, seed, name in one.worlds():
            source = source.label
            chosen = one.folder / name / "encoder_head" / "fusion_weights.json"
            if cutoff or seed != options.seeds[0] or not chosen.exists():
                continue
            for method, weights in json.loads(chosen.read_text(encoding="utf-8")).get("first_stages", {}).items():
                numbers = " | ".join(f"{weights[channel]:.3g}" for channel in CHANNELS)
                lines.append(f"| {one.name} | {source} | {method} | {numbers} |")
    return lines


def write_summary_page(results, options):
    lines = ["# What reranking gains", "", made_by(options) + " A page a set: "
             + ", ".join(f"[{one.name}](quality/{one.name}.md)" for one, _ in results) + ". The default's weights are chosen by the data of each set (below)."
             + " The settings of ease and text-ease are chosen by folds on each set, those of ials on world valid of digital-music and "
             "beers together (docs/method.md).", "",
             "## Ten rows a set", "",
             "| set | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|"]
    for one, tables in results:
        for name, own, after, interval in summary_rows(tables):
            lines.append(f"| {one.name} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |")
    given = [(one, source, row) for one, tables in results for source in one.sources if source.personas
             for row in summary_rows(tables, source.label) if row[0].startswith("the default")]
    if given:
        lines += ["", "With personas that a language model wrote (`--personas`) instead of the offline provider's:", "",
                  "| set | personas | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|---|"]
        lines += [f"| {one.name} | {source.label} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |"
                  for one, source, (name, own, after, interval) in given]
    dated = [(one, source, cutoff, tables) for one, tables in results for source, cutoff in tables if cutoff]
    if dated:
        lines += ["", "## A strict split in time, beside leave-one-out", "",
                  "| set | cutoff | users | row | NDCG@10 of the list | NDCG@10 | gain [95 % interval] |", "|---|---|---|---|---|---|---|"]
        for one, source, cutoff, tables in dated:
            users = next(iter(tables[source, cutoff].values())).users
            lines += [f"| {one.name} | {cutoff} | {users} | {name} | {own:.4f} | {after:.4f} | {percent(interval)} |"
                      for name, own, after, interval in summary_rows(tables, source, cutoff) if name.startswith("the default")]
    lines += ["", *versus_section(results), *money_section(results, options), *bound_section(results)]
    lines += [*weights_table(results, options)]
    lines += ["", "## What holds everywhere, and what does not", "",
              "An interval that leaves out 0 is a gain or a loss; leave-one-out, the offline provider.", "", *findings(results), "",
              "## On your own data", "", "```", "scripts/quality.py FOLDER --work build/quality --docs build/quality/docs", "```", "",
              "FOLDER holds reviews.jsonl and meta.jsonl, and a config.toml where their fields are not Amazon's "
              "(configs/generic.toml has every key). `scripts/quality.py --help` says what else it takes: several folders, "
              "personas of a language model, cutoffs. A list of another recommender: README.md, \"A session\".", ""]
    (options.docs / f"{PAGE}.md").write_text("\n".join(lines), encoding="utf-8")
