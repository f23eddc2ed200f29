"""The relay desk: people ring villages, with or without any gateway."""
