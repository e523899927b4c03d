"""The names that a synthetic market lists first: well-known tickers and about what they cost."""

FAMILIAR = {
    "BTC": 68_000, "ETH": 3_300, "SOL": 160, "XRP": 0.62, "BNB": 590, "DOGE": 0.14,
    "1000PEPE": 0.0105, "ADA": 0.48, "TRX": 0.13, "AVAX": 31, "LINK": 15, "DOT": 6.4, "LTC": 78,
    "BCH": 410, "UNI": 8.1, "1000SHIB": 0.0185, "SUI": 1.25, "APT": 8.3, "NEAR": 5.4, "FIL": 4.7,
    "ARB": 0.82, "OP": 1.75, "ATOM": 7.1, "ETC": 25, "XLM": 0.102, "HBAR": 0.078, "VET": 0.028,
    "AAVE": 104, "ICP": 9.2, "INJ": 24, "TIA": 6.8, "SEI": 0.41, "ENA": 0.55, "WLD": 2.4,
    "1000BONK": 0.024, "1000FLOKI": 0.17, "WIF": 2.1, "JUP": 0.92, "PYTH": 0.38, "ORDI": 37,
    "STX": 1.8, "IMX": 1.55, "RUNE": 4.9, "GRT": 0.21, "MKR": 2_600, "LDO": 1.7, "CRV": 0.31,
    "DYDX": 1.45, "SNX": 2.1, "COMP": 52, "ALGO": 0.15, "EGLD": 34, "SAND": 0.33, "MANA": 0.35,
    "AXS": 6.1, "GALA": 0.023, "CHZ": 0.075, "ENJ": 0.18, "THETA": 1.5, "FTM": 0.58, "FLOW": 0.66,
    "XTZ": 0.78, "EOS": 0.57, "NEO": 11, "IOTA": 0.17, "KAVA": 0.42, "ZEC": 23, "DASH": 26,
    "XMR": 168, "QTUM": 2.7, "ONT": 0.22, "ZIL": 0.018, "BAT": 0.2, "ENS": 22, "APE": 0.85,
    "GMT": 0.16, "JASMY": 0.026, "ROSE": 0.085, "CELO": 0.6, "ONE": 0.015, "KSM": 23,
    "YFI": 6_100, "SUSHI": 0.77, "1INCH": 0.36, "BLUR": 0.21, "MASK": 2.7, "LRC": 0.17,
    "ANKR": 0.028, "STORJ": 0.43, "SKL": 0.05, "COTI": 0.09, "CTSI": 0.16, "BAND": 1.2,
    "RLC": 2.1, "OCEAN": 0.61, "FET": 1.4, "RENDER": 6.6, "AR": 27, "PENDLE": 4.3, "GMX": 27,
    "MAGIC": 0.44, "HOOK": 0.47, "ID": 0.45, "EDU": 0.62, "CFX": 0.16, "ACH": 0.021,
    "SSV": 27, "RPL": 13, "T": 0.024, "STG": 0.36, "PHB": 1.7, "LQTY": 0.92, "RDNT": 0.09,
    "PEOPLE": 0.075, "TRB": 71, "BIGTIME": 0.13, "GAS": 4.1, "POLYX": 0.27, "CAKE": 2.1,
    "MEME": 0.016, "TWT": 1.05, "KAS": 0.165, "BEAMX": 0.018, "NTRN": 0.49, "ACE": 2.9,
    "NFP": 0.3, "AI": 0.5, "XAI": 0.33, "MANTA": 0.95, "ALT": 0.13, "ZETA": 0.68, "RONIN": 1.9,
    "DYM": 1.6, "PIXEL": 0.19, "STRK": 0.64, "PORTAL": 0.45, "AXL": 0.67, "METIS": 45,
    "AEVO": 0.41, "VANRY": 0.13, "BOME": 0.0088, "ETHFI": 1.9, "W": 0.33, "TNSR": 0.5,
    "SAGA": 1.5, "TAO": 330, "OMNI": 12, "REZ": 0.06, "BB": 0.36, "NOT": 0.013, "TURBO": 0.0048,
    "IO": 2.2, "ZK": 0.15, "ZRO": 3.9, "LISTA": 0.42, "MEW": 0.0062, "BANANA": 48, "POPCAT": 0.7,
    "1000SATS": 0.00021, "1000RATS": 0.095, "1000LUNC": 0.085, "1000XEC": 0.034, "1000CAT": 0.041,
    "1MBABYDOGE": 0.0022, "NEIRO": 0.0011, "HMSTR": 0.0045, "EIGEN": 3.4, "SCR": 0.9, "GOAT": 0.6,
    "MOODENG": 0.21, "PNUT": 1.1, "ACT": 0.45, "HIPPO": 0.013, "ME": 2.8, "MOVE": 0.75,
    "VIRTUAL": 1.9, "PENGU": 0.027, "BIO": 0.52, "SONIC": 0.55, "TRUMP": 16, "ANIME": 0.03,
    "BERA": 6.2, "LAYER": 0.9, "KAITO": 1.6, "IP": 4.4, "SHELL": 0.28, "RED": 0.55, "NIL": 0.46,
    "PARTI": 0.25, "HYPE": 24, "POL": 0.42, "TON": 5.3, "DOGS": 0.0007, "CATI": 0.41,
}  # fmt: skip

_HEADS = ("zen", "lum", "ark", "nov", "vel", "ori", "kyn", "tar", "mex", "fal", "qua", "ryn")
_TAILS = ("o", "a", "ix", "um", "eth", "is", "on", "ara", "ex", "ium", "yx", "us")


def bases(count: int) -> list[str]:
    """Return that many base assets: the familiar ones first, then invented ones."""
    invented = (f"{head}{tail}".upper() for tail in _TAILS for head in _HEADS)
    names = [*FAMILIAR, *invented]
    numbered = (f"{name}{round_}" for round_ in range(2, 9) for name in names[len(FAMILIAR) :])
    while len(names) < count:
        names.append(next(numbered))
    return names[:count]
