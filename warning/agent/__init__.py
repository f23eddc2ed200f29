"""The reference controller of a village loudspeaker: a small Linux box beside an old horn amplifier.

It knows the broker, two keys, a folder of clips and a player; no database, no office. Contract: docs/channels/village_pa.md,
set-up: docs/channels/agent.md. Also `python -m warning.agent`, which loads nothing else of the platform.
"""
