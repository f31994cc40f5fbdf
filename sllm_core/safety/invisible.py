"""What no one sees in a text, and what a terminal obeys: taken out, so that what is judged is what is read."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
"""Stands for what is no character: halves of surrogate pairs, noncharacters."""

_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_JOINING = "\u0600-\u109f\u1780-\u18af"
_SYMBOL = f"#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299{_EMOJI}"
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_JOINERS = (
    rf"(?<![{_EMOJI}{_JOINING}\ufe0f])\u200d|\u200d(?![{_EMOJI}{_JOINING}])"
    rf"|(?<![{_JOINING}])\u200c|\u200c(?![{_JOINING}])"
)
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_SELECTOR = re.compile(f"(?<![{_SYMBOL}])[\ufe0e\ufe0f]")
_JOINER = re.compile(_JOINERS)
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\n\r\x18\x1a\x1b\x90-\x9f]*+(?:\x07|\x1b\\|\x9c))?"
    r"|\x1b[ -/]*+[0-~]?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile("[\t\x1c-\x1f\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF)) + "]"
)
_SUSPECT = re.compile(f"[{_HIDDEN}\u200c\u200d\u2800\ufe0e\ufe0f]")


def visible(text: str) -> str:
    """The text as a person reads it: letters, signs, single blanks and `\\n`, in Unicode's form NFC.

    Taken out are escape sequences of terminals (ECMA-48: CSI, OSC, DCS, APC, PM, SOS and two-character ones, 7-bit and
    8-bit; of a string that is not ended only its introducer), all other controls, what Unicode calls default
    ignorable (zero-width and bidi signs, tags, Hangul fillers, soft hyphens), and joiners and variation selectors
    that stand neither in an emoji nor, the joiners, between letters of a script that uses them. A flag made of tags
    becomes a plain flag. Every kind of line break becomes `\\n`, every kind of blank a blank; what is no character
    becomes U+FFFD. The result can be encoded in UTF-8. Idempotent; time grows linearly with the length, and the result
    has at most three characters for one of the text.
    """
    if text.isprintable() and (text.isascii() or _harmless(text)):
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _SEQUENCE.sub("", _INVISIBLE.sub("", text))
    text = _BLANK.sub(" ", _BREAK.sub("\n", _CONTROL.sub("", text)))
    if text.isascii():
        return text
    text = _JOINER.sub("", _SELECTOR.sub("", _NONCHARACTER.sub(REPLACEMENT, text)))
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Visible text in one line: `↵` stands where it had line breaks, as in the templates of patterns."""
    return re.sub(r"\n[\n ]*", " ↵ ", text.strip("\n")) if "\n" in text else text


def _harmless(text: str) -> bool:
    return _SUSPECT.search(text) is None and unicodedata.is_normalized("NFC", text)
