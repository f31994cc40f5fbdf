"""What a model's runtime, or the model, takes for the end of a text or for another speaker: where it stands.

The families of models are Llama 2 to 4, ChatML, Gemma, Mistral, Phi, Qwen, DeepSeek, Command R, EXAONE, Solar, GLM,
MiniMax and the tags that models use for reasoning and tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_GAP = r"[\s_▁]{0,3}+"
_BAR = "[|¦│┃∣ǀ❘]"
_TOKEN_NAMES = (
    "bos eos pad unk mask cls sep eot eod eom eoh eoa eou s start_of_turn end_of_turn start_of_image end_of_image "
    "image_soft_token begin_of_text end_of_text start_of_text end_of_utterance endoftext startoftext im_start im_end "
    "im_sep bos_token eos_token pad_token eot_id start_header_id end_header_id fim_prefix fim_middle fim_suffix "
    "fim_pad pre mid suf file_sep repo_name start_of_role end_of_role sys inst sot soi"
)
_TAG_NAMES = (
    "think thinking thought thoughts reasoning reflection scratchpad tool tools tool_call tool_calls tool_response "
    "tool_result tool_results tool_use function function_call function_calls function_result function_results invoke "
    "system system_prompt system_message user assistant human developer instruction instructions prompt message "
    "conversation role answer final response context document documents data log logs record records entry entries "
    "input untrusted user_input user_query end end_of_data end_of_input end_of_log end_of_logs eof"
)
_BRACKET_NAMES = (
    "inst available_tools tool_results tool_calls tool_content system_prompt img img_break img_end prefix middle "
    "suffix args call_id think cls sep mask pad unk bos eos eot gmask smask begin_inst end_inst system assistant user "
    "data end_data end_of_data end_of_log end_of_logs end_of_input"
)
_HEADINGS = (
    "instruction|response|input|output|system|user|assistant|human|question|answer|context|task|new|end|"
    "명령|지시|응답|질문|답변|입력|출력|맥락|시스템|사용자|새로운|데이터"
)
_ENDS = "begin|end|start|stop|data|logs?\\b|input|system|user|assistant|데이터|로그|입력|끝|시작|종료"
_RULE = "[=~*_#-]"
_ROLES = (
    "system assistant user human ai bot developer model tool function instruction instructions operator admin "
    "administrator moderator prompt answer verdict 시스템 사용자 유저 어시스턴트 도우미 비서 인간 개발자 관리자 운영자 "
    "명령 명령어 지시 지시사항 지침 응답 답변 프롬프트"
)
_ADDITIONS = "message prompt note notice override instruction instructions 메시지 프롬프트 알림 공지 지시 안내 명령"


def _names(names: str) -> str:
    """An alternation in which each `_` may be missing, or be another sign that joins words."""
    return "|".join(name.replace("_", r"[\s_▁-]?+") for name in sorted(names.split(), key=len, reverse=True))


_MARKERS = (
    (
        "<",
        rf"{_GAP}[/\\]?{_GAP}{_BAR}",
        rf"<?{_GAP}/?{_GAP}(?:{_names(_TOKEN_NAMES)}){_GAP}/?>",
        rf"<?{_GAP}/?{_GAP}(?:{_names(_TAG_NAMES)})(?:[\s/>]|\Z)",
        r"(?:unused_?\d|extra_id_|reserved_|special_|control_|loc_?\d|seed:|0x[0-9a-f]{2}>)",
    ),
    (r"\[", rf"{_GAP}/?{_GAP}(?:{_BAR}|(?:{_names(_BRACKET_NAMES)}){_GAP}\]|control_\d|e~\[)"),
    (r"\]", r"~!?b[\]\[]"),
    (r"(?<!#)#", rf"##*+\s{{0,3}}(?:{_HEADINGS})"),
    (r"(?<!`)`", "``"),
    (r'(?<!")"', '""'),
    (r"(?<!')'", "''"),
    (rf"(?<!{_RULE}){_RULE}", rf"{_RULE}{_RULE}++\s{{0,3}}(?:the\s)?(?:{_ENDS})"),
)
_SPEAKERS, _TITLES = _ROLES.replace(" ", "|"), _ADDITIONS.replace(" ", "|")
_ROLE = re.compile(
    r"(?:^|[^\w\s/.:@$%&+=\\-]\s{0,3}|[.:!?\d]\s{1,3}|\s-{1,3}\s{0,3}|\\[nr])"
    rf"(?P<role>[#>*_(\[{{<\s-]{{0,6}}(?:(?:new|the|새|새로운)\s)?(?:{_SPEAKERS})(?:\s?(?:{_TITLES}))?)"
    r"[\])*_>}\s]{0,4}\Z"
)
_COLON = re.compile(r"[:∶꞉ː](?<=[a-z가-힣)\]}*>_\s].)(?!\d{1,9}>)")
_NAMES = tuple(f"{_ROLES} {_ADDITIONS}".split())
_LONGEST = 64
_PIECE = re.compile(r"\d+|[^\W\d_]+|.", re.DOTALL)


@lru_cache(1)
def known_markers() -> re.Pattern[str]:
    """Matches in folded text the first character of each marker of the known families, also where markers overlap."""
    branches = [f"(?<={first})(?=(?:{'|'.join(others)}))" for first, *others in _MARKERS]
    return re.compile(rf"[<\[\]#`\"'=~*_-](?:{'|'.join(branches)})")


@lru_cache(8)
def vocabulary_markers(special: tuple[str, ...]) -> re.Pattern[str] | None:
    """The same for tokens of a vocabulary, which are folded; None: `known_markers` finds all of them.

    Blanks and underscores between the words and signs of a token may be missing or added, and a number be another.
    """
    cores = {token.strip(" ▁") for token in special if not token.startswith(("<|", "[|"))}
    patterns = {_variants(core) for core in cores if len(core) > 1}
    return re.compile("|".join(sorted(patterns))) if patterns else None


def role_ends(text: str) -> Iterator[int]:
    """Where the names of speakers end that stand before a colon and after the beginning of folded text or a sign."""
    for colon in _COLON.finditer(text):
        head = text[max(0, colon.start() - _LONGEST) : colon.start()]
        if head.rstrip("])}*_> ").endswith(_NAMES) and (match := _ROLE.search(head)):
            yield colon.start() - len(head) + match.end("role")


def _variants(core: str) -> str:
    first = r"\d" if core[0].isdecimal() else re.escape(core[0])
    return rf"{first}(?=\s{{0,2}}{''.join(map(_piece, _PIECE.findall(core[1:])))})"


def _piece(piece: str) -> str:
    if piece in " _▁-":
        return r"[\s_▁-]{0,2}"
    if piece.isdecimal():
        return rf"[\s_▁-]{{0,2}}\d{{1,{max(6, len(piece))}}}"
    return re.escape(piece) if piece[0].isalnum() else rf"\s{{0,2}}{re.escape(piece)}\s{{0,2}}"
