"""Who was missed and what became of one household: relief's pages."""
