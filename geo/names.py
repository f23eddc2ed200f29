"""Ids made from what a row is about: the same thing twice is the same row."""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d4c1e-6a0b-5d0c-9a0e-72616b736121")  # of Raksa


def id_for(*parts: object) -> UUID:
    """A stable id of the thing the parts name, e.g. `id_for("delivery", alert_id, address_id)`."""
    return uuid5(NAMESPACE, " ".join(str(part) for part in parts))
