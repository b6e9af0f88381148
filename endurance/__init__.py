"""What takes long, and breaks things on purpose, on a real site."""
