"""Words that tell how a number is meant: supposed, denied, compared, added up, about, at least."""

# ruff: noqa: E501 - a list of phrases reads better whole than wrapped

import re
from typing import Final

CONDITIONAL: Final = re.compile(
    r"^\W*had\s(?=the|it|its|price)|\b(?:if|wait|tunggu|would|could|should|might|must|unless|until|were(?= (?:it|they|price|to)\b)|needs?|require[sd]?(?!\s(?:threshold|minimum|score|level|net|\d))|once|in case|whether|"
    r"jika|kalau|bila|apabila|seandainya|sampai|perlu|butuh|harus|andaikan)\b",
    re.IGNORECASE,
)
NEGATION: Final = re.compile(
    r"\b(?:not(?![-\s]chase)|no(?![-\s]chase)|nothing|never|neither|nor|without|\w+n['’]t(?![-\s]chase)|rather than|instead of|none|bukanlah|tidaklah|"
    r"tidak|bukan|tanpa|belum|tak|alih-alih|daripada)\b",
    re.IGNORECASE,
)
LOWER: Final = re.compile(
    r"\b(?:fell|fall(?:en|ing|s)?|drop(?:ped|s|ping)?|down|lower|decreas\w+|declin\w+|negative|minus|"
    r"below|under(?:neath)?|beneath|lost|los(?:e|es|ing|s)|less|shrank|shr[iu]nk\w*|cut|shorts?(?![\s-](?:term|time|frame|run))|bearish|sell\w*|sank|slid|slip(?:ped|s|ping)?|dipped|dips|retreat\w*|eas(?:ed|es|ing)|contract(?:ed|ing)|came off|come off|unw\w+|bled|edged down|ticked down|"
    r"shed|turun|menurun|negatif|bawah|berkurang|melemah|anjlok|jatuh|menyusut|susut|rugi|minus|jual|against)\b",
    re.IGNORECASE,
)
NEGATIVE: Final = re.compile(r"\b(?:negative|minus|negatif)\b", re.IGNORECASE)
HIGHER: Final = re.compile(
    r"\b(?:rose|ris(?:e|en|ing|es)|gain(?:ed|s)?|up|higher|day over day|increas\w+|grew|grow\w*|positive|above|"
    r"added|climb\w+|tick(?:ed|s)? up|expand\w*|advanc\w+|swell\w*|swelled|picked up|built up|firm(?:ed|s)|edged up|jump\w+|surg\w+|over(?!\s(?:the\s|day)?(?:past|last|previous|next|course|\d|four|eight|one|twenty))|naik|meningkat|positif|atas|bertambah|menguat|melonjak|tumbuh)\b",
    re.IGNORECASE,
)
THAN: Final = re.compile(
    r"\b(?:than|versus|vs|against|compared|unlike|next to|relative to|in contrast (?:to|with)|in line with|on a par with|similar to|"
    r"mirrors?|mirror image of|the way|different from|daripada|dibanding\w*|berbanding|banding|lawan|tidak seperti|berbeda (?:dari|dengan)|sejalan dengan)\b",
    re.IGNORECASE,
)
"""Before what something is compared with."""
APPROXIMATE: Final = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|some|near(?:ly)?|almost|circa|ca\.|close to|"
    r"a good|a solid|well over|upwards of|just (?:over|under|above|below|shy of)|a (?:bit|little|touch) (?:over|under|above|below|more than|less than)|"
    r"sekitar|kira-kira|kurang lebih|hampir|mendekati|kisaran|nyaris)|[~≈±])\s*$",
    re.IGNORECASE,
)
AT_LEAST: Final = re.compile(
    r"(?:\b(?:above|(?<!hand )(?<!hands )over|more than|greater than|exceed(?:s|ing)?|higher than|north of|di atas|"
    r"lebih (?:dari|tinggi dari|besar dari)|melebihi|melampaui)|[>≥])\s*(?:the\s+)?$",
    re.IGNORECASE,
)
AT_MOST: Final = re.compile(
    r"(?:\b(?:below|under|less than|lower than|fewer than|south of|short of|di bawah|"
    r"kurang dari|lebih (?:rendah|kecil) dari)|[<≤])\s*(?:the\s+)?$",
    re.IGNORECASE,
)
THRESHOLD_CUE: Final = re.compile(
    r"\b(?:threshold|ambang|limit|max|min|maks|batas\w*|cut-?off|minim\w+|maxim\w+|maksim\w+|at least|setidaknya|need(?:s|ed)?|"
    r"requir\w+|perlu|butuh|harus|syarat\w*|must|allow\w*|cap(?:ped)?|bar|exceed\w*|melebihi|"
    r"short of|without|at which|nowhere near|far from|floor|ceiling|rule|wants?|accepts?|at most|no more than|tolerat\w*|permit\w*)\b",
    re.IGNORECASE,
)
DIFFERENCE_CUE: Final = re.compile(
    r"\b(?:away|below|above|under|over|beneath|width|\w*lebar\w*|between|distance|gap|differ\w*|from|than|apart|wide|room|"
    r"cushion|move|bounce|rally|dip|pull-?back|climb|drop|fall|rise|gain|loss|lower|higher|more|less|short of|difference|spread|to|"
    r"of (?:the |its )?(?:entry|price)|selisih|jarak|beda|dari|bawah|atas|antara|ruang|lebih|kurang|menuju|hingga|risk\w*|risiko\w*|upside|downside|potensi|"
    r"premium|discount|basis|off|separat\w+|spans?|rentang|points?|poin|shy|margin|within|turun|naik|further|out|distant)\b",
    re.IGNORECASE,
)
COMPARISON_CUE: Final = re.compile(
    r"\b(?:above|below|higher|lower|more|less|than|difference|unggul|tertinggal|leads?|to go|left|until|lagi|gap|spread|points? (?:short|over|under|beyond)|short of|beyond|closer|further|apart|missed|exceed\w*|by|oleh|"
    r"between|over|under|away|margin|stronger|weaker|cushion|needs?|missing|selisih|beda|jarak|lebih|kurang|di atas|di bawah|butuh|perlu|melebihi|of difference|times|twice|kali|double|half|ratio|spare|lacks?|lacking|headroom|buffer|clear|clears|clearance|short|sisa)\b",
    re.IGNORECASE,
)
RATIO_CUE: Final = re.compile(
    r"\b(?:times|twice|ratio|rasio|kali(?: lipat)?|multiple|double|triple|as (?:far|much|high|large|big|long)|per|"
    r"relative|of the|half|third|quarter|fifth|sixth|eighth|tenth|lipat|setengah|separuh|sepertiga|seperempat|seperlima)\b|:|/|×|x\b",
    re.IGNORECASE,
)
SHARE_OF: Final = re.compile(r"\s(?:of|dari)\b", re.IGNORECASE)
"""Behind a share: "half of"."""
SUM_CUE: Final = re.compile(
    r"\b(?:total\w*|together|combined|sum|in all|altogether|including|termasuk|(?:di)?gabung\w*|jumlah\w*|plus|bersama|keseluruhan|seluruh\w*|added|out of)\b",
    re.IGNORECASE,
)
PROMISE: Final = re.compile(
    r"\b(?:will|is going to|akan|pasti|bound to|certain to)\s+(?:\w+\s+){0,2}?(?:hit|reach|touch|mencapai|menyentuh|menembus|get to|rise|fall|naik|turun|win|succeed|profit)\b",
    re.IGNORECASE,
)
HIGH_PROBABILITY: Final = re.compile(
    r"\b(?:very|highly|quite|most|extremely|sangat) likely\b|"
    r"\b\d+\s*(?:out of|in|of|dari)\s*(?:every\s|setiap\s)?\d+\s*(?:cases|times|trades|setups|kasus|kali|percobaan)\b|"
    r"\bhigh(?:ly)?[-\s](?:probab\w+|likel\w+|odds|chance)|\b(?:probabilitas|peluang|kemungkinan)\s+(?:\w+\s+)?(?:tinggi|besar)|"
    r"\b(?:guaranteed|risk-free|sure thing|can(?:no|')t lose(?! much| more)|pasti (?:untung|profit|menang)|tanpa risiko)\b",
    re.IGNORECASE,
)
FILLER: Final = re.compile(
    r"(?:[\s|:=*_~≈±+\"'`’()\[\]\-–—]|\b(?:at|is|are|was|were|of|sits?|sit|stands?|reads?|reading|now|currently|near|"
    r"around|about|roughly|approximately|just|only|still|price[ds]?|level|the|a|an|to|for|on|in|by|this|its|it|"
    r"value|rate|gives?|yields?|offers?|brings?|makes?|takes?|placed|set|lies?|located|equals?|comes?|had|has|have|remains?|shows?|showing|printed|print|exactly|nearly|"
    r"almost|some|also|already|up|down|out|over|under|above|below|than|more|less|at least|per|as|with|"
    r"rose|fell|dropped|rising|falling|gained|lost|increased|decreased|grew|high|low|"
    r"chart|timeframe|grafik|line|comes? after|clearly|memberi(?:kan)?|menghasilkan|menawarkan|setara|being|will be|would be|s|goes|go|hits?|charge[ds]?|pays?|costs?|"
    r"di|pada|adalah|sebesar|sekitar|berada|kini|saat|ini|sekarang|nya|masih|harga|nilai|yaitu|ialah|hampir|"
    r"terletak|menjadi|dari|tercatat|menunjukkan|senilai|ada|telah|sudah|hanya|kira-kira|ke|dengan|untuk|"
    r"naik|turun|atas|bawah|lebih|kurang|mencapai|bernilai|dipasang|diletakkan|sebanyak)\b)*",
    re.IGNORECASE,
)
CLAUSE: Final = re.compile(
    r"[,;]\s|(?<=\d):\s|\s[-–—]\s|\s(?:and|but|while|whereas|versus|vs\.?|with|plus|against|compared|then|because|so|although|though|even though|yet|meskipun|walaupun|padahal|"
    r"dan|tetapi|tapi|sedangkan|sementara|dengan|namun|serta|karena|lalu|dibanding(?:kan)?)\s",
    re.IGNORECASE,
)
