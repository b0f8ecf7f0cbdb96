"""Day packs: what a site needs on paper to get through a day without the server."""
