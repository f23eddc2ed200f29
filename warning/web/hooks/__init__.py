"""What carriers call: reports and answers."""
