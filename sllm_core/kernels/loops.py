"""The loops that are compiled: each byte looked at once, arrays by position, nothing that could raise.

As plain Python they are the reference for tests, and far too slow for anything else. `build` compiles them; what the
annotations here name decides their types there. Nothing checks bounds once they are compiled: who calls them does.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]


def hash_words(text: Bytes, ends: Int32s, classes: Bytes, secrets: Hashes, hashes: Hashes, rows: int) -> None:
    """The hash of each row of text, in which every word with a digit counts as the same.

    `ends` has rows + 1 offsets into `text`; `classes` says of each byte whether it is part of a word (0), a digit (1)
    or a delimiter (2); `secrets` are 257 random numbers, one for each byte and one for words with digits. Bytes enter
    as secrets and are mixed by multiplying and rotating, so that collisions cannot be made without knowing them.
    """
    prime, whole_prime = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
    left, right, shift = np.uint64(29), np.uint64(35), np.uint64(32)
    for row in range(rows):
        whole, word, has_digit = secrets[256], secrets[0], np.uint8(0)
        for position in range(ends[row], ends[row + 1]):
            byte = text[position]
            kind = classes[byte]
            if kind == 2:
                value = secrets[256] if has_digit else word
                whole = ((whole ^ value) * whole_prime) ^ secrets[byte]
                whole ^= whole >> shift
                word, has_digit = secrets[0], np.uint8(0)
            else:
                word = (word ^ secrets[byte]) * prime
                word = (word << left) | (word >> right)
                has_digit |= kind
        value = secrets[256] if has_digit else word
        whole = (whole ^ value) * whole_prime
        hashes[row] = whole ^ (whole >> shift)


def find_feeds(text: Bytes, words: Hashes, size: int, feeds: Int32s, found: Int64s) -> None:
    """Where the line feeds of `size` bytes stand, and what other bytes there are.

    `words` are the whole groups of eight bytes of `text` as numbers; `feeds` has room for all line feeds. found[0]
    becomes the count of them, found[1] that of NUL bytes and escapes, found[2] that of carriage returns; found[3] is
    not 0 when there are bytes that are not ASCII.
    """
    ones, highs, sevens = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080), np.uint64(0x7F7F7F7F7F7F7F7F)
    tens, controls, one, top = ones * np.uint64(10), ones * np.uint64(32), np.uint64(1), np.uint64(56)
    seen, count, signs, returns = np.uint64(0), 0, 0, 0
    for group in range(size // 8):
        word = words[group]
        seen |= word
        low = (word - controls) & ~word & highs
        if low:
            other = word ^ tens
            hits = ~(((other & sevens) + sevens) | other | sevens)
            if low != hits:
                for place in range(group * 8, group * 8 + 8):
                    signs += text[place] == 0 or text[place] == 27
                    returns += text[place] == 13
            while hits:
                feeds[count] = group * 8 + int((((hits & (~hits + one)) - one) & ones) * ones >> top) - 1
                count += 1
                hits &= hits - one
    for place in range(size // 8 * 8, size):
        seen |= np.uint64(text[place])
        signs += text[place] == 0 or text[place] == 27
        returns += text[place] == 13
        if text[place] == 10:
            feeds[count] = place
            count += 1
    found[0] = count
    found[1], found[2], found[3] = signs, returns, int(seen & highs != 0)


def trim_spans(text: Bytes, starts: Int32s, ends: Int32s, rows: int, found: Int64s) -> None:
    """Narrow the spans so that they neither begin nor end with ASCII whitespace.

    found[0] counts the spans that may begin or end with whitespace beyond ASCII, as their outer bytes tell.
    """
    doubtful = 0
    for row in range(rows):
        start, end = int(starts[row]), int(ends[row])
        while start < end and (9 <= text[start] <= 13 or 28 <= text[start] <= 32):
            start += 1
        while start < end and (9 <= text[end - 1] <= 13 or 28 <= text[end - 1] <= 32):
            end -= 1
        starts[row], ends[row] = start, end
        if start < end and (text[end - 1] > 127 or text[start] == 194 or 225 <= text[start] <= 227):
            doubtful += 1
    found[0] = doubtful


def number_words(
    text: Bytes,
    starts: Int32s,
    ends: Int32s,
    rows: int,
    secret: int,
    slots: Int32s,
    room: int,
    first: Int32s,
    codes: Int32s,
    found: Int64s,
) -> None:
    """Give each distinct text of spans a number, in the order in which they occur.

    `slots` is a table of zeros whose length is a power of two, `room`; `first` takes the row where each distinct text
    occurs first, `codes` the number for each row. found[0] becomes the count of the distinct texts, or -1 when there
    are more than half as many as the table has slots. `secret` decides which texts share a slot.
    """
    prime, shift, mask = np.uint64(0x9E3779B97F4A7C15), np.uint64(29), np.uint64(room - 1)
    count = 0
    for row in range(rows):
        start, length = int(starts[row]), int(ends[row]) - int(starts[row])
        key = np.uint64(secret)
        for place in range(start, start + length):
            key = (key ^ np.uint64(text[place])) * prime
            key ^= key >> shift
        slot = key & mask
        while True:
            code = slots[slot] - 1
            if code < 0:
                if count * 2 >= room:
                    found[0] = -1
                    return
                first[count] = row
                count += 1
                slots[slot] = count
                code = count - 1
                break
            other = first[code]
            same = ends[other] - starts[other] == length
            place = 0
            while same and place < length:
                same = text[starts[other] + place] == text[start + place]
                place += 1
            if same:
                break
            slot = (slot + np.uint64(1)) & mask
        codes[row] = code
    found[0] = count


def read_minutes(
    text: Bytes,
    starts: Int32s,
    rows: int,
    template: Bytes,
    kinds: Bytes,
    width: int,
    year: int,
    months: Int64s,
    fields: Int64s,
    times: Int64s,
) -> None:
    """Local times in microseconds since 1970 of texts that begin like the first `width` bytes of the template.

    `kinds` tells for each place of the template what stands there: 0 the same sign, 1 the letters of a month; digits
    of: 2 year, 3 year of the century, 4 month, 5 day, 6 hour, 7 minute. `year` is that of texts that have none, 0 if
    they have one, and -1 if they have that of the century; `months` has the letters of the twelve months as numbers;
    `fields` is scratch space for eight numbers. `times` becomes -1 for texts that are no times.
    """
    before = -1
    for row in range(rows):
        start, place = int(starts[row]), 0
        if before >= 0:
            while place < width and text[start + place] == text[int(starts[before]) + place]:
                place += 1
        if before >= 0 and place == width:
            times[row] = times[before]
            continue
        for kind in range(8):
            fields[kind] = 0
        good = True
        for place in range(width):
            byte, kind = int(text[start + place]), int(kinds[place])
            good &= byte == template[place] if kind == 0 else kind == 1 or 48 <= byte <= 57
            fields[kind] = fields[kind] << 8 | byte | 32 if kind == 1 else fields[kind] * 10 + byte - 48
        month, day = fields[4], fields[5]
        for number in range(12):
            month = number + 1 if fields[1] == months[number] else month
        when = fields[2] + year if year >= 0 else fields[3] + (2000 if fields[3] < 70 else 1900)
        last = 30 + ((month + (month > 7)) & 1)
        if month == 2:
            last = 28 + (when % 4 == 0 and (when % 100 != 0 or when % 400 == 0))
        good &= 1970 <= when < 2200 and 1 <= month <= 12 and 1 <= day <= last and fields[6] < 24 and fields[7] < 60
        shifted, moved = when - (month <= 2), month + (9 if month <= 2 else -3)
        days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * moved + 2) // 5 + day - 719469
        times[row] = ((days * 24 + fields[6]) * 60 + fields[7]) * 60000000 if good else -1
        before = row


def add_seconds(
    text: Bytes, starts: Int32s, rows: int, template: Bytes, kinds: Bytes, begin: int, end: int, times: Int64s
) -> None:
    """Add what stands between `begin` and `end` of the template to times that are not negative.

    `kinds` tells for each place of the template what stands there: 0 the same sign, 8 a digit of the seconds, 9 one of
    the fraction, 10 one too small for microseconds. `times` becomes -1 for texts unlike the template.
    """
    for row in range(rows):
        start, second, fraction, scale, good = int(starts[row]), 0, 0, 1000000, times[row] >= 0
        for place in range(begin, end):
            byte, kind = int(text[start + place]), int(kinds[place])
            good &= byte == template[place] if kind == 0 else 48 <= byte <= 57
            if kind == 8:
                second = second * 10 + byte - 48
            elif kind == 9:
                fraction = fraction * 10 + byte - 48
                scale //= 10
        times[row] = times[row] + second * 1000000 + fraction * scale if good and second <= 60 else -1
