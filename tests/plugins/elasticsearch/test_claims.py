"""Claims in a real Elasticsearch: one claimant wins, whoever writes without having read what is there does not."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elasticsearch_server import documents
from sllm_core.clock.claims import Claim, ClaimsAway, ClaimState
from sllm_core.clock.leases import Lease, Leases
from sllm_core.loader import load_plugins
from sllm_core.settings import settings_from
from sllm_core.testing import context
from sllm_plugins.elasticsearch.claims import ElasticsearchClaims
from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

OWNER = """
import asyncio, sys
from sllm_core.clock.leases import Leases
from sllm_plugins.elasticsearch.claims import ElasticsearchClaims
from sllm_plugins.elasticsearch.sink_config import ElasticsearchSinkConfig

async def hold(url, index):
    config = ElasticsearchSinkConfig(url=(url,), index=index, claims_index=f"{index}.claims")
    lease = await Leases(ElasticsearchClaims("es", config, 2.0), "there").take("tune-2026-11-23")
    print("held", flush=True)
    await lease.keep()

asyncio.run(hold(*sys.argv[1:]))
"""


def claims_of(url: str, index: str, ttl: float = 60.0) -> ElasticsearchClaims:
    config = ElasticsearchSinkConfig(url=(url,), index=index, claims_index=f"{index}.claims")
    return ElasticsearchClaims("es", config, ttl)


@pytest.fixture
def owner(elasticsearch_url: str, index: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the claim of a night and renews it."""
    command = [sys.executable, "-c", OWNER, elasticsearch_url, index]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_of_many_at_once_one_gets_the_claim(elasticsearch_url: str, index: str) -> None:
    async def scene() -> list[Lease | Claim]:
        workers = [Leases(claims_of(elasticsearch_url, index), f"worker {each}") for each in range(8)]
        return list(await asyncio.gather(*(each.take("tune-2026-11-23") for each in workers)))

    found = asyncio.run(scene())
    (won,) = [each for each in found if isinstance(each, Lease)]
    assert {each.owner for each in found if isinstance(each, Claim)} == {won.claim.owner}


def test_what_is_done_is_done_for_all(elasticsearch_url: str, index: str) -> None:
    async def scene() -> Lease | Claim:
        here, there = (Leases(claims_of(elasticsearch_url, index, 0.0), each) for each in ("here", "there"))
        lease = await here.take("tune-2026-11-23")
        assert isinstance(lease, Lease) and await lease.end("done", "run-1 done")
        return await there.take("tune-2026-11-23")

    found = asyncio.run(scene())
    assert isinstance(found, Claim) and (found.state, found.note, found.owner) == ("done", "run-1 done", "here")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(stale=st.booleans(), state=st.sampled_from(["held", "free", "done"]), key=st.text(min_size=1, max_size=20))
def test_only_who_has_read_what_is_there_writes(
    elasticsearch_url: str, index: str, stale: bool, state: ClaimState, key: str
) -> None:
    async def scene() -> bool:
        claims = claims_of(elasticsearch_url, index)
        first = await claims.find(key)
        second = await claims.put(Claim(key, "a"), first)
        assert second is not None and await claims.find(key) == second
        third = await claims.put(Claim(key, "b", state), first if stale else second)
        found = await claims.find(key)
        return third is None and found == second if stale else found == third

    assert asyncio.run(scene())


def test_workers_of_other_findings_have_claims_of_their_own(elasticsearch_url: str, index: str) -> None:
    async def scene() -> list[bool]:
        shared = f"{index}.claims"
        configs = [
            ElasticsearchSinkConfig(url=(elasticsearch_url,), index=each, claims_index=shared)
            for each in (f"{index}-a", f"{index}-b")
        ]
        taken = [await Leases(ElasticsearchClaims("es", each), "me").take("tuning") for each in configs]
        return [isinstance(each, Lease) for each in taken]

    assert asyncio.run(scene()) == [True, True]
    assert {each["_source"]["key"] for each in documents(elasticsearch_url, f"{index}.claims")} == {"tuning"}


def test_an_owner_that_lives_keeps_its_claim(elasticsearch_url: str, index: str, owner: subprocess.Popen[str]) -> None:
    async def scene() -> tuple[int, list[bool]]:
        leases = Leases(claims_of(elasticsearch_url, index, 2.0), "here")
        first = await leases.take("tune-2026-11-23")
        tried, found = [False], first
        while isinstance(found, Claim) and isinstance(first, Claim) and found.beat < first.beat + 8:
            found = await leases.take("tune-2026-11-23")
            tried.append(isinstance(found, Lease))
            await asyncio.sleep(0.1)
        return owner.pid, tried

    assert not any(asyncio.run(scene())[1])


def test_the_claim_of_a_killed_owner_goes_to_one_of_those_who_watch(
    elasticsearch_url: str, index: str, owner: subprocess.Popen[str]
) -> None:
    owner.send_signal(signal.SIGKILL)
    owner.wait(30)

    async def scene() -> list[Lease | Claim]:
        workers = [Leases(claims_of(elasticsearch_url, index, 2.0), f"worker {each}") for each in range(3)]
        async with asyncio.timeout(60):
            while True:
                found = list(await asyncio.gather(*(each.take("tune-2026-11-23") for each in workers)))
                if any(isinstance(each, Lease) for each in found):
                    return found
                await asyncio.sleep(0.1)

    assert sum(isinstance(each, Lease) for each in asyncio.run(scene())) == 1


def test_an_owner_that_was_frozen_learns_that_it_lost(elasticsearch_url: str, index: str) -> None:
    async def scene() -> Lease:
        frozen = await Leases(claims_of(elasticsearch_url, index, 0.0), "frozen").take("tuning")
        assert isinstance(frozen, Lease)
        assert isinstance(await Leases(claims_of(elasticsearch_url, index, 0.0), "other").take("tuning"), Lease)
        assert not await frozen.end("done")
        return frozen

    lease = asyncio.run(scene())
    assert lease.lost and not lease.sure


def test_a_server_that_is_away_is_told(index: str) -> None:
    config = ElasticsearchSinkConfig(url=("http://127.0.0.1:9",), index=index, retries=0)
    with pytest.raises(ClaimsAway, match=r"es: http://127.0.0.1:9: nothing listens there"):
        asyncio.run(ElasticsearchClaims("es", config).find("tuning"))


@pytest.mark.parametrize(("setting", "names"), [({}, ["elasticsearch-sink"]), ({"claims_index": ""}, [])])
def test_the_sink_brings_the_claims_unless_they_are_off(setting: dict[str, str], names: list[str]) -> None:
    plugins = load_plugins(settings_from({"plugins": {"elasticsearch-sink": setting}}))
    assert [each.name for each in plugins.collect(context()).claims] == names
