"""A warning scored on the past: what would it have said, when, and was it right? (docs/verification.md)"""
