"""The conversation of the office's LINE account with one person, outside of alerts."""
