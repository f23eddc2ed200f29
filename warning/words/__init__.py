"""What an alert says: facts in, texts out, in Thai and English, each cut for its channel."""
