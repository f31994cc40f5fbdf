"""What is installed is what lies in the checkout."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import EntryPoint, distribution
from pathlib import Path

import pytest

from sllm_core.plugin import Plugin

ROOT = Path(__file__).parents[1]
FOLDERS = {"sllm_core": "sllm_core", "plugins": "sllm_plugins"}
ENTRIES = [each for each in distribution("sllm").entry_points if each.group == "sllm"]
PROJECT = ("pyproject.toml", "README.md", "LICENSE", *FOLDERS)

pytestmark = pytest.mark.skipif(
    not all((ROOT / name).exists() for name in PROJECT), reason="needs the project; run the tests from a checkout"
)


def files() -> Iterator[str]:
    """The files of the packages, as a wheel should name them."""
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield "/".join((package, *path.relative_to(ROOT / folder).parts))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of the files in the wheel, but those of its metadata."""
    if (uv := shutil.which("uv")) is None:
        pytest.skip("needs uv: pip install uv")
    project, out = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("wheel")
    for name in PROJECT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, project / name)
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", out, project], check=True)
    (path,) = out.glob("sllm-*.whl")
    return [name for name in zipfile.ZipFile(path).namelist() if ".dist-info/" not in name]


def test_the_list_of_packages_is_that_of_the_folders() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {name.removesuffix("/__init__.py").replace("/", ".") for name in files() if name.endswith("/__init__.py")}
    assert sorted(project["tool"]["setuptools"]["packages"]) == sorted(found)


def test_each_folder_with_modules_is_a_package() -> None:
    names = set(files())
    assert {
        name for name in names if f"{name.rpartition('/')[0]}/__init__.py" not in names and name.endswith(".py")
    } == set()


def test_a_wheel_holds_all_files_and_no_other(wheel: list[str]) -> None:
    assert sorted(wheel) == sorted(files())


def test_the_folder_plugins_cannot_be_imported_under_its_own_name() -> None:
    spec = importlib.util.spec_from_file_location("plugins", ROOT / "plugins" / "__init__.py")
    assert spec is not None and spec.loader is not None
    with pytest.raises(ImportError, match="imported as sllm_plugins, not as plugins"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_entry_point_is_a_plugin(entry: EntryPoint) -> None:
    assert issubclass(entry.load(), Plugin)
