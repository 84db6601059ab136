"""What the page of searches is told, and what it asks for."""
