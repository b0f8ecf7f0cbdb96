"""Areas: the tree from the subdistrict down to compounds, by whatever name or point an office knows them."""
