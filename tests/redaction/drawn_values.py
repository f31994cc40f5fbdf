"""Values that look like credentials and identifiers, drawn anew; made from parts, so that no scanner finds one here."""

from __future__ import annotations

import base64
import json
import random
import string
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
ZERO_WIDTH = "\u200b"

Draw = Callable[[random.Random], str]


def some(letters: str, count: int, rng: random.Random) -> str:
    return "".join(rng.choices(letters, k=count))


def date(rng: random.Random) -> str:
    return f"20{rng.randrange(20, 27)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"


def _text(count: int, head: str = "", letters: str = ALNUM) -> Draw:
    """`head`, then so many letters, with at least a digit, a small and a large letter where there are such."""

    def draw(rng: random.Random) -> str:
        body = some(letters, count, rng)
        sure = "".join(each for each in "k7Q" if each in letters)
        return head + (sure + body)[:count]

    return draw


def _clock(rng: random.Random) -> str:
    return f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"


def _slack_hook(rng: random.Random) -> str:
    team, bot, secret = _text(8, "T0")(rng), _text(8, "B0")(rng), _text(24)(rng)
    return "https://hooks.sl" + f"ack.com/services/{team}/{bot}/{secret}"


def _base64(size: int, *ends: tuple[str, str]) -> Draw:
    def draw(rng: random.Random) -> str:
        text = base64.b64encode(rng.randbytes(size)).decode()
        for old, new in ends:
            text = text.replace(old, new)
        return text

    return draw


def _jwt(rng: random.Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": str(rng.randrange(10**6)), "name": "kim", "iat": 1700000000}]
    texts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts]
    return ".".join([*texts, _text(43)(rng)])


def _pem(kind: str, feed: str, end: bool = True) -> Draw:
    def draw(rng: random.Random) -> str:
        body = feed.join(_text(64)(rng) for _ in range(4))
        dashes = "-" * 5
        head = f"{dashes}BEGIN {kind}{dashes}{feed}{body}"
        return f"{head}{feed}{dashes}END {kind}{dashes}" if end else head

    return draw


def _luhn(prefix: str, length: int) -> Draw:
    def draw(rng: random.Random) -> str:
        body = prefix + some(string.digits, length - len(prefix) - 1, rng)
        doubled = [int(each) * (2 - number % 2) for number, each in enumerate(reversed(body))]
        return body + str(-sum(each - 9 * (each > 9) for each in doubled) % 10)

    return draw


def _grouped(draw: Draw, *sizes: int, by: str = "-") -> Draw:
    def grouped(rng: random.Random) -> str:
        digits = iter(draw(rng))
        return by.join("".join(next(digits) for _ in range(size)) for size in sizes)

    return grouped


def _resident(sexes: str, years: tuple[int, int], checked: bool, by: str = "-") -> Draw:
    def draw(rng: random.Random) -> str:
        year, month, day = rng.randrange(*years), rng.randrange(1, 13), rng.randrange(1, 29)
        body = f"{year:02d}{month:02d}{day:02d}{rng.choice(sexes)}{rng.randrange(10**5):05d}"
        total = sum(int(each) * weight for each, weight in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
        last = (11 - total % 11) % 10 if checked else (12 - total % 11) % 10
        return f"{body[:6]}{by}{body[6:]}{last}"

    return draw


def _split(draw: Draw, at: int, by: str = ZERO_WIDTH) -> Draw:
    def split(rng: random.Random) -> str:
        text = draw(rng)
        return text[:at] + by + text[at:]

    return split


def _full_width(text: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


_VISA = _luhn("4539", 16)
_AMEX = _luhn("37", 15)
_MASTER = _luhn("5412", 16)
_AWS = _text(16, "AK" + "IA", string.ascii_uppercase + "234567")

VALUES: Mapping[str, Draw] = MappingProxyType(
    {
        "alibaba": _text(20, "LT" + "AI"),
        "amex_plain": _AMEX,
        "amex_space": _grouped(_AMEX, 4, 6, 5, by=" "),
        "anthropic": _text(95, "sk-" + "ant-api03-"),
        "argon": lambda rng: f"$argon2id$v=19$m=65536,t=3,p=4${_text(22)(rng)}${_text(43)(rng)}",
        "aws_id": _AWS,
        "aws_secret": _base64(30),
        "aws_zw": _split(_AWS, 8),
        "azure": _base64(64),
        "b64_200": _base64(150),
        "b64_28": _base64(20),
        "b64_40": _base64(30),
        "b64_43": _base64(32),
        "b64_60": _base64(45),
        "b64pct": _base64(48, ("+", "%2B"), ("/", "%2F"), ("=", "%3D")),
        "basic": lambda rng: base64.b64encode(f"kim:{_text(9)(rng)}".encode()).decode(),
        "bc_dash": _grouped(_luhn("9410", 16), 4, 4, 4, 4),
        "bcrypt": _text(53, "$2" + "b$12$"),
        "card_dash": _grouped(_VISA, 4, 4, 4, 4),
        "card_nbsp": _grouped(_VISA, 4, 4, 4, 4, by="\u00a0"),
        "card_plain": _VISA,
        "card_space": _grouped(_VISA, 4, 4, 4, 4, by=" "),
        "code": _text(60, "4/0A"),
        "databricks": _text(32, "da" + "pi", HEX),
        "diners_plain": _luhn("3056", 14),
        "discord": lambda rng: f"{_text(24, 'M')(rng)}.{_text(6)(rng)}.{_text(38)(rng)}",
        "discover_space": _grouped(_luhn("6011", 16), 4, 4, 4, 4, by=" "),
        "do": _text(64, "do" + "p_v1_", HEX),
        "docker": _text(27, "dck" + "r_pat_"),
        "email_zw": _split(lambda rng: f"{some(string.ascii_lowercase, 6, rng)}@example.com", 3),
        "github": _text(36, "gh" + "p_"),
        "github_pat": lambda rng: "github_" + f"pat_{_text(22)(rng)}_{_text(59)(rng)}",
        "gitlab": _text(20, "gl" + "pat-"),
        "gitlab_runner": _text(20, "gl" + "rt-"),
        "google": _text(35, "AI" + "za"),
        "google_secret": _text(28, "GOC" + "SPX-"),
        "google_token": _text(120, "ya" + "29."),
        "grafana": lambda rng: "gl" + f"sa_{_text(32)(rng)}_{some(HEX, 8, rng)}",
        "hex128": _text(128, letters=HEX),
        "hex26": _text(26, letters=HEX),
        "hex32": _text(32, letters=HEX),
        "hex32u": _text(32, letters=HEX.upper()),
        "hex40": _text(40, letters=HEX),
        "hex64": _text(64, letters=HEX),
        "hf": _text(34, "h" + "f_"),
        "jcb_dash": _grouped(_luhn("3530", 16), 4, 4, 4, 4),
        "jwt": _jwt,
        "jwt_zw": _split(_jwt, 20),
        "kubeadm": lambda rng: f"{some(HEX, 6, rng)}.{some(HEX, 16, rng)}",
        "mailchimp": lambda rng: f"{some(HEX, 32, rng)}-us12",
        "mailgun": _text(32, "key" + "-", HEX),
        "mc_dash": _grouped(_MASTER, 4, 4, 4, 4),
        "mc_plain": _MASTER,
        "md5crypt": lambda rng: f"$1${_text(8)(rng)}${_text(22)(rng)}",
        "newrelic": _text(27, "NR" + "AK-", string.ascii_uppercase + string.digits),
        "npm": _text(36, "np" + "m_"),
        "openai": lambda rng: "s" + f"k-{_text(20)(rng)}T3Blbk" + f"FJ{_text(20)(rng)}",
        "openai_proj": _text(80, "sk-" + "proj-"),
        "pem": _pem("PRIVATE KEY", "\n"),
        "pem_cut": _pem("PRIVATE KEY", "\n", end=False),
        "pem_escaped": _pem("PRIVATE KEY", "\\n"),
        "pem_pgp": _pem("PGP PRIVATE KEY BLOCK", "\n"),
        "pem_rsa": _pem("RSA PRIVATE KEY", "\n"),
        "pem_ssh": _pem("OPENSSH PRIVATE KEY", "\n"),
        "pypi": _text(90, "py" + "pi-AgEIcHlwaS5vcmc"),
        "rrn": _resident("12", (50, 99), True),
        "rrn_foreign": _resident("5678", (80, 99), False),
        "rrn_full": lambda rng: _full_width(_resident("12", (50, 99), True)(rng)),
        "rrn_new": _resident("34", (21, 25), False),
        "rrn_plain": _resident("12", (50, 99), True, by=""),
        "sas": _base64(32, ("+", "%2B"), ("/", "%2F"), ("=", "%3D")),
        "sendgrid": lambda rng: "S" + f"G.{_text(22)(rng)}.{_text(43)(rng)}",
        "sha512crypt": lambda rng: f"$6${_text(12)(rng)}${_text(86)(rng)}",
        "shopify": _text(32, "shp" + "at_", HEX),
        "slack": lambda rng: "xo" + f"xb-{rng.randrange(10**11, 10**12)}-{rng.randrange(10**12)}-{_text(24)(rng)}",
        "slack_hook": _slack_hook,
        "stripe": _text(24, "sk" + "_live_"),
        "stripe_hook": _text(32, "wh" + "sec_"),
        "telegram": lambda rng: f"{rng.randrange(10**9, 10**10)}:A" + f"A{_text(33)(rng)}",
        "token10": _text(10),
        "token152": lambda rng: f"{_text(22)(rng)}:APA91b{_text(124)(rng)}",
        "token20": _text(20),
        "token24": _text(24),
        "token32": _text(32),
        "token40": _text(40),
        "token68": _text(68),
        "toss": _text(24, "te" + "st_sk_"),
        "twilio": _text(32, "S" + "K", HEX),
        "union_plain": _luhn("6222", 16),
        "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "vault": _text(90, "hv" + "s."),
        "visa13": _luhn("4222", 13),
    }
)  # fmt: skip
WORDS = ("orders", "carts", "users", "events", "stock", "prices", "invoices", "sessions", "audit", "media")
NAMES = ("app", "kim", "lee.sh", "deploy", "svc_batch", "postgres", "admin", "www-data", "root")

SLOTS: Mapping[str, Draw] = MappingProxyType(
    {
        "b64_43": _base64(32, ("=", "")),
        "b64_76": _base64(57),
        "b64_86": _base64(64, ("=", "")),
        "date": lambda rng: f"20{rng.randrange(20, 27)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "epoch": lambda rng: str(rng.randrange(1_600_000_000, 1_800_000_000)),
        "epochms": lambda rng: str(rng.randrange(1_600_000_000_000, 1_800_000_000_000)),
        "epochus": lambda rng: str(rng.randrange(1_600_000_000_000_000, 1_800_000_000_000_000)),
        "f": lambda rng: f"{rng.uniform(0, 100):.2f}",
        "hex10u": _text(10, letters=HEX.upper()),
        "hex16u": _text(16, letters=HEX.upper()),
        "hexcolon": lambda rng: ":".join(some(HEX, 2, rng) for _ in range(16)),
        "host": lambda rng: f"{rng.choice(('app', 'db', 'edge'))}-{rng.randrange(40):02d}.example.com",
        "ip": lambda rng: ".".join(str(rng.randrange(1, 255)) for _ in range(4)),
        "mac": lambda rng: ":".join(some(HEX, 2, rng) for _ in range(6)),
        "ms": lambda rng: f"{rng.randrange(1, 90_000)}ms",
        "n": lambda rng: str(rng.randrange(100_000)),
        "port": lambda rng: str(rng.randrange(1024, 65536)),
        "shorthost": lambda rng: f"web{rng.randrange(40):02d}",
        "ts": lambda rng: f"{SLOTS['date'](rng)}T{_clock(rng)}.{rng.randrange(1000):03d}Z",
        "user": lambda rng: rng.choice(NAMES),
        "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "ver": lambda rng: f"{rng.randrange(20)}.{rng.randrange(30)}.{rng.randrange(30)}",
        "word": lambda rng: rng.choice(WORDS),
    }
)
