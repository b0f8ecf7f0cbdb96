"""Day packs and print-outs that work without the server."""
