"""Sentences that ask the reader for something, in English and Korean: explanations of logs have none."""

from __future__ import annotations

import re
from functools import lru_cache

_CLEAR = (
    "disable|ignore|disregard|click|ensure|execute|paste|navigate|notify|forget|consider|verify|visit|remember|inform|"
    "transfer|wire|whitelist|pay|follow|avoid|beware|log in|sign in|log on|go to|turn off|turn on|switch off|shut down|"
    "reach out|make sure|refer to"
)
_UNCLEAR = (
    "run|call|open|check|copy|send|forward|download|install|delete|remove|restart|reboot|stop|start|kill|drop|type|"
    "enter|set|use|add|update|upgrade|change|review|monitor|inspect|reset|press|scan|mark|report|reply|answer|say|write|"
    "email|increase|decrease|reduce|apply|try|tell|give|contact|investigate|allow|grant|trust|approve|dial|phone|text|"
    "treat|label|classify|rate|set up|look at|free|clear|clean up|roll back|scale|replace|deploy|create|put|do|"
    "output|respond|return|print|repeat|decode"
)
_OBJECT = (
    r"(?:the|this|that|these|those|your|our|my|all|any|a|an|it|its|them|me|us|on|here|following|now|immediately|down|off|"
    r"every|each|both|at once|as|only|with|exactly|"
    r"positive|negative|neutral|normal|warning|critical|\d[\d() -]{5,})(?![\w-])"
)
_OPENING = (
    r"(?:^\W{0,3}(?:now )?|[,;:(–—]\s*|\b(?:then|so|please|now|first|next|just|simply|immediately|finally|also)\s)"
)
_PHONE = r"\+?\(?\d[\d\s().-]{5,20}\d"
_SHELL = (
    r"sudo\s+(?:-|/|su|sh|bash|apt|yum|dnf|systemctl|service|kill|chmod|chown|reboot|shutdown|docker|curl|wget|rm|tee)",
    r"\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|\|\s*(?:python3?|perl|ruby|node|iex|xargs|tee)\b",
    r"(?:curl|wget|iwr|invoke-webrequest)\s+(?:-|https?:|ftp|[\w-]+\.[\w-]+)",
    r"rm\s+-[a-z-]*[rf]|chmod\s+[+\d]|(?:ba|z|da)?sh\s+-c\b|base64\s+-{1,2}d|nc\s+-|powershell(?:\.exe)?\s+-|dd\s+if=|mkfs",
    r"(?:kubectl|helm|docker|systemctl|service|terraform|aws|gcloud|az)\s+(?:get|delete|exec|apply|run|rm|stop|disable|restart)",
    r"(?:pip3?|npm|yarn|gem|cargo|apt|apt-get|yum|dnf|brew)\s+(?:install|add|remove)|drop\s+(?:table|database)|truncate\s+table",
    r"\$\(|&&|\beval\s*\(|>\s*/(?:etc|dev|root|home)",
)
_ENGLISH = (
    rf"{_OPENING}(?:do not |don't |never |always )?(?:(?:{_CLEAR})(?![\w-])|(?:{_UNCLEAR})\s{_OBJECT})",
    rf"{_OPENING}(?:do not|don't)\s",
    r"\bplease\b|\bkindly\b|\bthank you\b|\b(?:would|could|can) you\b|\blet(?:'s|’s| us)\b|\bmake sure\b",
    r"\byou(?:'ll|’ll)? (?:should|must|need|have to|can|may|could|will|are (?:requi|ask|advi|expec))",
    r"\bsystem prompt|\bto (?:the )?(?:ai|model|assistant|llm|reviewer)\b",
    r"\byou are (?:now )?an? |\byour (?:new )?(?:role|task|instruct)",
    r"\byour (?:password|account|credentials?|browser|computer|machine|terminal|token|key|card|bank|phone|reply)",
    r"\b(?:operators?|admin\w*|users?|readers?|engineers?|team|staff|everyone|anyone|customers?) "
    r"(?:should|must|needs? to|ha(?:s|ve) to|(?:is|are) (?:requi|ask|advi|urg))",
    r"\b(?:we|i) (?:recommend|suggest|advise|urge)|\bit is (?:recommended|advised|advisable)|\brecommended action",
    r"\b(?:ignor|disregard|forget|overrid|bypass)\w* .{0,40}(?:instruction|prompt|rule|previous|prior|above|guideline)",
    rf"\b(?:call|dial|phone|text|contact|whatsapp|telegram|hotline|support)\b.{{0,60}}{_PHONE}",
)
_KOREAN = (
    r"(?:세요|셔요|십시[오요]|하시오|으시오|십쇼|바랍니다|바래요|주시길|부탁드(?:립니다|려요)|부탁해요?|해라|하라|"
    r"하여라|마라|말라|합시다|해 ?줘요?|해 ?주라|[가-힣]야 ?(?:합니다|한다|해요|됩니다|함)|"
    r"하셔야|하시기|하시면|하면 ?(?:됩니다|된다|돼요?))(?![가-힣])",
    r"주시면|감사하겠|(?:^|\s)(?:너는|너의|당신은|당신의|귀하)",
    r"프롬프트를|(?:지시|명령|규칙|지침)[은을이] ?(?:무효|무시)",
    r"(?:출력|판정|표시|보고|분류|답)해\s*[.!]?$|(?:할|말|줄) ?것\s*[.!]?$|바람\s*[.!]?$",
    r"(?:실행|클릭|접속|방문|전화|연락|설치|입력|삭제|무시|송금|이체|복사|다운로드|로그인|신고|"
    r"답변|대답|응답|판정|분류|표시)해(?:요|줘)?\s*[.!]?$",
    r"(?:다음|아래|위)의? ?(?:명령|링크|주소|번호|사이트|스크립트|코드|계좌|url)",
    r"(?:이전|위|앞|모든|기존|지금까지)\S{0,4} .{0,16}(?:지시|명령|규칙|지침|프롬프트).{0,20}(?:무시|잊|따르지|어기)",
    rf"(?:전화|연락|문의|문자|카톡|카카오톡|텔레그램|고객센터|상담).{{0,40}}{_PHONE}",
)


def asks_reader(sentence: str) -> bool:
    """Whether a folded sentence orders, asks or advises its reader, or shows a command for a shell or a database.

    Found by words and endings: imperatives and `you should` in English, imperative and obliging endings in Korean. It
    rather finds too much: `Check the disk` is a request as well.
    """
    return _requests().search(sentence) is not None


@lru_cache(1)
def _requests() -> re.Pattern[str]:
    shell = [rf"(?<![\w-])(?:{each})" if each[0].isalpha() or each[0] == "(" else each for each in _SHELL]
    return re.compile("|".join([*shell, *_ENGLISH, *_KOREAN]))
