"""An alert spoken by recorded clips: which phrases it needs, who recorded them, and the sound they make together.

No voice is made by a machine: none that could be had reads Thai aloud so that a village understands it (docs/speech.md).
"""
