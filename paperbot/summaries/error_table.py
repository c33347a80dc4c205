"""The table of errors: how what a model's server answers is recognised, and what it means.

Rows are recognised by machine-readable codes, by words in any language, by HTTP status (`errors.classify`).
Sources: the providers' lists of error codes and public reports of their users.
"""

from paperbot.model import NoSummaryReason as Kind
from paperbot.summaries.error_rules import (
    CHECK_ADDRESS,
    LATER,
    OTHER_MODEL,
    RATE_ATTEMPTS,
    THRICE,
    Action,
    Rule,
)

MODERATED = Rule(
    Kind.MODERATED,
    Action.SKIP_PAPER,
    "the content check of {host} refused this paper",
    codes="datainspectionfailed|invalidparameterdatainspection|contentfilter(ed)?|contentpolicyviolation"
    "|responsibleaipolicyviolation|.*sensitivecontent(detected)?.*|sensitivewordsdetected"
    "|contentblocked|zhipu1301|10013|10014|10019|minimax102[67]|moderation(blocked)?|promptblocked"
    "|safetycheckfailed|promptfeedbackblocked|blockreason(safety|other|prohibitedcontent|blocklist)"
    "|guardrail.*|policyviolation|censorshipblocked|inputmoderationfailed|riskcontrol|invalidprompt",
    words="data.?inspection|content.?policy|content.?filter|content management policy|flagged"
    "|inappropriate content|content exists risk|sensitive (content|information|word)"
    "|prohibited.?content|safety (system|policy|check|reason)"
    "|violat\\w* (our|the|its)? ?(usage|content|safety) polic"
    "|blocked by .{0,30}(safety|moderation|guardrail)|considered high risk|unsafe content|敏感|违规"
    "|不安全|内容安全|审核|不適切|부적절|contenu inapproprié|contenido inapropiado"
    "|violates usage guidelines|safety[ _]check|content (was |is |has been )?blocked|may violate our"
    "|blocked: prohibited",
)
CREDIT = Rule(
    Kind.CREDIT,
    Action.STOP,
    "the account at {host} has no credit left",
    "Top up the account, or raise the key's spending limit, in the provider's billing console.",
    needs_owner=True,
    codes="arrearage|.*overdue(error|payment)?|.*arrears?"
    "|.*insufficient(user|account|token)?(balance|credits?|funds?|money)(error)?"
    "|insufficientuserquota|preconsumetokenquotafailed|insufficientquota|exceededcurrentquota(error)?"
    "|billing(hardlimitreached|notactive|error|disabled)|paymentrequired(error)?"
    "|commoditynotpurchased|zhipu1113|30001|accountdeactivatedbilling|nocredits?|rejectnocredit"
    "|.*quotanotenough|quotaexhausted|minimax1008|creditbalancetoolow|setlimitexceeded"
    "|spendlimitreached|.*resourcepackexhausted|tokenstatusexhausted|balancenotenough|outofcredits?"
    "|creditlimitexceeded|usercreditexhausted|budgetexceeded",
    words="good standing|insufficient.{0,20}(balance|credit|fund|quota)"
    "|(balance|credits?|quota|funds) .{0,20}(insufficient|not enough|too low|exhausted|depleted"
    "|used up|ran out)|(more|any|no|out of|enough) credits?\\b|credit balance|key limit exceeded"
    "|monthly (included )?(credits|usage limit|spend)|usage limits|recharge|top.?up|purchase credits"
    "|payment (is )?required|overdue|arrears|billing (hard|details|plan)|plan and billing|余额不足"
    "|欠费|充值|额度(不足|已用尽|已用完|失败)|(账户|帳戶|帐户)?餘額不足|无可用资源包"
    "|资源包.{0,10}(用尽|不足)|令牌额度|配额不足|残高(が|の)?(不足|足り)"
    "|クレジット(が|の)?(不足|足り)|잔액|크레딧.{0,8}부족|solde insuffisant|crédits? insuffisant"
    "|saldo insuf|crédito insuf|guthaben|недостаточно средств|пополните"
    "|\\bno balance\\b|budget (has been |is )?exceeded|max budget|requires a subscription",
    statuses=(402,),
    precise_words="inactive subscription|subscription is active|spending (limit|cap)"
    "|used all available credits|suspended.{0,80}(spending|invoice|balance|payment|billing|欠费)",
)
FREE_QUOTA = Rule(
    Kind.CREDIT,
    Action.STOP,
    "the free quota of {model} is used up",
    "Allow paid use in the provider's console (DashScope: switch off “use free quota only”), or set another "
    "ai_summary.model in config.json.",
    needs_owner=True,
    codes=".*freetieronly|quotaexceeded|freetrialquotaexhausted"
    "|freequotaexhausted|.*freeresourcepackexhausted",
    words="free tier of the model|free trial (quota|has ended|expired)|free quota|免费额度",
    precise_words="free_tier\\w*, limit: 0\\b",
)
DAILY_QUOTA = Rule(
    Kind.DAILY_QUOTA,
    Action.STOP,
    "the daily limit (or that of the week or month) at {host} is reached",
    "Later runs go on; a smaller ai_summary.max_papers_to_summarize keeps within it.",
    codes="zhipu(1304|1308|1310)|.*per(day|week|month).*|.*(daily|weekly|monthly)(quota|limit|request).*|baidu1[79]"
    "|11201|usagelimitreached|minimax2056",
    words="per.?day|daily|per.?month|\\b(rp|tp|re?q\\w*p)d\\b"
    "|(hourly|weekly|monthly|session|5.?hour).{0,20}(limit|quota|usage)|usage limit reached"
    "|limit will reset|(for|plan|quota|limit).{0,20} (today|this (week|month))\\b|每日|每天|当日|今日|本月"
    "|每月|每周|天内|1日|하루|일일|par jour|por día|pro tag"
    "|в день|\\d .{0,24}/ ?(day|month)\\b|per 86400|byday",
    precise_words="daily (rate|usage|request|token)s? limit",
)
KEY = Rule(
    Kind.KEY,
    Action.STOP,
    "{host} refused the key",
    "Put a valid key for {host} into {key} (on GitHub: Settings > Secrets and variables > Actions).",
    needs_owner=True,
    broad_codes="unauthenticated|unauthori[sz]ed(error)?|autherror"
    "|(invalid|incorrect)?authentication(error|failed|fails|failure)?",
    codes="(invalid|incorrect|expired|missing|wrong|bad|no|revoked|disabled)?(api)?(key|token|iamtoken"
    "|accesstoken|accesskey|secretkey)(invalid|expired|missing|notfound|incorrect|error|disabled"
    "|revoked|statusexpired)"
    "|(invalid|incorrect|expired|missing|wrong|bad|revoked|disabled)(api|access|auth|iam|secret)?(key"
    "|token)(error)?|invalidauthenticationerror|authfailure.*"
    "|invalidauthorization|invalidcredentials?|noauthcredentials|signaturedoesnotmatch"
    "|accountdeactivated|zhipu(100[0-4]|111[0-2]|112[01])|minimax1004|minimax2049|10005"
    "|baidu(1[34]|1[01][01])"
    "|11200|consumersuspended",
    words="(invalid|incorrect|expired|missing|wrong|revoked|disabled|bad|unknown|malformed|illegal|leaked"
    "|no such|no valid).{0,24}(api.?key|apikey|access (key|token)|auth\\w* token|bearer|x-api-key"
    "|subscription key|credential)"
    "|(api.?key|apikey|access token|subscription key|bearer token).{0,60}(invalid|incorrect|not valid"
    "|expired|not found|not exist|missing|leaked|revoked|disabled|deactivated|required|not provided"
    "|suspended|malformed)|no auth credentials|no api key|unregistered callers"
    "|security token .{0,40}invalid|didn't provide an api key"
    "|authentication (fail|error)|user not found|not authenticated|no cookie auth"
    "|account .{0,30}(deactivated|suspended|locked|banned)|^unauthorized|^invalid token"
    "|invalid api token|(无效|错误|失效|过期).{0,6}(令牌|密钥|token|key)"
    "|(令牌|密钥|token|api.?key|apikey).{0,16}(无效|错误|不正确|过期|已失效|不可用|不存在|验证失败)"
    "|身份验证|认证失败|鉴权失败|用户已被封禁|未提供令牌|キー.{0,8}(無効|正しく)"
    "|認証.{0,6}(失敗|エラー)|인증.{0,6}실패|유효하지 않은.{0,6}키"
    "|cl[ée] (d'?)?api.{0,20}(invalide|incorrecte)|clave .{0,20}(inválida|incorrecta)"
    "|ungültige\\w* .{0,20}(schlüssel|key)|chave .{0,20}inválida|неверный .{0,20}ключ|недействительн"
    "|(invalid|missing|malformed).{0,24}authori[sz]ation header|authori[sz]ation failed",
    statuses=(401,),
)
REGION = Rule(
    Kind.REGION,
    Action.STOP,
    "{host} does not serve the country or network that this run comes from",
    "GitHub's machines are mostly in the United States. Choose another provider (docs/providers.md), or run "
    "the bot on a machine of your own.",
    needs_owner=True,
    codes="unsupportedcountryregionterritory|unsupportedcountry|unsupportedregion|locationnotsupported"
    "|.*regionnotsupported|.*notavailablein(your)?(region|country).*|geoblocked|countryblocked|1009"
    "|ipnotauthorized|invalidregion",
    words="(country|region|territory|location|area).{0,40}(not (supported|available|allowed)|unsupported"
    "|restricted|blocked)"
    "|(not (supported|available|allowed)|unsupported|banned|blocked).{0,30}(country|region|territory"
    "|location)|不支持.{0,8}(地区|国家|区域)|(地区|区域|国家).{0,8}(不支持|受限|限制)"
    "|ip.{0,12}(not allowed|not authori[sz]ed|whitelist|白名单)|利用できない地域"
    "|지원되지 않는 (국가|지역)|error code: ?1009|unavailable for legal reasons"
    "|unavailable (in|for) your (country|region|location)"
    "|from your (ip )?(location|country|region)|お住まいの(国|地域)"
    "|(国|地域).{0,12}(利用|使用)(でき|いただけ)|(국가|지역).{0,20}(수 없|지원되지)"
    "|(pas|non) (disponible|pris\\w* en charge) dans (votre|ce)"
    "|no (está )?disponible en (tu|su|este|esta)\\b|(país|región) no (soportad|admitid|compatible)"
    "|in (ihrem|deinem|diesem|ihrer|deiner) (land|region).{0,12}nicht"
    "|não (está )?disponível (no|na|em) (seu|sua|este|esta)|non (è )?disponibile (nel|in) "
    "|(недоступ|не поддерж)\\w* .{0,24}(стран|регион)|(стран|регион)\\w* .{0,24}(недоступ|не поддерж)",
)
MODEL_API = Rule(
    Kind.MODEL_API,
    Action.STOP,
    "“{model}” cannot be used with chat completions at {host}",
    "Set ai_summary.model in config.json to a chat model.",
    needs_owner=True,
    codes="operationnotsupported|unsupportedmodel|modelnotchat|zhipu1212|minimaxnotchat|notsupportederror"
    "|invalidmodeltype|modelnotsupportedforthisendpoint|endpointnotsupportedbymodel"
    "|unsupportedoperation",
    words="does not support chat"
    "|(only|just) supports? .{0,20}(stream|responses|completions? api|embedding)"
    "|operation does not work with|not supported .{0,30}(chat|this endpoint|this api|this method)"
    "|unsupported .{0,20}(endpoint|method) .{0,20}model"
    "|is an? (embedding|image|audio|speech|rerank\\w*|video|tts) model"
    "|不支持.{0,10}(对话|聊天|该接口|此接口|当前调用方式|chat)|仅支持流式",
    precise_words="not a chat model|only supported in v1/responses",
)
RETIRED = Rule(
    Kind.MODEL,
    Action.STOP,
    "{host} no longer offers “{model}”",
    OTHER_MODEL,
    needs_owner=True,
    codes="modeldecommissioned|modeldeprecated|modelretired|modelshutdown|servicemodeldeprecated"
    "|modeldiscontinued|modelend(of)?life|modeloffline|zhipu1221|30003|modelsunset",
    words="(model|snapshot).{0,80}(decommissioned|deprecated|retired|discontinued|shut ?down|sunset"
    "|end.of.life|no longer (available|supported|offered)|removed|has been disabled)"
    "|no longer available to new users|model disabled"
    "|模型.{0,12}(已下线|已下架|已废弃|已停用|停止服务)|サポート(が)?終了|提供(を)?終了|지원이? 종료"
    "|model.{0,80}was removed",
)
MODEL = Rule(
    Kind.MODEL,
    Action.STOP,
    "{host} has no model “{model}” for this key",
    "Set ai_summary.model in config.json to one it offers.",
    needs_owner=True,
    codes=".*model(is)?(not(found|exist|supported|available)|doesnotexist|invalid).*"
    "|invalidmodel(error|name)?|unknownmodel|(deployment|invalidendpointormodel).*notfound"
    "|nosuchmodel|zhipu1211|20012|mistral1500|unsupportedmodelerror"
    "|notfoundmodel|.*modelidaccessdisabled",
    words="model.{0,4}(is )?not.?(found|support(?! [a-z]))|model (identifier|name|id) is invalid"
    "|on-demand throughput isn.t supported|not found the model|not found for account"
    "|(model|deployment).{0,100}(not exist|not found|cannot be found|isn't available|is not available"
    "|not loaded|unavailable for|is unknown|not supported by)|not a valid model"
    "|no such (model|deployment)|(unknown|invalid|unsupported|unrecognized|nonexistent) model"
    "|no endpoints found (for|that)|model.{0,60}not (a )?valid|try pulling it|no models? (is )?loaded"
    "|models/\\S+ is not found|unable to access (the )?(non-serverless )?model|^model not exist"
    "|no available channels? for model|模型.{0,20}(不存在|未找到|找不到|不可用|未开通|无效)"
    "|无可用渠道|未开通.{0,8}模型|不存在.{0,6}模型|モデル.{0,20}(存在しません|見つかりません)"
    "|모델.{0,20}(없|찾을 수)|mod[èe]le.{0,40}(n'existe pas|introuvable)"
    "|modelo.{0,40}no (existe|encontrado)|modell.{0,40}nicht (gefunden|vorhanden)"
    "|модель.{0,40}не (найдена|существует)|multiple models are loaded|llm provider not provided"
    "|^model: ",
)
TOO_LONG = Rule(
    Kind.TOO_LONG,
    Action.OTHER_SOURCE,
    "the paper is too long for {model}",
    codes="context(length|window)?(size)?exceeded(error)?|exceedcontextsizeerror|requesttoolarge"
    "|stringabovemaxlength|zhipu1261|mistral3051|(characters|tokens)toolong|prompttoolong|inputtoolong"
    "|tokenlimitexceeded|minimax1039|10907|maxcontextlengthexceeded|contextoverflow|payloadtoolarge"
    "|promptlengthexceeded|inputlengthexceeded",
    words="context.?(length|window|size)|maximum context|range of input length|(?<!took )too long"
    "|too many (input )?tokens(?!, please wait| processed)|length of (the )?(prompt|input"
    "|messages?) exceeds|too large for model|request too large"
    "|(input|prompt|messages?|content) (token )?(length|size|tokens?).{0,60}(exceed|too|limit|longer"
    "|greater)|exceeds? .{0,60}(context|tokens|max\\w* (length|input))|longer than the model"
    "|reduce the length|token count exceeds|request entity too large|tokens? to keep .{0,40}context"
    "|when context the overflows|(prompt|输入|文本|上下文).{0,12}(超长|过长|超出|超过|长度)"
    "|トークン.{0,12}(超え|上限)|너무 (깁|길)|trop long|demasiado larg|zu lang|слишком длинн"
    "|longer than the max\\w* (model|context)|max_new_tokens.{0,4} must be"
    "|must (have|be) less than .{0,20}(tokens|max_seq_len)|model token limit",
    statuses=(413,),
    precise_words="input is too large",
)
ACCESS = Rule(
    Kind.PERMISSION,
    Action.STOP,
    "{host} denied access",
    "Check in its console that “{model}” is activated for the key in {key}, that the account is verified and "
    "its terms are accepted.",
    needs_owner=True,
    broad_codes="accessdenied|permission(denied|error|deniederror)|forbidden(error)?",
    codes="(model|app|workspace)accessdenied.*|accessdenied.+|servicenotopen|operationdenied.*|modelnotopen"
    "|servicedisabled|organizationrestricted|missingscope|mismatched(organization|project)"
    "|notpermitted|modelpermissionblocked.*|modeltermsrequired|invalidaccountstatus"
    "|invalidsubscription|zhipu(1220|1309|1311|1313)|baidu6|30011|userunautherror"
    "|.*notactivated|accessnotconfigured|insufficientpermissions?|insufficientscope"
    "|accountnotverified",
    words="access (is )?denied|permission"
    "|not (allowed|authori[sz]ed|permitted|entitled|subscribed|activated|enabled) (to|for|on|in|by)\\b"
    "|can only be used in|does not have access|do not have access|data policy"
    "|terms (of|must|acceptance)"
    "|has not been used in project|has been blocked|organi[sz]ation has been disabled|(?<!extra_)forbidden"
    "|virtual network|firewall"
    "|无权|权限|未授权|未实名|实名认证|未开通|未激活|拒绝访问|アクセス(権|が拒否)|권한|accès refusé"
    "|acceso denegado|zugriff verweigert",
    statuses=(403,),
    precise_words="must be verified|not have access to model|must be a member of an organization"
    "|has not activated|no allowed providers",
)
BLOCKED = Rule(
    Kind.PERMISSION,
    Action.STOP,
    "the firewall in front of {host} blocked this machine",
    "Try again later or from another network; if this stays, choose another provider (docs/providers.md).",
    needs_owner=True,
    words="sorry, you have been blocked|attention required!|just a moment\\.\\.\\."
    "|enable javascript and cookies|error code: ?10(05|06|07|08|10|12|20)"
    "|access to this page has been denied|checking your browser"
    "|the owner of this website .{0,40}has banned|request blocked|incapsula|web application firewall",
)
ADDRESS = Rule(
    Kind.ADDRESS,
    Action.STOP,
    "{host} has no chat endpoint at this address",
    CHECK_ADDRESS,
    needs_owner=True,
    codes="invalidurl|unknownurl|urlerror|unknownendpoint|endpointnotfound|routenotfound|pathnotfound"
    "|methodnotallowed(error)?|zhipu1222|baidu3|unsupportedapi",
    words="unexpected endpoint|invalid url|unknown (request )?url|url error"
    "|(no|unknown) (such )?(route|endpoint|path)\\b|cannot post"
    '|(endpoint|route|path|url|page|resource).{0,40}not (be )?found|^"?not found'
    "|404 (page )?not found|method not allowed|unrecognized request url|接口不存在|路径不存在"
    "|地址.{0,6}错误",
    statuses=(404, 405),
    precise_words="^file not found",
)
GONE = Rule(
    Kind.ADDRESS,
    Action.STOP,
    "the service at {host} was switched off for good",
    "Set ai_summary.base_url, model and api_key_env in config.json to another provider (docs/providers.md).",
    needs_owner=True,
    statuses=(410,),
    precise_words="github models",
)
MEMORY = Rule(
    Kind.MODEL,
    Action.STOP,
    "the machine of {host} cannot load “{model}”",
    "Set ai_summary.model in config.json to a smaller model, or free memory on that machine.",
    needs_owner=True,
    words="requires more system memory|failed to load model|unable to load model|out of memory"
    "|insufficient (system )?memory|error loading model|model .{0,40}is too large",
)
FILE_NOT_READY = Rule(
    Kind.FILE,
    Action.RETRY,
    "{host} did not finish reading the PDF",
    attempts=RATE_ATTEMPTS,
    on_exhausted=Action.OTHER_SOURCE,
    words="parsing in progress|file .{0,60}(not ready|being processed|still processing)"
    "|文件.{0,8}(解析中|处理中)",
)
FILE_BROKEN = Rule(
    Kind.FILE,
    Action.UPLOAD_AGAIN,
    "{host} could not read the PDF",
    codes="invalidfile(error)?|fileparsingerror|filenotfound(error)?|invalidfileid",
    words="pars(e|ing) error|invalid file"
    "|file .{0,80}(cannot be found|not found|does not exist|not exist|expired|deleted)|no such file"
    "|文件.{0,8}(解析失败|不存在)",
)
RATE = Rule(
    Kind.RATE,
    Action.RETRY,
    "{host} is limiting the rate of requests",
    "If this stays, set a smaller ai_summary.max_workers.",
    attempts=RATE_ATTEMPTS,
    broad_codes="limitexceeded|.*ratelimit.*|toomanyrequests(error)?|resourceexhausted|quotalimitexceeded|rate",
    codes="throttling.*|limitrequests|limitburstrate|requestbursttoofast|.*per(minute|second|hour).*"
    "|.*(rpm|tpm|qps|ipm)(rate)?limitexceeded|requestlimitexceeded|zhipu(130[235]|1231|1312)|minimax100[23]"
    "|baidu(4|18)|(baidu)?33650[123]|capacityexceeded|servicetiercapacityexceeded|mistral(1300|3505)"
    "|concurrencylimit.*"
    "|engineoverloadederror",
    words="rate.?limit|too many requests|requests? per (min|sec)|throttl"
    "|concurren\\w+ .{0,30}(limit|exceed|high)|slow down|(tpm|rpm|qps) limit|limit reached|频率|限流"
    "|并发|请求过(多|快|于频繁)|速率|负载已饱和|レート制限|リクエストが多|요청.{0,10}(많|초과)"
    "|trop de requêtes|demasiadas solicitudes|zu viele anfragen|слишком много запросов",
    statuses=(429,),
    precise_words="exceed\\w* .{0,40}rate limit",
)
SERVER = Rule(
    Kind.SERVER,
    Action.RETRY,
    "{host} does not work at the moment",
    LATER,
    attempts=THRICE,
    broad_codes="internal(server|service)?error.*|internal|unavailable(error)?|apierror|servererror|aborted"
    "|upstreamerror|providererror|badresponse.*",
    codes="service(unavailable|temporarilyunavailable).*|overloaded(error)?|serveroverloaded"
    "|modelunavailable|systemerror|modelservicefailed|requesttimeout|deadlineexceeded|timeout(error)?"
    "|50505|50507|zhipu123[04]|baidu(1|2|15)|minimax10(00|01|13|24|33)|dorequestfailed|channelnoavailablekey"
    "|noprovideravailable",
    words="overloaded|try again later|temporarily unavailable|server (is )?(busy|overload)"
    "|service unavailable|internal (server )?error|loading model|is (currently )?loading"
    "|runner process has terminated|服务.{0,6}(繁忙|异常|不可用|过载)|系统繁忙|稍后(再试|重试)"
    "|内部错误|服务器错误|モデル.{0,10}読み込み中|混み合って|過負荷|과부하"
    "|model (has )?(crashed|unloaded)",
    statuses=(408, 409, 425, 498, 500, 503, 529),
)
GATEWAY = Rule(
    Kind.GATEWAY,
    Action.RETRY,
    "{host} does not work at the moment (its gateway reached no server)",
    LATER,
    attempts=THRICE,
    words="bad gateway|gateway time-?out|upstream (connect|request|error|timed)|no healthy upstream"
    "|origin (is unreachable|web server|dns)|web server is down|error code: ?5[23]\\d"
    "|no available server|ring-balancer",
    statuses=(502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530),
)

TABLE = (
    MODERATED, FREE_QUOTA, DAILY_QUOTA, CREDIT, BLOCKED, REGION, MODEL_API, RETIRED, MODEL, KEY, TOO_LONG,
    FILE_NOT_READY, FILE_BROKEN, MEMORY, RATE, ADDRESS, ACCESS, GONE, GATEWAY, SERVER,
)  # fmt: skip
"""The order decides where several rows match."""
