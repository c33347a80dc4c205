"""How the reasoning models of 2024 to 2026 mark their thoughts, their answer and the turns of a chat.

Sources: the models' chat templates, the reasoning parsers of vLLM, SGLang and llama.cpp, and reports of users
whose server passed the marks on. A new form is one more alternative here.
"""

import re


def _any(*alternatives: str, flags: re.RegexFlag = re.IGNORECASE | re.MULTILINE) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), flags)


_THINK = r"thinks?|thinking|thoughts?|reason|reasoning|思考过程|思考|推理过程|推理|思维链"
_CALLS = r"tools?|tool[_▁]calls?|function_calls?|tool_responses?|invoke"
_NAMES = (
    rf"{_THINK}|(?:thought|thinking|reasoning)_process|reasoning_content|reflection|reflect|analy(?:sis"
    rf"|[sz]e)"
    r"|scratch(?:_?pad)?|(?:inner_|internal_)?monologue|inner thoughts?|chain[-_]of[-_]thoughts?|cot"
    r"|rationale|deliberat(?:e|ion)|contemplat(?:or|ion)|reflexion|evaluation|ponder(?:ing)?|cognition"
    r"|understanding|observations?"
    r"|deep_?think|internal|hidden|plan|planning|draft|outline|critique|review|verify|verification|self_check"
    rf"|commentary|brainstorm(?:ing)?|notes|steps?|budget|cot_budget_reflect|begin_of_thought|{_CALLS}"
)
"""Of marks around what is no part of the answer; calls of tools, of which none were offered, included."""
_ANSWERS = (
    "answer|final_answer|final|response|final_response|output|solution|result|summary|reply|content"
    "|conclusion|conclude|external|markdown"
)
_BEFORE = r"(?:[\w-]{1,20}[:_]|ant|lobe|inner|[|｜]?DSML[|｜])?"
_BEHIND = r"(?:[:_▁](?!end\b|close\b)[\w-]{1,20})?"
_LEFT = r"(?:<[|｜]?|&(?:amp;)*lt;|\\<|\\u003c|%3C|＜|【|<!--)\s*"
_RIGHT = r"\s*(?:[|｜]?>|&(?:amp;)*gt;|\\>|\\u003e|%3E|＞|】|-->)"
_OF = r"[-_▁ ]?(?:of)?[-_▁ ]?"
_SQUARE = r"THINK|THINKING|REASONING|THOUGHT|INTERNAL"
_TOKEN = (
    r"(?:<\|[^|<>\n]{1,40}\|?>|<[a-z_]{2,16}\|>|<｜[^｜<>\n]{1,40}｜>|<start_of_turn>|<extra_id_\d+>"
    r"|\[\|[a-z_]{2,20}\|\])"
)

OPEN = _any(
    rf"{_LEFT}(?!/|\\/|end[-_▁o]|no_?think){_BEFORE}(?:{_NAMES}){_BEHIND}(?:\s[^<>]{{0,200}}(?<!/))?{_RIGHT}",
    rf"(?:<[|｜]|\[)(?:begin|start){_OF}(?:{_THINK})(?:[|｜]>|\])",
    rf"(?:\[|(?<![\w\\^])\{{\{{?)(?:{_SQUARE})(?:\]|\}}?\}})",
    r"<\|open\|>think[^<>\n]*<\|sep\|>",  # Kimi K3
    r"<\|content_thinking\|>",  # Inkling
    r"<\|FunctionCallBegin\|>|<\|tool_(?:call|response)>",  # Doubao, Gemma 4
    r"◁\s*think\s*▷|<(?:unused|ctrl)94>(?:thought)?|\[unused16\]|<\|inner_prefix\|>",
    r"<details[^<>]{0,200}type=[\"']?reasoning[^<>]{0,200}>",
    r"<details[^<>]*>\s*<summary>[^<\n]{0,20}(?:think|thought|reason|思考|推理|推論|思维|gedanke|raisonn"
    r"|razona"
    r"|ragiona|racioc|мысл|рассужд|생각|추론|💭|🤔)[^<\n]*</summary>",
    r"<\|channel\|?>\s*(?:analysis|commentary|thought|thinking|reasoning)\b[^<\n]*(?:<\|message\|>)?",
    r"\A\s*(?:analysis|commentary)<\|message\|>",
    r"<\|im_start\|>\s*think(?:ing)?\n|\(think(?:ing)?\)(?=\n)",
)
CLOSE = _any(
    rf"{_LEFT}\\?/\s*[|｜]?{_BEFORE}(?:{_NAMES}){_BEHIND}(?:\s[^<>\n]{{0,40}})?{_RIGHT}",
    rf"(?:<[|｜]?|\[)end{_OF}(?:{_THINK})(?:[|｜]?>|\])",
    rf"<[|｜]?{_BEFORE}(?:{_NAMES}|tool_calls_section)[-_▁]end[|｜]?>",
    rf"(?:\[|\{{\{{?)/(?:{_SQUARE})(?:\]|\}}?\}})",
    r"<\|close\|>think<\|sep\|>|◁\s*/\s*think\s*▷|<(?:unused|ctrl)95>|\[unused17\]|<\|(?:inner"
    r"|tools)_suffix\|>",
    r"\(/think(?:ing)?\)",
    r"<(?:channel|tool_call|tool_response)\|>|<\|FunctionCallEnd\|>",
)
CALL = _any("tool|function|invoke")
"""In the mark of a call: what is before one is no preface of thoughts."""
SPECIAL_CLOSE = _any(CLOSE.pattern, r"<\|(?:im_)?end\|>|<\|end_message\|>")
DETAILS_CLOSE = _any("</details>")
CHANNEL_CLOSE = _any(
    r"<\|channel\|?>\s*final\b[^<\n]*(?:<\|constrain\|>\s*\w+)?<\|message\|>",
    r"<\|end\|>|<\|start\|>|<\|return\|>|<channel\|>",
)
LABELLED = _any(
    r"\A\s*(?:assistant)?\s*(?-i:analysis(?=[A-Z\s]).*?assistantfinal)",
    r"\A\s*assistantfinal(?-i:(?=[^a-z]))",
    rf"\A[\s*#]*(?:{_THINK})(?: process)?s?[*]*\s*[:：].*?"
    r"\n[ \t\r\u3000*#]*(?:(?:final |my )?(?:answer|response|summary)|最终答案|最终回答|答案|回答|总结)[*]*"
    r"[:：][*]*[ \t]*\n",
    rf"\A\s*#+[ \t]*(?:{_THINK})(?: process)?[ \t]*\n.*?"
    r"\n#+[ \t]*(?:final )?(?:answer|response|output)[ \t]*\n",
    r"\A\s*Thinking\.\.\.\n.*?\.\.\.done thinking\.?\s*",
    r"\A\s*>\s*(?:[*]*(?:thinking|thought|reasoning)\b|💭|🤔)[^\n]*\n(?:>[^\n]*\n)*",
    rf"\A\s*(`{{3,}}|:{{3,}})[ \t]*(?:{_THINK})\n.*?\n\1[ \t]*\n",
    rf"\A\s*(\*{{1,2}})(?:{_THINK})\2[ \t]*\n.*?\2/(?:{_THINK})\2",
    r"\A\s*(?:<s>)?\s*\[INST\].*?\[/INST\](?=\s*[^\s<])",
    # an empty call that is not closed
    r"\A\s*<\|?tool_calls?\|?>\s*(?:\[\]|\{\})?\s*(?=[^\s\[{<])(?!.*tool_call)",
    flags=re.IGNORECASE | re.DOTALL,
)
"""At the beginning: thoughts under a label, in a quotation or in a block, or an echo of the request."""
UNLABELLED_ANSWER = _any(
    r"\A[\s*#]*(?:here(?: is|'s|’s) (?:a|my|the) )?(?:thinking|thought|reasoning) process[*]*[ \t]*[:：]"
    r".*?(?=\n#{1,6} |\n[*_]*TL;?DR|\Z)",
    flags=re.IGNORECASE | re.DOTALL,
)
"""Qwen's plain thoughts; the answer, if any, begins with a heading."""
SPOKEN = _any(
    r"(?:\A|\n)[ \t*#]*Here(?: is|'s|’s| are) my (?:thought process|reasoning(?: process| steps)?|thinking)\b"
    r"[^\n:]*:?.*?"
    r"(?:\n[ \t*#]*Here(?: is|'s|’s) my (?:response|answer|summary|final (?:response|answer|summary))\b"
    r"[ \t*]*:?[ \t*]*|\[BEGIN FINAL RESPONSE\]|\Z)",
    r"\A\s*[ \t*#]*Here(?: is|'s|’s) my (?:response|final response|answer)\b[ \t*]*:[ \t*]*\n?",
    flags=re.IGNORECASE | re.DOTALL,
)
FINAL = _any(
    r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|?>\s*final\b[^<\n]*(?:(?:<\|constrain\|>\s*\w+)?<\|message\|>)?",
    r"(?:\A|(?<=<\|end\|>))\s*final<\|message\|>|<\|open\|>response[^<>\n]*<\|sep\|>|<\|content_text\|>",
)
"""All text before it is thoughts or calls of tools."""
ANSWER_LINE = _any(r"^\s*(?:#|[-*|>]|\d+[.)]|[*_]*TL;?DR)")
ANSWER_START = _any(rf"(?:^[ \t]*<|<\|)(?:{_ANSWERS})\|?>|^[ \t]*【(?:最终)?(?:回答|答案|总结|正文)】")
WRAPPER = _any(
    rf"(?:^|(?<=[>\n])"
    rf"|(?<=[.:!?。：！？][ \t]))<\|?(?P<name>{_BEFORE}(?:{_ANSWERS}){_BEHIND})\|?>(?P<inside>.*?)"
    r"(?:<\|?/(?P=name)\|?>|\Z)",
    r"<\|(?:START_RESPONSE|begin_of_solution|begin_of_answer|START_TEXT)\|>(?P<special>.*?)"
    r"(?:<\|(?:END_RESPONSE|end_of_solution|end_of_answer|END_TEXT)\|>|\Z)",
    r"\[BEGIN FINAL RESPONSE\](?P<square>.*?)(?:\[END FINAL RESPONSE\]|\Z)",
    flags=re.IGNORECASE | re.DOTALL,
)
LEFT_OVER_WRAPPER = _any(
    rf"^[ \t]*<\|?/?(?:{_ANSWERS})\|?>[ \t]*$|</(?:{_ANSWERS})>\s*\Z|\[END FINAL RESPONSE\]",
    r"\A\s*【(?:最终)?(?:回答|答案|总结|正文)】",
)
NEXT_TURN = _any(
    rf"{_TOKEN}\s*(?:(?:user|human|User)\s*(?:{_TOKEN}|\n)|(?:User|Human|Question):)",
    r"<(?:\|turn\||\||｜)\s*(?:user|human|User)\s*(?:\|>|｜>|\n)",
    r"\[INST\](?! (?:and|or|,))",
    r"\n(?:user|human)[ \t]*(?:\n|\Z)|(?<=[.!?。！？])user\s*\Z",
    r"\n### ?(?:Human|User|Instruction):",
    r"\n(?:Human|User):(?=[^\n]{0,2000}(?:\n{1,3}(?:Assistant|AI|Human|User):[^\n]{0,2000}){0,20}\s{0,99}\Z)",
    r"\[TOOL_CALLS\]\s*[\[{]",
    flags=re.NOFLAG,
)
"""The model went on with a turn of somebody else's."""
ROLE = _any(
    r"\A\s*(?:<(?:role|line)>)?(?:assistant|model|ai)"
    r"(?:</(?:role|line)>\n*|\s*\n|\s*[:：][*]*[ \t]*(?-i:(?=[^a-z\s])))",
    r"\A\s*(?:#+ ?|\*\*)(?:(?:final )?(?:response|answer)|assistant)\s*(?:\*\*[:：]|[:：](?:\*\*)?)[ \t]*\n",
    r"\A\s*(?:-{3,}|\*{3,}|/(?:no_?)?think)[ \t]*\n",
)
CONTROL = _any(
    rf"{_TOKEN}\s*(?:[aA]ssistant|model|system|ai|answer)(?:{_TOKEN}|\s*\n|\Z)\n*",
    r"<\|(?:open|close)\|>[a-z]+[^<>\n]{0,80}<\|sep\|>",
    _TOKEN,
    rf"<(?:{_NAMES})\s*/>|<no_?think>|</?(?:{_CALLS})>",
    r"</?s>|</?assistant>|<(?:eos|bos|pad|unk|sep|eop|sop|eod|eot|end_of_turn|end_of_text|endoftext)>"
    r"|<seed:[a-z]{2,12}>"
    r"|<(?:unused|ctrl)\d+>|<reserved_\d+>|<SPECIAL_\d+>|<!--[^\n]{0,500}?-->",
    r"\[/?INST\]|\[(?:EOS|BOS|PAD|gMASK|sMASK)\]|<<SYS>>|<</SYS>>|<\[[^\[\]<>\n]{1,40}\]>|\[e~\["
    r"|\]~b\](?:ai)?|\]~!b\[|◁[^▷\n]{1,30}▷|<0x0A>",
    r"(?<=[.!?。！？])(?:response)?message\s*\Z",  # Kimi K3 without its special tokens
    flags=re.NOFLAG,
)
CODE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}(?!`)|~{3,}(?!~))[^\n]*\n.*?^[ \t]*(?P=fence)[`~]*[ \t]*$"
    r"|(?<!`)(?P<ticks>`{1,9})(?!`)(?:(?!\n[ \t]*\n).){1,1000}?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
JOINING_WORDS = _any(
    r"[\s,/…·.&+-]{0,20}(?:and|or|to|then|und|oder|et|ou|y|o|和|与|或|到|及|と|、)?[\s,/…·.&+-]{0,20}\Z",
    flags=re.IGNORECASE,
)
LITERAL_NEWLINE = re.compile(r"\\n(?![a-z])")
LITERAL_ENDS = re.compile(r"\A(?:\\n(?![a-z])\s*)+|(?<!\\n)(?:\\n\s{0,9})+\Z")
