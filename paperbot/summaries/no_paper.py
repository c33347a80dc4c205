"""Answers that are no summary: the model apologises, in one of many languages, that it saw no paper."""

import re

MAX_APOLOGY_CHARS = 1_500
_SORRY = (
    "sorry|apolog|抱歉|对不起|對不起|很遗憾|很遺憾|申し訳|죄송|désolé|lo siento|tut mir leid|desculp"
    "|mi dispiace|spiacente"
    "|извин|вибачте|xin lỗi|عذر|آسف|متأسف|üzgünüm|przepraszam|spijt me|ledsen|beklager|anteeksi|omlouvám"
    "|λυπάμαι|pare rău"
    "|sajnál|ขออภัย|ขอโทษ|מצטער|क्षमा"
)
_SADLY = (
    "purtroppo|к сожалению|на жаль|maalesef|niestety|helaas|tyvärr|dessverre|desværre|valitettavasti|bohužel"
    "|δυστυχώς|din păcate|sajnos|לצערי|متأسفانه|leider"
)
_FILE = (
    r"\bfil(?:en?|er)?\b|vedlegg|bilaga|bilag|tiedosto|soubor|přílohu|αρχείο|έγγραφο|fișier|fájl|csatol"
    r"|ไฟล์|เอกสาร|קובץ|מסמך"
    r"|файл|فایل|پیوست|dokument|pdf"
)
_NO_PAPER = re.compile(
    r"(?:(?:do|did|does|could|have|has|was|is)(?:n['’]t| not)|can(?:['’]t|not| not)|unable to"
    r"|not able to|no|without|never)\s+(?:\w+\s+){0,6}?"
    r"(?:see|find|access|open|read|view|receive|received|have|get|got|locate|detect|any|actual|uploaded"
    r"|attached)?\s*(?:\w+\s+){0,6}?(?:file|attachment|document|pdf|paper|upload|(?:full|its) text"
    r"|your link)s?\b"
    r"|(?:file|attachment|document|pdf|paper|upload|(?:text|link) you \w+)s?(?: \S+){0,3}? (?:was|were|is|are"
    r"|has|have|did|does|seems?|appears?)(?:n['’]t| not| to not| to consist of"
    r"|(?: to be)?(?: too)? (?:missing|empty"
    r"|blank|corrupted|damaged|unreadable|illegible|garbled|blurry|inaccessible))\b|\bI['’]?(?:d|ll| will"
    r"| would)? need the (?:paper|text|file|pdf)"
    r"|(?:please|could you) (?:please )?(?:re-?)?(?:upload|attach|provide|share|paste|send)"
    r"|(?:未能?|[没沒]有?|[没沒]能|[无無]法|不能|并未|尚未)(?:看到|找到|收到|[检檢][测測]到|[读讀]取"
    r"|[访訪][问問]|存取|打[开開]|查看|[获獲]取"
    r"|接收到|提供|上[传傳]|直接[读讀]取)?[^。\n]{0,16}(?:文件|[档檔]案|附件|文[档檔]|[论論]文|PDF|全文"
    r"|fileid|file-|[链鏈連][接結])"
    r"|(?:文件|[档檔]案|附件|文[档檔]|[论論]文|PDF|file-\w|[链鏈連][接結])[^。\n]{0,12}(?:未|[没沒]有"
    r"|[无無]法|不能|缺失|[为為]空|失[败敗]|[损損][坏壞]|[乱亂][码碼])"
    r"|[请請](?:您)?(?:重新|先)?(?:[将把][^。\n]{0,16})?(?:上[传傳]|提供|粘[贴貼]|[发發]送|附上)"
    r"|(?:ファイル|添付|文書|論文|PDF)[^。\n]{0,20}(?:見当たり|見つかり|確認でき|読み取れ|読み込め"
    r"|アクセスでき"
    r"|ことができま|開け|ありません|受け取って|(?:提供|添付|アップロード)され)"
    r"|(?:(?:アップロード|添付|提供|共有)し|貼り付け|送っ)て(?:ください|いただ)"
    r"|(?:파일|첨부|문서|논문|PDF)[^.\n]{0,20}(?:없|찾을 수|볼 수|열 수|읽을 수|확인할 수)|(?:업로드|첨부"
    r"|제공|공유)해|붙여 ?넣"
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
    r"|(?:फ़ाइल|फाइल|दस्तावेज|PDF)[^.\n]{0,40}नहीं"
    rf"|(?:{_SORRY}|{_SADLY})[^\n]{{0,80}}(?:{_FILE})",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    rf"{_SORRY}|{_SADLY}"
    r"|\bI\b(?![/-])|\bI['’]|\bme\b|unfortunately,? |\bplease(?! (?:see|note|refer))|could you"
    r"|\byou(?:r (?:message|upload)| have(?:n['’]t| not)| (?:shared|provided|uploaded|sent|attached))"
    r"|[请請](?!求|谨慎|注意|参)|我(?!们|們)|您|你(?!们)"
    r"|ください|いただ|ません|주세요|주시면|\b(?:je |j['’]|ich |veo|vedo|puedo|я )|veuillez|votre|pouvez"
    r"|podrías|por favor"
    r"|bitte|você|\bpuoi\b|potresti|пожалуйста|vui lòng|يرجى|من فضلك|lütfen|proszę|\bmaaf\b|silakan|कृपया"
    r"|\A\W*(?:unable|cannot|could not|no |there is no|(?:it )?(?:seems|appears|looks like)|parece que"
    r"|il semble"
    r"|(?:the|this|your) (?:content of the )?(?:uploaded |attached |provided )?(?:file|document|pdf"
    r"|attachment)"
    r"(?= (?:you|itself|content|is|was|has|does|did|can|could|seems|appears)\b)"
    r"|无法|未能|未|没有|文件|附件|由于|系统|file-|файл)",
    re.IGNORECASE,
)
_APOLOGY = re.compile(
    rf"\A.{{0,60}}(?:{_SORRY}|\bI (?:can|could|do|did|am not|was)|I['’]m|к сожалению)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"""["“「][^"”」\n]{0,300}["”」]|(?<!\w)['‘][^'’\n]{0,300}['’](?!\w)""")
_RESULT = re.compile(r"\d\s?(?:%|[x×]\b|倍|배|(?:fois|points?|times|mal|veces|vezes|volte|раз|раза)\b)")


def says_it_saw_no_paper(text: str) -> bool:
    """A short answer that apologises for a file it did not see; a paper about such answers is not meant."""
    if len(text) > MAX_APOLOGY_CHARS or len(re.findall(r"^#{1,6} ", text, re.MULTILINE)) >= 2:
        return False
    start = _QUOTED.sub("", text[:400])
    has_results = _RESULT.search(text) and not _APOLOGY.search(start)
    return not has_results and bool(_NO_PAPER.search(start) and _FIRST_PERSON.search(start))
