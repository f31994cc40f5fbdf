"""How much of what is secret is redacted, how little else, and how fast, beside two libraries.

    python benchmarks/redaction.py [FOLDER]

The examples are those of tests/redaction. A secret is found if neither it nor one of its halves is left; a harmless
line is touched if anything in it changes. detect-secrets runs with its default plugins and filters; phonenumbers looks
for valid numbers, for KR where there is no country code, and is judged by telephone numbers alone. Both come with
`pip install detect-secrets phonenumbers`; without them their rows are left out. FOLDER (default: the environment
variable SLLM_LOGHUB) holds <Set>.log files, of which the share of touched lines is printed, with examples.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from sllm_core.redaction import KINDS, Redactor

EXAMPLES = Path(__file__).parents[1] / "tests" / "redaction"
REPEATS = 3
SHOWN = 3

RedactAll = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True)
class Score:
    """Of each kind, how many secrets there are and how many were found; of harmless lines, how many were touched.

    `minute`: how many different lines of the corpus one core redacts in a minute.
    """

    there: Counter[str]
    found: Counter[str]
    lines: int
    touched: int
    minute: float

    def recall(self, kinds: Sequence[str]) -> float:
        """The share of the secrets of these kinds that were found."""
        return sum(self.found[kind] for kind in kinds) / max(1, sum(self.there[kind] for kind in kinds))

    @property
    def precision(self) -> float:
        """The share of the touched lines that hold a secret, if as many do as there are in the corpus."""
        found = sum(self.found.values())
        return found / max(1, found + self.touched)


def corpus() -> ModuleType:
    """The module that reads the examples of the tests."""
    if not (EXAMPLES / "secret_examples.py").exists():
        raise SystemExit(f"the examples are not here: there is no {EXAMPLES}; run this in a checkout")
    if str(EXAMPLES) not in sys.path:
        sys.path.append(str(EXAMPLES))
    return importlib.import_module("secret_examples")


def score(redact: RedactAll, examples: ModuleType) -> Score:
    """How a redactor does on the corpus."""
    there, found = Counter[str](), Counter[str]()
    secrets, harmless = examples.secrets(), examples.harmless()
    outputs, seconds = timed(redact, [*(each.text for each in secrets), *harmless])
    for each, output in zip(secrets, outputs, strict=False):
        for kind, secret in each.secrets:
            there[kind] += 1
            found[kind] += not examples.leaked(secret, output, each.plain)
    touched = sum(output != line for output, line in zip(outputs[len(secrets) :], harmless, strict=True))
    return Score(there, found, len(harmless), touched, 60 * len(outputs) / seconds)


def timed(redact: RedactAll, texts: Sequence[str]) -> tuple[list[str], float]:
    """What becomes of the texts, and the CPU time of the fastest of some rounds."""
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        outputs = redact(texts)
        seconds.append(time.process_time() - started)
    return outputs, max(min(seconds), 1e-9)


def each_of(redact: Callable[[str], str]) -> RedactAll:
    """A redactor of one text for many."""
    return lambda texts: [redact(text) for text in texts]


def by_detect_secrets() -> RedactAll:
    """What detect-secrets finds in a file of the lines with its default plugins and filters, replaced."""
    scan = importlib.import_module("detect_secrets.core.scan")
    settings = importlib.import_module("detect_secrets.settings")

    def redact(texts: Sequence[str]) -> list[str]:
        rows = [row for row, text in enumerate(texts) for _ in text.split("\n")]
        outputs = list(texts)
        with tempfile.TemporaryDirectory() as folder, settings.default_settings():
            path = Path(folder, "app.log")
            path.write_text("\n".join(texts), encoding="utf-8")
            for each in sorted(scan.scan_file(str(path)), key=lambda each: -len(each.secret_value or "")):
                row = rows[each.line_number - 1]
                outputs[row] = outputs[row].replace(each.secret_value or "\0", "<secret>")
        return outputs

    return redact


def by_phonenumbers() -> RedactAll:
    """The numbers that phonenumbers takes for valid, replaced."""
    phonenumbers = importlib.import_module("phonenumbers")

    def redact(text: str) -> str:
        for match in reversed(list(phonenumbers.PhoneNumberMatcher(text, "KR"))):
            text = f"{text[: match.start]}<phone>{text[match.end :]}"
        return text

    return each_of(redact)


def methods() -> Iterator[tuple[str, RedactAll]]:
    """The redactors that are compared, with their names; those whose library is there."""
    others = [kind for kind in KINDS if kind != "phone"]
    yield "sllm", each_of(Redactor().redact)
    yield "sllm, phone only", each_of(Redactor(off=others).redact)
    for name, make in (("detect-secrets", by_detect_secrets), ("phonenumbers", by_phonenumbers)):
        try:
            yield name, make()
        except ImportError:
            print(f"{name} is not installed, its row is left out: pip install {name}", file=sys.stderr)


def print_scores(examples: ModuleType) -> None:
    """The table of all methods."""
    kinds = list(Counter(kind for each in examples.secrets() for kind, _ in each.secrets))
    head = "".join(f"{kind:>10}" for kind in ("credential", *kinds))
    print(f"{'recall of':18}{head}  {'harmless touched':>18}{'precision':>11}{'lines a minute':>16}")
    for name, redact in methods():
        result = score(redact, examples)
        groups = [sorted(examples.CREDENTIALS), *([kind] for kind in kinds)]
        cells = "".join(f"{result.recall(each):10.3f}" for each in groups)
        touched = f"{result.touched} of {result.lines}"
        print(f"{name:18}{cells}  {touched:>18}{result.precision:11.3f}{result.minute:16,.0f}", flush=True)


def print_real(folder: Path) -> None:
    """What is touched in logs of real systems, to be looked at."""
    redact = Redactor().redact
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        touched = [output for line in lines if (output := redact(line)) != line]
        print(f"{path.name:28}{len(touched):6} of {len(lines):6} lines touched")
        for output in list({re.sub(r"\d+", "0", each): each for each in touched}.values())[:SHOWN]:
            print(f"    {output}")


def main() -> None:
    """Print the table, and what is touched in the folder of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("SLLM_LOGHUB"))
    options = parser.parse_args()
    print_scores(corpus())
    if options.folder is not None:
        print_real(Path(options.folder))


if __name__ == "__main__":
    main()
