"""Answers that are no summary: the model apologises, in one of many languages, that it saw no paper."""

import re

MAX_APOLOGY_CHARS = 1_500
_NO_PAPER = re.compile(
    r"(?:do(?:n['’]t| not)|did(?:n['’]t| not)|can(?:['’]t|not| not)|could(?:n['’]t| not)|unable to"
    r"|not able to|no|without|never)\s+(?:\w+\s+){0,6}?"
    r"(?:see|find|access|open|read|view|receive|received|have|get|got|locate|detect|any|actual|uploaded"
    r"|attached)?\s*(?:\w+\s+){0,6}?(?:file|attachment|document|pdf|paper|upload)s?\b"
    r"|(?:file|attachment|document|pdf|paper|upload)s?(?: \S+){0,3}? (?:was|were|is|are|has|have|did|does"
    r"|seems?|appears?)(?: not|n['’]t| to be (?:missing|empty)| missing| empty| to not)\b"
    r"|(?:please|could you) (?:please )?(?:re-?)?(?:upload|attach|provide|share|paste|send)"
    r"|(?:未|没有?|没能|无法|不能|并未|尚未)(?:看到|找到|收到|检测到|读取|访问|打开|查看|获取|接收到|提供"
    r"|上传|直接读取)?[^。\n]{0,16}(?:文件|附件|文档|论文"
    r"|PDF|全文|fileid|file-)"
    r"|(?:文件|附件|文档|论文|PDF)[^。\n]{0,12}(?:未|没有|无法|不能|缺失|为空|失败)|请(?:您)?(?:重新"
    r"|先)?(?:上传|提供|粘贴|发送|附上)"
    r"|(?:ファイル|添付|文書|論文|PDF)[^。\n]{0,20}(?:見当たり|見つかり|確認でき|読み取れ|アクセスでき"
    r"|ありません|受け取って)|アップロードして(?:ください|いただ)"
    r"|(?:파일|첨부|문서|논문|PDF)[^.\n]{0,20}(?:없|찾을 수|볼 수|열 수|읽을 수|확인할 수)|업로드해"
    r"|(?:ne (?:vois|trouve|peux|parviens|dispose)|n['’]ai (?:pas|reçu)|aucun)[^.\n]{0,60}(?:fichier"
    r"|document|pièce jointe|article|pdf)|veuillez (?:télé|joindre|fournir|partager)"
    r"|(?:no (?:veo|encuentro|pude|puedo|tengo|he recibido|se ha)|ningún)[^.\n]{0,60}(?:archivo|documento"
    r"|adjunto|artículo|pdf)|por favor,? (?:sube|suba|adjunt|proporcion|comparte)"
    r"|(?:kein\w*|nicht)[^.\n]{0,60}(?:datei|anhang|dokument|pdf|artikel|paper)|(?:datei|anhang|dokument"
    r"|pdf)[^.\n]{0,40}(?:nicht|fehlt|leer)|bitte (?:laden|lade|fügen|stellen|senden)"
    r"|(?:não (?:vejo|encontr|consigo|recebi|há|tenho)|nenhum)[^.\n]{0,60}(?:arquivo|ficheiro|documento"
    r"|anexo|artigo|pdf)|por favor,? (?:envie|anexe|forneça)"
    r"|(?:non (?:vedo|trovo|riesco|ho|è|posso)|nessun)[^.\n]{0,60}(?:file|documento|allegato|articolo|pdf)"
    r"|(?:carica|allega|fornisci)\w* (?:il|un)"
    r"|(?:не (?:вижу|нашел|могу|получ|удалось|прикреп)|нет)[^.\n]{0,60}(?:файл|документ|вложен|стать|pdf)"
    r"|(?:файл|документ|статья|вложение)[^.\n]{0,30} не |no content in (?:the|this) file|not its content"
    r"|any readable content"
    r"|пожалуйста,? (?:загруз|прикреп|предостав)"
    r"|không (?:thể|thấy|tìm|nhận|có)[^.\n]{0,60}(?:tệp|tài liệu|file|pdf|bài báo)"
    r"|(?:لا أستطيع|لا يمكنني|لم أتمكن|لا أرى|لم أجد|لا يوجد|لم يتم)[^.\n]{0,60}(?:ملف|مستند|مرفق|الورقة|pdf)"
    r"|(?:dosya|belge|makale|pdf)[^.\n]{0,40}(?:göremi|açamı|erişemi|okuyamı|bulamad|yok\b)"
    r"|nie (?:widzę|mogę|mam|znalaz|otrzyma|udało)[^.\n]{0,60}(?:plik|dokument|załącz|artykuł|pdf)"
    r"|(?:geen|niet)[^.\n]{0,60}(?:bestand|document|bijlage|pdf)|(?:bestand|bijlage|pdf)[^.\n]{0,40}\bniet\b"
    r"|tidak (?:dapat|bisa|melihat|menemukan|menerima|ada)[^.\n]{0,60}(?:file|berkas|dokumen|lampiran|pdf)"
    r"|(?:फ़ाइल|फाइल|दस्तावेज|PDF)[^.\n]{0,40}नहीं",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\bI\b(?!/)|\bI['’]|\bme\b|sorry|apolog|unfortunately|\bplease|could you|抱歉|对不起|很遗憾"
    r"|请(?!求)|我(?!们)|申し訳|ください|ません|죄송|주세요|désolé|\b(?:je |j['’]|ich |veo|puedo|я )|veuillez"
    r"|lo siento|por favor|leider|bitte"
    r"|desculp|mi dispiace|spiacente|purtroppo|извин|к сожалению|пожалуйста"
    r"|\A\W*(?:unable|cannot|could not|no |there is no|it (?:seems|appears)|(?:the|this|your) (?:content of "
    r"the )?(?:uploaded |attached )?(?:file|document|pdf|attachment)\b|无法|未能|未|没有|文件|附件|由于)"
    r"|xin lỗi|vui lòng|عذر|يرجى|آسف|من فضلك|üzgünüm|lütfen|maalesef|przepraszam|proszę|niestety"
    r"|spijt me|helaas|\bmaaf\b|silakan|क्षमा|कृपया",
    re.IGNORECASE,
)
_APOLOGY = re.compile(
    r"\A.{0,60}(?:sorry|apolog|\bI (?:can|could|do|did|am not|was)|I['’]m|抱歉|对不起|很遗憾|申し訳"
    r"|죄송|désolé|lo siento|tut mir leid|desculp|mi dispiace|извин|к сожалению)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile('["“「][^"”」\n]{0,300}["”」]')
_RESULT = re.compile(r"\d\s?(?:%|[x×]\b|倍|배|(?:fois|points?|times|mal|veces|vezes|volte|раз|раза)\b)")


def says_it_saw_no_paper(text: str) -> bool:
    """A short answer that apologises for a file it did not see; a paper about such answers is not meant."""
    if len(text) > MAX_APOLOGY_CHARS or len(re.findall(r"^#{1,6} ", text, re.MULTILINE)) >= 2:
        return False
    start = _QUOTED.sub("", text[:400])
    has_results = _RESULT.search(text) and not _APOLOGY.search(start)
    return not has_results and bool(_NO_PAPER.search(start) and _FIRST_PERSON.search(start))
