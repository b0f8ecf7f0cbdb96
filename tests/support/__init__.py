"""What the tests stand on: a PostgreSQL server, databases made from a template, a browser. No fakes of our own code."""
