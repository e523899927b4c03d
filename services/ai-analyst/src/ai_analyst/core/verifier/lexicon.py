"""What people call the facts, in English and Indonesian: a phrase names one or more concepts.

The longest phrase at a place wins. A number binds to the phrase it stands next to, so a stop's
price cannot pass as a target's.
"""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PERIOD: Final = r"(?:[\s-]?\(?(?:14|12,?\s?26,?\s?9)\)?(?![\d.,]*\d))?"
_RR: Final = (
    r"(?:reward[-\s/:]*(?:to[-\s]?)?risk|risk[-\s/:]*(?:to[-\s]?)?reward|R\s?:\s?R|R/R|RRR?|"
    r"rasio (?:imbal(?:an|\shasil)?|untung|reward|risiko)(?:[-\s/]*(?:terhadap )?(?:risiko|imbalan|rugi))?|"
    r"(?:imbalan|reward|imbal hasil|risiko)[-\s/]*(?:terhadap )?(?:risiko|risk|imbalan|reward))(?: ratio)?"
)
_TARGET: Final = r"(?:take[-\s]?profit(?: level)?|profit[-\s](?:target|level)|target(?: harga| level)?|price target|objective|goal|sasaran|TP)"

_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (r"(?:do[-\s]not[-\s]chase|don['’]t[-\s]chase|no[-\s]chase|chas(?:e|ing)|(?:no longer|stops?) mak(?:es?|ing) (?:any )?sense|(?:highest|lowest) price (?:at which|to (?:enter|buy|sell))|too late to (?:get in|enter|buy|sell|chase)|let it go|(?:not|n['’]t) (?:bother|worth it|touch it)|terlambat (?:untuk )?masuk|(?:jangan )?(?:di)?kejar|mengejar(?! (?:target|\d+[.,]?\d*\s?%)))(?: (?:limit|price|level|mark))?", "do_not_chase"),
    (r"(?:buy(?:ing)?|enter(?:ing)?|beli|membeli|masuk|long)(?= (?:above|over|di atas)\b)|(?:sell(?:ing)?|short(?:ing)?|enter(?:ing)?|jual|menjual|masuk)(?= (?:below|under|di bawah)\b)", "do_not_chase entry zone_low zone_high"),
    (r"(?:pull[-\s]?back|entry|buy|sell|entri) zone|zona(?: (?:masuk|entri|beli|jual|pullback))?|zone", "zone_low zone_high entry"),
    (r"(?:(?:pull[-\s]?back|memantul|pantulan)(?: (?:in)?to| ke| menuju)|(?:bounce|rally|retrace\w*) into)(?: zona)?(?= [$\d])", "zone_low zone_high entry"),
    (r"(?:long|short|buy|sell)(?: \w+)?,? (?:but )?only from(?= [$\d])", "entry zone_low zone_high"),
    (r"(?:enter|entry|buy|sell|get(?:ting)? in|masuk|beli|jual) (?:\w+ )?(?:up to|as high as|down to|as low as|no higher than|no lower than|hingga|paling tinggi|paling rendah)|batas kejar", "do_not_chase"),
    (r"entr(?:y|ies|i)|titik masuk|harga masuk|masuk|enter(?:s|ed|ing)?|buy(?:ing)?(?= (?:(?:at|around|near|between|from|into) )?[$\d])|sell(?:ing)?(?= (?:(?:at|around|near|between|from|into) )?[$\d])|buy(?:ing)?(?= (?:at|around|near))|sell(?:ing)?(?= (?:at|around|near))|get(?:ting)? in", "entry zone_low zone_high"),
    (r"(?:pindah\w*|geser\w*|naikkan|turunkan|mov(?:e|ing)|rais(?:e|ing)|lower(?:ing)?|trail(?:ing)?) (?:the |your )?(?:stop(?:[-\s]?loss)?(?:nya)?|SL)(?: (?:up |down )?(?:to|ke))?|(?:stop(?:[-\s]?loss)?(?:nya)?|SL) (?:(?:is|gets|will be|would be|then|lalu) ){0,2}(?:mov|shift|rais|trail|lift|pull|goes (?:up |down )?to|dipindah|digeser|pindah|berpindah)\w*", "break_even"),
    (r"(?:(?<=half )|(?<=50% )|(?<=50 % ))(?:of )?(?:the |your )?position|(?<=setengah )posisi|(?<=separuh )posisi", "close_share"),
    (r"stop(?:[-\s]?loss(?:es)?)?(?:nya)?|SL|cut[-\s]?loss(?:nya)?|batas rugi|invalidat\w+(?: level| point)?|invalidasi|(?:risk|loss)(?: is)? (?:capped|limited|cut)(?= at)|titik batal|risk(?:ing)? down to|line in the sand|(?:spot|point|place|level) to (?:give up|bail|get out)|dibatalkan|gugur|stops(?= (?:are|sit|lie|at)\b)|(?:idea|plan|trade|setup|thesis|rencana(?:nya)?|ide(?:nya)?) (?:is |would be |sudah )?(?:dead|done|over|finished|void|mati|selesai)", "stop"),
    (rf"{_TARGET}\s?(?:1|one|pertama|satu)|(?:first|1st|nearer) {_TARGET}|T1", "tp1 tp1_r eta_tp1 close_share"),
    (rf"{_TARGET}\s?(?:2|two|kedua|dua)|(?:second|2nd|final|farther|last) {_TARGET}|T2", "tp2 tp2_r eta_tp2 close_share"),
    (r"get(?:ting)? out|exit(?:s|ing)?|keluar", "stop tp1 tp2"),
    (r"beli(?= (?:di|sekitar|pada))|jual(?= (?:di|sekitar|pada))", "entry zone_low zone_high price"),
    (rf"(?:aim(?:s|ing)?|shoot(?:ing)?) for(?= [$\d])|mengincar|earn(?:s|ing)?(?= [$\d])|{_TARGET}s?(?:nya)?|profit[-\s]taking|ambil (?:untung|profit)", "tp1 tp2 tp1_r tp2_r eta_tp1 eta_tp2"),
    (r"(?:the )?(?:other|second|remaining) half(?= (?:\w+ ){0,2}?(?:at|di) [$\d])", "tp2 tp2_r eta_tp2"),
    (r"(?:the |yang )?(?:second|kedua|other)(?: one)?(?= (?!\d{1,2} (?:gates?|passed|refused|votes?)\b)(?:(?:at|is|sits|lies|near|di) )?[\d$])", "tp2 tp2_r eta_tp2"),
    (r"before(?=[.,;)]|$)|before (?:all |the |any )?(?:costs|fees)|sebelum biaya|gross|kotor|bruto", "gross_rr tp1_r tp2_r"),
    (r"(?:net of|after|once|with|including) (?:all )?costs(?! of)(?: are in| included| are paid)?|setelah biaya|net", "net_rr tp1_r tp2_r"),
    (r"(?:(?<!each )(?<!together )(?<!that )make|(?<!have to )(?<!has to )gain|win|earn|bank|pocket|mendapat\w*|meraih)(?= (?:about |around |roughly |some |only )?[$\d])|rewards?|upside|payoff|(?:at |your )?stake|imbalan(?:nya)?|keuntungan(?:nya)?|untung(?:nya)?|potensi (?:laba|untung|keuntungan)|laba|profit(?:s| potential)?", "tp1 tp2 tp1_r tp2_r"),
    (r"break[-\s]?even|impas|titik impas", "break_even"),
    (rf"net {_RR}|{_RR} (?:bersih|net|after costs|setelah biaya)|{_RR}(?= \(net\))", "net_rr"),
    (rf"(?:gross|raw) {_RR}|{_RR} (?:kotor|gross|before costs|sebelum biaya)", "gross_rr"),
    (r"(?:imbal(?:an| hasil)|reward|rasio) (?:bersih|net)(?: ?(?:terhadap|per|/) ?(?:risiko|risk))?", "net_rr"),
    (r"stopped out|(?:kena|terkena) stop", "stop outcome"),
    (r"berakhir", "expires_at outcome"),
    (r"jarak(?:nya)? (?:ke|dari) EMA(?: 21)?|distance (?:to|from) (?:the |its )?EMA(?: 21)?|jarak(?:nya)?(?= (?:\w+ )?[\d.,]+ ATR)|distance(?= (?:of|is) (?:\w+ )?[\d.,]+ ATR)", "distance_ema_21 overextension"),
    (r"(?:the )?(?:reward|payoff|imbalan(?:nya)?)(?= (?:is )?(?:about |roughly |sekitar )?[\d.,]+ (?:times|kali)\b)", "net_rr gross_rr tp1_r tp2_r"),
    (r"(?:btc|bitcoin)[-_\s](?:trend )?(?:conflict )?(?:gate|check|filter)", "btc_conflict"),
    (r"(?<=% )move(?:ment)?", "price_change"),
    (r"(?:the |its |that |a )?ratio|rasionya", "net_rr gross_rr tp1_r tp2_r long_short_ratio"),
    (r"(?:floor|cap|ceiling)(?= of)|(?<=\d )(?:bar|floor|minimum)|(?<=\d[mk] )floor|(?<=gate )(?:only )?(?:wants|asks for|needs|accepts)", "threshold"),
    (r"(?:its |the |that )?(?:moving )?averages|rata-rata(?: bergerak)?(?= (?:harian|4h|1h))", "ema_9 ema_21 ema_50 ema_200"),
    (r"(?:its |the |that )?(?:moving )?average(?! true|s)|rata-ratanya", "ema_21 distance_ema_21 overextension"),
    (_RR, "net_rr gross_rr tp1_r tp2_r"),
    (r"what you(?:['’]re)? risk(?:ing)?|(?:your|the) own risk", "net_rr gross_rr tp1_r tp2_r risk"),
    (r"risk(?: per (?:unit|coin|contract))?|risks|risking|risked|giv(?:e|es|ing) up(?= [$\d])|(?:me)?risikokan|merisikokan|risiko(?:nya)?(?: per (?:koin|unit))?|1\s?R(?= (?:is|of|equals|adalah|=|sebesar|being)|\)|\*)", "risk"),
    (r"los(?:e|es|ing)(?= (?:about |around |roughly |only |some )?[$\d])|(?:max(?:imum|imal)?|worst[-\s]case|potential) loss|against (?:you|the position)|costs? you(?= (?:about |roughly )?\$?[\d.,]+\s(?!%))|rugi(?:nya)?|kerugian(?:nya)?(?: (?:maksimal|maksimum))?", "risk stop"),
    (r"(?:confidence|conviction|keyakinan|kepercayaan)(?:nya)?(?: (?:level|score|tingkat))?|tingkat keyakinan|confident|yakin|convinced", "confidence"),
    (r"(?:btc|bitcoin)(?:['’]s)?(?: own)?(?: fused)? trend(?: score)?|tren (?:btc|bitcoin)|skor tren (?:btc|bitcoin)", "btc_trend"),
    (r"(?:the )?(?:average|typical|mean) (?:contract|coin|symbol|market)|rata-rata (?:kontrak|pasar)|market(?:['’]s)? (?:mean|average)(?: trend)?|(?:mean|average) (?:of|across) the market|(?:the |its )?(?:mean|average) trend(?: score)?|(?:rata-rata )tren|tren rata-rata|skor tren rata-rata", "mean_trend"),
    (r"trend[-\s]score|skor tren|trend reading", "trend_score"),
    (r"trend|tren", "trend_score score"),
    (r"scored(?= (?:contracts?|symbols?|coins?|out of|of))|(?<=\d )scored|(?<=be )scored|(?<=been )scored|(?<=were )scored|(?:di)?beri(?:kan)? skor|(?:got|received) a score|(?:mendapat|memperoleh) skor", "scored share_long universe"),
    (r"(?:that|this|the|its|an|sebuah) EMA(?!s|[-\s]?\(?\d| (?:vote|trend))", "ema_21 ema_9 ema_50 ema_200"),
    (r"(?:the |all |its |semua )?(?:moving averages|EMAs)|(?:semua|seluruh|every|each)(?: daily| hourly| 4h)? EMA(?!s?[-\s]?\(?\d)", "ema_9 ema_21 ema_50 ema_200"),
    (r"(?:overall |total |final |consensus )?scor(?:e[sd]?|ing)|skor(?:nya)?(?: (?:total|akhir|keseluruhan))?", "score"),
    (r"threshold|ambang(?: batas)?(?:nya)?|cut-?off|bar(?= (?:of|is|at)\b)|requirement|(?<!\()limits?(?! orders?| buy| sell)|batas(?:nya)?|maximal\w*|caps?|min(?:imum|imal)?\.?|max(?:imum)?\.?|maks(?:imum|imal)?\.?|required|syarat|yang (?:diminta|disyaratkan)|what (?:is|was) (?:asked for|required)", "threshold"),
    (r"overbought|oversold|jenuh (?:beli|jual)", "rsi_rule"),
    (r"stoch(?:astic)?[-\s]?RSI(?: %?K)?|stoch(?:astic)? %?K|%K", "stoch_rsi_k"),
    (r"stoch(?:astic)?[-\s]?RSI %?D|stoch(?:astic)? %?D|%D|(?:its )?D(?= (?:of|at|is|line)|\s\d|\s?=)", "stoch_rsi_d"),
    (r"(?:its )?K(?= (?:of|at|is|line)|\s\d|\s?=)", "stoch_rsi_k"),
    (rf"RSI{_PERIOD}(?:nya)?", "rsi"),
    (r"MACD histogram|histogram(?: MACD)?", "macd_histogram"),
    (r"MACD signal(?: line)?|(?:garis )?sinyal MACD|signal line|its signal|sinyalnya|signal(?= (?:of |at |is |line |\d))", "macd_signal stoch_rsi_d"),
    (rf"MACD{_PERIOD}", "macd macd_histogram"),
    (rf"ADX{_PERIOD}", "adx"),
    (r"(?:trend )?strength(?= (?:with|of|at|is|reads))|kekuatan tren", "adx trendiness"),
    (r"oscillator|osilator", "rsi stoch_rsi_k"),
    (r"trending (?:up|down)|uptrend|downtrend", "trend_score btc_trend score adx"),
    (r"\+\s?DI|plus DI|DI\+", "plus_di"),
    (r"DI lines|DIs|(?<!\S)DI|directional (?:index|movement|indicators?|lines)", "plus_di minus_di"),
    (r"[-−]\s?DI|minus DI|DI[-−]", "minus_di"),
    (r"ATR percentile|persentil ATR|(?:volatility|volatilitas) percentile|percentile of ATR", "atr_percentile"),
    (r"(?:bollinger|band)[-\s]?(?:band)?[-\s]?width percentile|width percentile|persentil lebar(?: bollinger)?|bollinger percentile|percentile of (?:the )?(?:bollinger )?(?:band )?width", "width_percentile"),
    (r"persentil|percentile", "atr_percentile width_percentile"),
    (rf"ATR{_PERIOD}|average true range", "atr atr_percent"),
    (r"(?:EMA|exponential moving average|MA)s?[-\s]?\(?9s?\)?|9[-\s](?:period|bar|day|hour)?[-\s]?(?:EMA|(?:moving )?average|MA)", "ema_9"),
    (r"(?:EMA|exponential moving average|MA)s?[-\s]?\(?21s?\)?|21[-\s](?:period|bar|day|hour)?[-\s]?(?:EMA|(?:moving )?average|MA)", "ema_21 distance_ema_21 overextension"),
    (r"(?:EMA|exponential moving average|MA)s?[-\s]?\(?50s?\)?|50[-\s](?:period|bar|day|hour)?[-\s]?(?:EMA|(?:moving )?average|MA)", "ema_50"),
    (r"(?:EMA|exponential moving average|MA)s?[-\s]?\(?200s?\)?|200[-\s](?:period|bar|day|hour)?[-\s]?(?:EMA|(?:moving )?average|MA)", "ema_200"),
    (r"over[-\s]?exten(?:sion|ded)|extended|extension|kejauhan|terlalu jauh|stretch(?:ed|es)?|(?:from|to|above|below|over|under) (?:the|its) EMA(?!s?[\s-]?\(?\d)", "distance_ema_21 overextension"),
    (r"supertrend", "supertrend vote_supertrend"),
    (r"(?:upper\s+bollinger|bollinger upper)(?: band)?|(?:pita )?bollinger atas", "bollinger_upper"),
    (r"(?:lower\s+bollinger|bollinger lower)(?: band)?|(?:pita )?bollinger bawah", "bollinger_lower"),
    (r"(?:middle\s+bollinger|bollinger mid(?:dle)?)(?: band)?", "bollinger_middle"),
    (r"(?:the )?(?:middle|mid)(?: band| line)?(?=[\s(])|the mean line", "bollinger_middle"),
    (r"(?:the )?upper(?: band(?! ?width)| one|(?= \())|pita atas", "bollinger_upper"),
    (r"(?:the )?lower(?: band(?! ?width)| one(?= at)|(?= \())|pita bawah", "bollinger_lower"),
    (r"bollinger bands?|bollinger|(?:the )?bands", "bollinger_lower bollinger_upper bollinger_middle"),
    (r"(?:bollinger|band)[-\s]?(?:band)?[-\s]?width|lebar (?:pita|bollinger|band)", "width_percentile"),
    (r"relative volume|volume relatif|RVOL", "relative_volume"),
    (r"EMA(?:[-\s]trend)? vote|suara EMA|EMA trend", "vote_ema_trend"),
    (r"MACD(?:['’]s)? vote|suara MACD", "vote_macd"),
    (r"RSI(?:['’]s)? vote|suara RSI", "vote_rsi"),
    (r"stoch(?:astic)?[-\s]?RSI(?:['’]s)? vote|suara stoch(?:astic)?[-\s]?RSI", "vote_stoch_rsi"),
    (r"OBV(?: vote)?|suara OBV|on[-\s]balance volume", "vote_obv"),
    (r"supertrend(?:['’]s)? vote|suara supertrend", "vote_supertrend"),
    (r"(?:long|short|bullish|bearish)(?= \d[:-]\d\b)|(?<=[^.,\d][0-6] )(?:long|short)(?=,? (?:and |dan |vs\.? )?[0-6] (?:long|short)\b)|(?<=[^.,\d][0-6] )(?:long|short)(?=\s*(?:[|.;)]|$))|votes?|voting|suara|votes cast|dissent\w*|exceptions?|pengecualian|holdouts?|perlawanan|opposition|objections?|outliers?|indicators?|indikator", "votes"),
    (r"trendiness", "trendiness"),
    (r"weight(?:s|ed|ing)?|bobot(?:nya)?", "weight"),
    (r"next (?:funding|settlement|payment)|(?:pendanaan|funding|penyelesaian|pembayaran) (?:berikutnya|selanjutnya)|settle(?:s|ment)", "next_funding funding funding_8h"),
    (r"funding interval|interval (?:funding|pendanaan)", "funding_interval"),
    (r"(?:every|each|per|tiap|setiap)(?= (?:4|8|four|eight|empat|delapan)\s?-?(?:hours?|jam|h)\b)|(?:longs?|shorts?)(?: \w+)? (?:paying|hand(?:s|ing)? over|receiving|pay|(?:mem)?bayar|receive|menerima|collect)s?", "funding funding_8h funding_interval"),
    (r"(?<=pays )(?:the )?rate|(?:the|a) rate(?= (?:is|of|at))|(?:suku |biaya |tingkat )?(?:funding|pendanaan)(?: rate| fee)?(?:nya)?", "funding funding_8h funding_interval next_funding"),
    (r"(?:in|counted in|measured in|dalam) (?:contracts|kontrak|value|USD|dollar terms|nilai)", "open_interest_change open_interest_usd_change open_interest"),
    (r"open interest(?:nya)?|OI|minat terbuka|open contracts|contracts (?:open|outstanding)|outstanding contracts|kontrak terbuka|posisi terbuka", "open_interest open_interest_change open_interest_usd_change"),
    (r"(?<!\d )mark(?: price)?(?=\W)|harga mark", "mark"),
    (r"index(?: price)?|harga indeks|indeks", "index"),
    (r"basis|(?:premium|discount) (?:to|over|against) (?:the )?index", "basis"),
    (r"(?:per|a|(?:a )?(?:whole|full)) year|annuali[sz]ed|yearly|per tahun|setahun", "funding_year"),
    (r"long[/\s-]short ratio|rasio long[/\s-]short|for (?:each|every) short(?: account)?|longs?(?: accounts)? (?:for|per) (?:(?:each|every) )?short|(?:longs|shorts|buyers|sellers) outnumber(?= )", "long_short_ratio"),
    (r"(?:accounts|traders) (?:that |who )?(?:are |hold |is )?long|akun yang (?:punya|memiliki|memegang) posisi|akun (?:yang )?(?:masih |sedang |justru |malah )?(?:memegang |berada |dalam )?(?:posisi )?long|(?:accounts|traders|akun) (?:with a position|holding a position)|long share", "long_share"),
    (r"(?:24[-\s]?(?:h|hour|jam) )?(?:quote )?(?:volume|turnover)(?:nya)?(?: (?:harian|perdagangan))?|liquid(?:ity)?|likuiditas|traded(?= in\b)", "volume_24h relative_volume"),
    (r"spread(?:nya)?", "spread"),
    (r"slippage|slipase", "slippage"),
    (r"taker(?: fee)?|fees?|biaya taker", "taker_fee cost"),
    (r"costs?|biaya(?:nya)?(?: total)?", "cost"),
    (r"funding settlements|settlements?", "settlements cost funding funding_8h"),
    (r"leverage(?:nya)?|daya ungkit|leveraged", "leverage"),
    (r"ETA|time to (?:the )?(?:first |second )?targets?|estimasi(?:nya)?(?: waktu)?|perkiraan(?: waktu)?|median(?: time)?|quartiles?", "eta_tp1 eta_tp2"),
    (r"(?:(?:stays?|remains?|is) (?:alive|active)|(?:stays?|remains?|is) (?:valid|open)(?! (?:until|till|for|through))|(?:trade )?(?:idea|plan) lives|lifetime|sisa waktu|time (?:left|remaining)|to live|left to run|to run|expir(?:es?|y|ed|ing|ation)|(?:runs?|running) out)|kedaluwarsa|kadaluarsa|lapses?", "expires_at"),
    (r"(?:valid|good|open|stays?)(?: open)? (?:until|till|for|through)|berlaku(?: (?:sampai|hingga|selama))?", "expires_at fill_by"),
    (r"(?:be |is |was |prove[sdn]? )?wrong|salah|disprove[sn]?|membuktikan salah", "stop"),
    (r"fill(?:ed)?(?: by| deadline)?|terisi|unfilled", "fill_by entry zone_low zone_high"),
    (r"next (?:scan|close|candle)|(?:candles?|it) close next|closes next|(?:pemindaian|scan|penutupan)(?: \w+)? (?:berikutnya|selanjutnya)", "next_close"),
    (r"as of|data (?:per|at)|scan(?:ned)? (?:of|at)|(?:pemindaian|scan) (?:pukul|terakhir)", "as_of"),
    (r"took|scan(?:ning)?(?= (?:took|needed|lasted|ran|was|finished|completed|in \d))|pemindaian(?= (?:selesai|berlangsung|memakan))|done in|completed in|lasted|duration|berlangsung|memakan waktu|durasi|finished in|selesai dalam", "duration"),
    (r"of the market|breadth|lebar pasar|share (?:that is |of (?:the )?(?:contracts|market|coins|symbols) )?long|lean(?:s|ing)? long|above zero|di atas nol|bullish side", "share_long"),
    (r"scan of(?= \d{2,})|universe|universal|semesta", "universe scored"),
    (r"(?<=per |ery |ach )(?:contract|symbol)|(?<=per |iap )kontrak", "universe"),
    (r"contracts|symbols|coins|markets|pairs|kontrak|simbol|(?<!per )koin|pasangan", "universe share_long scored plans blocked no_setup no_data failures"),
    (r"(?:stopped|held back|caught|turned away) (?:at|by) (?:a|the|one of the|their) gates?|blocked|blocks|(?:di)?blokir|(?:ke|di)blok|diblokir|tertahan|ditolak gerbang", "blocked"),
    (r"no[-\s_]setups?|without a setup|tanpa setup|(?:tidak|belum) (?:punya|memiliki|ada|menunjukkan) setup|too weak|too low(?: a)? scores?|scored? too low|skor(?:nya)? terlalu rendah", "no_setup"),
    (r"no[-\s_]data|data reasons|missing data|tanpa data|without (?:any )?data|lack(?:ed|ing)?(?: of)? data", "no_data"),
    (r"fail(?:ures?|ed)|gagal", "failures"),
    (r"(?:(?<=got )|(?<=get )|(?<=have )|(?<=has )|(?<=received ))(?:a )?plans?(?= *(?:[.,:;)]|$|than\b|at\b|right now|so far))|plans?(?=\s\|)|(?<=with )a plan|(?<=every )plan|(?<=each )plan|(?<=per )plan|(?<=setiap )rencana|jadi (?:plan|rencana)", "plans"),
    (r"made it(?: all the way)? to (?:a )?plans?|ended(?: up)? with (?:a )?plans?|made it (?:past|through)(?: (?:all )?the gates)?|(?:passed|cleared|got through) (?:all )?the gates(?= and)|qualif(?:y|ied|ies)|planned(?! (?:entry|stop|target|exit))|plans|setups|rencana|trade ideas", "plans"),
    (r"gates?(?!way)|checks|gerbang|saringan|filter(?:s)?|refus(?:ed|als?)|menolak", "gates"),
    (r"coverage|cakupan(?:nya)?", "coverage"),
    (r"(?:data )?quality|kualitas(?:nya)?(?: data)?", "quality"),
    (r"supports?|recent lows?|swing lows?|dukungan|titik terendah(?: ayunan)?|floor", "swing_low"),
    (r"resistances?|hurdles?|barriers?|obstacles?|overhead supply|recent highs?|swing highs?|resisten(?:si)?(?:nya)?|hambatan|titik tertinggi(?: ayunan)?|ceiling", "swing_high"),
    (r"swings?|levels|key level|ayunan", "swing_high swing_low"),
    (r"previous (?:plan|trade)|last (?:plan|trade)|outcome|past (?:plan|trade)|ended|result(?:ed)?|hasil(?:nya)?|rencana (?:lalu|sebelumnya|terakhir)|booked|lost|realised", "outcome"),
    (r"(?:out)?rank(?:ed|ing|s)?(?! between)|peringkat", "rank"),
    (r"accounts|positioning|(?:the )?crowd|kerumunan", "long_share long_short_ratio"),
    (r"position size|siz(?:e|ing)|quantity|notional|account|ukuran posisi|akun|kuantitas", "size"),
    (r"modifiers?|pattern|pola|heikin[-\s]ashi(?: streak)?", "modifier"),
    (r"of the position|clos(?:e|ing) (?=half)|posisi ditutup|clos(?:es|e|ing)(?= (?:\d|half|a ))|menutup|partial|ditutup sebagian|dari posisi|(?<=% )closed|take(?:s)? off|tutup (?=setengah|separuh|50)", "close_share"),
    (r"probabilit(?:y|ies|as)|chances?|odds|likelihood|peluang(?:nya)?|kemungkinan(?:nya)?|win[-\s]?rate|hit[-\s]?rate|tingkat (?:kemenangan|keberhasilan)|success rate|likely", "p_tp1_before_stop"),
    (r"tick(?: size)?", "tick"),
    (r"history|bars of|riwayat", "history bars"),
    (r"last (?:close|price)|(?<!is )(?<!are )(?<!be )clos(?:e[sd]?|ing)(?! to\b| of (?:half|the position|a ))(?: price)?|price|trad(?:es|ing)(?= (?:at|near|around))|spot|quoted|reference(?: price)?|harga(?:nya)?(?: (?:acuan|terakhir|penutupan|sekarang))?|penutupan|ditutup|diperdagangkan", "price close mark index price_change"),
    (r"too (?:much|far)|in excess|terlalu (?:tinggi|banyak)", "overextension distance_ema_21 threshold"),
    (r"more points|points (?:short|missing|to go)|poin lagi", "score threshold"),
    (r"(?:long|short|buy|sell|beli|jual)(?=\s?@)", "entry zone_low zone_high price"),
    (r"(?:the |your )?(?<!bullish )(?<!bearish )(?<!in )orders?|perintah", "entry zone_low zone_high fill_by"),
    (r"timeframes?|kerangka waktu", "timeframes"),
    (r"(?:adverse |trap )?wicks?|sumbu", "trap_wick"),
    (r"true range|(?:candle|bar)(?:['’]s)? (?:size|range)|oversized", "oversized"),
    (r"(?:trend |regime |timeframe )?conflict", "htf_conflict regime_conflict btc_conflict"),
)  # fmt: skip

_COMPILED: Final = tuple(
    (
        re.compile(
            rf"(?<![A-Za-z_])(?:{phrase})(?:nya)?(?![A-Za-z_])(?!(?<=\d)[.,]?\d)", re.IGNORECASE
        ),
        tuple(names.split()),
    )
    for phrase, names in _PHRASES
)
_CASED: Final = {"SL", "OI", "T1", "T2", "RR", "RRR", "BE", "D", "K", "DI", "ITS D", "ITS K"}


_GATES: Final = {
    "overextension": r"over[-\s]?exten(?:sion|ded)",
    "trap_wick": r"(?:adverse|trap)[-\s_]?wick",
    "oversized": r"oversized?(?:[-\s]candle)?",
    "htf_conflict": r"(?:htf|higher[-\s]time[-\s]?frame|time[-\s]?frame)[-_\s]conflict|htf(?=\s(?:gate|check|filter))|higher[-\s]time[-\s]?frame(?=\s(?:gate|check|filter))",
    "regime_conflict": r"regime(?:[-_\s]conflict|(?=\s(?:gate|check|filter)))|(?<=gate )regime|(?<=gerbang )regime",
    "btc_conflict": r"(?:btc|bitcoin)[-_\s](?:trend[-_\s])?conflict|(?:btc|bitcoin)(?:\strend)?(?=\sgate)",
    "liquidity": r"liquidity|likuiditas",
    "funding": r"funding|pendanaan",
    "quality": r"(?:data[-\s])?quality|kualitas(?: data)?",
    "net_rr": r"net[-_\s]rr|net (?:reward[-\s]to[-\s]risk|R:R|RR)",
}
"""How people name a gate, where it is not by its own name."""


@dataclass(frozen=True)
class Label:
    """A phrase of the lexicon in a sentence."""

    start: int
    end: int
    concepts: tuple[str, ...]


def labels(text: str, gate_names: frozenset[str] = frozenset()) -> Iterator[Label]:
    """Find the phrases that name facts, leftmost and longest first, never two at one place."""
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for pattern, concepts in (*_COMPILED, *_gates(gate_names)):
        for match in pattern.finditer(text):
            if match[0].upper() in _CASED and match[0][-1] != match[0][-1].upper():
                continue
            found.append((match.start(), match.end(), concepts))
    reached = 0
    for start, end, concepts in sorted(found, key=lambda one: (one[0], -one[1])):
        if start >= reached:
            reached = end
            yield Label(start, end, concepts)


def gate_words(name: str) -> str:
    """Return how people name a gate."""
    return _GATES.get(name, name.replace("_", r"[-_\s]"))


def _gates(names: frozenset[str]) -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
    return [
        (re.compile(rf"(?<![A-Za-z_])(?:{gate_words(name)})(?![A-Za-z_])", re.IGNORECASE), (name,))
        for name in names
    ]
