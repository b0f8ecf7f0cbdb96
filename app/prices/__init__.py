"""What a service costs a person after the published rules: whole fen, rules as dated data."""
