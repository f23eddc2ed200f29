"""The pages about people and institutions: whom the office can tell, and what it keeps of them."""
