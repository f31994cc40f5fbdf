"""`sllm dlq`: dead letters looked at, sent back once, and forgotten."""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import kafka_server
from own_server import free_port
from sllm_plugins.kafka.connection import KafkaConnection
from sllm_plugins.kafka.dead_letters import DeadLetter, DeadLetterWriter
from sllm_plugins.kafka.dlq import command

LETTER = DeadLetter("", 0, 0, b"key", b"{", (("a", b"1"),), 0, "Undecodable", "no JSON")


@dataclass(frozen=True)
class Scene:
    """A topic on a real broker, and a configuration that reads it."""

    servers: str
    topic: str
    config: Path

    def bury(self, *letters: DeadLetter) -> None:
        """Write letters; those without a time have that of now."""
        now = int(time.time() * 1000)
        dead = [replace(each, topic=self.topic, timestamp=each.timestamp or now) for each in letters]

        async def send() -> None:
            writer = DeadLetterWriter(KafkaConnection(bootstrap_servers=self.servers), "kafka")
            try:
                await writer.start()
                await writer.send(dead)
            finally:
                await writer.stop()

        asyncio.run(send())

    def run(self, *arguments: str, answer: str = "") -> Result:
        first, *others = arguments
        arguments = (first, "-c", str(self.config), *others)
        return CliRunner().invoke(command, arguments, input=answer, standalone_mode=False)

    def say(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert code(result) == 0, (result.output, result.exception)
        return result.output

    def messages(self) -> list[tuple[int, bytes | None]]:
        return [(each.partition, each.value) for each in kafka_server.messages(self.servers, self.topic)]


def code(result: Result) -> int:
    """The exit code, as `sllm` gives it."""
    return int(result.return_value or getattr(result.exception, "exit_code", result.exit_code))


@pytest.fixture
def scene(kafka_servers: str, topic: str, tmp_path: Path) -> Scene:
    config = tmp_path / "config.toml"
    lines = ["[plugins.kafka]", f'bootstrap_servers = "{kafka_servers}"', f'topics = ["{topic}"]', f'group = "{topic}"']
    config.write_text("\n".join(lines))
    return Scene(kafka_servers, topic, config)


def letters(*offsets: int, partition: int = 0) -> list[DeadLetter]:
    return [replace(LETTER, partition=partition, offset=each, value=b"%d" % each) for each in offsets]


def test_where_nothing_has_died_that_is_told(scene: Scene) -> None:
    assert scene.say("list") == "there are no dead letters of kafka\n"


def test_a_list_shows_the_newest_first_and_counts_all(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    scene.bury(*letters(7, partition=3))
    head, *rows = scene.say("list", "--limit", "2").splitlines()
    assert head == f"{scene.topic}.dlq: 3 letters, 3 new"
    assert [row.split("  ")[1] for row in rows[::2]] == [f"{scene.topic}-3-7", f"{scene.topic}-0-2"]
    assert rows[0].endswith("1 try  new  Undecodable: no JSON") and rows[1] == "      7"


def test_a_hostile_message_drives_no_terminal(scene: Scene) -> None:
    scene.bury(
        replace(LETTER, value=b"\x1b]0;owned\x07 \xff" + "연결\u202e".encode(), error="\x1b[2J", error_type="\x07")
    )
    said = scene.say("list") + scene.say("show", f"{scene.topic}-0-0") + scene.say("list", "--format", "json")
    assert not any(sign in said for sign in "\x1b\x07\u202e") and "연결" in said and "\\xff" in said


def test_a_list_as_json_has_the_bytes(scene: Scene) -> None:
    scene.bury(replace(LETTER, value=b"\xff{"))
    document = json.loads(scene.say("list", "--format", "json"))
    (letter,) = document["letters"]
    assert document["topics"] == [{"topic": f"{scene.topic}.dlq", "letters": 1, "new": 1}]
    assert (letter["origin"], letter["value_base64"], letter["key"]) == (f"{scene.topic}-0-0", "/3s=", "key")
    assert letter["headers"] == [{"name": "a", "value": "1"}]


def test_lists_are_filtered(scene: Scene) -> None:
    scene.bury(*letters(1), replace(letters(2)[0], error_type="Invalid"))
    assert scene.say("list", "--error-type", "invalid").count("Invalid: no JSON") == 1
    assert scene.say("list", "--since", "2001-01-01").count("no JSON") == 2
    assert scene.say("list", "--since", "2100-01-01").count("no JSON") == 0


def test_a_letter_is_shown_whole_and_raw(scene: Scene) -> None:
    scene.bury(replace(LETTER, value=b"one\ntwo\xff"))
    said = scene.say("show", f"{scene.topic}-0-0")
    assert "header     a: 1" in said and said.endswith("value      8 bytes\n  one\n  two\\xff\n")
    result = scene.run("show", f"{scene.topic}-0-0", "--raw")
    assert result.stdout_bytes == b"one\ntwo\xff"
    assert code(scene.run("show", f"{scene.topic}-0-9")) == 2


def test_a_replay_sends_each_message_once_as_it_was(scene: Scene) -> None:
    scene.bury(*letters(1, 2), *letters(1, partition=2))
    assert scene.say("replay") == "3 letters replayed\n"
    found = kafka_server.messages(scene.servers, scene.topic)
    assert [(each.partition, each.key, each.value) for each in found] == [
        (0, b"key", b"1"),
        (0, b"key", b"2"),
        (2, b"key", b"1"),
    ]
    told = {"a": b"1", "x-origin": f"{scene.topic}-0-1".encode(), "x-attempts": b"2"}
    assert dict(found[0].headers) == told


def test_what_was_replayed_is_not_replayed_again(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    scene.say("replay")
    assert scene.say("replay") == "0 letters replayed\n"
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 2 letters, 0 new\n")
    scene.bury(*letters(3))
    assert scene.say("replay") == "1 letters replayed\n"
    assert scene.say("replay", "--all") == "3 letters replayed\n"
    assert [value for _, value in scene.messages()] == [b"1", b"2", b"3", b"1", b"2", b"3"]


def test_a_message_with_two_letters_is_replayed_once(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    scene.bury(*letters(1))
    assert scene.say("replay") == "2 letters replayed\n1 more are about the same messages\n"
    scene.bury(*letters(2))
    assert scene.say("replay") == "0 letters replayed\n1 more are about the same messages\n"
    assert len(scene.messages()) == 2


def test_a_message_that_pretends_to_be_another_is_not_lost(scene: Scene) -> None:
    scene.bury(*letters(1))
    forged = (("x-origin", f"{scene.topic}-0-1".encode()), ("x-attempts", b"1"))
    scene.bury(replace(letters(2)[0], headers=forged))
    assert scene.say("replay") == "2 letters replayed\n"


def test_a_message_that_dies_again_is_a_letter_of_its_own(scene: Scene) -> None:
    scene.bury(*letters(1))
    scene.say("replay")
    (found,) = kafka_server.messages(scene.servers, scene.topic)
    scene.bury(replace(LETTER, offset=found.offset, value=found.value, headers=tuple(found.headers)))
    assert scene.say("replay") == "1 letters replayed\n"
    told = [dict(each.headers) for each in kafka_server.messages(scene.servers, scene.topic)]
    assert [each["x-attempts"] for each in told] == [b"2", b"3"]
    assert {each["x-origin"] for each in told} == {f"{scene.topic}-0-1".encode()}


def test_letters_are_chosen_and_the_others_stay_new(scene: Scene) -> None:
    scene.bury(*letters(1, 2, 3, 4))
    assert scene.say("replay", f"{scene.topic}-0-3") == "1 letters replayed\n3 others stay as they are\n"
    assert scene.say("replay", f"{scene.topic}-0-3").startswith("0 letters replayed\n")
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 4 letters, 3 new\n")
    assert scene.say("replay", "--limit", "2") == "2 letters replayed\n"
    assert scene.say("replay") == "1 letters replayed\n"
    assert [value for _, value in scene.messages()] == [b"3", b"1", b"2", b"4"]


def test_a_dry_run_changes_nothing(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    assert scene.say("replay", "--dry-run") == "2 letters would be replayed\n"
    assert scene.say("drop", "--dry-run") == "2 letters would be dropped\n"
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 2 letters, 2 new\n") and not scene.messages()


def test_a_cut_message_is_not_sent(scene: Scene) -> None:
    kafka_server.create_topic(scene.servers, f"{scene.topic}.dlq", 1)
    scene.bury(replace(LETTER, offset=5, value=os.urandom(3 << 20)), *letters(1))
    result = scene.run("replay")
    assert code(result) == 3
    assert result.output.startswith(f"1 letters replayed\n{scene.topic}-0-5 stay: they were cut")
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 2 letters, 1 new\n")


def test_a_message_that_its_topic_does_not_take_stays(scene: Scene) -> None:
    scene.bury(*letters(1), replace(LETTER, offset=5, value=os.urandom(3 << 20)), *letters(2))
    result = scene.run("replay")
    assert code(result) == 3
    assert result.output.startswith(f"2 letters replayed\n{scene.topic}-0-5 stay: their topic does not take them")
    assert [value for _, value in scene.messages()] == [b"1", b"2"]
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 3 letters, 1 new\n")


def test_messages_of_a_partition_that_is_gone_go_where_their_key_says(scene: Scene) -> None:
    scene.bury(replace(LETTER, partition=11))
    scene.say("replay")
    assert [value for _, value in scene.messages()] == [b"{"]


def test_a_topic_that_is_gone_is_told(scene: Scene) -> None:
    scene.bury(*letters(1))
    kafka_server.delete_topics(scene.servers, scene.topic)
    result = scene.run("replay")
    assert f"has no topic {scene.topic}" in str(result.exception)
    assert scene.topic not in kafka_server.topic_names(scene.servers)
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 1 letters, 1 new\n")


def test_what_is_dropped_is_not_replayed(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    assert isinstance(scene.run("drop", answer="n\n").exception, click.Abort)
    assert code(scene.run("drop", answer="y\n")) == 0
    assert scene.say("replay") == "0 letters replayed\n"
    assert scene.say("replay", "--all") == "2 letters replayed\n"


def test_what_is_done_can_be_deleted(scene: Scene) -> None:
    scene.bury(*letters(1, 2, 3))
    scene.say("drop", f"{scene.topic}-0-1", "--yes")
    said = scene.say("drop", f"{scene.topic}-0-3", "--yes", "--delete")
    assert said == "1 letters dropped\n1 others stay as they are\n1 deleted\n"
    assert len(kafka_server.messages(scene.servers, f"{scene.topic}.dlq")) == 2
    assert scene.say("replay") == "1 letters replayed\n"


def test_what_others_have_put_there_is_a_letter_too(scene: Scene) -> None:
    kafka_server.create_topic(scene.servers, f"{scene.topic}.dlq", 1)
    kafka_server.produce(scene.servers, f"{scene.topic}.dlq", [b"foreign"])
    assert f"{scene.topic}.dlq-0-0" in scene.say("list")
    assert scene.say("replay") == "1 letters replayed\n"
    assert [value for _, value in scene.messages()] == [b"foreign"]


def test_letters_of_a_topic_that_was_made_anew_are_new(scene: Scene) -> None:
    scene.bury(*letters(1, 2))
    scene.say("replay")
    kafka_server.delete_topics(scene.servers, f"{scene.topic}.dlq")
    scene.bury(*letters(9))
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 1 letters, 1 new\n")


def test_topics_are_found_by_the_pattern_of_the_section(scene: Scene) -> None:
    scene.bury(*letters(1))
    text = scene.config.read_text().replace(f'topics = ["{scene.topic}"]', f'pattern = "{scene.topic[:-3]}..."')
    scene.config.write_text(text)
    assert scene.say("list").startswith(f"{scene.topic}.dlq: 1 letters, 1 new\n")


def test_a_topic_can_be_named_by_itself_or_by_that_of_its_letters(scene: Scene) -> None:
    scene.bury(*letters(1))
    assert scene.say("list", "-t", scene.topic) == scene.say("list", "-t", f"{scene.topic}.dlq")
    assert "there are no dead letters of other" in str(scene.run("list", "-t", "other").exception)


def test_of_several_sections_one_is_named(scene: Scene) -> None:
    scene.bury(*letters(1))
    with scene.config.open("a") as file:
        file.write('\n[plugins.second]\nplugin = "kafka"\ntopics = ["other"]\n')
    assert "name one with --plugin: kafka, second" in str(scene.run("list").exception)
    assert "1 new" in scene.say("list", "--plugin", "kafka")
    assert "there are: kafka, second" in str(scene.run("list", "--plugin", "third").exception)


def test_without_a_section_it_is_told_what_to_add(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[plugins.stdout]\n")
    result = CliRunner().invoke(command, ["list", "-c", str(config)])
    assert "add [plugins.kafka] to the configuration" in str(result.exception)


@pytest.mark.parametrize("action", [["list"], ["show", "x"], ["replay"], ["drop", "--yes"]])
def test_servers_that_are_away_are_told(tmp_path: Path, action: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    config = tmp_path / "config.toml"
    config.write_text(f'[plugins.kafka]\ntopics = ["logs"]\nbootstrap_servers = "127.0.0.1:{free_port()}"\n')
    result = CliRunner().invoke(command, [action[0], "-c", str(config), *action[1:]], standalone_mode=False)
    assert "nothing listens there; start Kafka" in str(result.exception)
    assert code(result) == 2
