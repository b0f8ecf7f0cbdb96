"""Who offers what, where: sites, services and classes, visible in the whole subdistrict."""
