"""The duty officer's page."""
