"""Events of seventeen kinds of software, written for the benchmarks, with what draws their values."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Slot = Callable[[random.Random], str]

LEVELS = MappingProxyType({"D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR"})
SYLLABLES = ("ba", "de", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we", "xi", "yo", "za", "chu")
WORDS = ("orders", "carts", "users", "events", "stock", "prices", "invoices", "sessions", "audit", "media", "reviews")
SLOTS: Mapping[str, Slot] = MappingProxyType(
    {
        "n": lambda rng: str(rng.randrange(100_000)),
        "k": lambda rng: str(rng.randrange(1, 17)),
        "f": lambda rng: f"{rng.uniform(0, 100):.2f}",
        "ms": lambda rng: f"{int(rng.lognormvariate(4.5, 1))}ms",
        "mb": lambda rng: f"{rng.randrange(1, 4096)}MB",
        "ip": lambda rng: f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}",
        "port": lambda rng: str(rng.randrange(1024, 65536)),
        "hex": lambda rng: f"{rng.getrandbits(32):08x}",
        "ptr": lambda rng: f"0x{rng.getrandbits(48):012x}",
        "id": lambda rng: f"{rng.getrandbits(128):032x}",
        "host": lambda rng: f"{rng.choice(('app', 'db', 'cache', 'edge'))}-{rng.randrange(40):02d}.example.com",
        "status": lambda rng: rng.choice(("200", "200", "200", "201", "204", "301", "304", "404", "500", "503")),
        "user": lambda rng: invented(rng),
        "word": lambda rng: rng.choice(WORDS),
        "path": lambda rng: f"/{rng.choice(WORDS)}/{rng.randrange(50_000)}",
    }
)
TEMPLATES = """
gateway: I GET {path} {status} {ms} ~ I POST /{word} {status} {ms} ~ W slow request {path} took {ms}, limit 500ms
 ~ E upstream {host}:{port} timed out after {ms} ~ I route {word} -> {host} weight {k}
 ~ W rate limit hit for {ip}: {n} rps ~ E no healthy upstream for route {word}
 ~ I client {ip} closed keepalive connection ~ D cache HIT key={hex} age={n} ~ I TLS handshake with {ip} done in {ms}
 ~ E TLS handshake with {ip} failed: certificate expired
order: I order {n} placed by {user}, {k} items, total {n} KRW ~ I 주문 생성: orderId={n}, userId={n}, 상품 {k}개
 ~ I order {n} moved CREATED -> PAID ~ W stock low for sku {hex}: {k} left
 ~ E order {n} rejected: payment not confirmed ~ I 배송 요청 전송: orderId={n}, 송장={n}
 ~ W 주문 {n} 결제 대기 상태로 전환 ~ E 주문 취소 실패: orderId={n}, 사유=PG 응답 없음
 ~ I coupon {hex} applied to order {n} ~ D cart of {user} merged, {k} lines ~ I refund {n} accepted, amount {n}
payment: I 결제 승인 완료: 승인번호={n}, {ms} ~ E 결제 승인 실패: DB 연결 실패, 재시도 {k}/3
 ~ W card declined, code {k}, order {n} ~ I PG response 0000 OK tid={id} elapsed={ms}
 ~ I settlement of {n} payments done in {ms} ~ E ledger out of balance by {n} ~ W 응답 지연: PG {host} {ms}
 ~ I webhook {id} verified ~ E webhook {id} rejected: bad signature ~ D idempotency key {hex} seen
auth: I login of {user} from {ip} ~ W login of {user} failed from {ip}, attempt {k} of 5
 ~ I token {hex} issued to {user} ~ I 로그인 성공: userId={n}, ip={ip} ~ W 로그인 실패: 비밀번호 불일치, userId={n}
 ~ E account {user} locked after {k} attempts ~ I session {id} closed after {n} s ~ W token {hex} expired {n} s ago
 ~ E LDAP bind to {host} failed: timeout ~ I password of {user} changed ~ D permission {word}.read granted to {user}
postgres: I checkpoint complete: wrote {n} buffers ({f}%); write={f} s ~ I connection received: host={ip} port={port}
 ~ E duplicate key value violates unique constraint "{word}_pkey" ~ E deadlock detected, process {n} waits for {n}
 ~ W could not serialize access, retrying transaction {n}
 ~ I automatic vacuum of table "shop.{word}": {n} pages removed
 ~ I duration: {f} ms  statement: SELECT * FROM {word} WHERE id = {n}
 ~ E terminating connection due to idle timeout, pid {n} ~ E canceling statement due to lock timeout on relation {word}
 ~ W replication slot {word} is {mb} behind
redis: I Background saving started by pid {n} ~ I DB saved on disk ~ I RDB: {mb} of memory used by copy-on-write
 ~ W Can't save in background: fork: Cannot allocate memory ~ I {n} changes in 60 seconds. Saving...
 ~ E MISCONF errors writing ~ I Replica {ip}:{port} asks for synchronization
 ~ W Connection with replica {ip}:{port} lost ~ I Partial resync at offset {n}
 ~ W Asynchronous AOF fsync is taking too long ~ D {n} clients connected ({k} replicas), {n} bytes in use
kafka: I [GroupCoordinator {k}]: Preparing to rebalance group {word} in generation {n}
 ~ I Rolled new log segment at offset {n}
 ~ W [Consumer clientId={word}-{k}] Offset commit failed on partition {word}-{k} at offset {n}
 ~ I Elected leader {k} for {word}-{k} ~ E Error while fetching metadata with correlation id {n}
 ~ I [ReplicaFetcher {k}] Truncating partition {word}-{k} to {n} ~ W Shrinking ISR for {word}-{k} from {k} to {k}
 ~ I Expanding ISR for {word}-{k} to {k} ~ E Disk error on /data/{word}-{k} ~ D fetched {n} bytes from {host}:{port}
 ~ W Group {word} lag is {n}
elasticsearch: I [{word}-{n}] creating index, shards [{k}]/[1]
 ~ W high disk watermark [90%] exceeded on [{host}], {f}% free
 ~ I [gc][{n}] overhead, spent {ms} collecting in the last 1s ~ E failed to execute bulk item on [{word}][{k}]
 ~ I cluster health changed from [YELLOW] to [GREEN]
 ~ W cluster health changed from [GREEN] to [RED], reason [{host} left] ~ I updating mapping of {word}, version {n}
 ~ I snapshot {hex} completed, {n} files, {mb} ~ E circuit_breaking: {mb} over limit
 ~ D slow query {ms}, total hits {n}
kubernetes: I Created pod: {word}-{hex} ~ I Successfully assigned {word}/{word}-{hex} to {host}
 ~ W Back-off restarting {word}-{hex} ~ W Readiness probe failed: HTTP status {status}
 ~ E Failed to pull image "registry.example.com/{word}:{hex}": not found ~ I Scaled up replica set {word}-{hex} to {k}
 ~ I Killing container {word} ~ E OOMKilled container {word} in pod {word}-{hex}
 ~ I Pulled image "registry.example.com/{word}:{hex}" in {f}s ~ W node {host} memory pressure, {mb} left
 ~ I node {host} ready
sshd: I Accepted publickey for {user} from {ip} port {port} ssh2
 ~ W Failed password for {user} from {ip} port {port} ssh2 ~ W Invalid user {user} from {ip}
 ~ I Connection closed by {ip} port {port} [preauth] ~ I session opened for user {user}
 ~ I session closed for user {user} ~ E maximum authentication attempts exceeded for {user} from {ip}
 ~ I Received disconnect from {ip}: {k}: disconnected by user ~ W reverse mapping of {ip} does not match {host}
kernel: I usb 1-{k}: new high-speed USB device number {k} using xhci_hcd ~ E EXT4-fs error (device sda{k}): inode #{n}
 ~ W CPU{k}: Core temperature above threshold, cpu clock throttled (total events = {n}) ~ I eth{k}: link up, 10000 Mbps
 ~ W eth{k}: link down ~ E Out of memory: Killed process {n} ({word}) total-vm:{n}kB
 ~ E I/O error, dev sd{k}, sector {n} ~ I audit: type=1400 audit({n}): apparmor="ALLOWED" pid={n}
 ~ W TCP: request_sock_TCP: Possible SYN flooding on port {port} ~ D pci 0000:{k}: BAR {k}: assigned [mem {ptr}-{ptr}]
hadoop: I Received block blk_{n} of size {n} from /{ip} ~ I PacketResponder {k} for block blk_{n} terminating
 ~ I Verification succeeded for blk_{n} ~ W Slow BlockReceiver write packet to mirror took {ms}
 ~ E blk_{n} is corrupt on {host} ~ I Deleting block blk_{n} file /data/current/blk_{n}
 ~ I application_{n}_{k} State change from ACCEPTED to RUNNING ~ W Lost node {host}:{port}
 ~ E Container container_{n}_{k} exited with exit code {k} ~ I Memory usage of tree {n}: {mb} of 4096MB
spark: I Running task {k}.0 in stage {k}.0 (TID {n})
 ~ I Finished task {k}.0 in stage {k}.0 (TID {n}) in {n} ms on {host} ({k}/16)
 ~ I Block broadcast_{n} stored as values in memory (estimated size {f} KB, free {f} MB)
 ~ W Lost task {k}.0 in stage {k}.0 ~ E Lost executor {k} on {host}: heartbeat timed out
 ~ I Started reading broadcast variable {n} ~ I Removed broadcast_{n} on {host}
 ~ I Job {k} finished: collect at Report.scala:{n}, took {f} s
 ~ W Managed memory leak detected; size = {n} bytes, TID = {n}
mail: I {hex}: from=<{user}@example.com>, size={n}, nrcpt={k} (queue active) ~ I {hex}: removed
 ~ I connect from {host}[{ip}] ~ I {hex}: to=<{user}@example.com>, relay={host}[{ip}]:25, delay={f}, status=sent
 ~ W {hex}: status=deferred, delay={f} ~ E {hex}: status=bounced (user {user} unknown)
 ~ W {host}[{ip}]: SASL LOGIN authentication failed ~ I lost connection after DATA ~ I 메일 발송 완료: to={user}, {ms}
 ~ E 메일 발송 실패: 수신 서버 {host} 연결 거부
batch: I job {word}-daily started, run {n} ~ I job {word}-daily finished: {n} rows in {f} s
 ~ E job {word}-daily failed at step {k} ~ I 배치 시작: {word}, 대상 {n}건
 ~ I 배치 종료: {word}, 처리 {n}건, 실패 0건, {ms} ~ W 배치 지연: {word} {n}초 초과
 ~ W {n} rows of {word} skipped: bad date ~ D chunk {n} committed in {ms} ~ I lock {word} taken by {host}
 ~ E lock {word} lost
mobile: I push {id} sent to {n} devices ~ W push token {hex} unregistered
 ~ I app 4.{k}.0 started in {ms} on Android {k} ~ E crash in MainActivity: NullPointerException at line {n}
 ~ W ANR in com.example.shop: input dispatching took {ms} ~ I screen {word} shown after {ms}
 ~ D wakelock {ptr} released, uid={n} ~ I sync finished: {n} up, {n} down ~ W battery low: {k}%
 ~ E certificate pin mismatch for {host}
jvm: I GC pause (young) {mb}->{mb}({mb}) {f}ms ~ W heap usage {f}% of 4096MB
 ~ E java.lang.OutOfMemoryError: Java heap space ~ I HikariPool-{k} - Start completed.
 ~ W HikariPool-{k} - Connection is not available, request timed out after {ms}
 ~ D HikariPool-{k} - stats (total=10, active={k}, waiting={k})
 ~ I Started Application in {f} seconds (process running for {f})
 ~ E Unhandled exception in thread pool-{k}-thread-{k}: java.net.SocketTimeoutException: Read timed out
"""


def invented(rng: random.Random) -> str:
    """One of 4,095 words, by Zipf's law: the word of rank r comes in proportion to 1 / r."""
    rank = int(4096 ** rng.random())
    return "".join(SYLLABLES[rank >> shift & 15] for shift in (0, 4, 8))


@dataclass(frozen=True)
class Template:
    """An event: the fixed texts, and what draws the value between each two of them."""

    logger: str
    level: str
    texts: tuple[str, ...]
    slots: tuple[Slot, ...]
    weight: float

    def message(self, rng: random.Random) -> str:
        drawn = (slot(rng) + text for slot, text in zip(self.slots, self.texts[1:], strict=True))
        return self.texts[0] + "".join(drawn)


def own_templates() -> Iterator[Template]:
    """The events of TEMPLATES; in each kind of software the first are the frequent ones."""
    for block in TEMPLATES.replace("\n ~", " ~").strip().splitlines():
        kind, _, events = block.partition(": ")
        for rank, event in enumerate(events.split(" ~ "), 1):
            parts = re.split(r"\{(\w+)\}", event[2:])
            slots = tuple(SLOTS[name] for name in parts[1::2])
            yield Template(f"com.example.{kind}", LEVELS[event[0]], tuple(parts[::2]), slots, 1 / rank)
