"""What holds between the rooms of the house: who imports whom, and how long a file may be."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import sllm_core
from sllm_core.loader import HOOKS

ROOT = Path(__file__).parents[1]
CORE = Path(str(sllm_core.__file__)).parent
PLUGINS = Path(str(getattr(importlib.util.find_spec("sllm_plugins"), "origin", ""))).parent
LAYERS = (
    ("buffers", "kernels", "records", "findings", "grouping", "moments", "comparison"),
    ("plugin", "components", "hookspecs"),
    ("settings",),
    ("loader", "pipeline"),
    ("opening", "runner"),
    ("report",),
    ("cli", "web", "testing"),
)
"""Each imports only from its own layer and those above; a room that is not named stands with the second."""
HEAVY = ("numpy", "pandas", "pyarrow", "sklearn", "llvmlite", "rich", "jinja2", "pydantic", "structlog", "pluggy")
TUNING = ("torch", "transformers", "peft")


def modules(folder: Path, package: str) -> dict[str, Path]:
    """The files of a package by the dotted names of their modules."""
    names = {
        path: ".".join((package, *path.relative_to(folder).with_suffix("").parts)) for path in folder.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def imported(path: Path, top_level: bool = False) -> Iterator[str]:
    """The modules and names that a file imports while it runs, or already when it is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden: list[ast.AST] = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    if top_level:
        hidden += [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    skipped = {inner for node in hidden for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in skipped:
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node not in skipped:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> int:
    room = [*module.split("."), ""][1]
    return next((number for number, rooms in enumerate(LAYERS) if room in rooms), 1)


def sources() -> list[Path]:
    folders = [CORE, PLUGINS, *(ROOT / name for name in ("tests", "benchmarks", "examples"))]
    return [path for folder in folders for path in folder.rglob("*.py")]


def test_core_imports_no_plugin() -> None:
    found = [(path.name, each) for path in CORE.rglob("*.py") for each in imported(path)]
    assert [each for each in found if each[1].split(".")[0] in ("sllm_plugins", "plugins")] == []


def test_plugins_never_import_each_other() -> None:
    targets = {each.module for each in entry_points(group="sllm") if each.module.startswith("sllm_plugins.")}
    wrong = [
        (module, name)
        for module, path in modules(PLUGINS, "sllm_plugins").items()
        for name in imported(path)
        for target in targets
        if f"{name}.".startswith(f"{target}.") and not f"{module}.".startswith(f"{target}.")
    ]
    assert wrong == []


def test_a_room_of_plugins_keeps_to_itself() -> None:
    wrong = [
        (module, name)
        for module, path in modules(PLUGINS, "sllm_plugins").items()
        for name in imported(path)
        if name.startswith("sllm_plugins.") and name.split(".")[1] != module.split(".")[1]
    ]
    assert wrong == []


def test_imports_point_one_way() -> None:
    wrong = [
        (module, name)
        for module, path in modules(CORE, "sllm_core").items()
        for name in imported(path)
        if name.startswith("sllm_core.") and layer(name) > layer(module)
    ]
    assert wrong == []


def test_only_the_loader_makes_a_plugin_manager() -> None:
    users = {path.name for path in CORE.rglob("*.py") if "PluginManager(" in path.read_text(encoding="utf-8")}
    assert users == {"loader.py"}


def test_libraries_for_tuning_are_imported_only_in_functions() -> None:
    found = [(path.name, each) for path in sources() for each in imported(path, top_level=True)]
    assert [each for each in found if each[1].split(".")[0] in TUNING] == []


def test_the_command_line_starts_without_heavy_libraries() -> None:
    program = f"import sys, sllm_core.cli; print([each for each in {HEAVY} if each in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_no_file_has_300_lines() -> None:
    long = {path.name: text.count("\n") for path in sources() if (text := path.read_text("utf-8")).count("\n") >= 300}
    assert long == {}


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_stands_in_the_table_of_the_readme(hook: str) -> None:
    readme = ROOT / "README.md"
    if not readme.is_file():
        pytest.skip("needs README.md; run the tests from a checkout")
    assert any(line.startswith("|") and f"`{hook}`" in line for line in readme.read_text("utf-8").splitlines())


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_has_a_test(hook: str) -> None:
    assert f"def test_hook_{hook}(" in (Path(__file__).parent / "test_hookspecs.py").read_text(encoding="utf-8")
