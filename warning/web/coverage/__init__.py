"""Who was reached, village by village, and the papers for those who go."""
