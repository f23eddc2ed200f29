"""The page of what an alert says in a third language."""
