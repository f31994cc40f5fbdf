"""Claims that last as long as their owners: taken, kept, lost, and taken over from who has died."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from sllm_core.clock.claims import Claim
from sllm_core.clock.leases import Lease, Leases
from sllm_core.store import Store
from tuning_scene import SharedClaims
from virtual_time import run, seconds

TTL = 60.0


def leases(claims: SharedClaims, owner: str) -> Leases:
    return Leases(claims, owner, clock=seconds, watch=seconds)


async def taken(worker: Leases, key: str = "tuning") -> Lease:
    found = await worker.take(key)
    assert isinstance(found, Lease)
    return found


def test_a_claim_that_is_renewed_is_nobody_elses() -> None:
    async def scene() -> None:
        claims = SharedClaims(TTL)
        lease = await taken(leases(claims, "a"))
        keeping, other = asyncio.create_task(lease.keep()), leases(claims, "b")
        for _ in range(100):
            assert isinstance(await other.take("tuning"), Claim)
            await asyncio.sleep(TTL / 3)
        assert lease.sure
        keeping.cancel()

    run(scene())


def test_the_claim_of_who_died_is_free_once_it_was_watched_for_its_time() -> None:
    async def scene() -> None:
        claims = SharedClaims(TTL)
        await taken(leases(claims, "a"))
        await asyncio.sleep(10 * TTL)
        other = leases(claims, "b")
        assert isinstance(await other.take("tuning"), Claim)  # seen for the first time just now
        await asyncio.sleep(TTL - 1)
        assert isinstance(await other.take("tuning"), Claim)
        await asyncio.sleep(1)
        assert isinstance(await other.take("tuning"), Lease)

    run(scene())


def test_who_could_not_renew_is_not_sure_before_another_may_take_it() -> None:
    async def scene() -> None:
        claims = SharedClaims(TTL)
        lease = await taken(leases(claims, "a"))
        keeping = asyncio.create_task(lease.keep())
        claims.away = "gone"
        await asyncio.sleep(0.85 * TTL)
        assert not lease.sure and not lease.lost
        claims.away = ""
        await asyncio.sleep(TTL / 2)
        assert lease.sure
        keeping.cancel()

    run(scene())


def test_who_lost_it_learns_it_with_its_next_word() -> None:
    async def scene() -> None:
        claims = SharedClaims(TTL)
        lease = await taken(leases(claims, "a"))
        other = leases(claims, "b")
        await other.take("tuning")
        await asyncio.sleep(TTL)
        await taken(other)
        await lease.keep()
        assert lease.lost and not await lease.end("done")
        assert claims.written["tuning"].owner == "b"

    run(scene())


def test_what_was_given_back_is_anybodys_and_what_is_done_nobodys() -> None:
    async def scene() -> None:
        claims = SharedClaims(TTL)
        await (await taken(leases(claims, "a"))).end("free")
        await (await taken(leases(claims, "b"))).end("done")
        assert isinstance(await leases(claims, "c").take("tuning"), Claim)

    run(scene())


def test_a_claim_whose_writing_was_never_answered_is_our_own() -> None:
    class Deaf(SharedClaims):
        async def put(self, claim: Claim, before: Claim | None) -> Claim | None:
            written = await super().put(claim, before)
            if self.puts == 1:
                self.away = "no answer"
                self._ask()
            return written

    async def scene() -> Lease | Claim:
        claims = Deaf(TTL)
        mine = leases(claims, "a")
        await asyncio.gather(mine.take("tuning"), return_exceptions=True)
        claims.away = ""
        return await mine.take("tuning")

    assert isinstance(run(scene()), Lease)


def test_a_worker_does_not_take_what_it_has() -> None:
    async def scene() -> Lease | Claim:
        mine = leases(SharedClaims(TTL), "a")
        await taken(mine)
        return await mine.take("tuning")

    assert isinstance(run(scene()), Claim)


def test_what_an_earlier_process_claimed_in_the_store_is_free_at_once() -> None:
    async def scene(store: Store) -> None:
        await taken(Leases(store.claims, "before"))
        lease = await taken(Leases(store.claims, "after"))
        assert lease.sure and await lease.end("done", "run-1")
        found = await Leases(store.claims, "later").take("tuning")
        assert isinstance(found, Claim) and (found.state, found.note) == ("done", "run-1")

    with Store() as store:
        asyncio.run(scene(store))


def test_the_store_refuses_who_has_not_read_what_is_there() -> None:
    async def scene(store: Store) -> list[Claim | None]:
        first = await store.claims.put(Claim("tuning", "a"), None)
        assert first is not None
        return [
            await store.claims.put(Claim("tuning", "b"), None),
            await store.claims.put(Claim("tuning", "b"), first),
            await store.claims.put(Claim("tuning", "c"), first),
        ]

    with Store() as store:
        late, right, stale = asyncio.run(scene(store))
    assert (late, stale) == (None, None) and right is not None and right.owner == "b"


outages = st.lists(st.tuples(st.floats(0, 600), st.floats(1, 200)), max_size=3)
pauses = st.lists(st.tuples(st.floats(1, 300), st.floats(0, 300)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(workers=st.lists(pauses, min_size=2, max_size=4), away=outages)
def test_no_two_are_sure_at_the_same_time(
    workers: list[list[tuple[float, float]]], away: list[tuple[float, float]]
) -> None:
    """Workers take the claim, hold it as long as they like, and are cut off from it now and then."""
    live: dict[str, Lease] = {}

    async def work(claims: SharedClaims, name: str, spans: list[tuple[float, float]]) -> None:
        worker = leases(claims, name)
        for hold, rest in spans:
            found = await asyncio.gather(worker.take("tuning"), return_exceptions=True)
            if isinstance(found[0], Lease):
                live[name] = found[0]
                keeping = asyncio.create_task(found[0].keep())
                await asyncio.wait({keeping}, timeout=hold)
                keeping.cancel()  # killed: it is neither renewed nor given back
            await asyncio.sleep(rest)

    async def cut(claims: SharedClaims) -> None:
        for at, lasting in sorted(away):
            await asyncio.sleep(max(at - seconds(), 0))
            claims.away = "cut"
            await asyncio.sleep(lasting)
            claims.away = ""

    async def watch() -> None:
        while True:
            assert sum(lease.sure for lease in live.values()) <= 1
            await asyncio.sleep(1.7)

    async def scene() -> None:
        claims = SharedClaims(TTL)
        watching = asyncio.create_task(watch())
        names = [f"w{each}" for each in range(len(workers))]
        jobs = [work(claims, *each) for each in zip(names, workers, strict=True)]
        await asyncio.gather(cut(claims), *jobs)
        assert not watching.done(), watching.result()
        watching.cancel()

    run(scene())
