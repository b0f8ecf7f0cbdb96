"""Dated policy data: what the subdistrict has decided, with the documented default where it has not."""
