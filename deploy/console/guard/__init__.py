"""Who may ask, how much, and which headers every answer carries."""
