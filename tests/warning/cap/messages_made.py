"""One message of ours that no check has a word against, to be changed by one thing at a time."""

BASE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>RK-0001</identifier>
  <sender>test@raksa.example</sender>
  <sent>2026-11-22T06:15:00+07:00</sent>
  <status>Exercise</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <note>EX-1</note>
  <info>
    <language>th-TH</language>
    <category>Met</category>
    <event>น้ำท่วม</event>
    <responseType>Prepare</responseType>
    <urgency>Expected</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>OET:v1.2</valueName><value>OET-081</value></eventCode>
    <effective>2026-11-22T06:15:00+07:00</effective>
    <expires>2026-11-22T18:15:00+07:00</expires>
    <headline>ฝึกซ้อม น้ำจะท่วม</headline>
    <description>ฝึกซ้อม น้ำสูงกว่าตลิ่ง</description>
    <instruction>ฝึกซ้อม ยกของขึ้นที่สูง</instruction>
    <web>https://raksa.example/a/1</web>
    <resource>
      <resourceDesc>แผนที่</resourceDesc>
      <mimeType>image/png</mimeType>
      <size>2048</size>
      <uri>https://raksa.example/m.png</uri>
    </resource>
    <area>
      <areaDesc>ต.ลำปำ</areaDesc>
      <polygon>7.60,100.12 7.60,100.17 7.65,100.17 7.65,100.12 7.60,100.12</polygon>
      <geocode><valueName>TIS1099</valueName><value>930109</value></geocode>
      <geocode><valueName>ISO3166-2</valueName><value>TH-93</value></geocode>
      <altitude>0</altitude>
      <ceiling>300</ceiling>
    </area>
  </info>
</alert>
"""
RING = "7.60,100.12 7.60,100.17 7.65,100.17 7.65,100.12 7.60,100.12"
INFO = BASE[BASE.index("  <info>") : BASE.index("</alert>")]
ENGLISH = (
    INFO.replace("th-TH", "en-US")
    .replace("ฝึกซ้อม น้ำจะท่วม", "EXERCISE flood")
    .replace("ฝึกซ้อม น้ำสูงกว่าตลิ่ง", "EXERCISE water over the bank")
    .replace("ฝึกซ้อม ยกของขึ้นที่สูง", "EXERCISE lift your things")
)
_REAL = "<status>Actual</status>"


def changed(*pairs: tuple[str, str]) -> str:
    """The base with each first text replaced by the second; an AssertionError when one is not there."""
    text = BASE
    for was, becomes in pairs:
        assert was in text, was
        text = text.replace(was, becomes)
    return text


def real(*pairs: tuple[str, str]) -> str:
    """The same as an actual alert, whose words do not speak of an exercise."""
    return changed(("<status>Exercise</status>", _REAL), ("ฝึกซ้อม ", ""), *pairs)


def to(msg_type: str, references: str) -> str:
    """The base as another type of message with these references; none when empty."""
    held = f"<references>{references}</references>" if references else ""
    return changed(("<msgType>Alert<", f"<msgType>{msg_type}<"), ("</note>", f"</note>{held}"))


def two(*pairs: tuple[str, str]) -> str:
    """Thai and English, the English changed."""
    english = ENGLISH
    for was, becomes in pairs:
        assert was in english, was
        english = english.replace(was, becomes)
    return BASE.replace("</alert>", english + "</alert>")
