"""Small CAP messages and feeds of our own; an invented agency."""


def cap_message(**changes: str) -> str:
    """A CAP message of 19:00, Actual, for the tambon of Khao Pu, until 07:00; changes: text of an element by its name."""
    told = {
        "identifier": "DEMO-1", "sender": "cap@agency.example", "sent": "2026-11-23T19:00:00+07:00", "status": "Actual",
        "msgType": "Alert", "scope": "Public", "references": "", "event": "น้ำป่าไหลหลาก", "urgency": "Expected",
        "severity": "Severe", "expires": "2026-11-24T07:00:00+07:00", "headline": "น้ำป่าไหลหลาก ตำบลเขาปู่",
        "area": "<areaDesc>เขาปู่</areaDesc><geocode><valueName>TIS1099</valueName><value>930705</value></geocode>",
    } | changes  # fmt: skip
    head = ("identifier", "sender", "sent", "status", "msgType", "scope", "references")
    first = "".join(f"<{name}>{told[name]}</{name}>" for name in head if told[name])
    info = (
        f"<info><language>th-TH</language><category>Met</category><event>{told['event']}</event><urgency>{told['urgency']}</urgency>"
        f"<severity>{told['severity']}</severity><certainty>Likely</certainty><expires>{told['expires']}</expires>"
        f"<headline>{told['headline']}</headline><description>ฝนตกหนักสะสมในเขา</description><instruction>ขึ้นที่สูง</instruction>"
        f"<area>{told['area']}</area></info>"
    )
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{first}{info}</alert>'


def cap_atom(*entries: str) -> bytes:
    """An Atom feed; each entry is what stands inside `content`, or a link when it begins with http or a slash."""
    inside = "".join(
        f"<entry><id>e{nth}</id><title>ประกาศ {nth}</title><updated>2026-11-23T12:00:00Z</updated>"
        + (
            f"<content type='text/xml'>{one}</content>"
            if one.startswith("<")
            else f"<link type='application/cap+xml' href='{one}'/>"
        )
        + "</entry>"
        for nth, one in enumerate(entries)
    )
    head = "<id>urn:feed</id><title>ฟีดทดสอบ</title><updated>2026-11-23T12:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{inside}</feed>'.encode()
