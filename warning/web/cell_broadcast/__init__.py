"""The page of one request to DDPM: checks, texts to hand over, and the minutes of each hand-over."""
