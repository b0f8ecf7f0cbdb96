"""Dated slots over the rolling horizon."""
