"""What the producers' side makes of your own pages, with no stream: extraction, and rules for a source."""
