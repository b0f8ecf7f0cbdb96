"""What a walk-in asked, was told and agreed, and whom to follow up."""
