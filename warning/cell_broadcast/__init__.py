"""A request to DDPM to broadcast to every telephone of an area: prepared, checked, rung through, and its minutes logged.

We are never the sender: DDPM runs the entity that asks the operators' centres, AIS, True and NT broadcast. No telephone answers
a broadcast, so nothing here is proof and nobody is reached by it (docs/cell_broadcast.md).
"""
