"""Missions as a team sees them on a phone."""
