"""What each idea of grouping adds, and whether it would have been chosen, and paid, on systems not looked at.

An idea is switched off by replacing what it is made of. The gain of an idea on a system is how much GA + FGA - mixed
falls without it. Leave one system out: an idea is chosen where its mean gain on the other systems is positive, and its
gain on the one left out counts then. It holds if these gains are positive in all; what helps one system alone cannot
be judged in this way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean
from unittest.mock import patch

from truth import PARTIAL, Score, Truth, by_patterns, by_raw_file, by_raw_lines, logs, mean, name_of, read_truth, score

from sllm_core.patterns import mask, merge, outline

PACKAGE = "sllm_core.patterns."
WEIGHT = 420
WORDS, NAMES = (5, 7, 10, 15, 20), (2, 3, 4, 5, 7)
"""How many words of the language, or names, open a place: what is tried."""

TINY = 1e-9

Replacements = Mapping[str, object]
Scores = dict[str, Score]


@dataclass(frozen=True)
class Idea:
    """What an idea is called, and what stands in its place, by dotted name within sllm_core.patterns."""

    name: str
    without: Callable[[], Replacements]


def without_rules(*samples: str) -> Callable[[], Replacements]:
    """Leaves out the rules of the mask that change one of the samples."""

    def kept() -> Replacements:
        rules = [rule for rule in mask._RULES if all(rule.apply(sample) == sample for sample in samples)]
        if len(rules) == len(mask._RULES):
            raise ValueError(f"no rule of the mask changes {samples}")
        return {"mask._RULES": tuple(rules)}

    return kept


def replaced(**by: object) -> Callable[[], Replacements]:
    """Puts something else in place of names, written with two underscores for the dot."""
    return lambda: {name.replace("__", ".", 1): value for name, value in by.items()}


def never(*_: object) -> bool:
    return False


def unchanged(text: str) -> str:
    return text


def no_compounds(word: str) -> str:
    """What a word is, a compound with a decisive part being decisive."""
    kind = outline.kind(word)
    return "d" if kind == "c" else kind


def none(*_: object) -> tuple[()]:
    return ()


IDEAS = (
    Idea("decisive words stay, in the merge", replaced(outline__is_decisive=never, outline__DECISIVE=frozenset())),
    Idea("compounds of them give way with names", replaced(merge__kind=no_compounds)),
    Idea("decisive values of keys stay", replaced(mask__is_decisive=never)),
    Idea("keys that tell keep their values", replaced(mask___key_tells=never)),
    Idea("an anchor word stays", replaced(merge__ANCHOR=1)),
    Idea("key=value", without_rules("name=some")),
    Idea("quoted values of keys", without_rules('name="some"')),
    Idea("runs drawn together", replaced(mask__join_runs=unchanged, outline__join_runs=unchanged)),
    Idea("repetitions drawn together", replaced(mask___may_repeat=never)),
    Idea("booleans and nulls", without_rules("is true now")),
    Idea("hexadecimal words", without_rules("id deadbeef now")),
    Idea("addresses of hexadecimal groups", without_rules("at a:b:c:d:e now")),
    Idea("paths and URLs", without_rules("open /etc/passwd now")),
    Idea("days and months", without_rules("on Mon Jan <*> now")),
    Idea("zones", without_rules("at <*> KST now")),
    Idea("units", without_rules("used <*> MB now")),
    Idea("signs of comparison", without_rules("took ><*> now")),
    Idea("account names", without_rules("login by root now")),
    Idea("the merge", replaced(merge__ENOUGH=1 << 40)),
    Idea("names count more than words", replaced(merge__NAME=merge.WORD)),
    Idea("a value in its place counts for a word", replaced(merge__VALUE=0)),
    Idea("a word that comes twice varies as one", replaced(**{"outline.Outline._repeated": none})),
    Idea("a word like an identifier is a name", replaced(outline__is_identifier=never)),
    Idea("a word behind an announcing one is a name", replaced(outline__ANNOUNCING=frozenset())),
)


def measured(truths: Mapping[str, Truth], replacements: Replacements) -> Scores:
    """The score of each system with these replacements."""
    with ExitStack() as stack:
        for name, value in replacements.items():
            stack.enter_context(patch(PACKAGE + name, value))
        return {name: score(by_patterns(truth.messages), truth.events) for name, truth in truths.items()}


def worth(one: Score) -> float:
    """What is to be large."""
    return one.ga + one.fga - one.mixed


def gains(whole: Scores, without: Scores) -> dict[str, float]:
    """How much each system gains by the idea."""
    return {name: worth(each) - worth(without[name]) for name, each in whole.items()}


def left_out(gained: Mapping[str, float]) -> float:
    """The mean gain on systems left out: nothing where the others would not have chosen the idea."""
    total = sum(gained.values())
    return fmean(gain if total - gain > 0 else 0.0 for gain in gained.values())


def verdict(gained: Mapping[str, float]) -> str:
    """What is to be said of an idea with these gains."""
    helped, harmed = (sum(gain * sign > TINY for gain in gained.values()) for sign in (1, -1))
    if not helped and not harmed:
        return "no effect"
    if helped == 1 and not harmed:
        return "one system"
    return "holds" if left_out(gained) > 0 else "does not hold"


def row(name: str, without: Scores, gained: Mapping[str, float]) -> str:
    """The line of one idea."""
    all_ = mean(list(without.values()))
    means = f"{all_.ga:7.3f}{all_.fga:7.3f}{all_.mixed:7.3f}{fmean(gained.values()):+8.3f}{left_out(gained):+10.3f}"
    ends = (min(gained, key=lambda system: gained[system]), max(gained, key=lambda system: gained[system]))
    most = ", ".join(f"{system} {gained[system]:+.3f}" for system in ends if abs(gained[system]) > TINY)
    return f"{name:44}{means}  {verdict(gained):14}{most}"


def judged_ideas(folder: Path) -> Iterator[str]:
    """The tables."""
    truths = {name_of(path): read_truth(path) for path in logs(folder) if name_of(path) != PARTIAL}
    whole = measured(truths, {})
    all_ = mean(list(whole.values()))
    yield f"{'without':44}{'GA':>7}{'FGA':>7}{'mixed':>7}{'gain':>8}{'left out':>10}"
    yield f"{'(nothing)':44}{all_.ga:7.3f}{all_.fga:7.3f}{all_.mixed:7.3f}"
    for idea in IDEAS:
        without = measured(truths, idea.without())
        yield row(idea.name, without, gains(whole, without))
    yield from header_effect(folder, truths)
    yield from numbers(truths)


def header_effect(folder: Path, truths: Mapping[str, Truth]) -> Iterator[str]:
    """What it adds that reading knows the header: the file with it, against lines with their headers."""
    files = {name: folder / f"{name}.log" for name in truths}
    whole = {name: score(by_raw_file(files[name], truth), truth.events) for name, truth in truths.items()}
    without = {name: score(by_raw_lines(files[name], truth), truth.events) for name, truth in truths.items()}
    all_ = mean(list(whole.values()))
    yield f"{'(nothing, messages read from the file)':44}{all_.ga:7.3f}{all_.fga:7.3f}{all_.mixed:7.3f}"
    yield row("headers known from reading", without, gains(whole, without))


def weights(words: int, names: int) -> Replacements:
    """So many words, or names, open a place; a value weighs what it does."""
    value = merge.VALUE * WEIGHT // merge.ENOUGH
    return {
        "merge.ENOUGH": WEIGHT,
        "merge.WORD": WEIGHT // words,
        "merge.NAME": WEIGHT // names,
        "merge.VALUE": value,
    }


def numbers(truths: Mapping[str, Truth]) -> Iterator[str]:
    """How many words or names should open a place, chosen on all systems, and on all but the one it is tried on."""
    tried = {pair: measured(truths, weights(*pair)) for pair in product(WORDS, NAMES)}
    yield "\nGA + FGA - mixed by the number of words (rows) and of names (columns) that open a place"
    yield f"{'':8}" + "".join(f"{names:>8}" for names in NAMES)
    for words in WORDS:
        cells = (fmean(map(worth, tried[words, names].values())) for names in NAMES)
        yield f"{words:>8}" + "".join(f"{cell:>8.3f}" for cell in cells)
    chosen = {name: best(tried, [each for each in truths if each != name]) for name in truths}
    outside = mean([tried[choice][name] for name, choice in chosen.items()])
    choices = ", ".join(f"{words}/{names} without {name}" for name, (words, names) in chosen.items())
    yield f"chosen on the others: GA {outside.ga:.3f}, FGA {outside.fga:.3f}, mixed {outside.mixed:.3f} ({choices})"


def best(tried: Mapping[tuple[int, int], Scores], systems: Sequence[str]) -> tuple[int, int]:
    """The numbers that do best on these systems; of equals the greater, which merge less."""
    return max(tried, key=lambda pair: (round(fmean(worth(tried[pair][name]) for name in systems), 6), pair))
