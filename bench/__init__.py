"""How fast, against whom, and is the answer right. Not part of the wheel; `raksa bench` runs it from a checkout."""
