"""Unmet needs that rise from the committee to the block and to the subdistrict, each with an owner and an outcome."""
