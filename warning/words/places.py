"""Where, from the fullest list to the shortest honest one. A name stands whole or not at all."""

from itertools import groupby

from warning.words.facts import Both, Lang, PlaceFact

# written, spoken
TAMBON = {False: Both("ต.{}", "{}"), True: Both("ตำบล{}", "{}")}
AMPHOE = {False: Both("อ.{}", "{} district"), True: Both("อำเภอ{}", "{} district")}
_COUNT = Both("{count} ตำบลใน {amphoe}", "{count} tambon in {amphoe}")
_COUNT_ALL = Both(
    "{count} ตำบลใน {amphoes} อำเภอ จ.พัทลุง", "{count} tambon in {amphoes} districts of Phatthalung"
)
_VILLAGES = Both("{villages} {tambon}", "{villages} in {tambon}")


def _name(name: Both, lang: Lang) -> str:
    return name.th if lang == "th" else name.en


def _joined(names: list[str], lang: Lang) -> str:
    """Thai lists names with spaces, English with commas."""
    return (" " if lang == "th" else ", ").join(names)


def _tambon(place: PlaceFact, lang: Lang, aloud: bool, villages: bool) -> str:
    tambon = _name(TAMBON[aloud], lang).format(_name(place.tambon, lang))
    if not villages or not place.villages:
        return tambon
    names = _joined([_name(v, lang) for v in place.villages], lang)
    return _VILLAGES.say(lang, villages=names, tambon=tambon)


def _list(groups: list[tuple[Both, list[PlaceFact]]], lang: Lang, aloud: bool, villages: bool) -> str:
    parts = []
    for amphoe, places in groups:
        names = _joined([_tambon(place, lang, aloud, villages) for place in places], lang)
        district = _name(AMPHOE[aloud], lang).format(_name(amphoe, lang))
        parts.append(f"{names} {district}" if lang == "th" else f"{names} ({district})")
    return _joined(parts, lang)


def variants(places: tuple[PlaceFact, ...], lang: Lang, aloud: bool = False) -> list[str]:
    """The places with their villages; by tambon; counted by amphoe; counted in all. Longest first.

    The counted forms name no tambon, so they come last: whoever reads them must ask. Order inside an amphoe
    is kept.
    """
    order = {amphoe: nth for nth, amphoe in enumerate(dict.fromkeys(place.amphoe for place in places))}
    kept = sorted(places, key=lambda place: order[place.amphoe])
    groups = [(amphoe, list(inside)) for amphoe, inside in groupby(kept, key=lambda place: place.amphoe)]
    counted = _joined(
        [
            _COUNT.say(
                lang, count=str(len(inside)), amphoe=_name(AMPHOE[aloud], lang).format(_name(amphoe, lang))
            )
            for amphoe, inside in groups
        ],
        lang,
    )
    forms = [_list(groups, lang, aloud, villages=True), _list(groups, lang, aloud, villages=False)]
    if len(places) > len(groups):
        forms.append(counted)
    if len(groups) > 1:
        forms.append(_COUNT_ALL.say(lang, count=str(len(places)), amphoes=str(len(groups))))
    return list(dict.fromkeys(forms))


def each(place: PlaceFact, lang: Lang) -> str:
    """One tambon as an area's name: `ต.ลำปำ อ.เมืองพัทลุง จ.พัทลุง`."""
    end = " จ.พัทลุง" if lang == "th" else ", Phatthalung"
    tambon, amphoe = (
        _tambon(place, lang, False, False),
        _name(AMPHOE[False], lang).format(_name(place.amphoe, lang)),
    )
    return f"{tambon} {amphoe}{end}" if lang == "th" else f"{tambon}, {amphoe}{end}"
