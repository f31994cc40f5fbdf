from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from sllm_core.loader import Assembly, available_plugins, load_plugins
from sllm_core.settings import SettingsError, settings_from
from sllm_core.testing import context

Install = Callable[..., None]


def assemble(*sections: str) -> Assembly:
    return load_plugins(settings_from({"plugins": {each: {} for each in sections}})).collect(context())


def wrong(*sections: str) -> str:
    with pytest.raises(SettingsError) as caught:
        assemble(*sections)
    return str(caught.value)


def names(components: Iterable[object]) -> list[str]:
    return [vars(each)["name"] for each in components]


def plugin(body: str, name: str = "Odd") -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"\nclass {name}(Plugin[PluginConfig]):\n{lines}\n"


SINK = plugin("@hookimpl\ndef sllm_sinks(self): return [ListSink(self.name)]", "Sink")


def test_components_come_in_the_order_of_the_configuration(install: Install) -> None:
    install("sink-dist", SINK, a="Sink", b="Sink", c="Sink")
    assert names(assemble("b", "c", "a").sinks) == ["b", "c", "a"]


def test_each_hook_is_called_once(install: Install) -> None:
    body = "calls = 0\n@hookimpl\ndef sllm_sinks(self):\n    self.calls += 1\n    return [ListSink(str(self.calls))]"
    install("odd-dist", plugin(body), odd="Odd")
    assert names(assemble("odd").sinks) == ["1"]


def test_a_plugin_may_ask_for_the_context_or_not(install: Install) -> None:
    install("sink-dist", SINK, sink="Sink")
    body = "@hookimpl\ndef sllm_sinks(self, context): return [ListSink(context.language)]"
    install("odd-dist", plugin(body), odd="Odd")
    assert names(assemble("sink", "odd").sinks) == ["sink", "en"]


def test_a_generator_declares_as_well_as_a_list(install: Install) -> None:
    install("odd-dist", plugin("@hookimpl\ndef sllm_sinks(self):\n    yield ListSink('x')"), odd="Odd")
    assert names(assemble("odd").sinks) == ["x"]


def test_a_third_party_may_wrap_a_hook(install: Install) -> None:
    install("sink-dist", SINK, sink="Sink")
    body = """@hookimpl(wrapper=True)
def sllm_sinks(self):
    found = yield
    return [[*each, ListSink('more')] for each in found]"""
    install("odd-dist", plugin(body), odd="Odd")
    assert names(assemble("odd", "sink").sinks) == ["sink", "more"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("@hookimpl\ndef sllm_sink(self): pass", "there is no hook 'sllm_sink'; did you mean 'sllm_sinks'?"),
        ("@hookimpl\ndef other(self): pass", "there is no hook 'other'; the hooks are sllm_models"),
        ("sllm_colour = 3", "there is no hook 'sllm_colour'"),
        ("def sllm_sinks(self): return []", "sllm_sinks lacks the decorator @hookimpl"),
        ("@hookimpl\nasync def sllm_sinks(self): return []", "sllm_sinks is 'async def'"),
        ("@hookimpl\nasync def sllm_sinks(self): yield 1", "sllm_sinks is 'async def'"),
        ("@hookimpl\ndef sllm_sinks(self, contxt): return []", "Argument(s) {'contxt'} are declared in the hookimpl"),
        ("def __init__(self, name, config): raise OSError('no queue')", "cannot be made: OSError: no queue"),
        ("@hookimpl\ndef sllm_sinks(self): return 1 / 0", "sllm_sinks raised ZeroDivisionError: division by zero"),
        ("@hookimpl\ndef sllm_sinks(self):\n    yield 1 / 0", "sllm_sinks raised ZeroDivisionError"),
        ("@hookimpl\ndef sllm_sinks(self): pass", "sllm_sinks returned NoneType instead of a list"),
        ("@hookimpl\ndef sllm_sinks(self): return 'abc'", "sllm_sinks returned str instead of a list"),
        ("@hookimpl\ndef sllm_sinks(self): return ListSink('x')", "sllm_sinks returned ListSink instead of a list"),
        ("@hookimpl\ndef sllm_sinks(self): return [3]", "sllm_sinks returned int, which has no name"),
        ("@hookimpl\ndef sllm_sinks(self): return [ListSink]", "which is a class; return an instance"),
        (
            "@hookimpl\ndef sllm_sinks(self): return [ListSource('x', [])]",
            "returned ListSource, which has no method write",
        ),
        ("@hookimpl\ndef sllm_lifespan(self): return 3", "returned int, which is no asynchronous context manager"),
    ],
)
def test_a_mistake_of_a_plugin_names_section_and_distribution(install: Install, body: str, text: str) -> None:
    install("odd-dist", plugin(body), odd="Odd")
    message = wrong("odd")
    assert message.startswith("configuration: plugins.odd: ")
    assert text in message
    assert message.endswith("of odd-dist 1.0); correct the section, upgrade the distribution or set enabled = false")


def test_batches_must_be_a_generator(install: Install) -> None:
    code = "\nclass Queue(ListSource):\n    async def batches(self): return []\n"
    install("odd-dist", code + plugin("@hookimpl\ndef sllm_sources(self): return [Queue('q', [])]"), odd="Odd")
    assert "whose batches is a coroutine" in wrong("odd")


def test_all_plugins_that_cannot_be_made_are_named(install: Install) -> None:
    bad = plugin("def __init__(self, name, config): raise OSError(name)", "Bad")
    install("odd-dist", bad + plugin("sllm_colour = 3"), bad="Bad", worse="Bad", odd="Odd")
    assert len(wrong("bad", "worse", "odd").splitlines()) == 3


def test_all_hooks_that_raise_are_named(install: Install) -> None:
    bad = plugin("@hookimpl\ndef sllm_sinks(self): raise OSError(self.name)", "Bad")
    install("odd-dist", bad + SINK, bad="Bad", worse="Bad", sink="Sink")
    assert len(wrong("bad", "sink", "worse").splitlines()) == 2


def test_two_components_of_one_name_are_a_mistake_that_names_both(install: Install) -> None:
    body = "@hookimpl\ndef sllm_sinks(self): return [ListSink('same')]"
    install("odd-dist", plugin(body), odd="Odd", even="Odd")
    assert "plugins.even: sllm_sinks returned a second 'same' beside that of [plugins.odd]" in wrong("odd", "even")


def test_a_source_and_a_sink_may_share_a_name(install: Install) -> None:
    sink = "@hookimpl\ndef sllm_sinks(self): return [ListSink('q')]\n"
    source = "@hookimpl\ndef sllm_sources(self): return [ListSource('q', [])]"
    install("odd-dist", plugin(sink + source), odd="Odd")
    assert names(assemble("odd").sources) == ["q"]


def test_the_exception_of_a_plugin_is_the_cause(install: Install) -> None:
    install("odd-dist", plugin("def __init__(self, name, config): raise OSError('no queue')"), odd="Odd")
    with pytest.raises(SettingsError) as caught:
        assemble("odd")
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.__notes__ == ["in section [plugins.odd]"]


def test_two_assemblies_share_nothing(install: Install) -> None:
    install("sink-dist", SINK, sink="Sink")
    assert assemble("sink").sinks[0] is not assemble("sink").sinks[0]


def test_installed_plugins_are_listed_without_importing_them(install: Install) -> None:
    install("broken-dist", "1 / 0", version="3", broken="Broken")
    found = {each.name: each for each in available_plugins()}
    assert (found["broken"].distribution, found["broken"].version) == ("broken-dist", "3")
    assert found["jsonl"].distribution == "sllm"


def test_a_damaged_installation_hides_no_other(
    install: Install, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "damaged-1.0.dist-info").mkdir()
    (folder / "damaged-1.0.dist-info" / "entry_points.txt").write_bytes(b"[sllm]\nno equals sign\n\xff")
    monkeypatch.syspath_prepend(folder)
    assert "jsonl" in {each.name for each in available_plugins()}
