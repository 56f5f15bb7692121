"""Names of countries and their ISO 3166-1 codes, so that a scenario says exactly which country it counts."""

from __future__ import annotations

import difflib
import re
import unicodedata

from platformlabour.errors import InputError
from platformlabour.tables import COUNTRY_SLIPS

__all__ = ["NAMES", "country_code"]

_TABLE = """
AD Andorra|AE United Arab Emirates|AF Afghanistan|AG Antigua and Barbuda|AI Anguilla|AL Albania|AM Armenia|AO Angola
AQ Antarctica|AR Argentina|AS American Samoa|AT Austria|AU Australia|AW Aruba|AX Åland Islands|AZ Azerbaijan
BA Bosnia and Herzegovina|BB Barbados|BD Bangladesh|BE Belgium|BF Burkina Faso|BG Bulgaria|BH Bahrain|BI Burundi
BJ Benin|BL Saint Barthélemy|BM Bermuda|BN Brunei|BO Bolivia|BQ Caribbean Netherlands|BR Brazil|BS Bahamas|BT Bhutan
BV Bouvet Island|BW Botswana|BY Belarus|BZ Belize|CA Canada|CC Cocos Islands|CD Democratic Republic of the Congo
CF Central African Republic|CG Congo|CH Switzerland|CI Côte d'Ivoire|CK Cook Islands|CL Chile|CM Cameroon|CN China
CO Colombia|CR Costa Rica|CU Cuba|CV Cabo Verde|CW Curaçao|CX Christmas Island|CY Cyprus|CZ Czechia|DE Germany
DJ Djibouti|DK Denmark|DM Dominica|DO Dominican Republic|DZ Algeria|EC Ecuador|EE Estonia|EG Egypt|EH Western Sahara
ER Eritrea|ES Spain|ET Ethiopia|FI Finland|FJ Fiji|FK Falkland Islands|FM Micronesia|FO Faroe Islands|FR France
GA Gabon|GB United Kingdom|GD Grenada|GE Georgia|GF French Guiana|GG Guernsey|GH Ghana|GI Gibraltar|GL Greenland
GM Gambia|GN Guinea|GP Guadeloupe|GQ Equatorial Guinea|GR Greece|GS South Georgia|GT Guatemala|GU Guam
GW Guinea-Bissau|GY Guyana|HK Hong Kong|HM Heard Island|HN Honduras|HR Croatia|HT Haiti|HU Hungary|ID Indonesia
IE Ireland|IL Israel|IM Isle of Man|IN India|IO British Indian Ocean Territory|IQ Iraq|IR Iran|IS Iceland|IT Italy
JE Jersey|JM Jamaica|JO Jordan|JP Japan|KE Kenya|KG Kyrgyzstan|KH Cambodia|KI Kiribati|KM Comoros
KN Saint Kitts and Nevis|KP North Korea|KR South Korea|KW Kuwait|KY Cayman Islands|KZ Kazakhstan|LA Laos|LB Lebanon
LC Saint Lucia|LI Liechtenstein|LK Sri Lanka|LR Liberia|LS Lesotho|LT Lithuania|LU Luxembourg|LV Latvia|LY Libya
MA Morocco|MC Monaco|MD Moldova|ME Montenegro|MF Saint Martin|MG Madagascar|MH Marshall Islands|MK North Macedonia
ML Mali|MM Myanmar|MN Mongolia|MO Macao|MP Northern Mariana Islands|MQ Martinique|MR Mauritania|MS Montserrat
MT Malta|MU Mauritius|MV Maldives|MW Malawi|MX Mexico|MY Malaysia|MZ Mozambique|NA Namibia|NC New Caledonia|NE Niger
NF Norfolk Island|NG Nigeria|NI Nicaragua|NL Netherlands|NO Norway|NP Nepal|NR Nauru|NU Niue|NZ New Zealand|OM Oman
PA Panama|PE Peru|PF French Polynesia|PG Papua New Guinea|PH Philippines|PK Pakistan|PL Poland
PM Saint Pierre and Miquelon|PN Pitcairn|PR Puerto Rico|PS Palestine|PT Portugal|PW Palau|PY Paraguay|QA Qatar
RE Réunion|RO Romania|RS Serbia|RU Russia|RW Rwanda|SA Saudi Arabia|SB Solomon Islands|SC Seychelles|SD Sudan
SE Sweden|SG Singapore|SH Saint Helena|SI Slovenia|SJ Svalbard and Jan Mayen|SK Slovakia|SL Sierra Leone
SM San Marino|SN Senegal|SO Somalia|SR Suriname|SS South Sudan|ST São Tomé and Príncipe|SV El Salvador
SX Sint Maarten|SY Syria|SZ Eswatini|TC Turks and Caicos Islands|TD Chad|TF French Southern Territories|TG Togo
TH Thailand|TJ Tajikistan|TK Tokelau|TL Timor-Leste|TM Turkmenistan|TN Tunisia|TO Tonga|TR Türkiye
TT Trinidad and Tobago|TV Tuvalu|TW Taiwan|TZ Tanzania|UA Ukraine|UG Uganda|UM United States Minor Outlying Islands
US United States|UY Uruguay|UZ Uzbekistan|VA Vatican City|VC Saint Vincent and the Grenadines|VE Venezuela
VG British Virgin Islands|VI United States Virgin Islands|VN Vietnam|VU Vanuatu|WF Wallis and Futuna|WS Samoa
YE Yemen|YT Mayotte|ZA South Africa|ZM Zambia|ZW Zimbabwe
"""
NAMES = {entry[:2]: entry[3:] for entry in re.split(r"[|\n]", _TABLE.strip())}
_OTHER_NAMES = {
    "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "america": "US", "usa": "US", "united states of america": "US", "great britain": "GB", "britain": "GB",
    "czech republic": "CZ", "ivory coast": "CI", "cape verde": "CV", "turkey": "TR", "swaziland": "SZ",
    "holland": "NL", "the netherlands": "NL", "burma": "MM", "macedonia": "MK", "east timor": "TL", "korea": "KR",
    "republic of korea": "KR", "russian federation": "RU", "macau": "MO", "dr congo": "CD",
    "republic of the congo": "CG", "gambia the": "GM", "the gambia": "GM", "the bahamas": "BS",
    "holy see": "VA", "syrian arab republic": "SY", "brunei darussalam": "BN", "the philippines": "PH",
}  # fmt: skip


def country_code(name):
    """ISO 3166-1 code of a country given by code or English name.

    Parameters
    ----------
    name : str
        Two letters, or a name in any case, with or without accents.

    Returns
    -------
    str
        Two capital letters; :data:`NAMES` maps them to names.

    Raises
    ------
    InputError
        If no country is called so; the message names the nearest one.

    Examples
    --------
    >>> country_code("France"), country_code("pl"), country_code("Cote d'Ivoire")
    ('FR', 'PL', 'CI')
    >>> country_code("Polnad")
    Traceback (most recent call last):
    platformlabour.errors.InputError: found the country 'Polnad'; expected PL for Poland, perhaps.
    """
    given = str(name).strip()
    if given.upper() in NAMES:
        return given.upper()
    if given.upper() in COUNTRY_SLIPS:
        raise InputError(f"the country {given!r}", _SLIPS.get(given.upper(), COUNTRY_SLIPS[given.upper()]))
    known = {_plain(english): code for code, english in NAMES.items()} | _OTHER_NAMES
    plain = _plain(given)
    if plain in known:
        return known[plain]
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.75)
    remedy = "an ISO 3166-1 code of two letters, such as FR, or the country's English name"
    if near:
        remedy = f"{known[near[0]]} for {NAMES[known[near[0]]]}, perhaps"
    raise InputError(f"the country {given[:60]!r}", remedy)


_SLIPS = {"EU": "one country; a union of countries needs a scenario for each"}


def _plain(text):
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if letter in "-_.,'’ \t" else letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())
