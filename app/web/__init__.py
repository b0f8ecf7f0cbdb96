"""Pages for people: server-rendered, Chinese first, HTMX for what changes in place."""
